/* The best path through one lattice: beam search, as `beam.py`. */

#ifndef VNREPAIR_BEAM_H
#define VNREPAIR_BEAM_H

#include "document.h"
#include <float.h>

/* Candidates of all slots one behind the other, as `decode.Slot`. */
typedef struct {
    const int32_t *edges, *words, *seconds;
    const int8_t *patterns;
    const float *local;
    Py_ssize_t count;
} Slots;

typedef struct {
    float language_model, case_, word_bonus;
} Weights;

typedef struct {
    Context context;
    float score;
    int32_t pattern, parent, choice, joined;
} Hypothesis;

typedef struct {
    Model model;
    Cache cache;
    Slots slots;
    Weights weights;
    const float *log_case, *log_case_ratio; /* shapes (2, words, 4) and (5, 4) */
    Py_ssize_t width;
    /* Room for one step; rows are hypotheses, columns candidates. */
    Listing *listing;
    float *wording, *fixed, *fresh;
    int32_t *twin;           /* per candidate the first one with the same word */
    int32_t *row;            /* per hypothesis the first one with the same context, */
    int32_t *recent, *last;  /* with the same last two words, and with the same last word; */
    int32_t *next;           /* and the next one with the same last two words, or -1 */
    Ask *asks;
    size_t listing_room, wording_room, fixed_room, fresh_room, twin_room, row_room, recent_room;
    size_t last_room, next_room, asks_room;
} Decoder;

/* Room for a step of so many hypotheses and candidates; 0 where memory is out. */
static int
make_room(Decoder *d, size_t held, size_t size)
{
    return reserve((void **)&d->listing, &d->listing_room, held * size, sizeof *d->listing) &&
           reserve((void **)&d->wording, &d->wording_room, held * size, sizeof *d->wording) &&
           reserve((void **)&d->fixed, &d->fixed_room, size, sizeof *d->fixed) &&
           reserve((void **)&d->fresh, &d->fresh_room, size, sizeof *d->fresh) &&
           reserve((void **)&d->twin, &d->twin_room, size, sizeof *d->twin) &&
           reserve((void **)&d->row, &d->row_room, held, sizeof *d->row) &&
           reserve((void **)&d->recent, &d->recent_room, held, sizeof *d->recent) &&
           reserve((void **)&d->last, &d->last_room, held, sizeof *d->last) &&
           reserve((void **)&d->next, &d->next_room, held, sizeof *d->next) &&
           reserve((void **)&d->asks, &d->asks_room, held * size, sizeof *d->asks);
}

/* Find out which hypotheses share what the look-ups depend on. */
static void
find_shared(Decoder *d, const Hypothesis *before, int32_t held)
{
    for (int32_t h = 0; h < held; h++) {
        d->row[h] = d->recent[h] = d->last[h] = h;
        d->next[h] = -1;
        for (int32_t e = h - 1; e >= 0; e--) {
            uint64_t differing = before[e].context.words ^ before[h].context.words;
            if (!(differing & WORD_MASK))
                d->last[h] = e;
            if (!(differing & TWO_WORDS)) {
                if (d->recent[h] == h)
                    d->next[e] = h;
                d->recent[h] = e;
            }
            if (!differing)
                d->row[h] = e;
        }
    }
}

/* Fill `listing` and `wording`: log P(word | context) of every context with every word. What
   contexts share is looked up once. */
static void
word_all(Decoder *d, const Hypothesis *before, int32_t held, int32_t first, int32_t size)
{
    const int32_t *words = d->slots.words + first;
    const int32_t *leaders[MAX_MAPS] = {d->last, d->recent, d->row};
    for (int order = 0; order < MAX_MAPS; order++) {
        Ask *ask = d->asks;
        for (int32_t h = 0; h < held; h++) {
            if (leaders[order][h] != h)
                continue;
            for (int32_t c = 0; c < size; c++) {
                Listing *listing = &d->listing[h * size + c];
                listing->value[order] = UNASKED;
                if (d->twin[c] == c)
                    ask = ask_for(&d->model, &before[h].context, order, (uint32_t)words[c],
                                  listing, ask);
            }
        }
        if (order < d->model.maps)
            map_answer(&d->model.map[order], d->asks, (size_t)(ask - d->asks));
        for (int32_t h = 0; h < held; h++)
            if (leaders[order][h] != h && d->row[h] == h)
                for (int32_t c = 0; c < size; c++)
                    d->listing[h * size + c].value[order] =
                        d->listing[leaders[order][h] * size + c].value[order];
    }
    for (int32_t h = 0; h < held; h++) {
        const Context *context = &before[h].context;
        for (int32_t c = 0; c < size && d->row[h] == h; c++) {
            if (d->twin[c] != c)
                continue;
            uint32_t word = (uint32_t)words[c];
            float wording = log_prob_of(&d->model, context, word, &d->listing[h * size + c]);
            d->wording[h * size + c] = mix(&d->cache, wording, context->words, word);
        }
    }
}

/* Log P of a second word behind a candidate, and the context after both. */
static float
word_second(const Decoder *d, const Hypothesis *before, uint32_t word, uint32_t second,
            const Listing *listing, Context *after)
{
    Context between = advance(&d->model, &before->context, word, listing);
    Listing next = {{UNASKED, UNASKED, UNASKED}};
    complete(&d->model, &between, second, &next);
    float wording = log_prob_of(&d->model, &between, second, &next);
    *after = advance(&d->model, &between, second, &next);
    return mix(&d->cache, wording, between.words, second);
}

/* What a candidate scores whatever stands before it; `place` is 1 where a sentence may start. */
static float
fixed_score(const Decoder *d, int32_t candidate, int place)
{
    const Slots *slots = &d->slots;
    int32_t pattern = slots->patterns[candidate], words = 1 + (slots->seconds[candidate] >= 0);
    float score = slots->local[candidate] + d->weights.word_bonus * (float)words;
    if (pattern != OTHER) {
        size_t at = (size_t)place * d->model.words + slots->words[candidate];
        score += d->weights.case_ * d->log_case[at * PATTERNS + pattern];
    }
    return score;
}

/* Put a hypothesis into a list sorted by falling score, of which `width` are kept. */
static int32_t
keep_best(Hypothesis *kept, int32_t count, Py_ssize_t width, const Hypothesis *new)
{
    int32_t at = count;
    while (at && (kept[at - 1].score < new->score ||
                  (kept[at - 1].score == new->score && (kept[at - 1].parent > new->parent ||
                                                       (kept[at - 1].parent == new->parent &&
                                                        kept[at - 1].choice > new->choice)))))
        at--;
    if (at >= width)
        return count;
    if (count < width)
        count++;
    memmove(kept + at + 1, kept + at, (size_t)(count - at - 1) * sizeof *kept);
    kept[at] = *new;
    return count;
}

/* What holds of a slot whatever stands before it: the scores of its candidates, what they say at
   the start of a sentence, and which are the same word. */
static void
prepare_slot(Decoder *d, int32_t first, int32_t size, int is_first, int is_soft)
{
    static const float log_half = -0.69314718f;
    const int32_t *words = d->slots.words + first;
    Context start = context_of(&d->model, 0);
    for (int32_t c = 0; c < size; c++) {
        int32_t twin = 0;
        while (words[twin] != words[c])
            twin++;
        d->twin[c] = twin;
        d->fixed[c] = fixed_score(d, first + c, is_first || is_soft);
        if (is_soft && twin == c) {
            Listing listing = {{UNASKED, UNASKED, UNASKED}};
            complete(&d->model, &start, (uint32_t)words[c], &listing);
            d->fresh[c] = log_half + log_prob_of(&d->model, &start, (uint32_t)words[c], &listing);
        }
    }
}

/* The score of the best way to come to a candidate from the hypotheses with the same last two
   words, the first of which is `leader`: they share their future. */
static inline float
recombine(const Decoder *d, const Hypothesis *before, int32_t leader, int32_t first, int32_t size,
          int32_t c, int is_soft, int32_t *parent)
{
    float best = -FLT_MAX;
    int32_t twin = d->twin[c], second = d->slots.seconds[first + c];
    int32_t pattern = d->slots.patterns[first + c];
    for (int32_t h = leader; h >= 0; h = d->next[h]) {
        int32_t cell = d->row[h] * size + twin;
        float wording = d->wording[cell];
        if (is_soft && d->fresh[twin] > wording)
            wording = d->fresh[twin];
        if (second >= 0) {
            Context after;
            wording += word_second(d, &before[h], (uint32_t)d->slots.words[first + c],
                                   (uint32_t)second, &d->listing[cell], &after);
        }
        float score = before[h].score + d->weights.language_model * wording;
        score += d->fixed[c];
        if (pattern != OTHER)
            score += d->weights.case_ * d->log_case_ratio[before[h].pattern * PATTERNS + pattern];
        if (score > best) {
            best = score;
            *parent = h;
        }
    }
    return best;
}

/* All hypotheses grown by all candidates of a slot; the best are kept, sorted. Returns how many
   are kept, or -1 where memory is out. */
static int32_t
expand(Decoder *d, const Hypothesis *before, int32_t held, int32_t slot, int is_first, int is_soft,
       int joined, Hypothesis *kept)
{
    int32_t first = d->slots.edges[slot], size = d->slots.edges[slot + 1] - first, count = 0;
    const int32_t *words = d->slots.words + first, *seconds = d->slots.seconds + first;
    if (!make_room(d, (size_t)held, (size_t)size))
        return -1;
    prepare_slot(d, first, size, is_first, is_soft);
    find_shared(d, before, held);
    word_all(d, before, held, first, size);
    for (int32_t leader = 0; leader < held; leader++)
        for (int32_t c = 0; d->recent[leader] == leader && c < size; c++) {
            int32_t parent = leader;
            float score = recombine(d, before, leader, first, size, c, is_soft, &parent);
            if (count < d->width || score >= kept[count - 1].score) {
                Hypothesis new = {.score = score, .parent = parent, .choice = c};
                count = keep_best(kept, count, d->width, &new);
            }
        }
    for (int32_t k = 0; k < count; k++) {
        const Hypothesis *parent = &before[kept[k].parent];
        int32_t c = kept[k].choice;
        const Listing *listing = &d->listing[d->row[kept[k].parent] * size + d->twin[c]];
        kept[k].pattern = d->slots.patterns[first + c];
        kept[k].joined = joined;
        if (seconds[c] >= 0)
            word_second(d, parent, (uint32_t)words[c], (uint32_t)seconds[c], listing,
                        &kept[k].context);
        else
            kept[k].context = advance(&d->model, &parent->context, (uint32_t)words[c], listing);
    }
    return count;
}

/* Merge two sorted lists of hypotheses into the best `width`; the first goes first among equals. */
static int32_t
merge(const Hypothesis *one, int32_t ones, const Hypothesis *other, int32_t others,
      Hypothesis *kept, Py_ssize_t width)
{
    int32_t i = 0, j = 0, count = 0;
    while (count < width && (i < ones || j < others)) {
        int take_other = i == ones || (j < others && other[j].score > one[i].score);
        kept[count++] = take_other ? other[j++] : one[i++];
    }
    return count;
}

/* A sentence as it comes in, and what was chosen as it goes out. */
typedef struct {
    const int32_t *slot;  /* of each token */
    const int32_t *join;  /* slot that reads a token and its predecessor as one, or -1 */
    const uint8_t *soft;  /* whether a sentence may start at a token */
    int32_t size;
    int32_t *choice;      /* per token the chosen candidate, -1 where the next one joined it */
    uint8_t *joined;
    float *log_prob;
} Lattice;

/* Hypotheses of all positions of a sentence, and room for those of one step. */
typedef struct {
    Hypothesis *all, *own, *other;
    size_t *start; /* where the hypotheses after so many tokens start; one more marks the end */
    size_t all_room, own_room, other_room, start_room;
} Beams;

static int
decode_sentence(Decoder *d, Beams *beams, const Lattice *lattice)
{
    size_t width = (size_t)d->width, size = (size_t)lattice->size;
    if (!reserve((void **)&beams->start, &beams->start_room, size + 2, sizeof *beams->start) ||
        !reserve((void **)&beams->all, &beams->all_room, 1 + width, sizeof *beams->all) ||
        !reserve((void **)&beams->own, &beams->own_room, width, sizeof *beams->own) ||
        !reserve((void **)&beams->other, &beams->other_room, width, sizeof *beams->other))
        return 0;
    size_t *start = beams->start;
    start[0] = 0;
    start[1] = 1;
    beams->all[0] = (Hypothesis){.context = context_of(&d->model, 0), .pattern = START_PATTERN};
    for (int32_t at = 0; at < lattice->size; at++) {
        if (!reserve((void **)&beams->all, &beams->all_room, start[at + 1] + width,
                     sizeof *beams->all))
            return 0;
        Hypothesis *kept = beams->all + start[at + 1];
        int32_t held = (int32_t)(start[at + 1] - start[at]);
        int32_t own = expand(d, beams->all + start[at], held, lattice->slot[at], at == 0,
                             at > 0 && lattice->soft[at], 0, beams->own);
        int32_t other = 0;
        if (own < 0)
            return 0;
        if (at > 0 && lattice->join[at] >= 0) {
            held = (int32_t)(start[at] - start[at - 1]);
            other = expand(d, beams->all + start[at - 1], held, lattice->join[at], at == 1, 0, 1,
                           beams->other);
            if (other < 0)
                return 0;
        }
        start[at + 2] = start[at + 1] + (size_t)merge(beams->own, own, beams->other, other, kept,
                                                      d->width);
    }
    int32_t chosen = 0;
    *lattice->log_prob = beams->all[start[lattice->size]].score;
    for (int32_t at = lattice->size; at > 0;) {
        const Hypothesis *last = &beams->all[start[at] + chosen];
        lattice->choice[at - 1] = last->choice;
        lattice->joined[at - 1] = (uint8_t)last->joined;
        chosen = last->parent;
        if (last->joined)
            lattice->choice[at - 2] = -1;
        at -= last->joined ? 2 : 1;
    }
    return 1;
}

#endif

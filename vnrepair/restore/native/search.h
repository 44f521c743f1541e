/* Candidates of one observed word: the walk down the letter tree, as `tree_walk.py`. */

#ifndef VNREPAIR_SEARCH_H
#define VNREPAIR_SEARCH_H

#include "arrays.h"
#include "ngrams.h"
#include "select.h"
#include <float.h>
#include <math.h>

enum { MAX_OBSERVED = 14, MAX_INTENDED = 10, MAX_EMITTED = 3, SPAN = 4, TITLE = 1, UPPER = 2 };

/* The letter tree and how its letters come out. Row 2e of the emissions holds P(e | letter) of the
   lower-case letters, row 2e + 1 that of the capitals. */
typedef struct {
    const int32_t *edges;  /* children of node n: from edges[n] to edges[n + 1] */
    const int32_t *child, *letter; /* children and their letters */
    const int32_t *word_at; /* word that ends at a node, -1 for none */
    const float *ahead;     /* look-ahead of a node, as a factor */
    const float *emission;  /* shape (2 * emissions, letters) */
    const float *totals;    /* times seen in training, shape (words, 3) */
    Py_ssize_t nodes, letters, emissions, words;
} Tree;

/* One observed word: emission numbers per place and length, and the bound on what is left. */
typedef struct {
    const int32_t *code; /* shape (length + 1, 4), -1 for none */
    const float *bound;  /* nats, shape (length + 1,) */
    const float *by_case; /* the same for small letters and for capitals, shape (length + 1, 2) */
    int length;
} Observed;

/* A state of the search. `mass` is the probability so far times the best that may follow, as a
   share of the best conceivable for the whole word: 1 is perfect. */
typedef struct {
    int32_t node;
    float mass;
    uint8_t pattern, consumed;
} State;

typedef struct {
    int32_t word;
    int32_t pattern;
    double mass;
} Found;

typedef struct {
    State *now, *next;
    float *hope, *gain, *most; /* `most` is the largest of each four of `gain` */
    Found *found;
    size_t gain_room, most_room;
    size_t now_room, next_room, hope_room, found_room, count, found_count;
} Search;

/* Per case, place and letter of a word: the probabilities that the letter comes out as the nought
   to three characters from there on, times what that costs or gains of the bound; 0 where memory
   is out. The four stand together, as they are used together. */
static int
tabulate(Search *search, const Tree *tree, const Observed *word)
{
    size_t places = (size_t)word->length + 1, letters = (size_t)tree->letters;
    if (!reserve((void **)&search->gain, &search->gain_room, 2 * places * letters * SPAN,
                 sizeof(float)) ||
        !reserve((void **)&search->most, &search->most_room, 2 * places * letters, sizeof(float)))
        return 0;
    for (int capital = 0; capital < 2; capital++)
        for (size_t place = 0; place < places; place++)
            for (size_t taken = 0; taken < SPAN; taken++) {
                float *gain = search->gain + (capital * places + place) * letters * SPAN + taken;
                int32_t code = place + taken < places ? word->code[place * SPAN + taken] : -1;
                float step = code < 0 ? 0 : expf(word->bound[place + taken] - word->bound[place]);
                if (step == 0) {
                    for (size_t letter = 0; letter < letters; letter++)
                        gain[SPAN * letter] = 0;
                    continue;
                }
                const float *row = tree->emission + (size_t)(2 * code + capital) * letters;
                for (size_t letter = 0; letter < letters; letter++)
                    gain[SPAN * letter] = step * row[letter];
            }
    for (size_t cell = 0; cell < 2 * places * letters; cell++) {
        const float *gain = search->gain + SPAN * cell;
        float one = gain[0] > gain[1] ? gain[0] : gain[1];
        float other = gain[2] > gain[3] ? gain[2] : gain[3];
        search->most[cell] = one > other ? one : other;
    }
    return 1;
}

/* Add what one letter does to a state to the sums of where it may end, but what falls below the
   limits there; four numbers at a time. */
static inline void
add_parts(float *sums, const float *gain, float so_far, const float *limits)
{
#if defined(__GNUC__) || defined(__clang__)
    typedef float Four __attribute__((vector_size(16)));
    typedef int32_t FourBits __attribute__((vector_size(16)));
    Four part, sum, limit, mass = {so_far, so_far, so_far, so_far};
    memcpy(&limit, limits, sizeof limit);
    memcpy(&part, gain, sizeof part);
    memcpy(&sum, sums, sizeof sum);
    part *= mass;
    sum += (Four)((FourBits)part & (FourBits)(part >= limit));
    memcpy(sums, &sum, sizeof sum);
#else
    for (int taken = 0; taken < SPAN; taken++) {
        float part = so_far * gain[taken];
        sums[taken] += part >= limits[taken] ? part : 0.0f;
    }
#endif
}

/* Consume one intended letter in every state; 0 where memory is out. */
static int
search_step(Search *search, const Tree *tree, const Observed *word, int depth, float least,
            const float by_case[2][MAX_OBSERVED + 1 + SPAN])
{
    size_t made = 0, places = (size_t)word->length + 1;
    for (size_t first = 0, last; first < search->count; first = last) {
        /* States of one node and case stand together: they have the same children. */
        const State group = search->now[first];
        int capital = group.pattern == UPPER || (group.pattern == TITLE && depth == 0);
        for (last = first + 1; last < search->count && search->now[last].node == group.node &&
                               search->now[last].pattern == group.pattern;)
            last++;
        int32_t edge = tree->edges[group.node], stop = tree->edges[group.node + 1];
        if (!reserve((void **)&search->next, &search->next_room,
                     made + (size_t)(stop - edge) * places + 1, sizeof *search->next))
            return 0;
        int from = search->now[first].consumed, to = search->now[last - 1].consumed + MAX_EMITTED;
        if (to > word->length)
            to = word->length;
        const float *limits = by_case[group.pattern == UPPER];
        const float *most = search->most + capital * places * tree->letters;
        const float *gains = search->gain + capital * places * tree->letters * SPAN;
        for (; edge < stop; edge++) {
            float mass[MAX_OBSERVED + SPAN];
            int is_reached = 0;
            for (size_t i = first; i < last; i++) {
                int consumed = search->now[i].consumed;
                Py_ssize_t cell = consumed * tree->letters + tree->letter[edge];
                if (search->now[i].mass * most[cell] < least)
                    continue;
                if (!is_reached)
                    memset(mass, 0, sizeof mass);
                is_reached = 1;
                add_parts(mass + consumed, gains + SPAN * cell, search->now[i].mass,
                          limits + consumed);
            }
            for (int end = from; is_reached && end <= to; end++) {
                search->next[made] =
                    (State){tree->child[edge], mass[end], group.pattern, (uint8_t)end};
                made += mass[end] > 0; /* no branch: nobody can foresee which */
            }
        }
    }
    State *spare = search->now;
    size_t room = search->now_room;
    search->now = search->next;
    search->now_room = search->next_room;
    search->next = spare;
    search->next_room = room;
    search->count = made;
    return 1;
}

/* Keep the states with the most hope; 0 where memory is out. */
static int
search_prune(Search *search, const Tree *tree, size_t most)
{
    if (search->count <= most)
        return 1;
    if (!reserve((void **)&search->hope, &search->hope_room, 2 * search->count, sizeof(float)))
        return 0;
    float *hope = search->hope;
    for (size_t i = 0; i < search->count; i++)
        hope[i] = search->now[i].mass * tree->ahead[search->now[i].node];
    float limit = nth_largest_positive(hope, search->count, most - 1, hope + search->count);
    size_t better = 0, kept = 0;
    for (size_t i = 0; i < search->count; i++)
        better += hope[i] > limit;
    size_t equal = most - better;
    for (size_t i = 0; i < search->count; i++)
        if (hope[i] > limit || (hope[i] == limit && equal && equal--))
            search->now[kept++] = search->now[i];
    search->count = kept;
    return 1;
}

static int
by_mass(const void *one, const void *other)
{
    const Found *a = one, *b = other;
    if (a->mass != b->mass)
        return a->mass > b->mass ? -1 : 1;
    if (a->word != b->word)
        return a->word < b->word ? -1 : 1;
    return a->pattern - b->pattern;
}

/* All words that one observed word may have been, from `first` of `found` on. */
static int
search_word(Search *search, const Tree *tree, const Observed *word, float reach, size_t most,
            float word_share, float half_seen)
{
    /* What follows is written as the pattern says, in small letters or all capitals: what cannot
       be explained so within reach is left at once. */
    float least = expf(-reach), limits[2][MAX_OBSERVED + 1 + SPAN];
    for (int rest = 0; rest < 2; rest++)
        for (int end = 0; end < MAX_OBSERVED + 1 + SPAN; end++)
            limits[rest][end] =
                end > word->length
                    ? FLT_MAX
                    : least * expf(word->bound[end] - word->by_case[2 * end + rest]);
    if (!tabulate(search, tree, word) ||
        !reserve((void **)&search->now, &search->now_room, 3, sizeof *search->now))
        return 0;
    for (uint8_t pattern = 0; pattern <= UPPER; pattern++)
        search->now[pattern] = (State){0, 1.0f, pattern, 0};
    search->count = 3;
    for (int depth = 0; depth < MAX_INTENDED && search->count; depth++) {
        if (!search_step(search, tree, word, depth, least, limits) ||
            !search_prune(search, tree, most))
            return 0;
        for (size_t i = 0; i < search->count; i++) {
            const State *state = &search->now[i];
            int32_t number = tree->word_at[state->node];
            /* One capital letter is TITLE; it need not stand twice. */
            if (state->consumed != word->length || number < 0 ||
                (state->pattern == UPPER && depth == 0))
                continue;
            float seen = tree->totals[(size_t)number * OTHER + state->pattern];
            double share = word_share * seen / (seen + half_seen);
            double mass = (1.0 - share) * state->mass * exp(word->bound[0]);
            if (!reserve((void **)&search->found, &search->found_room, search->found_count + 1,
                         sizeof *search->found))
                return 0;
            search->found[search->found_count++] = (Found){number, state->pattern, mass};
        }
    }
    return 1;
}

/* Add what the word table says of an observed word to what the search found from `first` on. */
static int
add_seen(Search *search, size_t first, const int32_t *words, const int32_t *patterns,
         const double *mass, int32_t from, int32_t to)
{
    for (int32_t i = from; i < to; i++) {
        size_t at = first;
        while (at < search->found_count && (search->found[at].word != words[i] ||
                                            search->found[at].pattern != patterns[i]))
            at++;
        if (at < search->found_count) {
            search->found[at].mass += mass[i];
            continue;
        }
        if (!reserve((void **)&search->found, &search->found_room, at + 1, sizeof *search->found))
            return 0;
        search->found[search->found_count++] = (Found){words[i], patterns[i], mass[i]};
    }
    return 1;
}

#endif

/* The inner loops of restore/: candidate search, n-gram look-up, beam search, weighing of choices.

   Arrays in, arrays out, through the buffer protocol alone: no numpy headers, no state, nothing
   of Python touched while the loops run, so that threads work side by side. `kernel.py` is the
   only caller; what each function computes is defined by the numpy version beside it
   (`candidates.py`, `language_model.py`, `decode.py`, `posterior.py`), which stays in use where
   no compiler was at hand, and which the tests compare with this.

   Every index that comes in is checked before the loops start. */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------ arrays of the caller */

enum { MAX_VIEWS = 48 };

/* The buffers that a call holds; all are given back together. */
typedef struct {
    Py_buffer held[MAX_VIEWS];
    int count;
} Views;

static void
release(Views *views)
{
    while (views->count)
        PyBuffer_Release(&views->held[--views->count]);
}

/* Data of a contiguous array with items of one size; NULL with an exception set otherwise. */
static void *
view(Views *views, PyObject *array, Py_ssize_t item_size, Py_ssize_t *length, int flags)
{
    if (views->count == MAX_VIEWS) {
        PyErr_SetString(PyExc_TypeError, "too many arrays");
        return NULL;
    }
    Py_buffer *buffer = &views->held[views->count];
    if (PyObject_GetBuffer(array, buffer, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | flags) < 0)
        return NULL;
    views->count++;
    if (buffer->itemsize != item_size) {
        PyErr_Format(PyExc_TypeError, "array with items of %zd bytes where %zd are needed",
                     buffer->itemsize, item_size);
        return NULL;
    }
    *length = buffer->len / item_size;
    /* An array of no items may have no address, which would look like an error. */
    return buffer->buf ? buffer->buf : (void *)views;
}

/* The array at a place of a tuple. */
static const void *
item(Views *views, PyObject *tuple, Py_ssize_t place, Py_ssize_t item_size, Py_ssize_t *length)
{
    PyObject *array = PyTuple_GetItem(tuple, place); /* borrowed */
    return array ? view(views, array, item_size, length, 0) : NULL;
}

static int
fits(int condition, const char *what)
{
    if (!condition)
        PyErr_Format(PyExc_ValueError, "%s", what);
    return condition;
}

/* Whether numbers lie in [low, high). */
static int
all_within(const int32_t *numbers, Py_ssize_t length, int64_t low, int64_t high)
{
    for (Py_ssize_t i = 0; i < length; i++)
        if (numbers[i] < low || numbers[i] >= high)
            return 0;
    return 1;
}

/* Whether edges rise from nought to the number of items. */
static int
are_edges(const int32_t *edges, Py_ssize_t count, Py_ssize_t items)
{
    if (count < 1 || edges[0] != 0 || edges[count - 1] != items)
        return 0;
    for (Py_ssize_t i = 1; i < count; i++)
        if (edges[i] < edges[i - 1])
            return 0;
    return 1;
}

/* Room for at least `wanted` items; 0 where memory is out. */
static int
reserve(void **data, size_t *room, size_t wanted, size_t item_size)
{
    if (wanted <= *room)
        return 1;
    size_t more = *room ? *room : 64;
    while (more < wanted)
        more *= 2;
    void *larger = realloc(*data, more * item_size);
    if (!larger)
        return 0;
    *data = larger;
    *room = more;
    return 1;
}

/* ------------------------------------------------------------------ language model */

enum { MAX_MAPS = 3, PATTERNS = 4, OTHER = 3, START_PATTERN = 4 };

#define WORD_MASK 0xFFFFull
#define TWO_WORDS 0xFFFFFFFFull
#define THREE_WORDS 0xFFFFFFFFFFFFull

/* `bloomier.BloomierMap`. */
typedef struct {
    const uint16_t *prints;
    const uint8_t *bytes;    /* values of one byte, or NULL */
    const uint16_t *doubles; /* values of two, or NULL */
    uint64_t third, offset;
} Map;

/* `language_model.NgramLanguageModel`. */
typedef struct {
    const float *unigram, *unigram_backoff, *probs, *backoffs;
    Py_ssize_t words;
    int maps;
    Map map[MAX_MAPS];
} Model;

/* Up to three words, the latest lowest, and what the model knows of them: how many of the two
   longer endings are listed n-grams, and their back-off weights. A listed n-gram has a listed
   ending and a listed beginning, so what follows an unlisted context need not be looked up. */
typedef struct {
    uint64_t words;
    float backoff[2];
    int known;
} Context;

enum { ABSENT = -1, UNASKED = -2 };

#if defined(__GNUC__) || defined(__clang__)
#define PREFETCH(address) __builtin_prefetch(address)
#else
#define PREFETCH(address) ((void)(address))
#endif

/* SplitMix64, every bit of the key reaches every bit of the hash. */
static inline uint64_t
map_hash(const Map *map, uint64_t key)
{
    uint64_t x = key + map->offset;
    x ^= x >> 30;
    x *= 0xBF58476D1CE4E5B9ull;
    x ^= x >> 27;
    x *= 0x94D049BB133111EBull;
    return x ^ x >> 31;
}

/* One cell in each third of the table. */
static inline void
map_cells(const Map *map, uint64_t hash, uint64_t cells[3])
{
    cells[0] = ((hash >> 32) * map->third) >> 32;
    cells[1] = (((hash & TWO_WORDS) * map->third) >> 32) + map->third;
    cells[2] = ((((hash >> 16) & TWO_WORDS) * map->third) >> 32) + 2 * map->third;
}

/* The value of a hashed key, or ABSENT; wrongly a value once in 65,536. */
static inline int32_t
map_read(const Map *map, uint64_t hash)
{
    uint64_t at[3];
    map_cells(map, hash, at);
    if ((uint16_t)(map->prints[at[0]] ^ map->prints[at[1]] ^ map->prints[at[2]]) != (uint16_t)hash)
        return ABSENT;
    if (map->bytes)
        return map->bytes[at[0]] ^ map->bytes[at[1]] ^ map->bytes[at[2]];
    return map->doubles[at[0]] ^ map->doubles[at[1]] ^ map->doubles[at[2]];
}

static inline int32_t
map_get(const Map *map, uint64_t key)
{
    return map_read(map, map_hash(map, key));
}

/* A look-up under way. The tables are far larger than the caches of a processor, so look-ups are
   asked for many at a time, that their cells come from memory together. */
typedef struct {
    uint64_t hash;
    int32_t *value;
} Ask;

static inline Ask
map_ask(const Map *map, uint64_t key, int32_t *value)
{
    Ask ask = {map_hash(map, key), value};
    uint64_t at[3];
    map_cells(map, ask.hash, at);
    PREFETCH(&map->prints[at[0]]);
    PREFETCH(&map->prints[at[1]]);
    PREFETCH(&map->prints[at[2]]);
    return ask;
}

static void
map_answer(const Map *map, const Ask *asks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        *asks[i].value = map_read(map, asks[i].hash);
}

static Context
context_of(const Model *model, uint64_t words)
{
    Context context = {words, {0, 0}, 0};
    for (int order = 0; order + 1 < model->maps; order++) {
        if (order && map_get(&model->map[0], words >> 16 & TWO_WORDS) == ABSENT)
            break;
        int32_t value = map_get(&model->map[order], words & (order ? THREE_WORDS : TWO_WORDS));
        if (value == ABSENT)
            break;
        context.backoff[order] = model->backoffs[value >> 8];
        context.known++;
    }
    return context;
}

/* What the maps say of one word after one context, shortest n-gram first. */
typedef struct {
    int32_t value[MAX_MAPS];
} Listing;

/* The n-gram of a word behind the last words of a context. */
static inline uint64_t
key_of(const Context *context, int order, uint32_t word)
{
    static const uint64_t masks[MAX_MAPS] = {WORD_MASK, TWO_WORDS, THREE_WORDS};
    return (context->words & masks[order]) << 16 | word;
}

/* Whether an n-gram may be listed, by what is known of the shorter ones. */
static inline int
may_be_listed(const Context *context, int order, const Listing *listing)
{
    return context->known >= order && (!order || listing->value[order - 1] != ABSENT);
}

/* Ask for one order of a listing, unless its value is known or cannot be; returns the next ask. */
static inline Ask *
ask_for(const Model *model, const Context *context, int order, uint32_t word, Listing *listing,
        Ask *ask)
{
    if (order >= model->maps || !may_be_listed(context, order, listing))
        listing->value[order] = ABSENT;
    else if (listing->value[order] == UNASKED)
        *ask++ = map_ask(&model->map[order], key_of(context, order, word), &listing->value[order]);
    return ask;
}

/* Fill in what is still UNASKED. */
static inline void
complete(const Model *model, const Context *context, uint32_t word, Listing *listing)
{
    for (int order = 0; order < MAX_MAPS; order++)
        if (order >= model->maps || !may_be_listed(context, order, listing))
            listing->value[order] = ABSENT;
        else if (listing->value[order] == UNASKED)
            listing->value[order] = map_get(&model->map[order], key_of(context, order, word));
}

/* Log P(word | context), nats, by a complete listing. */
static inline float
log_prob_of(const Model *model, const Context *context, uint32_t word, const Listing *listing)
{
    float result;
    if (listing->value[0] == ABSENT)
        result = model->unigram[word] + model->unigram_backoff[context->words & WORD_MASK];
    else
        result = model->probs[listing->value[0] & 0xFF];
    for (int order = 1; order < model->maps; order++) {
        if (listing->value[order] != ABSENT)
            result = model->probs[listing->value[order] & 0xFF];
        else if (context->known >= order)
            result += context->backoff[order - 1];
    }
    return result;
}

/* The context after one more word, by a complete listing. */
static inline Context
advance(const Model *model, const Context *context, uint32_t word, const Listing *listing)
{
    Context next = {(context->words << 16 | word) & THREE_WORDS, {0, 0}, 0};
    for (int order = 0; order + 1 < model->maps && listing->value[order] != ABSENT; order++) {
        next.backoff[order] = model->backoffs[listing->value[order] >> 8];
        next.known++;
    }
    return next;
}

/* Arrays of `kernel._model_arrays`: unigrams, back-offs, the two tables of the quantiser, then
   fingerprints, values and seed of each map. */
static int
parse_model(Views *views, PyObject *tuple, Model *model)
{
    Py_ssize_t size = PyTuple_Size(tuple), length, prints;
    if (size < 0 || !fits(size >= 7 && size <= 4 + 3 * MAX_MAPS && size % 3 == 1, "model arrays"))
        return 0;
    if (!(model->unigram = item(views, tuple, 0, 4, &model->words)) ||
        !(model->unigram_backoff = item(views, tuple, 1, 4, &length)) ||
        !fits(length == model->words && length > 0, "unigrams"))
        return 0;
    if (!(model->probs = item(views, tuple, 2, 4, &length)) ||
        !fits(length == 256, "log probabilities") ||
        !(model->backoffs = item(views, tuple, 3, 4, &length)) ||
        !fits(length == 256, "back-off weights"))
        return 0;
    model->maps = (int)(size - 4) / 3;
    for (int order = 0; order < model->maps; order++) {
        Map *map = &model->map[order];
        Py_ssize_t at = 4 + 3 * order, width = order + 1 < model->maps ? 2 : 1;
        if (!(map->prints = item(views, tuple, at, 2, &prints)))
            return 0;
        const void *values = item(views, tuple, at + 1, width, &length);
        if (!values || !fits(length == prints && length % 3 == 0 && length > 0, "cells of a map"))
            return 0;
        map->bytes = width == 1 ? values : NULL;
        map->doubles = width == 2 ? values : NULL;
        map->third = (uint64_t)length / 3;
        PyObject *seed = PyTuple_GetItem(tuple, at + 2);
        long number = seed ? PyLong_AsLong(seed) : -1;
        if (number == -1 && PyErr_Occurred())
            return 0;
        map->offset = (uint64_t)(number + 1) * 0x9E3779B97F4A7C15ull;
    }
    return 1;
}

/* ------------------------------------------------------------------ what a document says */

/* `adapt.DocumentCache`; `single` is NULL where nothing is known. */
typedef struct {
    const uint64_t *pairs;
    const float *pair_counts, *single, *context_counts;
    uint8_t *is_said; /* whether a word stands in the document at all; our own memory */
    Py_ssize_t size;
    float share, rest, log_rest, backoff_weight;
} Cache;

static int
parse_cache(Views *views, PyObject *tuple, const Model *model, Cache *cache)
{
    memset(cache, 0, sizeof *cache);
    if (tuple == Py_None)
        return 1;
    PyObject *arrays;
    double share, weight;
    Py_ssize_t length, contexts, words;
    if (!PyArg_ParseTuple(tuple, "O!dd", &PyTuple_Type, &arrays, &share, &weight))
        return 0;
    if (!(cache->pairs = item(views, arrays, 0, 8, &cache->size)) ||
        !(cache->pair_counts = item(views, arrays, 1, 4, &length)) ||
        !(cache->single = item(views, arrays, 2, 4, &words)) ||
        !(cache->context_counts = item(views, arrays, 3, 4, &contexts)))
        return 0;
    if (!fits(length == cache->size && words >= model->words && contexts >= model->words,
              "arrays of a document"))
        return 0;
    cache->is_said = calloc((size_t)words, 1);
    if (!cache->is_said) {
        PyErr_NoMemory();
        return 0;
    }
    for (Py_ssize_t word = 0; word < words; word++)
        cache->is_said[word] = cache->single[word] > 0;
    for (Py_ssize_t i = 0; i < cache->size; i++)
        if ((Py_ssize_t)(cache->pairs[i] & WORD_MASK) < words)
            cache->is_said[cache->pairs[i] & WORD_MASK] = 1;
    cache->share = (float)share;
    cache->rest = (float)(1.0 - share);
    cache->log_rest = (float)log(1.0 - share);
    cache->backoff_weight = (float)weight;
    return 1;
}

/* How often the document has the pair. */
static float
pair_count(const Cache *cache, uint64_t key)
{
    Py_ssize_t low = 0, high = cache->size;
    while (low < high) {
        Py_ssize_t middle = (low + high) / 2;
        if (cache->pairs[middle] < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low < cache->size && cache->pairs[low] == key ? cache->pair_counts[low] : 0.0f;
}

/* Log probability with the document's own words mixed in. */
static inline float
mix(const Cache *cache, float wording, uint64_t context, uint32_t word)
{
    if (!cache->single)
        return wording;
    if (!cache->is_said[word])
        return wording + cache->log_rest;
    float single = cache->single[word];
    uint64_t previous = context & WORD_MASK;
    float count = pair_count(cache, previous << 16 | word), weight = cache->backoff_weight;
    float cached = (count + weight * single) / (cache->context_counts[previous] + weight);
    return logf(cache->rest * expf(wording) + cache->share * cached);
}

PyDoc_STRVAR(log_prob_doc,
"log_prob(model, states, words, rows, out)\n"
"--\n"
"\n"
"Log P(word | state) for every state with every word of its row, as\n"
"`NgramLanguageModel.log_prob`.\n");

static PyObject *
kernel_log_prob(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *model_arrays, *state_array, *word_array, *out_array, *result = NULL;
    Py_ssize_t rows, states, words, size;
    Model model;
    Views views = {.count = 0};
    if (!PyArg_ParseTuple(args, "O!OOnO", &PyTuple_Type, &model_arrays, &state_array, &word_array,
                          &rows, &out_array))
        return NULL;
    const uint64_t *state = view(&views, state_array, 8, &states, 0);
    const int64_t *word = state ? view(&views, word_array, 8, &words, 0) : NULL;
    float *out = word ? view(&views, out_array, 4, &size, PyBUF_WRITABLE) : NULL;
    if (!out || !parse_model(&views, model_arrays, &model))
        goto done;
    if (rows) {
        if (!fits(rows > 0 && states % rows == 0 && words % rows == 0, "rows"))
            goto done;
        states /= rows;
        words /= rows;
    }
    if (!fits(size == rows * states * words, "size of the result"))
        goto done;
    int within = 1;
    for (Py_ssize_t i = 0; i < rows * words; i++)
        within &= word[i] >= 0 && word[i] < model.words;
    for (Py_ssize_t i = 0; i < rows * states; i++)
        within &= (Py_ssize_t)(state[i] & WORD_MASK) < model.words;
    if (!fits(within, "numbers of words"))
        goto done;
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t row = 0; row < rows; row++)
        for (Py_ssize_t s = 0; s < states; s++) {
            Context context = context_of(&model, state[row * states + s]);
            for (Py_ssize_t w = 0; w < words; w++) {
                Listing listing = {{UNASKED, UNASKED, UNASKED}};
                uint32_t number = (uint32_t)word[row * words + w];
                complete(&model, &context, number, &listing);
                *out++ = log_prob_of(&model, &context, number, &listing);
            }
        }
    Py_END_ALLOW_THREADS
    result = Py_NewRef(Py_None);
done:
    release(&views);
    return result;
}

/* ------------------------------------------------------------------ candidate search */

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

/* The value that has `rank` larger ones before it; reorders the values (Hoare's selection). */
static float
nth_largest(float *values, Py_ssize_t count, Py_ssize_t rank)
{
    Py_ssize_t low = 0, high = count - 1;
    while (low < high) {
        float pivot = values[rank];
        Py_ssize_t i = low, j = high;
        do {
            while (values[i] > pivot)
                i++;
            while (values[j] < pivot)
                j--;
            if (i <= j) {
                float swapped = values[i];
                values[i++] = values[j];
                values[j--] = swapped;
            }
        } while (i <= j);
        if (j < rank)
            low = i;
        if (i > rank)
            high = j;
    }
    return values[rank];
}

/* The bucket of a positive number: sixteen to each power of two, the largest numbers in none. */
enum { BUCKETS = 1024 };

static inline uint32_t
bucket_of(float value, uint32_t top)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits); /* positive floats sort as their bits do */
    uint32_t bucket = (top - bits) >> 19;
    return bucket < BUCKETS ? bucket : BUCKETS - 1;
}

/* The same for positive numbers, none of which is changed; `spare` has room for them all. Counting
   leaves few to select from. */
static float
nth_largest_positive(const float *values, size_t count, size_t rank, float *spare)
{
    uint16_t sizes[BUCKETS] = {0};
    float most = 0;
    for (size_t i = 0; i < count; i++)
        most = values[i] > most ? values[i] : most;
    uint32_t top, bucket = 0;
    memcpy(&top, &most, sizeof top);
    if (count > UINT16_MAX) {
        memcpy(spare, values, count * sizeof *values);
        return nth_largest(spare, (Py_ssize_t)count, (Py_ssize_t)rank);
    }
    for (size_t i = 0; i < count; i++)
        sizes[bucket_of(values[i], top)]++;
    while (rank >= sizes[bucket])
        rank -= sizes[bucket++];
    size_t some = 0;
    for (size_t i = 0; i < count; i++) {
        spare[some] = values[i];
        some += bucket_of(values[i], top) == bucket;
    }
    return nth_largest(spare, (Py_ssize_t)some, (Py_ssize_t)rank);
}

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

static int
parse_tree(Views *views, PyObject *tuple, Tree *tree)
{
    Py_ssize_t length, children;
    if (!(tree->edges = item(views, tuple, 0, 4, &length)) ||
        !(tree->child = item(views, tuple, 1, 4, &children)) ||
        !fits(length > 1 && are_edges(tree->edges, length, children), "edges of the letter tree"))
        return 0;
    tree->nodes = length - 1;
    if (!(tree->letter = item(views, tuple, 2, 4, &length)) ||
        !fits(length == children, "letters of the letter tree") ||
        !(tree->word_at = item(views, tuple, 3, 4, &length)) ||
        !fits(length == tree->nodes, "words of the letter tree") ||
        !(tree->ahead = item(views, tuple, 4, 4, &length)) ||
        !fits(length == tree->nodes, "look-ahead of the letter tree"))
        return 0;
    PyObject *letters = PyTuple_GetItem(tuple, 5);
    tree->letters = letters ? PyLong_AsSsize_t(letters) : -1;
    if (PyErr_Occurred() || !fits(tree->letters > 0, "number of letters") ||
        !(tree->emission = item(views, tuple, 6, 4, &length)) ||
        !fits(length % (2 * tree->letters) == 0, "table of emissions"))
        return 0;
    tree->emissions = length / (2 * tree->letters);
    if (!(tree->totals = item(views, tuple, 7, 4, &length)))
        return 0;
    tree->words = length / OTHER;
    return fits(all_within(tree->child, children, 1, tree->nodes) &&
                    all_within(tree->letter, children, 0, tree->letters) &&
                    all_within(tree->word_at, tree->nodes, -1, tree->words),
                "the letter tree");
}

PyDoc_STRVAR(search_doc,
"search(tree, observed, seen, reach, most, word_share, half_seen)\n"
"--\n"
"\n"
"What observed words may have been, as `CandidateSearch`.\n"
"\n"
"`observed` is (lengths, codes, bounds, case_bounds), `seen` is (edges, words, patterns, mass) of the word\n"
"table. Returns bytes of four arrays: edges, int32; words, int32; patterns, int8; log\n"
"probabilities, float32; the likeliest candidate of each observed word first.\n");

static PyObject *
kernel_search(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *tree_arrays, *observed, *seen, *result = NULL;
    float reach, word_share, half_seen;
    Py_ssize_t most, count, codes, bounds, edges, extras, length;
    Tree tree;
    Views views = {.count = 0};
    Search search = {0};
    int32_t *out_edges = NULL;
    if (!PyArg_ParseTuple(args, "O!O!O!fnff", &PyTuple_Type, &tree_arrays, &PyTuple_Type,
                          &observed, &PyTuple_Type, &seen, &reach, &most, &word_share, &half_seen))
        return NULL;
    const int32_t *lengths, *code, *seen_edges, *seen_words, *seen_patterns;
    const float *bound, *by_case;
    const double *seen_mass;
    if (!parse_tree(&views, tree_arrays, &tree) ||
        !(lengths = item(&views, observed, 0, 4, &count)) ||
        !(code = item(&views, observed, 1, 4, &codes)) ||
        !(bound = item(&views, observed, 2, 4, &bounds)) ||
        !(by_case = item(&views, observed, 3, 4, &length)) ||
        !fits(length == 2 * bounds, "bounds by case") ||
        !(seen_edges = item(&views, seen, 0, 4, &edges)) ||
        !(seen_words = item(&views, seen, 1, 4, &extras)) ||
        !(seen_patterns = item(&views, seen, 2, 4, &length)) ||
        !fits(length == extras, "patterns of seen words") ||
        !(seen_mass = item(&views, seen, 3, 8, &length)) ||
        !fits(length == extras, "mass of seen words"))
        goto done;
    Py_ssize_t total = 0;
    for (Py_ssize_t i = 0; i < count; i++)
        total += lengths[i] + 1;
    if (!fits(all_within(lengths, count, 1, MAX_OBSERVED + 1), "lengths of observed words") ||
        !fits(bounds == total && codes == 4 * total, "places of observed words") ||
        !fits(all_within(code, codes, -1, tree.emissions), "numbers of emissions") ||
        !fits(edges == count + 1 && are_edges(seen_edges, edges, extras), "edges of seen words") ||
        !fits(all_within(seen_words, extras, 0, tree.words) &&
                  all_within(seen_patterns, extras, 0, OTHER),
              "seen words") ||
        !fits(most > 0, "states kept"))
        goto done;
    int failed = 0;
    Py_BEGIN_ALLOW_THREADS
    out_edges = malloc((size_t)(count + 1) * sizeof *out_edges);
    failed = !out_edges;
    if (!failed)
        out_edges[0] = 0;
    for (Py_ssize_t i = 0, place = 0; i < count && !failed; i++) {
        Observed word = {code + 4 * place, bound + place, by_case + 2 * place, lengths[i]};
        size_t first = search.found_count;
        /* A word with a character that no letter gives has no explanation by letters. */
        if (word.bound[0] > -9999.0f)
            failed = !search_word(&search, &tree, &word, reach, (size_t)most, word_share, half_seen);
        if (!failed)
            failed = !add_seen(&search, first, seen_words, seen_patterns, seen_mass, seen_edges[i],
                               seen_edges[i + 1]);
        if (search.found_count > first)
            qsort(search.found + first, search.found_count - first, sizeof *search.found, by_mass);
        out_edges[i + 1] = (int32_t)search.found_count;
        place += lengths[i] + 1;
    }
    Py_END_ALLOW_THREADS
    if (failed) {
        PyErr_NoMemory();
        goto done;
    }
    PyObject *parts[4] = {
        PyBytes_FromStringAndSize((char *)out_edges, (count + 1) * 4),
        PyBytes_FromStringAndSize(NULL, (Py_ssize_t)search.found_count * 4),
        PyBytes_FromStringAndSize(NULL, (Py_ssize_t)search.found_count),
        PyBytes_FromStringAndSize(NULL, (Py_ssize_t)search.found_count * 4),
    };
    if (parts[0] && parts[1] && parts[2] && parts[3]) {
        char *words = PyBytes_AsString(parts[1]), *patterns = PyBytes_AsString(parts[2]);
        char *scores = PyBytes_AsString(parts[3]);
        for (size_t i = 0; i < search.found_count; i++) {
            float score = (float)log(search.found[i].mass);
            memcpy(words + 4 * i, &search.found[i].word, 4);
            patterns[i] = (char)search.found[i].pattern;
            memcpy(scores + 4 * i, &score, 4);
        }
        result = PyTuple_Pack(4, parts[0], parts[1], parts[2], parts[3]);
    }
    for (int i = 0; i < 4; i++)
        Py_XDECREF(parts[i]);
done:
    free(out_edges);
    free(search.now);
    free(search.next);
    free(search.hope);
    free(search.gain);
    free(search.most);
    free(search.found);
    release(&views);
    return result;
}

/* ------------------------------------------------------------------ beam search */

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

/* The best way to come to a candidate from the hypotheses with the same last two words, the first
   of which is `leader`: they share their future. */
static Hypothesis
recombine(const Decoder *d, const Hypothesis *before, int32_t leader, int32_t first, int32_t size,
          int32_t c, int is_soft)
{
    Hypothesis best = {.score = -FLT_MAX, .choice = c};
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
        if (score > best.score) {
            best.score = score;
            best.parent = h;
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
            Hypothesis best = recombine(d, before, leader, first, size, c, is_soft);
            if (count < d->width || best.score >= kept[count - 1].score)
                count = keep_best(kept, count, d->width, &best);
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

static int
parse_slots(Views *views, PyObject *tuple, const Model *model, Slots *slots)
{
    Py_ssize_t edges, candidates, seconds, patterns, local;
    if (!(slots->edges = item(views, tuple, 0, 4, &edges)) ||
        !(slots->words = item(views, tuple, 1, 4, &candidates)) ||
        !(slots->seconds = item(views, tuple, 2, 4, &seconds)) ||
        !(slots->patterns = item(views, tuple, 3, 1, &patterns)) ||
        !(slots->local = item(views, tuple, 4, 4, &local)))
        return 0;
    slots->count = edges - 1;
    if (!fits(candidates == seconds && candidates == patterns && candidates == local,
              "lengths of slots") ||
        !fits(are_edges(slots->edges, edges, candidates), "edges of slots") ||
        !fits(all_within(slots->words, candidates, 0, model->words) &&
                  all_within(slots->seconds, candidates, -1, model->words),
              "words of slots"))
        return 0;
    int within = 1;
    for (Py_ssize_t i = 0; i < slots->count; i++)
        within &= slots->edges[i] < slots->edges[i + 1];
    for (Py_ssize_t i = 0; i < candidates; i++)
        within &= slots->patterns[i] >= 0 && slots->patterns[i] < PATTERNS;
    return fits(within, "patterns of slots, or a slot without candidates");
}

PyDoc_STRVAR(decode_doc,
"decode(model, case, weights, document, slots, sentences, width, out)\n"
"--\n"
"\n"
"The best path through every lattice, as `decode.decode`.\n"
"\n"
"`case` is (log_case, log_case_ratio), `weights` are those of language model, case and words,\n"
"`document` is None or (arrays, share, backoff_weight), `slots` is (edges, words, seconds,\n"
"patterns, local), `sentences` is (edges, slot, join, soft). `out` is (choice, joined, log_prob)\n"
"and is written.\n");

static PyObject *
kernel_decode(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *model, *cased, *document, *slots, *sentences, *out, *result = NULL;
    Decoder d = {0};
    Beams beams = {0};
    Views views = {.count = 0};
    Py_ssize_t edges, tokens, length;
    if (!PyArg_ParseTuple(args, "O!O!(fff)OO!O!nO!", &PyTuple_Type, &model, &PyTuple_Type, &cased,
                          &d.weights.language_model, &d.weights.case_, &d.weights.word_bonus,
                          &document, &PyTuple_Type, &slots, &PyTuple_Type, &sentences, &d.width,
                          &PyTuple_Type, &out))
        return NULL;
    const int32_t *edge, *slot, *join;
    const uint8_t *soft;
    if (!parse_model(&views, model, &d.model) ||
        !parse_cache(&views, document, &d.model, &d.cache) ||
        !parse_slots(&views, slots, &d.model, &d.slots) ||
        !(d.log_case = item(&views, cased, 0, 4, &length)) ||
        !fits(length >= 2 * PATTERNS * d.model.words, "log probabilities of case") ||
        !(d.log_case_ratio = item(&views, cased, 1, 4, &length)) ||
        !fits(length == (START_PATTERN + 1) * PATTERNS, "ratios of case") ||
        !(edge = item(&views, sentences, 0, 4, &edges)) ||
        !(slot = item(&views, sentences, 1, 4, &tokens)) ||
        !fits(are_edges(edge, edges, tokens), "edges of sentences") ||
        !(join = item(&views, sentences, 2, 4, &length)) ||
        !fits(length == tokens, "joins") ||
        !(soft = item(&views, sentences, 3, 1, &length)) ||
        !fits(length == tokens, "soft breaks") ||
        !fits(all_within(slot, tokens, 0, d.slots.count) &&
                  all_within(join, tokens, -1, d.slots.count) && d.width > 0,
              "numbers of slots"))
        goto done;
    PyObject *out_choice = PyTuple_GetItem(out, 0), *out_joined = PyTuple_GetItem(out, 1);
    PyObject *out_log_prob = PyTuple_GetItem(out, 2);
    if (!out_choice || !out_joined || !out_log_prob)
        goto done;
    int32_t *choice = view(&views, out_choice, 4, &length, PyBUF_WRITABLE);
    if (!choice || !fits(length == tokens, "choices"))
        goto done;
    uint8_t *joined = view(&views, out_joined, 1, &length, PyBUF_WRITABLE);
    if (!joined || !fits(length == tokens, "joined tokens"))
        goto done;
    float *log_prob = view(&views, out_log_prob, 4, &length, PyBUF_WRITABLE);
    if (!log_prob || !fits(length == edges - 1, "log probabilities"))
        goto done;
    int failed = 0;
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t i = 0; i + 1 < edges && !failed; i++) {
        int32_t at = edge[i];
        Lattice lattice = {slot + at,   join + at,   soft + at,   edge[i + 1] - at,
                           choice + at, joined + at, log_prob + i};
        failed = !decode_sentence(&d, &beams, &lattice);
    }
    Py_END_ALLOW_THREADS
    if (failed)
        PyErr_NoMemory();
    else
        result = Py_NewRef(Py_None);
done:
    free(d.cache.is_said);
    free(d.listing);
    free(d.wording);
    free(d.fixed);
    free(d.fresh);
    free(d.twin);
    free(d.row);
    free(d.recent);
    free(d.last);
    free(d.next);
    free(d.asks);
    free(beams.all);
    free(beams.own);
    free(beams.other);
    free(beams.start);
    release(&views);
    return result;
}

/* ------------------------------------------------------------------ weighing of choices */

enum { NEAR = 3 };

/* Words behind a choice, and what is listed of them whatever the choice is. */
typedef struct {
    uint32_t word[NEAR];
    int count;
    int32_t pair[NEAR]; /* of each word with the one before it */
    int32_t triple;     /* of all three */
} Following;

static Following
following_of(const Model *model, const int64_t *after)
{
    Following f = {.count = 0, .pair = {UNASKED, ABSENT, ABSENT}, .triple = ABSENT};
    for (int i = 0; i < NEAR; i++)
        if (after[i] >= 0)
            f.word[f.count++] = (uint32_t)after[i];
    for (int i = 1; i < f.count && model->maps > 0; i++)
        f.pair[i] = map_get(&model->map[0], (uint64_t)f.word[i - 1] << 16 | f.word[i]);
    if (f.count == NEAR && model->maps > 1 && f.pair[1] != ABSENT && f.pair[2] != ABSENT) {
        uint64_t context = (uint64_t)f.word[0] << 16 | f.word[1];
        f.triple = map_get(&model->map[1], context << 16 | f.word[2]);
    }
    return f;
}

/* A candidate on its way through the words that follow it. */
typedef struct {
    Context context;
    Listing listing;
    float mixed, plain; /* log P so far, with and without what the document says */
    int64_t candidate;
    uint32_t word; /* that is added next */
    int is_moving;
} Runner;

/* Add its next word to every runner that moves. */
static void
add_words(const Model *model, const Cache *cache, Runner *runners, size_t count, Ask *asks)
{
    for (int order = 0; order < MAX_MAPS; order++) {
        Ask *ask = asks;
        for (size_t i = 0; i < count; i++) {
            Runner *runner = &runners[i];
            if (runner->is_moving)
                ask = ask_for(model, &runner->context, order, runner->word, &runner->listing, ask);
        }
        if (order < model->maps)
            map_answer(&model->map[order], asks, (size_t)(ask - asks));
    }
    for (size_t i = 0; i < count; i++) {
        Runner *runner = &runners[i];
        if (!runner->is_moving)
            continue;
        float value = log_prob_of(model, &runner->context, runner->word, &runner->listing);
        runner->plain += value;
        runner->mixed += mix(cache, value, runner->context.words, runner->word);
        runner->context = advance(model, &runner->context, runner->word, &runner->listing);
    }
}

/* Log P of all candidates of a choice, each with what follows. */
static void
run_window(const Model *model, const Cache *cache, const int64_t *seconds,
           const Following *following, Runner *runners, size_t count, Ask *asks)
{
    static const Listing unasked = {{UNASKED, UNASKED, UNASKED}};
    int splits = 0;
    add_words(model, cache, runners, count, asks);
    for (size_t i = 0; i < count; i++) {
        int64_t second = seconds[runners[i].candidate];
        runners[i].is_moving = second >= 0;
        runners[i].word = (uint32_t)second;
        runners[i].listing = unasked;
        splits += second >= 0;
    }
    if (splits)
        add_words(model, cache, runners, count, asks);
    for (int step = 0; step < following->count; step++) {
        for (size_t i = 0; i < count; i++) {
            runners[i].is_moving = 1;
            runners[i].word = following->word[step];
            runners[i].listing = (Listing){
                {following->pair[step], step == 2 ? following->triple : UNASKED, UNASKED}};
        }
        add_words(model, cache, runners, count, asks);
    }
}

static int
are_words(const int64_t *words, Py_ssize_t length, int64_t low, int64_t high)
{
    for (Py_ssize_t i = 0; i < length; i++)
        if (words[i] < low || words[i] >= high)
            return 0;
    return 1;
}

PyDoc_STRVAR(weigh_doc,
"weigh(model, document, placed, wording, plain)\n"
"--\n"
"\n"
"Log P of every candidate and of what follows it, as `posterior._window_log_prob`.\n"
"\n"
"`placed` is (words, seconds, edges, before, after) of `posterior.Placed`. `wording` is written;\n"
"so is `plain`, what it were without the document's own words.\n");

static PyObject *
kernel_weigh(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *model_arrays, *document, *placed, *out_wording, *out_plain, *result = NULL;
    Views views = {.count = 0};
    Model model;
    Cache cache = {0};
    Py_ssize_t candidates, length, edges;
    Runner *runners = NULL;
    Ask *asks = NULL;
    size_t *twin = NULL, runners_room = 0, asks_room = 0, twin_room = 0;
    int failed = 0;
    if (!PyArg_ParseTuple(args, "O!OO!OO", &PyTuple_Type, &model_arrays, &document, &PyTuple_Type,
                          &placed, &out_wording, &out_plain))
        return NULL;
    const int64_t *words, *seconds, *edge, *before, *after;
    if (!parse_model(&views, model_arrays, &model) ||
        !parse_cache(&views, document, &model, &cache) ||
        !(words = item(&views, placed, 0, 8, &candidates)) ||
        !(seconds = item(&views, placed, 1, 8, &length)) ||
        !fits(length == candidates, "second words") ||
        !fits(are_words(words, candidates, 0, model.words) &&
                  are_words(seconds, candidates, -1, model.words),
              "words of candidates") ||
        !(edge = item(&views, placed, 2, 8, &edges)) ||
        !fits(edges > 0 && edge[0] == 0 && edge[edges - 1] == candidates, "edges of choices"))
        goto done;
    int rises = 1;
    for (Py_ssize_t i = 1; i < edges; i++)
        rises &= edge[i - 1] <= edge[i];
    if (!fits(rises, "edges of choices") || !(before = item(&views, placed, 3, 8, &length)) ||
        !fits(length == NEAR * (edges - 1) && are_words(before, length, -1, model.words),
              "words before") ||
        !(after = item(&views, placed, 4, 8, &length)) ||
        !fits(length == NEAR * (edges - 1) && are_words(after, length, -1, model.words),
              "words after"))
        goto done;
    float *wording = view(&views, out_wording, 4, &length, PyBUF_WRITABLE);
    if (!wording || !fits(length == candidates, "size of the result"))
        goto done;
    float *plain = view(&views, out_plain, 4, &length, PyBUF_WRITABLE);
    if (!plain || !fits(length == candidates, "size of the result"))
        goto done;
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t row = 0; row + 1 < edges; row++) {
        uint64_t state = 0;
        for (int i = 0; i < NEAR; i++)
            if (before[NEAR * row + i] >= 0)
                state = (state << 16 | (uint64_t)before[NEAR * row + i]) & THREE_WORDS;
        int64_t first = edge[row], size = edge[row + 1] - first;
        failed = !reserve((void **)&runners, &runners_room, (size_t)size, sizeof *runners) ||
                 !reserve((void **)&asks, &asks_room, (size_t)size, sizeof *asks) ||
                 !reserve((void **)&twin, &twin_room, (size_t)size, sizeof *twin);
        if (failed)
            break;
        Context context = context_of(&model, state);
        Following following = following_of(&model, after + NEAR * row);
        size_t count = 0;
        for (int64_t c = 0; c < size; c++) {
            /* The same word in another case has the same neighbours. */
            for (twin[c] = 0; twin[c] < count; twin[c]++) {
                int64_t other = runners[twin[c]].candidate;
                if (words[other] == words[first + c] && seconds[other] == seconds[first + c])
                    break;
            }
            if (twin[c] == count)
                runners[count++] = (Runner){.context = context,
                                            .listing = {{UNASKED, UNASKED, UNASKED}},
                                            .candidate = first + c,
                                            .word = (uint32_t)words[first + c],
                                            .is_moving = 1};
        }
        run_window(&model, &cache, seconds, &following, runners, count, asks);
        for (int64_t c = 0; c < size; c++) {
            wording[first + c] = runners[twin[c]].mixed;
            plain[first + c] = runners[twin[c]].plain;
        }
    }
    Py_END_ALLOW_THREADS
    if (failed)
        PyErr_NoMemory();
    else
        result = Py_NewRef(Py_None);
done:
    free(cache.is_said);
    free(runners);
    free(asks);
    free(twin);
    release(&views);
    return result;
}

/* ------------------------------------------------------------------ module */

static PyMethodDef methods[] = {
    {"log_prob", kernel_log_prob, METH_VARARGS, log_prob_doc},
    {"search", kernel_search, METH_VARARGS, search_doc},
    {"decode", kernel_decode, METH_VARARGS, decode_doc},
    {"weigh", kernel_weigh, METH_VARARGS, weigh_doc},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "vnrepair.restore._kernel",
    .m_doc = "The inner loops of restore/; see kernel.py, the only caller.",
    .m_methods = methods,
};

PyMODINIT_FUNC
PyInit__kernel(void)
{
    return PyModuleDef_Init(&module);
}

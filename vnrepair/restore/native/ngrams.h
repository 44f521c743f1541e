/* P(word | context): `language_model.NgramLanguageModel` and `bloomier.BloomierMap`. */

#ifndef VNREPAIR_NGRAMS_H
#define VNREPAIR_NGRAMS_H

#include "arrays.h"
#include <string.h>

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

#endif

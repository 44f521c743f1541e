/* What a document says of itself, mixed into the wording: `adapt.DocumentCache`. */

#ifndef VNREPAIR_DOCUMENT_H
#define VNREPAIR_DOCUMENT_H

#include "ngrams.h"
#include <math.h>

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

#endif

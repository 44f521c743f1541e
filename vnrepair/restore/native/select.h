/* The n-th largest of many numbers. */

#ifndef VNREPAIR_SELECT_H
#define VNREPAIR_SELECT_H

#include <stdint.h>
#include <string.h>
#include <stddef.h>

/* The value that has `rank` larger ones before it; reorders the values (Hoare's selection). */
static float
nth_largest(float *values, ptrdiff_t count, ptrdiff_t rank)
{
    ptrdiff_t low = 0, high = count - 1;
    while (low < high) {
        float pivot = values[rank];
        ptrdiff_t i = low, j = high;
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
        return nth_largest(spare, (ptrdiff_t)count, (ptrdiff_t)rank);
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
    return nth_largest(spare, (ptrdiff_t)some, (ptrdiff_t)rank);
}

#endif

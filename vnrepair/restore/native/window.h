/* Log P of candidates and of the words behind them, as `posterior.py`. */

#ifndef VNREPAIR_WINDOW_H
#define VNREPAIR_WINDOW_H

#include "document.h"

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

#endif

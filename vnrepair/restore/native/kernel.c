/* The inner loops of restore/: candidate search, n-gram look-up, beam search, weighing of choices.

   Arrays in, arrays out, through the buffer protocol alone: no numpy headers, no state, nothing
   of Python touched while the loops run, so that threads work side by side. `kernel.py` is the
   only caller; what each function computes is defined by the numpy version (`tree_walk.py`,
   `language_model.py`, `beam.py`, `posterior.py`), which stays in use where no compiler was at
   hand, and which the tests compare with this.

   Every index that comes in is checked before the loops start. */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "arrays.h"
#include "beam.h"
#include "search.h"
#include "window.h"

/* ------------------------------------------------------------------ language model */

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
"What observed words may have been, as `tree_walk.walk`.\n"
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
"The best path through every lattice, as `decode.decode_all`.\n"
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
    int32_t *choice = result_of(&views, out_choice, 4, tokens, "choices");
    uint8_t *joined = choice ? result_of(&views, out_joined, 1, tokens, "joined tokens") : NULL;
    float *log_prob =
        joined ? result_of(&views, out_log_prob, 4, edges - 1, "log probabilities") : NULL;
    if (!log_prob)
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
    float *wording = result_of(&views, out_wording, 4, candidates, "size of the result");
    float *plain =
        wording ? result_of(&views, out_plain, 4, candidates, "size of the result") : NULL;
    if (!plain)
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

/* Arrays of the caller through the buffer protocol, their checks, and memory that grows. */

#ifndef VNREPAIR_ARRAYS_H
#define VNREPAIR_ARRAYS_H

#include <Python.h>
#include <stdint.h>
#include <stdlib.h>

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

/* The memory of a result of so many items, which is written; NULL with an error set where the array
   has another size. */
static void *
result_of(Views *views, PyObject *array, Py_ssize_t item_size, Py_ssize_t expected,
          const char *what)
{
    Py_ssize_t length;
    void *items = view(views, array, item_size, &length, PyBUF_WRITABLE);
    return items && fits(length == expected, what) ? items : NULL;
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

#endif

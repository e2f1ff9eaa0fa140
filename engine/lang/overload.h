// Which functions a call may mean: by name, form, number of arguments and their shapes (CEL
// language definition, "Overloading").
#ifndef WEIR_LANG_OVERLOAD_H
#define WEIR_LANG_OVERLOAD_H

#include "engine/lang/shape.h"
#include "engine/lib/functions.h"

// Functions by name: the rows of tbl/functions.h, and behind them those that are declared only.
struct overload_index {
    const slice *declared; // signatures
    uint32_t declared_count;
    slice *names; // per function
    bool *methods;
    uint16_t *next;  // the next function in the same place of the table: 1 + number, or 0
    uint16_t *table; // by hash of the name
    uint32_t count;
};

// A function's signature with fresh variables.
struct signature {
    slice name;
    bool method;
    bool many; // the last parameter stands for any number of arguments
    uint32_t count;
    const struct shape *parameters[FUNCTION_ARGUMENTS];
    const struct shape *result;
};

enum { OVERLOAD_CANDIDATES = 24 };

struct overloads {
    uint16_t functions[OVERLOAD_CANDIDATES]; // that fit, in the order of the table
    uint32_t count;
    const struct shape *result; // of all of them; dyn when they differ
    bool name_known;
    bool count_fits;
    uint32_t named; // one of that name and, if there is one, that number of arguments
};

// False when the arena refuses. `declared`: signatures of functions without a body.
bool overload_index_make(struct overload_index *index, struct arena *arena, const slice *declared,
                         uint32_t declared_count);

slice overload_signature(const struct overload_index *index, uint32_t function);

// Reads the signature of a function; false without memory.
bool overload_read(const struct overload_index *index, struct shapes *shapes, uint32_t function,
                   struct signature *out);

// How many functions have that name and form.
uint32_t overload_known(const struct overload_index *index, slice name, bool method);

// All functions that fit; variables in the arguments' shapes are bound.
void overload_resolve(const struct overload_index *index, struct shapes *shapes, slice name,
                      bool method, const struct shape *const *arguments, uint32_t count,
                      struct overloads *out);

#endif

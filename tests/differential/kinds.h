// Types of generated expressions, and the functions' signatures as patterns of them.
#ifndef WEIR_DIFFERENTIAL_KINDS_H
#define WEIR_DIFFERENTIAL_KINDS_H

#include "engine/base/arena.h"
#include "engine/lib/functions.h"

enum { KIND_LETTER = TYPE_TOTAL, KIND_LETTERS = 26 };

// list(of[0]), map(of[0], of[1]), optional(of[0]), type; or a letter of a signature.
struct kind {
    uint8_t kind;   // enum type or KIND_LETTER
    uint8_t letter; // of KIND_LETTER, from 0
    const struct kind *of[2];
};

// A row of tbl/functions.h.
struct kind_function {
    slice name;
    bool usable; // its types can be generated, its name written, its result foretold
    bool method;
    bool hidden; // a row before it takes all that it takes
    bool many;   // the last parameter stands for one or more
    uint32_t count;
    const struct kind *parameters[FUNCTION_ARGUMENTS];
    const struct kind *result;
};

const struct kind *kind_of(enum type type);
const struct kind *kind_make(struct arena *arena, enum type type, const struct kind *first,
                             const struct kind *second);

bool kind_same(const struct kind *x, const struct kind *y);

// Whether a pattern becomes `wanted` when its letters are bound as `letters` says and will say.
bool kind_match(const struct kind *pattern, const struct kind *wanted,
                const struct kind *letters[KIND_LETTERS]);

// A pattern with its letters replaced; all must be bound. Keys of maps become what keys can be.
const struct kind *kind_bind(struct arena *arena, const struct kind *pattern,
                             const struct kind *const letters[KIND_LETTERS]);

// As signatures spell it: `map(string, list(int))`.
void kind_print(const struct kind *kind, char *text, uint32_t size);

// All rows; the arena keeps them.
const struct kind_function *kind_functions(struct arena *arena);

#endif

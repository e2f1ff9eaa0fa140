// Expressions and inputs out of a number: the same number gives the same case, everywhere.
#ifndef WEIR_DIFFERENTIAL_GENERATE_H
#define WEIR_DIFFERENTIAL_GENERATE_H

#include "tests/differential/kinds.h"

enum { GENERATE_TEXT = 4096, GENERATE_INPUTS = 12, GENERATE_LOCALS = 48 };

struct generated_input {
    char name[12];
    const struct kind *kind; // of its value
    bool dynamic;            // declared as dyn
    const char *text;        // a string that the expression asked for, or NULL
    struct value value;
};

struct generated_local {
    const char *name;
    const struct kind *kind;
};

struct generate {
    struct arena *arena; // of this case
    const struct kind_function *functions;
    uint64_t state;
    uint32_t left;   // nodes that may still be made
    bool overflowed; // the text is longer than there is room for: no case
    uint32_t length;
    char text[GENERATE_TEXT];
    struct generated_input inputs[GENERATE_INPUTS];
    uint32_t input_count;
    struct generated_local locals[GENERATE_LOCALS]; // in sight, the innermost last
    uint32_t local_count;
    uint32_t blocks; // cel.block() around this place
};

// The case of that number under that seed; false when it grew too large. `arena` keeps its types
// and values.
bool generate_case(struct generate *generate, struct arena *arena,
                   const struct kind_function *functions, uint64_t seed, uint64_t number);

// Shared by the parts of the generator.

// A number below `bound`; true in so many of a hundred.
uint32_t generate_below(struct generate *generate, uint32_t bound);
bool generate_chance(struct generate *generate, uint32_t percent);

// Appends text.
void generate_put(struct generate *generate, const char *text);
void generate_bytes(struct generate *generate, slice text);

// A type: one that is no collection where `depth` is 0.
const struct kind *generate_kind(struct generate *generate, uint32_t depth);

// A value of the type, for an input; and one written as CEL.
struct value generate_value(struct generate *generate, const struct kind *kind, uint32_t depth);
void generate_literal(struct generate *generate, const struct kind *kind, uint32_t depth);

// A string literal.
void generate_quoted(struct generate *generate, slice text);

// The names of fields, and of keys that are found often.
extern const char *const generate_fields[4];

// Texts that the functions of that name are made for; NULL: any.
const char *const *generate_hints(slice function);

#endif

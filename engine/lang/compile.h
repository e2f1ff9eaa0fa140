// From sources to a verified program: parse, collect, check, fold, emit, verify.
#ifndef WEIR_LANG_COMPILE_H
#define WEIR_LANG_COMPILE_H

#include "engine/lang/unit.h"

enum compile_outcome {
    COMPILE_OK,
    COMPILE_REFUSED,   // diagnostics say why
    COMPILE_NO_MEMORY, // an arena refused: says nothing about the text
    COMPILE_BROKEN,    // the verifier refused the compiler's own code; a bug of weir
};

// The program of all rule texts of the unit's configuration. `keep` is the program's arena; the
// unit's arenas may go when this returns.
enum compile_outcome compile_program(struct unit *unit, slice name_space, struct arena *keep,
                                     struct program **out);

// The same of one rule text, which must hold a statement.
enum compile_outcome compile_rules(struct unit *unit, uint32_t source, slice name_space,
                                   struct arena *keep, struct program **out);

// The same of what the unit has collected already.
enum compile_outcome compile_items(struct unit *unit, slice name_space, struct arena *keep,
                                   struct program **out);

// The program of one expression, checked as one of phase `expect` of a test file, with the unit's
// lets and `known` names in sight.
struct known_value;
enum compile_outcome compile_expression(struct unit *unit, struct expr *expr,
                                        const struct known_value *known, uint32_t known_count,
                                        struct arena *keep, struct program **out);

// The program of an expression that stands alone: the unit's inputs are its names, and weir's own
// unless `no_fields`. See expression.h.
enum compile_outcome compile_alone(struct unit *unit, struct expr *expr, slice container,
                                   bool unchecked, bool no_fields, struct arena *keep,
                                   struct program **out);

// The value of an expression that depends on nothing; false when it fails or would make constants
// grow beyond LIMIT_FOLDED_BYTES.
bool compile_constant(struct unit *unit, const struct expr *expr, struct value *out);

#endif

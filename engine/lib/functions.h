// The functions of expressions as rows of tbl/functions.h: signatures for the checker and the
// verifier, bodies for the interpreter.
#ifndef WEIR_LIB_FUNCTIONS_H
#define WEIR_LIB_FUNCTIONS_H

#include "engine/lib/call.h"

enum function {
#define FUNCTION(name, signature, body, example, meaning) FUNCTION_##name,
#include "engine/tbl/functions.h"
#undef FUNCTION
    FUNCTION_TOTAL
};

enum { FUNCTION_ARGUMENTS = 8 }; // of a call

struct function_row {
    const char *signature;
    function_body *body;
};

extern const struct function_row function_rows[FUNCTION_TOTAL];

// A constant argument becomes what the body needs of it, once, when the rules are compiled.
typedef enum failure function_prepare(struct arena *keep, struct value constant, struct value *out);

struct prepared_row {
    uint16_t function; // enum function
    uint8_t argument;
    uint8_t kind; // enum type: what the prepared argument is
    function_prepare *prepare;
};

// The row that prepares that argument, or NULL.
const struct prepared_row *function_prepared(enum function function, uint32_t argument);

// The kinds of the arguments and of the result when the function gets `count` arguments: DYN for
// dyn and for type variables. False when it does not take that many.
bool function_kinds(enum function function, uint32_t count, uint8_t kinds[FUNCTION_ARGUMENTS],
                    uint8_t *result);

// Whether two calls with the same arguments may differ: what depends on chance.
bool function_varies(enum function function);

// The name in a signature, `math.abs`, and whether it is a method.
slice signature_name(slice signature, bool *method);

#define FUNCTION(name, signature, body, example, meaning) function_body body;
#include "engine/tbl/functions.h"
#undef FUNCTION

#define PREPARED(function, argument, kind, prepare) function_prepare prepare;
#include "engine/tbl/prepared.h"
#undef PREPARED

#endif

// The functions of expressions as rows of tbl/functions.h: signatures for the checker and the
// verifier, bodies for the interpreter.
#ifndef WEIR_LIB_FUNCTIONS_H
#define WEIR_LIB_FUNCTIONS_H

#include "engine/base/arena.h"
#include "engine/base/value.h"

enum { FUNCTION_ARGUMENTS = 3 };

enum function {
#define FUNCTION(name, text, method, body, result, count, t0, t1, t2, accepts, example)            \
    FUNCTION_##name,
#include "engine/tbl/functions.h"
#undef FUNCTION
    FUNCTION_TOTAL
};

// Arguments are of the row's types (DYN: any). A failing body leaves *out alone.
typedef enum failure function_body(struct arena *arena, const struct value *arguments,
                                   struct value *out);

struct function_row {
    const char *name;
    function_body *body;
    const char *example;
    uint8_t result; // enum type
    uint8_t count;
    uint8_t types[FUNCTION_ARGUMENTS];
    bool method;
    uint32_t accepts; // bits by enum type, of DYN arguments
};

extern const struct function_row function_rows[FUNCTION_TOTAL];

#define FUNCTION(name, text, method, body, result, count, t0, t1, t2, accepts, example)            \
    function_body body;
#include "engine/tbl/functions.h"
#undef FUNCTION

#endif

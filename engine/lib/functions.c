// The table of functions, made from its rows.
#include "engine/lib/functions.h"

const struct function_row function_rows[FUNCTION_TOTAL] = {
#define FUNCTION(name, text, method, body, result, count, t0, t1, t2, accepts, example)            \
    [FUNCTION_##name] = {text,          body,   example,                                           \
                         TYPE_##result, count,  {TYPE_##t0, TYPE_##t1, TYPE_##t2},                 \
                         method,        accepts},
#include "engine/tbl/functions.h"
#undef FUNCTION
};

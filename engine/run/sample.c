// A draw has the 53 bits that a double holds.
#include "engine/run/sample.h"

#include "engine/lib/hash.h"

static bool is_absent(struct value key) {
    return key.kind == TYPE_NULL || (key.kind == TYPE_STRING && key.length == 0);
}

static enum failure draw(struct run *run, struct value key, slice salt, double *out) {
    int64_t hash;
    while (key.kind == TYPE_OPTIONAL)
        key = key.length > 0 ? *key.as.items : value_null();
    if (is_absent(key)) {
        if (run->call.random == NULL) return FAILURE_NO_RANDOM;
        hash = (int64_t)(run->call.random(run->call.self) >> 1);
    } else {
        enum failure failure = hash_value(&run->call, key, salt, &hash);
        if (failure != FAILURE_NONE) return failure;
    }
    *out = (double)(hash >> 10) * 0x1p-53;
    return FAILURE_NONE;
}

static bool read_share(struct value value, double *share) {
    if (value.kind == TYPE_DOUBLE) *share = value.as.real;
    if (value.kind == TYPE_INT) *share = (double)value.as.integer;
    if (value.kind == TYPE_UINT) *share = (double)value.as.natural;
    return value.kind == TYPE_DOUBLE || value.kind == TYPE_INT || value.kind == TYPE_UINT;
}

enum failure sample_draw(struct run *run, const struct value *operands, struct value *out) {
    double share, drawn;
    bool good =
        read_share(operands[SAMPLE_SHARE], &share) && operands[SAMPLE_SALT].kind == TYPE_STRING;
    if (!good) return FAILURE_NO_OVERLOAD;
    enum failure failure =
        draw(run, operands[SAMPLE_KEY], value_text(operands[SAMPLE_SALT]), &drawn);
    if (failure == FAILURE_NONE) *out = value_bool(drawn < share);
    return failure;
}

// The table of functions, made from its rows, and what signatures say of kinds.
#include "engine/lib/functions.h"

const struct function_row function_rows[FUNCTION_TOTAL] = {
#define FUNCTION(name, signature, body, example, meaning) [FUNCTION_##name] = {signature, body},
#include "engine/tbl/functions.h"
#undef FUNCTION
};

const struct prepared_row *function_prepared(enum function function, uint32_t argument) {
    static const struct prepared_row rows[] = {
#define PREPARED(function, argument, kind, prepare)                                                \
    {FUNCTION_##function, argument, TYPE_##kind, prepare},
#include "engine/tbl/prepared.h"
#undef PREPARED
        {FUNCTION_TOTAL, 0, TYPE_NONE, NULL},
    };
    for (const struct prepared_row *row = rows; row->function != FUNCTION_TOTAL; row++) {
        if (row->function == function && row->argument == argument) return row;
    }
    return NULL;
}

slice signature_name(slice signature, bool *method) {
    const char *open = memchr(signature.at, '>', signature.length);
    *method = signature.length > 0 && signature.at[0] == '<' && open != NULL;
    uint32_t start = *method ? (uint32_t)(open - signature.at) + 2 : 0;
    uint32_t end = start;
    while (end < signature.length && signature.at[end] != '(')
        end++;
    return start > end ? (slice){NULL, 0} : slice_cut(signature, start, end);
}

bool function_varies(enum function function) {
    bool method;
    slice name = signature_name(slice_of(function_rows[function].signature), &method);
    return slice_is(name, "random") || slice_is(name, "uuid");
}

// The kind of the type that `at` begins with; what stands in its parentheses is passed over.
static const char *read_kind(const char *at, uint8_t *kind) {
    const char *end = at;
    while (memchr("(,)> ", *end, 6) == NULL && strncmp(end, "...", 3) != 0)
        end++; // the NUL is one of them
    slice word = slice_from(at, (uint32_t)(end - at));
    bool letter = word.length == 1 && word.at[0] >= 'A' && word.at[0] <= 'Z';
    *kind = (uint8_t)(letter ? TYPE_DYN : type_of_word(word));
    if (*end != '(') return end;
    for (uint32_t depth = 0; *end != '\0'; end++) {
        if (*end == '(') depth++;
        if (*end == ')' && --depth == 0) return end + 1;
    }
    return end;
}

bool function_kinds(enum function function, uint32_t count, uint8_t kinds[FUNCTION_ARGUMENTS],
                    uint8_t *result) {
    const char *at = function_rows[function].signature;
    uint32_t have = 0;
    bool many = false;
    if (count > FUNCTION_ARGUMENTS) return false;
    if (*at == '<') at = read_kind(at + 1, &kinds[have++]);
    while (*at++ != '(')
        continue;
    while (*at != ')' && have < FUNCTION_ARGUMENTS) {
        at = read_kind(at, &kinds[have++]);
        many = strncmp(at, "...", 3) == 0;
        if (many) at += 3;
        if (*at == ',') at += 2;
    }
    for (; many && have < count; have++)
        kinds[have] = kinds[have - 1];
    read_kind(at + 2, result);
    return have == count;
}

// Reading signatures, and matching types with them.
#include "tests/differential/kinds.h"

static const struct kind plain[TYPE_TOTAL] = {
#define TYPE(name, word, full) [TYPE_##name] = {TYPE_##name, 0, {NULL, NULL}},
#include "engine/tbl/types.h"
#undef TYPE
};

const struct kind *kind_of(enum type type) {
    return &plain[type];
}

const struct kind *kind_make(struct arena *arena, enum type type, const struct kind *first,
                             const struct kind *second) {
    struct kind *kind = arena_take(arena, sizeof *kind);
    if (kind == NULL) return kind_of(TYPE_DYN);
    *kind = (struct kind){(uint8_t)type, 0, {first, second}};
    return kind;
}

bool kind_same(const struct kind *x, const struct kind *y) {
    if (x == y) return true;
    if (x == NULL || y == NULL || x->kind != y->kind) return false;
    return kind_same(x->of[0], y->of[0]) && kind_same(x->of[1], y->of[1]);
}

bool kind_match(const struct kind *pattern, const struct kind *wanted,
                const struct kind *letters[KIND_LETTERS]) {
    if (pattern == NULL || wanted == NULL) return pattern == wanted;
    if (pattern->kind == KIND_LETTER) {
        const struct kind **bound = &letters[pattern->letter];
        if (*bound == NULL) *bound = wanted;
        return kind_same(*bound, wanted);
    }
    if (pattern->kind != wanted->kind) return false;
    return kind_match(pattern->of[0], wanted->of[0], letters) &&
           kind_match(pattern->of[1], wanted->of[1], letters);
}

static bool is_key(const struct kind *kind) {
    return kind->kind == TYPE_STRING || kind->kind == TYPE_INT || kind->kind == TYPE_UINT ||
           kind->kind == TYPE_BOOL || kind->kind == TYPE_DYN;
}

const struct kind *kind_bind(struct arena *arena, const struct kind *pattern,
                             const struct kind *const letters[KIND_LETTERS]) {
    if (pattern == NULL) return NULL;
    if (pattern->kind == KIND_LETTER) return letters[pattern->letter];
    if (pattern->of[0] == NULL) return pattern;
    const struct kind *first = kind_bind(arena, pattern->of[0], letters);
    if (pattern->kind == TYPE_MAP && !is_key(first)) first = kind_of(TYPE_STRING);
    return kind_make(arena, (enum type)pattern->kind, first,
                     kind_bind(arena, pattern->of[1], letters));
}

static char *add(char *at, const char *end, const char *word) {
    while (*word != '\0' && at + 1 < end)
        *at++ = *word++;
    *at = '\0';
    return at;
}

static char *print(const struct kind *kind, char *at, const char *end) {
    at = add(at, end, type_name((enum type)kind->kind));
    if (kind->of[0] == NULL) return at;
    at = print(kind->of[0], add(at, end, "("), end);
    if (kind->of[1] != NULL) at = print(kind->of[1], add(at, end, ", "), end);
    return add(at, end, ")");
}

void kind_print(const struct kind *kind, char *text, uint32_t size) {
    print(kind, text, text + size);
}

// The type at *at, which moves behind it. What it holds is left out of type(…).
static const struct kind *read(struct arena *arena, const char **at) {
    const char *end = *at;
    while (strchr("(,)> .", *end) == NULL)
        end++;
    slice word = slice_from(*at, (uint32_t)(end - *at));
    *at = end;
    if (word.length == 1) {
        struct kind *letter = arena_take(arena, sizeof *letter);
        if (letter == NULL) return NULL;
        *letter = (struct kind){KIND_LETTER, (uint8_t)(word.at[0] - 'A'), {NULL, NULL}};
        return letter;
    }
    enum type type = type_of_word(word);
    const struct kind *of[2] = {NULL, NULL};
    for (uint32_t i = 0; **at == '(' || (i > 0 && **at == ','); i++) {
        *at += **at == ',' ? 2 : 1;
        const struct kind *held = read(arena, at);
        if (i < 2) of[i] = held;
    }
    if (of[0] != NULL) (*at)++;
    if (of[0] == NULL || type == TYPE_TYPE) return kind_of(type);
    return kind_make(arena, type, of[0], of[1]);
}

static bool has_kind(const struct kind *kind, const enum type *foreign, uint32_t count) {
    if (kind == NULL) return false;
    for (uint32_t i = 0; i < count; i++) {
        if (kind->kind == foreign[i]) return true;
    }
    return has_kind(kind->of[0], foreign, count) || has_kind(kind->of[1], foreign, count);
}

static bool is_usable(enum function function, const struct kind_function *row) {
    static const enum type foreign[] = {TYPE_NONE, TYPE_HEADERS, TYPE_SECRET, TYPE_CIDRS};
    if (function_varies(function) || memchr(row->name.at, '@', row->name.length) != NULL) {
        return false;
    }
    for (uint32_t i = 0; i < row->count; i++) {
        if (has_kind(row->parameters[i], foreign, LEN(foreign))) return false;
    }
    return !has_kind(row->result, foreign, LEN(foreign));
}

static void read_row(struct arena *arena, enum function function, struct kind_function *row) {
    const char *at = function_rows[function].signature;
    row->name = signature_name(slice_of(at), &row->method);
    if (row->method) {
        at++;
        row->parameters[row->count++] = read(arena, &at);
    }
    at = strchr(at, '(') + 1;
    while (*at != ')' && row->count < FUNCTION_ARGUMENTS) {
        row->parameters[row->count++] = read(arena, &at);
        row->many = *at == '.';
        if (row->many) at += 3;
        if (*at == ',') at += 2;
    }
    at += 2;
    row->result = read(arena, &at);
    row->usable = is_usable(function, row);
}

// At run time kinds decide, which do not tell list(int) from list(string).
static bool is_hidden(const struct kind_function *rows, uint32_t number) {
    const struct kind_function *row = &rows[number];
    for (uint32_t i = 0; i < number; i++) {
        bool same = slice_equal(rows[i].name, row->name) && rows[i].method == row->method &&
                    rows[i].count == row->count;
        for (uint32_t j = 0; j < row->count && same; j++)
            same = rows[i].parameters[j]->kind == row->parameters[j]->kind;
        if (same) return true;
    }
    return false;
}

const struct kind_function *kind_functions(struct arena *arena) {
    struct kind_function *rows = arena_array(arena, FUNCTION_TOTAL, sizeof *rows);
    for (uint32_t i = 0; rows != NULL && i < FUNCTION_TOTAL; i++) {
        read_row(arena, (enum function)i, &rows[i]);
        rows[i].hidden = is_hidden(rows, i);
    }
    return rows;
}

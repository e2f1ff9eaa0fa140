// Shapes: making, binding, printing and reading them.
#include "engine/lang/shape.h"

#include "engine/base/limits.h"

struct binding {
    struct shape *variable;
    const struct shape *before;
    struct binding *next;
};

static const struct shape dyn = {.kind = TYPE_DYN, .height = 1};

static const struct shape simple[TYPE_TOTAL] = {
#define TYPE(name, word, full) [TYPE_##name] = {.kind = TYPE_##name, .height = 1},
#include "engine/tbl/types.h"
#undef TYPE
};

static const struct shape any_list = {TYPE_LIST, 1, 2, {&dyn}, NULL, {NULL, 0}};
static const struct shape any_map = {TYPE_MAP, 2, 2, {&dyn, &dyn}, NULL, {NULL, 0}};
static const struct shape any_optional = {TYPE_OPTIONAL, 1, 2, {&dyn}, NULL, {NULL, 0}};
static const struct shape any_type = {TYPE_TYPE, 1, 2, {&dyn}, NULL, {NULL, 0}};

const struct shape *shape_of(enum type type) {
    switch (type) {
    case TYPE_DYN: return &dyn;
    case TYPE_LIST: return &any_list;
    case TYPE_MAP: return &any_map;
    case TYPE_OPTIONAL: return &any_optional;
    case TYPE_TYPE: return &any_type;
    default: return &simple[type];
    }
}

static struct shape *shape_new(struct shapes *shapes, uint8_t kind) {
    struct shape *shape = arena_take(shapes->arena, sizeof *shape);
    if (shape == NULL) {
        shapes->failed = true;
        return NULL;
    }
    shape->kind = kind;
    shape->height = 1;
    return shape;
}

// What is nested too deep to be worth knowing is dyn.
static const struct shape *shape_with(struct shapes *shapes, uint8_t kind, uint32_t count,
                                      const struct shape *const *parameters, slice name) {
    struct shape *shape = shape_new(shapes, kind);
    if (shape == NULL) return NULL;
    shape->name = name;
    shape->count = (uint8_t)count;
    for (uint32_t i = 0; i < count; i++) {
        const struct shape *parameter = parameters[i];
        if (parameter == NULL) return NULL;
        if (parameter->height >= LIMIT_NESTING) parameter = &dyn;
        shape->parameters[i] = parameter;
        if (parameter->height >= shape->height) shape->height = parameter->height + 1;
    }
    return shape;
}

const struct shape *shape_variable(struct shapes *shapes) {
    return shape_new(shapes, SHAPE_VARIABLE);
}

const struct shape *shape_list(struct shapes *shapes, const struct shape *item) {
    return shape_one(shapes, TYPE_LIST, item);
}

const struct shape *shape_map(struct shapes *shapes, const struct shape *key,
                              const struct shape *value) {
    const struct shape *parameters[] = {key, value};
    return shape_with(shapes, TYPE_MAP, 2, parameters, (slice){NULL, 0});
}

const struct shape *shape_one(struct shapes *shapes, enum type type,
                              const struct shape *parameter) {
    return shape_with(shapes, (uint8_t)type, 1, &parameter, (slice){NULL, 0});
}

// Of large constants nothing is said: what their items are is found when they are used.
enum { ITEMS_LOOKED_AT = 64 };

static const struct shape *shape_of_items(struct value value, uint32_t first, uint32_t step) {
    if (value.length == 0 || value.length > ITEMS_LOOKED_AT) return &dyn;
    enum type type = (enum type)value.as.items[first].kind;
    for (uint32_t i = 1; i < value.length; i++) {
        if (value.as.items[first + i * step].kind != type) return &dyn;
    }
    return shape_of(type);
}

const struct shape *shape_of_value(struct shapes *shapes, struct value value) {
    if (value.kind == TYPE_LIST) return shape_list(shapes, shape_of_items(value, 0, 1));
    if (value.kind == TYPE_MAP) {
        return shape_map(shapes, shape_of_items(value, 0, 2), shape_of_items(value, 1, 2));
    }
    return shape_of((enum type)value.kind);
}

const struct shape *shape_resolve(const struct shape *shape) {
    while (shape->kind == SHAPE_VARIABLE && shape->bound != NULL)
        shape = shape->bound;
    return shape;
}

enum type shape_type(const struct shape *shape) {
    shape = shape_resolve(shape);
    return shape->kind >= TYPE_TOTAL ? TYPE_DYN : (enum type)shape->kind;
}

static void bind(struct shapes *shapes, const struct shape *variable, const struct shape *to) {
    struct binding *entry = arena_take(shapes->arena, sizeof *entry);
    if (entry == NULL) {
        shapes->failed = true;
        return;
    }
    // Variables are made by shape_variable, of memory that may be written.
    struct shape *target = (struct shape *)(uintptr_t)variable;
    *entry = (struct binding){target, target->bound, shapes->trail};
    shapes->trail = entry;
    target->bound = to;
}

static void take_back(struct shapes *shapes, const struct binding *mark) {
    for (; shapes->trail != mark; shapes->trail = shapes->trail->next)
        shapes->trail->variable->bound = shapes->trail->before;
}

static bool same_head(const struct shape *x, const struct shape *y) {
    return x->kind == y->kind && x->count == y->count && slice_equal(x->name, y->name);
}

bool shape_same(const struct shape *x, const struct shape *y) {
    if (x == y) return true;
    if (x->kind == SHAPE_VARIABLE || y->kind == SHAPE_VARIABLE || !same_head(x, y)) return false;
    for (uint32_t i = 0; i < x->count; i++) {
        if (!shape_same(x->parameters[i], y->parameters[i])) return false;
    }
    return true;
}

// Also where `variable` is bound already: binding it to what leads to it would make a circle.
static bool is_referenced(const struct shape *variable, const struct shape *within) {
    while (within != variable && within->kind == SHAPE_VARIABLE && within->bound != NULL)
        within = within->bound;
    if (within == variable) return true;
    for (uint32_t i = 0; i < within->count; i++) {
        if (is_referenced(variable, within->parameters[i])) return true;
    }
    return false;
}

static bool is_more_general(const struct shape *x, const struct shape *y) {
    if (x->kind == TYPE_DYN || x->kind == SHAPE_VARIABLE) return true;
    if (y->kind == TYPE_DYN || y->kind == SHAPE_VARIABLE || !same_head(x, y)) return false;
    for (uint32_t i = 0; i < x->count && x->kind != TYPE_TYPE; i++) {
        if (!is_more_general(x->parameters[i], y->parameters[i])) return false;
    }
    return true;
}

static bool assign(struct shapes *shapes, const struct shape *from, const struct shape *to);

enum substitution { SUBSTITUTION_NONE, SUBSTITUTION_FAILS, SUBSTITUTION_FITS };

// Whether `variable` can stand for `shape`.
static enum substitution substitute_variable(struct shapes *shapes, const struct shape *shape,
                                             const struct shape *variable) {
    if (shape == variable) return SUBSTITUTION_FITS;
    const struct shape *known = variable->bound;
    if (known == NULL) {
        if (is_referenced(variable, shape)) return SUBSTITUTION_NONE;
        bind(shapes, variable, shape);
        return SUBSTITUTION_FITS;
    }
    if (shape_same(shape, known)) return SUBSTITUTION_FITS;
    if (!assign(shapes, shape, known)) return SUBSTITUTION_FAILS;
    const struct shape *general = is_more_general(shape, known) ? shape : known;
    if (general != known && !is_referenced(variable, general)) bind(shapes, variable, general);
    return SUBSTITUTION_FITS;
}

// null fits the types that were messages once, and those whose values are behind a name.
static bool takes_null(const struct shape *shape) {
    return shape->kind == TYPE_NULL || shape->kind == TYPE_DURATION ||
           shape->kind == TYPE_TIMESTAMP || shape->kind == TYPE_OPTIONAL ||
           shape->kind == SHAPE_NAMED;
}

// What is not known fits wherever something else would: then nothing is known there either.
static void bind_free(struct shapes *shapes, const struct shape *within) {
    within = shape_resolve(within);
    if (within->kind == SHAPE_VARIABLE) bind(shapes, within, &dyn);
    for (uint32_t i = 0; i < within->count; i++)
        bind_free(shapes, within->parameters[i]);
}

static bool assign(struct shapes *shapes, const struct shape *from, const struct shape *to) {
    // Headers are no value that could be held, secrets none that could be lost sight of.
    bool plain = from->kind != TYPE_HEADERS && from->kind != TYPE_SECRET &&
                 to->kind != TYPE_HEADERS && to->kind != TYPE_SECRET;
    if (!plain) return from->kind == to->kind;
    if (to->kind == SHAPE_VARIABLE) {
        enum substitution result = substitute_variable(shapes, from, to);
        if (result != SUBSTITUTION_NONE) return result == SUBSTITUTION_FITS;
    }
    if (from->kind == SHAPE_VARIABLE) {
        return substitute_variable(shapes, to, from) == SUBSTITUTION_FITS;
    }
    if (from->kind == TYPE_DYN) bind_free(shapes, to);
    if (from->kind == TYPE_DYN || to->kind == TYPE_DYN) return true;
    if (from->kind == TYPE_NULL) return takes_null(to);
    if (to->kind == TYPE_NULL) return takes_null(from);
    if (from->kind == TYPE_TYPE && to->kind == TYPE_TYPE) return true;
    if (!same_head(from, to)) return false;
    for (uint32_t i = 0; i < from->count; i++) {
        if (!assign(shapes, from->parameters[i], to->parameters[i])) return false;
    }
    return true;
}

bool shape_assign_all(struct shapes *shapes, const struct shape *const *from,
                      const struct shape *const *to, uint32_t count) {
    const struct binding *mark = shapes->trail;
    for (uint32_t i = 0; i < count; i++) {
        if (assign(shapes, from[i], to[i])) continue;
        take_back(shapes, mark);
        return false;
    }
    return true;
}

bool shape_assign(struct shapes *shapes, const struct shape *from, const struct shape *to) {
    return shape_assign_all(shapes, &from, &to, 1);
}

const struct shape *shape_join(struct shapes *shapes, const struct shape *so_far,
                               const struct shape *next) {
    if (so_far == NULL) return next;
    if (!shape_assign(shapes, so_far, next)) return &dyn;
    if (next->kind == TYPE_NULL) return so_far;
    if (so_far->kind == TYPE_NULL) return next;
    return is_more_general(so_far, next) ? so_far : next;
}

const struct shape *shape_substitute(struct shapes *shapes, const struct shape *shape,
                                     bool free_is_dyn) {
    shape = shape_resolve(shape);
    if (shape->kind == SHAPE_VARIABLE) return free_is_dyn ? &dyn : shape;
    const struct shape *parameters[SHAPE_PARAMETERS];
    bool changed = false;
    for (uint32_t i = 0; i < shape->count; i++) {
        parameters[i] = shape_substitute(shapes, shape->parameters[i], free_is_dyn);
        if (parameters[i] != shape->parameters[i]) changed = true;
    }
    if (!changed) return shape;
    const struct shape *made =
        shape_with(shapes, shape->kind, shape->count, parameters, shape->name);
    return made == NULL ? &dyn : made;
}

static slice word_of(const struct shape *shape, bool protobuf) {
    if (shape->kind == SHAPE_NAMED) return shape->name;
    enum type type = shape_type(shape);
    slice full = slice_of(type_full_name(type));
    bool plain = !protobuf || full.length == 0 || type == TYPE_NULL;
    return plain ? slice_of(type_name(type)) : full;
}

void shape_print(struct text *text, const struct shape *shape, bool protobuf) {
    shape = shape_resolve(shape);
    text_add(text, word_of(shape, protobuf));
    if (shape->count == 0) return;
    for (uint32_t i = 0; i < shape->count; i++) {
        text_add_string(text, i == 0 ? "(" : ", ");
        shape_print(text, shape->parameters[i], protobuf);
    }
    text_add_char(text, ')');
}

static bool is_word_byte(char c) {
    char lower = ascii_lower(c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

static slice take_word(slice *text) {
    uint32_t end = 0;
    while (end < text->length && text->at[end] == ' ')
        end++;
    uint32_t start = end;
    while (end < text->length && is_word_byte(text->at[end]))
        end++;
    // The dots of `dyn...` are the signature's.
    while (end > start && text->at[end - 1] == '.')
        end--;
    slice word = slice_cut(*text, start, end);
    *text = slice_cut(*text, end, text->length);
    return word;
}

static const struct shape *read_letter(struct shapes *shapes, char letter,
                                       const struct shape *letters[26]) {
    const struct shape **known = &letters[letter - 'A'];
    if (*known == NULL) *known = shape_variable(shapes);
    return *known;
}

static const struct shape *read_nested(struct shapes *shapes, slice *text,
                                       const struct shape *letters[26], uint32_t depth) {
    slice word = take_word(text);
    if (word.length == 0 || depth > LIMIT_NESTING) return NULL;
    bool letter = word.length == 1 && word.at[0] >= 'A' && word.at[0] <= 'Z';
    if (letter) return read_letter(shapes, word.at[0], letters);
    const struct shape *parameters[SHAPE_PARAMETERS];
    uint32_t count = 0;
    if (text->length > 0 && text->at[0] == '(') {
        do {
            *text = slice_cut(*text, 1, text->length);
            if (count == SHAPE_PARAMETERS) return NULL;
            parameters[count] = read_nested(shapes, text, letters, depth + 1);
            if (parameters[count++] == NULL) return NULL;
        } while (text->length > 0 && text->at[0] == ',');
        if (text->length == 0 || text->at[0] != ')') return NULL;
        *text = slice_cut(*text, 1, text->length);
    }
    enum type type = type_of_word(word);
    if (type != TYPE_NONE && count == 0) return shape_of(type);
    if (type != TYPE_NONE) {
        return shape_with(shapes, (uint8_t)type, count, parameters, (slice){NULL, 0});
    }
    return shape_with(shapes, SHAPE_NAMED, count, parameters, word);
}

const struct shape *shape_read(struct shapes *shapes, slice *text,
                               const struct shape *letters[26]) {
    return read_nested(shapes, text, letters, 1);
}

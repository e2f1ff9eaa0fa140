// The checker's frame: literals, lists, maps, and what statements ask of their expressions.
#include "engine/lang/machine.h"

#include "engine/lib/compare.h"
#include "engine/lib/header.h"
#include "engine/lib/json.h"

void check_report(struct check *check, enum error error, const struct span *span,
                  const slice *arguments) {
    diag_report(check->unit->diagnostics, error, span, arguments);
}

slice check_number(struct check *check, uint64_t number) {
    struct text text;
    text_init(&text, check->unit->arena);
    text_add_uint(&text, number);
    return text_slice(&text);
}

slice check_source(const struct check *check, struct span span) {
    return slice_cut(check->unit->diagnostics->sources[span.source].text, span.start, span.end);
}

// A number, a duration or a text as it was written: its source says what it is.
static bool is_written(slice source) {
    bool begins = source.length > 0 && (source.at[0] == '-' || source.at[0] == '"' ||
                                        (source.at[0] >= '0' && source.at[0] <= '9'));
    return begins && memchr(source.at, ' ', source.length) == NULL;
}

void check_report_range(struct check *check, const struct expr *expr, const char *what,
                        const char *range) {
    struct text value;
    slice source = check_source(check, expr->span);
    text_init(&value, check->unit->arena);
    if (expr->kind != EXPR_LITERAL || is_written(source) || !json_write(&value, expr->literal)) {
        check_report(check, ERROR_RATE_RANGE, &expr->span,
                     (slice[]){slice_of(what), slice_of(range), source});
        return;
    }
    slice json = text_slice(&value);
    if (expr->literal.kind == TYPE_DURATION) json = slice_cut(json, 1, json.length - 1);
    check_report(check, ERROR_RATE_RANGE, &expr->span,
                 (slice[]){slice_of(what), slice_of(range), json});
}

slice check_shown(struct check *check, const struct shape *shape) {
    struct text text;
    text_init(&text, check->unit->arena);
    shape_print(&text, shape, false);
    return text_slice(&text);
}

const struct shape *check_no_overload(struct check *check, const struct span *span, slice word,
                                      const struct shape *x, const struct shape *y) {
    struct text types;
    text_init(&types, check->unit->arena);
    shape_print(&types, x, false);
    if (y != NULL) {
        text_add_string(&types, " and ");
        shape_print(&types, y, false);
    }
    check_report(check, ERROR_NO_OVERLOAD, span, (slice[]){word, text_slice(&types)});
    return NULL;
}

// What was folded keeps the shape that it had: `dyn(1)` is a literal, but no int.
static const struct shape *check_literal(struct check *check, struct expr *expr) {
    if (expr->shape != NULL && !expr->magnitude) return expr->shape;
    if (!expr->magnitude) return shape_of_value(&check->unit->shapes, expr->literal);
    check_report(check, ERROR_NUMBER_RANGE, &expr->span,
                 (slice[]){check_source(check, expr->span), slice_of("an int")});
    return NULL;
}

bool check_holdable(struct check *check, const struct expr *value) {
    if (shape_type(value->shape) == TYPE_SECRET) {
        check_report(check, ERROR_SECRET_SHOWN, &value->span, NULL);
        return false;
    }
    if (shape_type(value->shape) != TYPE_HEADERS) return true;
    check_report(check, ERROR_HEADERS_HELD, &value->span, NULL);
    diag_help(check->unit->diagnostics, "{0}.to_map() is a map of them",
              (slice[]){check_source(check, value->span)});
    return false;
}

// What an item or entry adds: `?x` the value of an optional.
static const struct shape *entry_shape(struct check *check, const struct expr *value,
                                       bool optional) {
    const struct shape *shape = shape_resolve(value->shape);
    if (!check_holdable(check, value)) return NULL;
    if (!optional) return shape;
    if (shape_type(shape) == TYPE_DYN || check->unchecked) return shape_of(TYPE_DYN);
    if (shape->kind == TYPE_OPTIONAL) return shape->parameters[0];
    check_report(check, ERROR_WRONG_TYPE, &value->span,
                 (slice[]){slice_of("what stands behind `?`"), slice_of("an optional"),
                           check_shown(check, shape)});
    return NULL;
}

static const struct shape *check_list(struct check *check, struct expr *expr) {
    struct shapes *shapes = &check->unit->shapes;
    const struct shape *shape = NULL;
    bool good = true;
    for (struct expr *item = expr->first; item != NULL; item = item->next) {
        const struct shape *entry = NULL;
        if (check_expr(check, item) != TYPE_NONE) {
            entry = entry_shape(check, item, item->optional_entry);
        }
        if (entry == NULL) good = false;
        if (good) shape = shape_join(shapes, shape, entry);
    }
    if (!good) return NULL;
    return shape_list(shapes, shape == NULL ? shape_variable(shapes) : shape);
}

static bool is_key_type(enum type type) {
    return type == TYPE_STRING || type == TYPE_INT || type == TYPE_UINT || type == TYPE_BOOL ||
           type == TYPE_DYN;
}

static bool report_repeated(struct check *check, const struct expr *key) {
    check_report(check, ERROR_DUPLICATE_KEY, &key->span, (slice[]){check_source(check, key->span)});
    return false;
}

// Numbers and bools are compared with the keys before them while there are few.
enum { KEYS_COMPARED = 64 };

static bool check_repeated(struct check *check, const struct expr *map, const struct expr *key,
                           struct names *names) {
    if (key->kind != EXPR_LITERAL) return true;
    if (key->literal.kind == TYPE_STRING) {
        bool known;
        names_add(names, value_text(key->literal), &known);
        if (names->failed) check->unit->diagnostics->out_of_memory = true;
        return !known || report_repeated(check, key);
    }
    uint32_t seen = 0;
    for (const struct expr *other = map->first; other != key && seen < KEYS_COMPARED;
         other = other->next->next, seen++) {
        bool same = other->kind == EXPR_LITERAL && value_equal(other->literal, key->literal);
        if (same) return report_repeated(check, key);
    }
    return true;
}

static bool check_entry(struct check *check, struct expr *map, struct expr *key,
                        struct names *names) {
    enum type type = check_expr(check, key);
    if (check_expr(check, key->next) == TYPE_NONE || type == TYPE_NONE) return false;
    if (is_key_type(type) || check->unchecked)
        return check->alone || check_repeated(check, map, key, names);
    check_report(check, ERROR_MAP_KEY_TYPE, &key->span, (slice[]){check_shown(check, key->shape)});
    return false;
}

static const struct shape *check_map(struct check *check, struct expr *expr) {
    struct shapes *shapes = &check->unit->shapes;
    const struct shape *keys = NULL;
    const struct shape *values = NULL;
    struct names names;
    bool good = true;
    names_init(&names, check->unit->arena);
    for (struct expr *key = expr->first; key != NULL; key = key->next->next) {
        const struct shape *value = NULL;
        if (check_entry(check, expr, key, &names)) {
            value = entry_shape(check, key->next, key->optional_entry);
        }
        if (value == NULL) good = false;
        if (!good) continue;
        keys = shape_join(shapes, keys, key->shape);
        values = shape_join(shapes, values, value);
    }
    if (!good) return NULL;
    if (keys == NULL) keys = shape_variable(shapes);
    return shape_map(shapes, keys, values == NULL ? shape_variable(shapes) : values);
}

static const struct shape *check_kind(struct check *check, struct expr *expr) {
    switch ((enum expr_kind)expr->kind) {
    case EXPR_LITERAL: return check_literal(check, expr);
    case EXPR_NAME: return check_name(check, expr);
    case EXPR_SELECT: return check_select(check, expr);
    case EXPR_INDEX: return check_index(check, expr);
    case EXPR_CALL: return check_call(check, expr);
    case EXPR_LIST: return check_list(check, expr);
    case EXPR_MAP: return check_map(check, expr);
    case EXPR_OPERATOR: return check_operator(check, expr);
    case EXPR_FAILURE: return shape_of(TYPE_DYN);
    }
    return NULL;
}

// Where types are left to the run, an expression that cannot be right fails there.
static const struct shape *fail_later(struct expr *expr) {
    expr->kind = EXPR_FAILURE;
    expr->index = FAILURE_NO_OVERLOAD;
    expr->first = NULL;
    expr->count = 0;
    expr->least = NAME_NONE;
    return shape_of(TYPE_DYN);
}

// What is wrong with a macro's form is wrong before types are asked for.
static bool is_of_form(enum error error) {
    return error == ERROR_HAS_ARGUMENT || error == ERROR_VARIABLE_NAME ||
           error == ERROR_VARIABLE_TWICE || error == ERROR_BLOCK_LIST;
}

static const struct shape *check_marked(struct check *check, struct expr *expr) {
    struct diagnostics *diagnostics = check->unit->diagnostics;
    struct diag_mark mark = diag_mark(diagnostics);
    const struct shape *shape = check_kind(check, expr);
    if (shape != NULL || !check->unchecked || diagnostics->out_of_memory) return shape;
    if (diagnostics->last == NULL || is_of_form(diagnostics->last->error)) return NULL;
    diag_rewind(diagnostics, mark);
    return fail_later(expr);
}

// Which parts of a request, and which variables, the value depends on.
static void note_dependence(struct expr *expr) {
    bool field = expr->binding == BIND_FIELD || expr->binding == BIND_HEADER ||
                 expr->binding == BIND_LET || expr->binding == BIND_LIMITER;
    expr->varies = field || expr->varies;
    bool variable = expr->kind == EXPR_NAME && expr->binding == BIND_VARIABLE;
    uint32_t least = variable ? expr->index : NAME_NONE;
    for (const struct expr *child = expr->first; child != NULL; child = child->next) {
        if (child->varies) expr->varies = true;
        if (child->least < least) least = child->least;
    }
    // A macro's own variables end with it.
    bool macro = expr->kind == EXPR_CALL && expr->binding == BIND_MACRO;
    expr->least = macro && least >= expr->least ? NAME_NONE : least;
}

enum type check_expr(struct check *check, struct expr *expr) {
    struct unit *unit = check->unit;
    const struct diagnostics *diagnostics = unit->diagnostics;
    // What is over the cap is not shown, and its hints would cost time.
    if (diagnostics->out_of_memory || diagnostics->count > LIMIT_DIAGNOSTICS) return TYPE_NONE;
    expr->shape = check_marked(check, expr);
    if (unit->shapes.failed) unit->diagnostics->out_of_memory = true;
    if (expr->shape == NULL) return TYPE_NONE;
    if (check->unchecked) expr->shape = shape_of(shape_type(expr->shape));
    note_dependence(expr);
    expr->type = (uint8_t)machine_type(check, expr);
    fold_expr(check, expr);
    return shape_type(expr->shape);
}

bool check_printable(enum type type) {
    return type == TYPE_INT || type == TYPE_UINT || type == TYPE_DOUBLE || type == TYPE_BOOL ||
           type == TYPE_BYTES || type == TYPE_DURATION;
}

void check_integral(struct expr *expr) {
    double real = expr->literal.as.real;
    bool number = expr->kind == EXPR_LITERAL && expr->binding == BIND_CONFIG &&
                  expr->literal.kind == TYPE_DOUBLE;
    bool whole = number && real >= -9007199254740992.0 && real <= 9007199254740992.0 &&
                 (double)(int64_t)real == real;
    if (!whole) return;
    expr->shape = shape_of(TYPE_INT);
    fold_to(expr, value_int((int64_t)real));
}

void check_report_header(struct check *check, slice name, const struct span *span) {
    if (name.length > LIMIT_HEADER_NAME) {
        check_report(check, ERROR_NAME_TOO_LONG, span,
                     (slice[]){name, check_number(check, LIMIT_HEADER_NAME)});
    } else {
        check_report(check, ERROR_HEADER_NAME, span, &name);
    }
}

bool check_header_read(struct check *check, slice name, const struct span *span) {
    bool pseudo = name.length > 1 && name.at[0] == ':';
    if (header_name_valid(pseudo ? slice_cut(name, 1, name.length) : name)) return true;
    check_report_header(check, name, span);
    return false;
}

bool check_expr_is(struct check *check, struct expr *expr, enum type type, const char *what) {
    return check_expr(check, expr) != TYPE_NONE && check_is(check, expr, type, what);
}

bool check_is(struct check *check, const struct expr *expr, enum type type, const char *what) {
    enum type found = shape_type(expr->shape);
    if (found == type || found == TYPE_DYN) return true;
    bool string = type == TYPE_STRING;
    check_report(check, string ? ERROR_NOT_STRING : ERROR_WRONG_TYPE, &expr->span,
                 (slice[]){slice_of(what), slice_of(string ? type_name(found) : type_name(type)),
                           slice_of(type_name(found))});
    if (string && check_printable(found))
        diag_help(check->unit->diagnostics, "string(…) makes it one", NULL);
    return false;
}

bool check_condition(struct check *check, struct expr *expr) {
    enum type found = check_expr(check, expr);
    if (found == TYPE_NONE) return false;
    const struct shape *shape = shape_resolve(expr->shape);
    if (shape->kind == SHAPE_VARIABLE) {
        shape_assign(&check->unit->shapes, shape_of(TYPE_BOOL), shape);
    }
    if (found == TYPE_BOOL || found == TYPE_DYN) return true;
    if (check->unchecked) {
        expr->shape = fail_later(expr);
        expr->type = TYPE_DYN;
        return true;
    }
    check_report(check, ERROR_NOT_BOOL, &expr->span, (slice[]){check_shown(check, expr->shape)});
    if (found == TYPE_STRING) {
        diag_help(check->unit->diagnostics, "compare it: … != \"\"", NULL);
    }
    return false;
}

static bool is_header_value(const struct shape *shape) {
    shape = shape_resolve(shape);
    enum type type = shape_type(shape);
    if (type != TYPE_LIST && type != TYPE_OPTIONAL) return type == TYPE_STRING || type == TYPE_DYN;
    enum type held = shape_type(shape->parameters[0]);
    bool lines = type == TYPE_OPTIONAL && held == TYPE_LIST;
    return lines ? is_header_value(shape->parameters[0]) : held == TYPE_STRING || held == TYPE_DYN;
}

bool check_header_value(struct check *check, struct expr *expr) {
    return check_expr(check, expr) != TYPE_NONE && check_header_shape(check, expr);
}

bool check_header_shape(struct check *check, const struct expr *expr) {
    enum type found = shape_type(expr->shape);
    if (is_header_value(expr->shape)) return true;
    check_report(check, ERROR_NOT_STRING, &expr->span,
                 (slice[]){slice_of("a header's value"), check_shown(check, expr->shape)});
    if (check_printable(found)) {
        diag_help(check->unit->diagnostics, "string(…) makes it one", NULL);
    }
    return false;
}

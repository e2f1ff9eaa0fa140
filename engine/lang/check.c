// The checker's frame: literals, lists, maps, and what statements ask of their expressions.
#include "engine/lang/check.h"

#include "engine/lib/compare.h"
#include "engine/lib/header.h"

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

void check_not_built(struct check *check, struct span span, const char *word) {
    struct text text;
    text_init(&text, check->unit->arena);
    text_add_char(&text, '`');
    text_add_string(&text, word);
    text_add_char(&text, '`');
    check_report(check, ERROR_NOT_BUILT, &span, (slice[]){text_slice(&text)});
}

slice check_source(const struct check *check, struct span span) {
    return slice_cut(check->unit->diagnostics->sources[span.source].text, span.start, span.end);
}

static enum type check_literal(struct check *check, struct expr *expr) {
    if (expr->magnitude) {
        check_report(check, ERROR_NUMBER_RANGE, &expr->span,
                     (slice[]){check_source(check, expr->span), slice_of("an int")});
        return TYPE_NONE;
    }
    return (enum type)expr->literal.kind;
}

bool check_optional(struct check *check, const struct expr *expr, bool optional) {
    if (!optional) return false;
    check_report(check, ERROR_NOT_BUILT, &expr->span, (slice[]){slice_of("optional syntax (`?`)")});
    return true;
}

static enum type check_list(struct check *check, struct expr *expr) {
    bool good = true;
    for (struct expr *item = expr->first; item != NULL; item = item->next) {
        if (check_expr(check, item) == TYPE_NONE) good = false;
        if (check_optional(check, item, item->optional_entry)) good = false;
    }
    return good ? TYPE_LIST : TYPE_NONE;
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
    enum type value = check_expr(check, key->next);
    if (check_optional(check, key, key->optional_entry) || type == TYPE_NONE || value == TYPE_NONE)
        return false;
    if (is_key_type(type)) return check_repeated(check, map, key, names);
    check_report(check, ERROR_MAP_KEY_TYPE, &key->span, (slice[]){slice_of(type_name(type))});
    return false;
}

static enum type check_map(struct check *check, struct expr *expr) {
    bool good = true;
    struct names names;
    names_init(&names, check->unit->arena);
    for (struct expr *key = expr->first; key != NULL; key = key->next->next) {
        if (!check_entry(check, expr, key, &names)) good = false;
    }
    return good ? TYPE_MAP : TYPE_NONE;
}

static enum type check_kind(struct check *check, struct expr *expr) {
    switch ((enum expr_kind)expr->kind) {
    case EXPR_LITERAL: return check_literal(check, expr);
    case EXPR_NAME: return check_name(check, expr);
    case EXPR_SELECT: return check_select(check, expr);
    case EXPR_INDEX: return check_index(check, expr);
    case EXPR_CALL: return check_call(check, expr);
    case EXPR_LIST: return check_list(check, expr);
    case EXPR_MAP: return check_map(check, expr);
    case EXPR_OPERATOR: return check_operator(check, expr);
    }
    return TYPE_NONE;
}

enum type check_expr(struct check *check, struct expr *expr) {
    const struct diagnostics *diagnostics = check->unit->diagnostics;
    // What is over the cap is not shown, and its hints would cost time.
    if (diagnostics->out_of_memory || diagnostics->count > LIMIT_DIAGNOSTICS) return TYPE_NONE;
    expr->type = (uint8_t)check_kind(check, expr);
    if (expr->type != TYPE_NONE) fold_expr(check, expr);
    return (enum type)expr->type;
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
    if (whole) fold_to(expr, value_int((int64_t)real));
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
    enum type found = check_expr(check, expr);
    if (found == TYPE_NONE) return false;
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
    if (found == TYPE_BOOL || found == TYPE_DYN) return true;
    check_report(check, ERROR_NOT_BOOL, &expr->span, (slice[]){slice_of(type_name(found))});
    if (found == TYPE_STRING) {
        diag_help(check->unit->diagnostics, "compare it: … != \"\"", NULL);
    }
    return false;
}

bool check_header_value(struct check *check, struct expr *expr) {
    enum type found = check_expr(check, expr);
    if (found == TYPE_NONE) return false;
    if (found == TYPE_LIST || found == TYPE_STRING || found == TYPE_DYN) return true;
    check_report(check, ERROR_NOT_STRING, &expr->span,
                 (slice[]){slice_of("a header's value"), slice_of(type_name(found))});
    if (check_printable(found)) {
        diag_help(check->unit->diagnostics, "string(…) makes it one", NULL);
    }
    return false;
}

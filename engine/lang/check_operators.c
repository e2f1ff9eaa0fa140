// Operators and calls: which types they take, which type they give.
#include "engine/lang/check.h"

static const char *const operator_words[OPERATOR_TOTAL] = {
#define OPERATOR(name, text) [OPERATOR_##name] = text,
#include "engine/tbl/operators.h"
#undef OPERATOR
};

static bool is_number(enum type type) {
    return type == TYPE_INT || type == TYPE_UINT || type == TYPE_DOUBLE;
}

static bool is_ordered(enum type type) {
    return is_number(type) || type == TYPE_STRING || type == TYPE_BYTES || type == TYPE_BOOL ||
           type == TYPE_DURATION || type == TYPE_TIMESTAMP;
}

static void help_operands(struct check *check, const struct expr *x, const struct expr *y) {
    bool mixed = is_number((enum type)x->type) && is_number((enum type)y->type);
    bool config = x->binding == BIND_CONFIG || y->binding == BIND_CONFIG;
    struct diagnostics *diagnostics = check->unit->diagnostics;
    if (mixed && config && (x->type == TYPE_INT || y->type == TYPE_INT)) {
        const struct expr *number = x->binding == BIND_CONFIG ? x : y;
        diag_help(diagnostics, "JSON numbers are doubles: int({0})",
                  (slice[]){check_source(check, number->span)});
    } else if (mixed) {
        diag_help(diagnostics, "int(…) and double(…) convert numbers", NULL);
    } else if (x->type == TYPE_STRING || y->type == TYPE_STRING) {
        const struct expr *other = x->type == TYPE_STRING ? y : x;
        if (!check_printable((enum type)other->type)) return;
        diag_help(diagnostics, "string({0})", (slice[]){check_source(check, other->span)});
    }
}

static enum type refuse(struct check *check, const struct expr *expr, const struct expr *x,
                        const struct expr *y) {
    struct text types;
    text_init(&types, check->unit->arena);
    text_add_string(&types, type_name((enum type)x->type));
    if (y != NULL) {
        text_add_string(&types, " and ");
        text_add_string(&types, type_name((enum type)y->type));
    }
    check_report(check, ERROR_NO_OVERLOAD, &expr->span, (slice[]){slice_of(operator_words[expr->operator]), text_slice(&types)});
    if (y != NULL) help_operands(check, x, y);
    return TYPE_NONE;
}

static enum type arith_type(enum operator operator, enum type x, enum type y) {
    bool sum = operator== OPERATOR_ADD || operator== OPERATOR_SUBTRACT;
    if (x == TYPE_DYN || y == TYPE_DYN) return TYPE_DYN;
    bool time =
        (x == TYPE_DURATION || x == TYPE_TIMESTAMP) && (y == TYPE_DURATION || y == TYPE_TIMESTAMP);
    if (sum && time) {
        bool add = operator== OPERATOR_ADD;
        if (x == TYPE_DURATION && y == TYPE_DURATION) return TYPE_DURATION;
        if (x == TYPE_TIMESTAMP && y == TYPE_TIMESTAMP) return add ? TYPE_NONE : TYPE_DURATION;
        return add || x == TYPE_TIMESTAMP ? TYPE_TIMESTAMP : TYPE_NONE;
    }
    if (x != y) return TYPE_NONE;
    if (operator== OPERATOR_MODULO) return x == TYPE_DOUBLE ? TYPE_NONE : (is_number(x) ? x : 0);
    if (is_number(x)) return x;
    bool joins = x == TYPE_STRING || x == TYPE_BYTES || x == TYPE_LIST;
    return operator== OPERATOR_ADD && joins ? x : TYPE_NONE;
}

// All operands are checked, so that one run shows the errors of each.
static bool check_operands(struct check *check, struct expr *expr) {
    bool good = true;
    for (struct expr *operand = expr->first; operand != NULL; operand = operand->next) {
        if (check_expr(check, operand) == TYPE_NONE) good = false;
    }
    return good;
}

static enum type check_arith(struct check *check, struct expr *expr) {
    enum type type = (enum type)expr->first->type;
    struct expr left = *expr->first;
    for (struct expr *next = expr->first->next; next != NULL; next = next->next) {
        enum type result = arith_type(expr->operator, type, (enum type)next->type);
        if (result == TYPE_NONE) return refuse(check, expr, &left, next);
        type = result;
        left.type = (uint8_t)type;
    }
    return type;
}

static enum type check_logic(struct check *check, struct expr *expr) {
    bool good = true;
    for (struct expr *operand = expr->first; operand != NULL; operand = operand->next) {
        if (!check_condition(check, operand)) good = false;
    }
    return good ? TYPE_BOOL : TYPE_NONE;
}

static enum type check_equality(struct check *check, struct expr *expr) {
    const struct expr *x = expr->first;
    const struct expr *y = x->next;
    bool headers = x->type == TYPE_HEADERS || y->type == TYPE_HEADERS;
    bool known = x->type != TYPE_DYN && y->type != TYPE_DYN;
    bool numbers = is_number((enum type)x->type) && is_number((enum type)y->type);
    if (headers || (known && !numbers && x->type != y->type)) return refuse(check, expr, x, y);
    return TYPE_BOOL;
}

static enum type check_order(struct check *check, struct expr *expr) {
    const struct expr *x = expr->first;
    const struct expr *y = x->next;
    bool numbers = is_number((enum type)x->type) && is_number((enum type)y->type);
    bool x_good = x->type == TYPE_DYN || is_ordered((enum type)x->type);
    bool y_good = y->type == TYPE_DYN || is_ordered((enum type)y->type);
    bool either = x->type == TYPE_DYN || y->type == TYPE_DYN;
    bool good = x_good && y_good && (either || numbers || x->type == y->type);
    return good ? TYPE_BOOL : refuse(check, expr, x, y);
}

static enum type check_in(struct check *check, struct expr *expr) {
    const struct expr *x = expr->first;
    const struct expr *y = x->next;
    if (y->type == TYPE_LIST || y->type == TYPE_MAP || y->type == TYPE_DYN) return TYPE_BOOL;
    bool header = y->type == TYPE_HEADERS && (x->type == TYPE_STRING || x->type == TYPE_DYN);
    if (header && x->kind == EXPR_LITERAL) {
        if (!check_header_read(check, value_text(x->literal), &x->span)) return TYPE_NONE;
        fold_to(expr->first, value_string(check_lower(check, value_text(x->literal))));
        return TYPE_BOOL;
    }
    if (header) return TYPE_BOOL;
    refuse(check, expr, x, y);
    if (y->type == TYPE_STRING) {
        diag_help(check->unit->diagnostics, "a part of a string is found by .contains()", NULL);
    }
    return TYPE_NONE;
}

static enum type check_choice(struct check *check, struct expr *expr) {
    struct expr *condition = expr->first;
    struct expr *yes = condition->next;
    struct expr *no = yes->next;
    bool good = check_condition(check, condition);
    enum type x = check_expr(check, yes);
    enum type y = check_expr(check, no);
    if (!good || x == TYPE_NONE || y == TYPE_NONE) return TYPE_NONE;
    if (x == y) return x;
    bool opaque = x == TYPE_HEADERS || y == TYPE_HEADERS;
    if (!opaque && (x == TYPE_DYN || y == TYPE_DYN)) return TYPE_DYN;
    check_report(check, ERROR_BRANCHES_DIFFER, &expr->span,
                 (slice[]){slice_of(type_name(x)), slice_of(type_name(y))});
    return TYPE_NONE;
}

static enum type check_negate(struct check *check, struct expr *expr) {
    const struct expr *x = expr->first;
    bool good = x->type == TYPE_INT || x->type == TYPE_DOUBLE || x->type == TYPE_DURATION ||
                x->type == TYPE_DYN;
    return good ? (enum type)x->type : refuse(check, expr, x, NULL);
}

static enum type check_not(struct check *check, struct expr *expr) {
    const struct expr *x = expr->first;
    bool good = x->type == TYPE_BOOL || x->type == TYPE_DYN;
    return good ? TYPE_BOOL : refuse(check, expr, x, NULL);
}

enum type check_operator(struct check *check, struct expr *expr) {
    enum operator operator=(enum operator) expr->operator;
    if (operator== OPERATOR_AND || operator== OPERATOR_OR) return check_logic(check, expr);
    if (operator== OPERATOR_CHOOSE) return check_choice(check, expr);
    if (!check_operands(check, expr)) return TYPE_NONE;
    switch (operator) {
    case OPERATOR_NOT: return check_not(check, expr);
    case OPERATOR_NEGATE: return check_negate(check, expr);
    case OPERATOR_EQ:
    case OPERATOR_NE: return check_equality(check, expr);
    case OPERATOR_LT:
    case OPERATOR_LE:
    case OPERATOR_GT:
    case OPERATOR_GE: return check_order(check, expr);
    case OPERATOR_IN: return check_in(check, expr);
    default: return check_arith(check, expr);
    }
}

static bool is_planned(slice name) {
    static const char *const planned[] = {
#define PLANNED(text) text,
#define PLANNED_METHOD(text) text,
#define PLANNED_SPACE(text)
#include "engine/tbl/functions_planned.h"
#undef PLANNED
#undef PLANNED_METHOD
#undef PLANNED_SPACE
    };
    for (uint32_t i = 0; i < LEN(planned); i++) {
        if (slice_is(name, planned[i])) return true;
    }
    return false;
}

static bool is_planned_space(const struct expr *receiver) {
    static const char *const spaces[] = {
#define PLANNED(text)
#define PLANNED_METHOD(text)
#define PLANNED_SPACE(text) text,
#include "engine/tbl/functions_planned.h"
#undef PLANNED
#undef PLANNED_METHOD
#undef PLANNED_SPACE
    };
    for (uint32_t i = 0; i < LEN(spaces) && receiver->kind == EXPR_NAME; i++) {
        if (slice_is(receiver->name, spaces[i])) return true;
    }
    return false;
}

static enum type refuse_planned(struct check *check, const struct expr *expr, slice space) {
    struct text text;
    text_init(&text, check->unit->arena);
    text_add_string(&text, "the function `");
    text_add(&text, space);
    if (space.length > 0) text_add_char(&text, '.');
    text_add(&text, expr->name);
    text_add_char(&text, '`');
    check_report(check, ERROR_NOT_BUILT, &expr->name_span, (slice[]){text_slice(&text)});
    return TYPE_NONE;
}

static enum type unknown_function(struct check *check, const struct expr *expr) {
    check_report(check, ERROR_UNKNOWN_FUNCTION, &expr->name_span, &expr->name);
    slice names[FUNCTION_TOTAL];
    for (uint32_t i = 0; i < FUNCTION_TOTAL; i++) {
        names[i] = slice_of(function_rows[i].name);
        if (!slice_equal(names[i], expr->name)) continue;
        diag_help(check->unit->diagnostics, "for example {0}",
                  (slice[]){slice_of(function_rows[i].example)});
        return TYPE_NONE;
    }
    slice nearest = diag_nearest(expr->name, names, FUNCTION_TOTAL);
    if (nearest.length > 0) diag_help(check->unit->diagnostics, "did you mean `{0}`?", &nearest);
    return TYPE_NONE;
}

enum match { MATCH_NOTHING, MATCH_NAME, MATCH_COUNT, MATCH_ALL };

static enum match match_row(const struct function_row *row, const struct expr *expr) {
    if (!slice_is(expr->name, row->name)) return MATCH_NOTHING;
    if (row->method != expr->receiver) return MATCH_NOTHING;
    if (row->count != expr->count) return MATCH_NAME;
    uint32_t i = 0;
    for (const struct expr *argument = expr->first; argument != NULL; argument = argument->next) {
        uint8_t wanted = row->types[i++];
        bool accepted = wanted == TYPE_DYN && (row->accepts >> argument->type & 1) != 0;
        bool fits = wanted == argument->type || argument->type == TYPE_DYN || accepted;
        if (!fits) return MATCH_COUNT;
    }
    return MATCH_ALL;
}

static void report_call(struct check *check, const struct expr *expr, bool count_fits,
                        const struct function_row *example) {
    struct text types;
    text_init(&types, check->unit->arena);
    const struct expr *argument = expr->first;
    for (; argument != NULL; argument = argument->next) {
        if (argument != expr->first) text_add_string(&types, ", ");
        text_add_string(&types, type_name((enum type)argument->type));
    }
    if (types.length == 0) text_add_string(&types, "nothing");
    if (count_fits) {
        check_report(check, ERROR_NO_OVERLOAD, &expr->span,
                     (slice[]){expr->name, text_slice(&types)});
    } else {
        check_report(check, ERROR_ARGUMENT_COUNT, &expr->span,
                     (slice[]){expr->name, check_number(check, example->count),
                               check_number(check, expr->count)});
    }
    diag_help(check->unit->diagnostics, "for example {0}", (slice[]){slice_of(example->example)});
}

// Rows of one name and form differ in the number of their arguments or in known types.
static enum type pick_row(struct check *check, struct expr *expr) {
    const struct function_row *named = NULL;
    uint32_t fitting = FUNCTION_TOTAL;
    uint32_t fits = 0;
    bool count_fits = false;
    for (uint32_t i = 0; i < FUNCTION_TOTAL; i++) {
        enum match match = match_row(&function_rows[i], expr);
        if (match == MATCH_NOTHING) continue;
        if (named == NULL || match >= MATCH_COUNT) named = &function_rows[i];
        if (match >= MATCH_COUNT) count_fits = true;
        if (match != MATCH_ALL) continue;
        if (fits++ == 0) fitting = i;
    }
    if (named == NULL) return unknown_function(check, expr);
    bool sizes_headers =
        slice_is(expr->name, "size") && expr->count == 1 && expr->first->type == TYPE_HEADERS;
    if (sizes_headers) {
        check_report(check, ERROR_NOT_BUILT, &expr->name_span,
                     (slice[]){slice_of("size() of headers")});
        return TYPE_NONE;
    }
    if (fits == 0) {
        report_call(check, expr, count_fits, named);
        return TYPE_NONE;
    }
    expr->binding = BIND_FUNCTION;
    expr->index = fitting;
    return (enum type)function_rows[fitting].result;
}

static enum type check_has(struct check *check, struct expr *expr) {
    struct expr *asked = expr->first;
    bool select = expr->count == 1 && !expr->receiver &&
                  (asked->kind == EXPR_SELECT || asked->kind == EXPR_INDEX) && !asked->optional;
    if (!select) {
        check_report(check, ERROR_HAS_ARGUMENT, &expr->span, NULL);
        return TYPE_NONE;
    }
    return check_has_path(check, expr, asked);
}

// The JSON of the user's data is cut from its source: a parse and a print would change numbers.
static bool fold_json(struct check *check, struct expr *expr) {
    const struct expr *argument = expr->first;
    bool cut = slice_is(expr->name, "json") && !expr->receiver && expr->count == 1 &&
               argument->kind == EXPR_LITERAL && argument->binding == BIND_CONFIG;
    if (!cut) return false;
    struct text text;
    text_init(&text, check->unit->arena);
    config_json(check->unit->config, argument->index, &text);
    if (text.failed) check->unit->diagnostics->out_of_memory = true;
    fold_to(expr, value_string(text_slice(&text)));
    return true;
}

enum type check_call(struct check *check, struct expr *expr) {
    if (slice_is(expr->name, "has")) return check_has(check, expr);
    if (expr->receiver && is_planned_space(expr->first)) {
        return refuse_planned(check, expr, expr->first->name);
    }
    if (is_planned(expr->name)) return refuse_planned(check, expr, (slice){NULL, 0});
    bool good = true;
    for (struct expr *argument = expr->first; argument != NULL; argument = argument->next) {
        if (check_expr(check, argument) == TYPE_NONE) good = false;
    }
    if (!good) return TYPE_NONE;
    if (fold_json(check, expr)) return TYPE_STRING;
    return pick_row(check, expr);
}

// Operators: which types they take, which type they give (CEL language definition, "List of
// standard definitions").
#include "engine/lang/machine.h"

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
    enum type x_type = shape_type(x->shape);
    enum type y_type = shape_type(y->shape);
    bool mixed = is_number(x_type) && is_number(y_type);
    bool config = x->binding == BIND_CONFIG || y->binding == BIND_CONFIG;
    struct diagnostics *diagnostics = check->unit->diagnostics;
    if (mixed && config && (x_type == TYPE_INT || y_type == TYPE_INT)) {
        const struct expr *number = x->binding == BIND_CONFIG ? x : y;
        diag_help(diagnostics, "JSON numbers are doubles: int({0})",
                  (slice[]){check_source(check, number->span)});
    } else if (mixed) {
        diag_help(diagnostics, "int(…) and double(…) convert numbers", NULL);
    } else if (x_type == TYPE_STRING || y_type == TYPE_STRING) {
        const struct expr *other = x_type == TYPE_STRING ? y : x;
        if (!check_printable(shape_type(other->shape))) return;
        diag_help(diagnostics, "string({0})", (slice[]){check_source(check, other->span)});
    }
}

static const struct shape *refuse(struct check *check, const struct expr *expr,
                                  const struct expr *x, const struct expr *y) {
    check_no_overload(check, &expr->span, slice_of(operator_words[expr->operator]), x->shape, y == NULL ? NULL : y->shape);
    if (y != NULL) help_operands(check, x, y);
    return NULL;
}

// The types that arithmetic takes and gives; `+` of lists is another matter.
struct arith_row {
    uint8_t x;
    uint8_t y;
    uint8_t result;
    uint8_t operators; // bits by enum operator - OPERATOR_ADD
};

enum {
    ADDS = 1 << 0,
    SUBTRACTS = 1 << (OPERATOR_SUBTRACT - OPERATOR_ADD),
    SUMS = ADDS | SUBTRACTS,
    DIVIDES = 1 << (OPERATOR_MULTIPLY - OPERATOR_ADD) | 1 << (OPERATOR_DIVIDE - OPERATOR_ADD),
    ALL_DOUBLE = SUMS | DIVIDES,
    ALL = ALL_DOUBLE | 1 << (OPERATOR_MODULO - OPERATOR_ADD),
};

static const struct arith_row arith_rows[] = {
    {TYPE_INT, TYPE_INT, TYPE_INT, ALL},
    {TYPE_UINT, TYPE_UINT, TYPE_UINT, ALL},
    {TYPE_DOUBLE, TYPE_DOUBLE, TYPE_DOUBLE, ALL_DOUBLE},
    {TYPE_STRING, TYPE_STRING, TYPE_STRING, ADDS},
    {TYPE_BYTES, TYPE_BYTES, TYPE_BYTES, ADDS},
    {TYPE_SECRET, TYPE_STRING, TYPE_SECRET, ADDS},
    {TYPE_STRING, TYPE_SECRET, TYPE_SECRET, ADDS},
    {TYPE_SECRET, TYPE_SECRET, TYPE_SECRET, ADDS},
    {TYPE_DURATION, TYPE_DURATION, TYPE_DURATION, SUMS},
    {TYPE_TIMESTAMP, TYPE_DURATION, TYPE_TIMESTAMP, SUMS},
    {TYPE_DURATION, TYPE_TIMESTAMP, TYPE_TIMESTAMP, ADDS},
    {TYPE_TIMESTAMP, TYPE_TIMESTAMP, TYPE_DURATION, SUBTRACTS},
};

static bool fits(enum type found, uint8_t wanted) {
    return found == wanted || found == TYPE_DYN;
}

enum type arith_type(enum operator operator, enum type x, enum type y) {
    enum type result = TYPE_NONE;
    for (uint32_t i = 0; i < LEN(arith_rows); i++) {
        const struct arith_row *row = &arith_rows[i];
        bool takes = (row->operators >> (operator- OPERATOR_ADD) & 1) != 0;
        if (!takes || !fits(x, row->x) || !fits(y, row->y)) continue;
        if (result != TYPE_NONE && result != (enum type)row->result) return TYPE_DYN;
        result = (enum type)row->result;
    }
    return result;
}

static const struct shape *join_lists(struct check *check, const struct shape *x,
                                      const struct shape *y) {
    struct shapes *shapes = &check->unit->shapes;
    const struct shape *items = shape_variable(shapes);
    if (items == NULL) return NULL;
    const struct shape *list = shape_list(shapes, items);
    const struct shape *from[] = {x, y};
    const struct shape *to[] = {list, list};
    if (list == NULL || !shape_assign_all(shapes, from, to, 2)) return NULL;
    return shape_substitute(shapes, list, false);
}

static const struct shape *arith_shape(struct check *check, enum operator operator,
                                       const struct shape * x, const struct shape *y) {
    enum type x_type = shape_type(x);
    enum type y_type = shape_type(y);
    bool list = x_type == TYPE_LIST || y_type == TYPE_LIST;
    bool listable =
        (x_type == TYPE_LIST || x_type == TYPE_DYN) && (y_type == TYPE_LIST || y_type == TYPE_DYN);
    if (list && listable && operator== OPERATOR_ADD) return join_lists(check, x, y);
    enum type type = arith_type(operator, x_type, y_type);
    return type == TYPE_NONE ? NULL : shape_of(type);
}

// All operands are checked, so that one run shows the errors of each.
static bool check_operands(struct check *check, struct expr *expr) {
    bool good = true;
    for (struct expr *operand = expr->first; operand != NULL; operand = operand->next) {
        if (check_expr(check, operand) == TYPE_NONE) good = false;
    }
    return good;
}

static const struct shape *check_arith(struct check *check, struct expr *expr) {
    struct expr left = *expr->first;
    for (struct expr *next = expr->first->next; next != NULL; next = next->next) {
        const struct shape *result = arith_shape(check, expr->operator, left.shape, next->shape);
        if (result == NULL) return refuse(check, expr, &left, next);
        left.shape = result;
    }
    return left.shape;
}

static const struct shape *check_logic(struct check *check, struct expr *expr) {
    bool good = true;
    for (struct expr *operand = expr->first; operand != NULL; operand = operand->next) {
        if (!check_condition(check, operand)) good = false;
    }
    return good ? shape_of(TYPE_BOOL) : NULL;
}

// A text, or a header that may be absent.
static bool is_beside_secret(const struct shape *shape) {
    shape = shape_resolve(shape);
    if (shape_type(shape) == TYPE_OPTIONAL) shape = shape_resolve(shape->parameters[0]);
    return shape_type(shape) == TYPE_STRING;
}

static const struct shape *check_equality(struct check *check, struct expr *expr) {
    const struct expr *x = expr->first;
    const struct expr *y = x->next;
    enum type x_type = shape_type(x->shape);
    enum type y_type = shape_type(y->shape);
    bool headers = x_type == TYPE_HEADERS || y_type == TYPE_HEADERS;
    bool numbers = is_number(x_type) && is_number(y_type);
    bool secret = (x_type == TYPE_SECRET && is_beside_secret(y->shape)) ||
                  (y_type == TYPE_SECRET && is_beside_secret(x->shape));
    bool fit = numbers || secret || check->unchecked ||
               shape_assign(&check->unit->shapes, x->shape, y->shape) ||
               shape_assign(&check->unit->shapes, y->shape, x->shape);
    return fit && !headers ? shape_of(TYPE_BOOL) : refuse(check, expr, x, y);
}

static const struct shape *check_order(struct check *check, struct expr *expr) {
    const struct expr *x = expr->first;
    const struct expr *y = x->next;
    enum type x_type = shape_type(x->shape);
    enum type y_type = shape_type(y->shape);
    bool numbers = is_number(x_type) && is_number(y_type);
    bool x_good = x_type == TYPE_DYN || is_ordered(x_type);
    bool y_good = y_type == TYPE_DYN || is_ordered(y_type);
    bool either = x_type == TYPE_DYN || y_type == TYPE_DYN;
    bool good = x_good && y_good && (either || numbers || x_type == y_type);
    return good ? shape_of(TYPE_BOOL) : refuse(check, expr, x, y);
}

static const struct shape *check_in_headers(struct check *check, struct expr *expr) {
    struct expr *name = expr->first;
    enum type type = shape_type(name->shape);
    if (type != TYPE_STRING && type != TYPE_DYN) return refuse(check, expr, name, name->next);
    bool parts = check_reads_parts(check, name->next);
    if (name->kind != EXPR_LITERAL || parts) return shape_of(TYPE_BOOL);
    if (!check_header_read(check, value_text(name->literal), &name->span)) return NULL;
    fold_to(name, value_string(check_lower(check, value_text(name->literal))));
    return shape_of(TYPE_BOOL);
}

// What is not known yet becomes a list, or a map, of such items.
static bool check_in_unknown(struct check *check, struct expr *expr) {
    struct shapes *shapes = &check->unit->shapes;
    const struct shape *item = expr->first->shape;
    const struct shape *all = shape_resolve(expr->first->next->shape);
    if (all->kind != SHAPE_VARIABLE) return true;
    const struct shape *list = shape_list(shapes, item);
    const struct shape *map = shape_map(shapes, item, shape_of(TYPE_DYN));
    if (list == NULL || map == NULL) return false;
    if (shape_assign(shapes, all, list) || shape_assign(shapes, all, map)) return true;
    refuse(check, expr, expr->first, expr->first->next);
    return false;
}

static const struct shape *check_in(struct check *check, struct expr *expr) {
    const struct expr *x = expr->first;
    const struct expr *y = x->next;
    struct shapes *shapes = &check->unit->shapes;
    const struct shape *all = shape_resolve(y->shape);
    enum type type = shape_type(x->shape);
    bool number = is_number(type);
    switch (shape_type(all)) {
    case TYPE_LIST:
    case TYPE_MAP: {
        const struct shape *item = all->parameters[0];
        bool fit = check->unchecked || shape_assign(shapes, x->shape, item) ||
                   (number && is_number(shape_type(item)));
        return fit ? shape_of(TYPE_BOOL) : refuse(check, expr, x, y);
    }
    case TYPE_HEADERS: return check_in_headers(check, expr);
    case TYPE_CIDRS:
        if (type == TYPE_STRING || type == TYPE_IP || type == TYPE_DYN) return shape_of(TYPE_BOOL);
        return refuse(check, expr, x, y);
    case TYPE_DYN: return check_in_unknown(check, expr) ? shape_of(TYPE_BOOL) : NULL;
    default: break;
    }
    refuse(check, expr, x, y);
    if (shape_type(all) == TYPE_STRING) {
        diag_help(check->unit->diagnostics, "a part of a string is found by .contains()", NULL);
    }
    return NULL;
}

// A branch of a choice whose condition is constant may be one that is never taken.
static enum type check_branch(struct check *check, const struct expr *condition, bool taken,
                              struct expr *branch) {
    bool outer = check->untaken;
    bool known = condition->kind == EXPR_LITERAL && condition->literal.kind == TYPE_BOOL;
    if (known && condition->literal.as.boolean != taken) check->untaken = true;
    enum type type = check_expr(check, branch);
    check->untaken = outer;
    return type;
}

static const struct shape *check_choice(struct check *check, struct expr *expr) {
    struct expr *condition = expr->first;
    struct expr *yes = condition->next;
    struct expr *no = yes->next;
    bool good = check_condition(check, condition);
    enum type x = check_branch(check, condition, true, yes);
    enum type y = check_branch(check, condition, false, no);
    if (!good || x == TYPE_NONE || y == TYPE_NONE) return NULL;
    bool headers = (x == TYPE_HEADERS) != (y == TYPE_HEADERS);
    const struct shape *joined =
        headers ? shape_of(TYPE_DYN) : shape_join(&check->unit->shapes, yes->shape, no->shape);
    bool either = x == TYPE_DYN || y == TYPE_DYN || check->unchecked;
    if (!headers && (joined->kind != TYPE_DYN || either)) return joined;
    check_report(check, ERROR_BRANCHES_DIFFER, &expr->span,
                 (slice[]){check_shown(check, yes->shape), check_shown(check, no->shape)});
    return NULL;
}

static const struct shape *check_negate(struct check *check, struct expr *expr) {
    const struct expr *x = expr->first;
    enum type type = shape_type(x->shape);
    bool good =
        type == TYPE_INT || type == TYPE_DOUBLE || type == TYPE_DURATION || type == TYPE_DYN;
    return good ? x->shape : refuse(check, expr, x, NULL);
}

static const struct shape *check_not(struct check *check, struct expr *expr) {
    const struct expr *x = expr->first;
    enum type type = shape_type(x->shape);
    return type == TYPE_BOOL || type == TYPE_DYN ? shape_of(TYPE_BOOL)
                                                 : refuse(check, expr, x, NULL);
}

const struct shape *check_operator(struct check *check, struct expr *expr) {
    enum operator operator=(enum operator) expr->operator;
    if (operator== OPERATOR_AND || operator== OPERATOR_OR) return check_logic(check, expr);
    if (operator== OPERATOR_CHOOSE) return check_choice(check, expr);
    if (!check_operands(check, expr)) return NULL;
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

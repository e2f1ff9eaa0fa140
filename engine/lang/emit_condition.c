// Code of conditions: jumps, without values in between.
#include "engine/lang/emit.h"

struct test_row {
    uint8_t type;
    uint16_t eq;
    uint16_t lt;
    uint16_t le;
};

static const struct test_row test_rows[] = {
    {TYPE_STRING, OP_IF_EQ_STRING, OP_IF_LT_STRING, OP_IF_LE_STRING},
    {TYPE_INT, OP_IF_EQ_INT, OP_IF_LT_INT, OP_IF_LE_INT},
    {TYPE_DOUBLE, OP_IF_EQ_DOUBLE, OP_IF_LT_DOUBLE, OP_IF_LE_DOUBLE},
    {TYPE_DURATION, OP_IF_EQ_ANY, OP_IF_LT_DURATION, OP_IF_LE_DURATION},
    {TYPE_TIMESTAMP, OP_IF_EQ_ANY, OP_IF_LT_TIMESTAMP, OP_IF_LE_TIMESTAMP},
};

// Behind the jump of each test comes the one when it does not hold.
enum { TEST_UNLESS = 1 };

static const struct test_row *typed_tests(const struct expr *x, const struct expr *y) {
    for (uint32_t i = 0; i < LEN(test_rows) && x->type == y->type; i++) {
        if (test_rows[i].type == x->type) return &test_rows[i];
    }
    return NULL;
}

static enum opcode equality_test(const struct expr *x, const struct expr *y) {
    const struct test_row *row = typed_tests(x, y);
    if (row != NULL) return (enum opcode)row->eq;
    return x->type == TYPE_BOOL && y->type == TYPE_BOOL ? OP_IF_EQ_BOOL : OP_IF_EQ_ANY;
}

static enum opcode order_test(const struct expr *x, const struct expr *y, bool strict) {
    const struct test_row *row = typed_tests(x, y);
    if (row == NULL) return OP_TOTAL;
    return (enum opcode)(strict ? row->lt : row->le);
}

static enum opcode member_test(const struct expr *all) {
    if (all->type == TYPE_LIST) return OP_IF_IN_LIST;
    return all->type == TYPE_MAP ? OP_IF_IN_MAP : OP_TOTAL;
}

// `a > b` is `b < a`; of types that are known when it runs, or have no test of their own.
static void emit_order(struct emit *emit, const struct expr *expr, uint32_t label, bool when) {
    const struct expr *x = expr->first;
    bool turned = expr->operator== OPERATOR_GT || expr->operator== OPERATOR_GE;
    bool strict = expr->operator== OPERATOR_LT || expr->operator== OPERATOR_GT;
    uint32_t left = emit_value(emit, x);
    uint32_t right = emit_value(emit, x->next);
    uint32_t into = emit_register(emit);
    emit_op(emit, strict ? OP_LT_ANY : OP_LE_ANY, into, turned ? right : left,
            turned ? left : right);
    emit_op(emit, when ? OP_IF : OP_UNLESS, into, 0, label);
}

static void emit_in(struct emit *emit, const struct expr *expr, uint32_t label, bool when) {
    const struct expr *x = expr->first;
    const struct expr *y = x->next;
    uint32_t into = emit_register(emit);
    if (y->type == TYPE_HEADERS) {
        uint32_t headers = emit_value(emit, y);
        emit_op(emit, OP_HEADER_IN, into, headers, emit_value_of(emit, x, TYPE_STRING));
    } else {
        uint32_t all = emit_value(emit, y);
        emit_op(emit, OP_HOLDS, into, all, emit_value(emit, x));
    }
    emit_op(emit, when ? OP_IF : OP_UNLESS, into, 0, label);
}

// Errors of all operands but the last wait: one that decides may still come (CEL: "logical
// operators absorb errors"). The last one's error may go its way at once.
static void emit_logic(struct emit *emit, const struct expr *expr, uint32_t label, bool when) {
    bool decides = expr->operator== OPERATOR_OR; // an operand with this value ends the chain
    uint32_t decided = decides == when ? label : emit_label(emit);
    uint32_t error = 0;
    bool waiting = false;
    for (const struct expr *operand = expr->first; operand != NULL; operand = operand->next) {
        bool fails =
            operand->next != NULL && (operand->type != TYPE_BOOL || expr_can_fail(operand));
        if (!fails) {
            emit_branch(emit, operand, decided, decides);
            continue;
        }
        if (!waiting) {
            error = emit_register(emit);
            emit_op(emit, OP_CLEAR, error, 0, 0);
            waiting = true;
        }
        uint32_t next = emit_label(emit);
        uint16_t before = emit_handle(emit, next, error);
        emit_branch(emit, operand, decided, decides);
        emit_restore(emit, before);
        emit_place(emit, next);
    }
    if (waiting) emit_op(emit, OP_RAISE, error, 0, 0);
    if (decides == when) return;
    emit_op(emit, OP_JUMP, 0, 0, label);
    emit_place(emit, decided);
}

enum opcode emit_method_test(const struct expr *expr) {
    if (expr->kind != EXPR_CALL || expr->binding != BIND_FUNCTION) return OP_TOTAL;
    if (expr->overloads->count != 1) return OP_TOTAL;
    switch (expr->overloads->functions[0]) {
    case FUNCTION_STARTS_WITH: return OP_IF_STARTS_WITH;
    case FUNCTION_ENDS_WITH: return OP_IF_ENDS_WITH;
    case FUNCTION_CONTAINS: return OP_IF_CONTAINS;
    default: return OP_TOTAL;
    }
}

// `"x" in headers` and has(headers.x) of a constant name.
static bool find_presence(struct emit *emit, const struct expr *expr, uint32_t *slot) {
    bool has = expr->kind == EXPR_CALL && expr->binding == BIND_MACRO && expr->index == MACRO_HAS;
    if (has) return emit_find_slot(emit, expr->first, slot);
    bool in = expr->kind == EXPR_OPERATOR && expr->operator== OPERATOR_IN;
    if (!in || expr->first->kind != EXPR_LITERAL) return false;
    enum message_kind message = emit_message(expr->first->next);
    if (message == MESSAGE_TOTAL) return false;
    emit_read(emit, message);
    *slot = emit_slot(emit, message, value_text(expr->first->literal));
    return true;
}

// The test and its operands where the condition is one comparison that cannot fail; `negated`:
// it holds when the test does not.
static enum opcode simple_test(struct emit *emit, const struct expr *expr, uint32_t operands[2],
                               bool *negated) {
    enum opcode test = emit_method_test(expr);
    const struct expr *x = expr->first;
    *negated = false;
    if (test != OP_TOTAL) {
        operands[0] = emit_value_of(emit, x, TYPE_STRING);
        operands[1] = emit_value_of(emit, x->next, TYPE_STRING);
        return test;
    }
    uint32_t slot;
    if (find_presence(emit, expr, &slot)) {
        operands[0] = operands[1] = OPERAND_SLOT | slot;
        return OP_IF_PRESENT;
    }
    if (expr->kind != EXPR_OPERATOR) return OP_TOTAL;
    enum operator operator=(enum operator) expr->operator;
    bool turned = operator== OPERATOR_GT || operator== OPERATOR_GE;
    switch (operator) {
    case OPERATOR_EQ:
    case OPERATOR_NE: test = equality_test(x, x->next); break;
    case OPERATOR_LT:
    case OPERATOR_GT: test = order_test(x, x->next, true); break;
    case OPERATOR_LE:
    case OPERATOR_GE: test = order_test(x, x->next, false); break;
    case OPERATOR_IN: test = member_test(x->next); break;
    default: return OP_TOTAL;
    }
    if (test == OP_TOTAL) return test;
    *negated = operator== OPERATOR_NE;
    uint32_t left = emit_value(emit, x);
    uint32_t right = emit_value(emit, x->next);
    operands[0] = turned ? right : left;
    operands[1] = turned ? left : right;
    return test;
}

static bool emit_simple(struct emit *emit, const struct expr *expr, uint32_t label, bool when) {
    uint32_t operands[2];
    bool negated;
    enum opcode test = simple_test(emit, expr, operands, &negated);
    if (test == OP_TOTAL) return false;
    if (when == negated) test = (enum opcode)(test + TEST_UNLESS);
    emit_op(emit, test, operands[0], operands[1], label);
    return true;
}

static void emit_any_condition(struct emit *emit, const struct expr *expr, uint32_t label,
                               bool when) {
    if (emit_simple(emit, expr, label, when)) return;
    if (emit_macro_branch(emit, expr, label, when)) return;
    uint32_t value = emit_value_of(emit, expr, TYPE_BOOL);
    emit_op(emit, when ? OP_IF : OP_UNLESS, value, 0, label);
}

void emit_branch(struct emit *emit, const struct expr *expr, uint32_t label, bool when) {
    uint32_t kept = emit->next_register;
    enum operator operator= expr->kind == EXPR_OPERATOR
        ? (enum operator)expr->operator: OPERATOR_TOTAL;
    switch (operator) {
    case OPERATOR_NOT: emit_branch(emit, expr->first, label, !when); break;
    case OPERATOR_AND:
    case OPERATOR_OR: emit_logic(emit, expr, label, when); break;
    case OPERATOR_LT:
    case OPERATOR_LE:
    case OPERATOR_GT:
    case OPERATOR_GE:
        if (!emit_simple(emit, expr, label, when)) emit_order(emit, expr, label, when);
        break;
    case OPERATOR_IN:
        if (!emit_simple(emit, expr, label, when)) emit_in(emit, expr, label, when);
        break;
    default: emit_any_condition(emit, expr, label, when); break;
    }
    emit->next_register = kept;
}

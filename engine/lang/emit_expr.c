// Code of expressions: values into registers, conditions into jumps.
#include "engine/lang/emit.h"

static bool is_operator(const struct expr *expr, enum operator operator) {
    return expr->kind == EXPR_OPERATOR && expr->operator== operator;
}

static bool operator_can_fail(const struct expr *expr) {
    const struct expr *x = expr->first;
    const struct expr *y = x->next;
    switch ((enum operator)expr->operator) {
    case OPERATOR_NOT: return x->type == TYPE_DYN;
    case OPERATOR_EQ:
    case OPERATOR_NE: return false;
    case OPERATOR_LT:
    case OPERATOR_LE:
    case OPERATOR_GT:
    case OPERATOR_GE: return x->type == TYPE_DYN || y->type == TYPE_DYN;
    case OPERATOR_IN: return y->type == TYPE_DYN || y->type == TYPE_HEADERS;
    case OPERATOR_AND:
    case OPERATOR_OR:
        for (; x != NULL; x = x->next) {
            if (x->type == TYPE_DYN) return true;
        }
        return false;
    case OPERATOR_CHOOSE: return x->type == TYPE_DYN;
    default: return true;
    }
}

static bool node_can_fail(const struct expr *expr) {
    switch ((enum expr_kind)expr->kind) {
    case EXPR_LITERAL: return false;
    case EXPR_NAME: return expr->binding == BIND_LET;
    case EXPR_SELECT:
    case EXPR_INDEX: return expr->binding != BIND_FIELD && expr->binding != BIND_HEADER;
    case EXPR_CALL: return expr->binding != BIND_HAS || expr->first->binding == BIND_NONE;
    case EXPR_OPERATOR: return operator_can_fail(expr);
    default: return true;
    }
}

bool expr_can_fail(const struct expr *expr) {
    if (node_can_fail(expr)) return true;
    for (const struct expr *child = expr->first; child != NULL; child = child->next) {
        if (expr_can_fail(child)) return true;
    }
    return false;
}

enum message_kind emit_message(const struct expr *expr) {
    if (expr->binding != BIND_FIELD) return MESSAGE_TOTAL;
    const struct field_row *row = &field_rows[expr->index];
    return row->how == HOW_HEADERS ? (enum message_kind)row->origin : MESSAGE_TOTAL;
}

static void note_read(struct emit *emit, uint32_t message) {
    if (message < MESSAGE_TOTAL) emit->reads |= (uint8_t)(1u << message);
}

// The slot of a header with a constant name, or of a field that is one; false when it has none.
static bool find_slot(struct emit *emit, const struct expr *expr, uint32_t *slot) {
    enum message_kind message;
    slice name;
    if (expr->binding == BIND_HEADER) {
        message = emit_message(expr->first);
        name = expr->name;
        if (message == MESSAGE_TOTAL) return false;
    } else if (expr->binding == BIND_FIELD && field_rows[expr->index].header != NULL) {
        message = (enum message_kind)field_rows[expr->index].origin;
        name = slice_of(field_rows[expr->index].header);
    } else {
        return false;
    }
    note_read(emit, message);
    *slot = emit_slot(emit, message, name);
    return true;
}

static uint32_t emit_field(struct emit *emit, const struct expr *expr, uint32_t into) {
    uint32_t slot;
    const struct field_row *row = &field_rows[expr->index];
    note_read(emit, row->origin);
    if (row->how == HOW_PSEUDO && find_slot(emit, expr, &slot)) {
        emit_op(emit, OP_HEADER, into, slot, 0);
    } else {
        emit_op(emit, OP_FIELD, into, expr->index, emit->in_let ? 1 : 0);
    }
    return into;
}

static uint32_t emit_let(struct emit *emit, const struct expr *expr, uint32_t into) {
    const struct unit_let *let = &emit->unit->lets[expr->index];
    emit->reads |= let->reads;
    emit_op(emit, OP_LET, into, let->number, 0);
    return into;
}

static uint32_t emit_header(struct emit *emit, const struct expr *expr, uint32_t into) {
    uint32_t slot;
    if (find_slot(emit, expr, &slot)) {
        emit_op(emit, OP_HEADER, into, slot, 0);
        return into;
    }
    uint32_t headers = emit_value(emit, expr->first);
    uint32_t name = emit_constant(emit, value_string(expr->name));
    emit_op(emit, OP_HEADER_NAMED, into, headers, name);
    return into;
}

static uint32_t emit_select(struct emit *emit, const struct expr *expr, uint32_t into) {
    if (expr->binding == BIND_FIELD) return emit_field(emit, expr, into);
    if (expr->binding == BIND_HEADER) return emit_header(emit, expr, into);
    uint32_t from = emit_value(emit, expr->first);
    emit_op(emit, OP_SELECT, into, from, emit_constant(emit, value_string(expr->name)));
    return into;
}

static uint32_t emit_index(struct emit *emit, const struct expr *expr, uint32_t into) {
    if (expr->binding == BIND_HEADER) return emit_header(emit, expr, into);
    const struct expr *index = expr->first->next;
    uint32_t from = emit_value(emit, expr->first);
    if (expr->first->type == TYPE_HEADERS) {
        uint32_t name = emit_value_of(emit, index, TYPE_STRING);
        emit_op(emit, OP_HEADER_NAMED, into, from, name);
        return into;
    }
    uint32_t by = emit_value(emit, index);
    emit_op(emit, OP_INDEX, into, from, by);
    return into;
}

// Each value in a register of its own, one behind the other.
static uint32_t emit_run(struct emit *emit, const struct expr *first, uint32_t count) {
    uint32_t base = emit->next_register;
    for (uint32_t i = 0; i < count; i++)
        emit_register(emit);
    for (uint32_t i = 0; i < count && !emit->too_large; i++, first = first->next) {
        uint32_t value = emit_value(emit, first);
        emit_op(emit, OP_MOVE, base + i, value, 0);
        emit->next_register = base + count;
    }
    return base;
}

static uint32_t emit_collection(struct emit *emit, const struct expr *expr, uint32_t into) {
    bool map = expr->kind == EXPR_MAP;
    uint32_t base = emit_run(emit, expr->first, expr->count);
    emit_op(emit, map ? OP_MAP : OP_LIST, into, base, map ? expr->count / 2 : expr->count);
    return into;
}

static uint32_t emit_has(struct emit *emit, const struct expr *expr, uint32_t into) {
    uint32_t slot;
    const struct expr *asked = expr->first;
    if (find_slot(emit, asked, &slot)) {
        emit_op(emit, OP_HEADER_PRESENT, into, slot, 0);
        return into;
    }
    uint32_t from = emit_value(emit, asked->first);
    uint32_t name = emit_constant(emit, value_string(asked->name));
    enum opcode op = asked->binding == BIND_HEADER ? OP_HEADER_IN : OP_HAS;
    emit_op(emit, op, into, from, name);
    return into;
}

static uint32_t emit_call(struct emit *emit, const struct expr *expr, uint32_t into) {
    if (expr->binding == BIND_HAS) return emit_has(emit, expr, into);
    const struct function_row *row = &function_rows[expr->index];
    uint32_t base = emit->next_register;
    for (uint32_t i = 0; i < row->count; i++)
        emit_register(emit);
    uint32_t i = 0;
    for (const struct expr *argument = expr->first; argument != NULL; argument = argument->next) {
        uint32_t value = row->types[i] == TYPE_DYN
                             ? emit_value(emit, argument)
                             : emit_value_of(emit, argument, (enum type)row->types[i]);
        emit_op(emit, OP_MOVE, base + i++, value, 0);
        emit->next_register = base + row->count;
    }
    emit_op(emit, OP_CALL, into, expr->index, base);
    return into;
}

struct arith_row {
    uint8_t operator;
    uint16_t ints;
    uint16_t doubles;
    uint16_t any;
};

static const struct arith_row arith_rows[] = {
    {OPERATOR_ADD, OP_ADD_INT, OP_ADD_DOUBLE, OP_ADD_ANY},
    {OPERATOR_SUBTRACT, OP_SUBTRACT_INT, OP_SUBTRACT_DOUBLE, OP_SUBTRACT_ANY},
    {OPERATOR_MULTIPLY, OP_MULTIPLY_INT, OP_MULTIPLY_DOUBLE, OP_MULTIPLY_ANY},
    {OPERATOR_DIVIDE, OP_DIVIDE_INT, OP_DIVIDE_DOUBLE, OP_DIVIDE_ANY},
    {OPERATOR_MODULO, OP_MODULO_INT, OP_MODULO_ANY, OP_MODULO_ANY},
};

static enum opcode arith_op(enum operator operator, enum type x, enum type y) {
    const struct arith_row *row = arith_rows;
    while (row->operator!= operator)
        row++;
    if (x == TYPE_INT && y == TYPE_INT) return (enum opcode)row->ints;
    return (enum opcode)(x == TYPE_DOUBLE && y == TYPE_DOUBLE ? row->doubles : row->any);
}

// What the machine knows of the result's type, so that the next operation can be a typed one.
static enum type arith_result(enum opcode op) {
    if (op == OP_ADD_ANY || op == OP_SUBTRACT_ANY || op == OP_MULTIPLY_ANY || op == OP_DIVIDE_ANY ||
        op == OP_MODULO_ANY) {
        return TYPE_DYN;
    }
    return op >= OP_ADD_DOUBLE ? TYPE_DOUBLE : TYPE_INT;
}

static bool all_strings(const struct expr *expr) {
    for (const struct expr *part = expr->first; part != NULL; part = part->next) {
        if (part->type != TYPE_STRING) return false;
    }
    return true;
}

// Long chains are joined in pieces: registers are few.
enum { CONCAT_PARTS = 16 };

static uint32_t emit_concat(struct emit *emit, const struct expr *expr, uint32_t into) {
    const struct expr *part = expr->first;
    uint32_t left = expr->count;
    uint32_t base = emit->next_register;
    uint32_t have = 0;
    for (uint32_t i = 0; i < CONCAT_PARTS; i++)
        emit_register(emit);
    while (left > 0 && !emit->too_large) {
        for (; have < CONCAT_PARTS && left > 0; part = part->next, have++, left--) {
            emit_op(emit, OP_MOVE, base + have, emit_value(emit, part), 0);
            emit->next_register = base + CONCAT_PARTS;
        }
        emit_op(emit, OP_CONCAT, left > 0 ? base : into, base, have);
        have = 1;
    }
    return into;
}

// Typed as far as the types are known; then the result's type is checked where the checker knows
// it.
static uint32_t emit_arith(struct emit *emit, const struct expr *expr, uint32_t into) {
    const struct expr *next = expr->first;
    enum type type = (enum type)next->type;
    uint32_t left = emit_value(emit, next);
    for (next = next->next; next != NULL && !emit->too_large; next = next->next) {
        uint32_t kept = emit->next_register;
        uint32_t right = emit_value(emit, next);
        enum opcode op = arith_op((enum operator)expr->operator, type, (enum type)next->type);
        emit_op(emit, op, into, left, right);
        emit->next_register = kept;
        type = arith_result(op);
        left = into;
    }
    if (type == TYPE_DYN && expr->type != TYPE_DYN) {
        emit_op(emit, OP_CHECK, into, into, expr->type);
    }
    return into;
}

static uint32_t emit_negate(struct emit *emit, const struct expr *expr, uint32_t into) {
    bool integer = expr->first->type == TYPE_INT;
    uint32_t value = emit_value(emit, expr->first);
    emit_op(emit, integer ? OP_NEGATE_INT : OP_NEGATE_ANY, into, value, 0);
    bool known = !integer && expr->type != TYPE_DYN;
    if (known) emit_op(emit, OP_CHECK, into, into, expr->type);
    return into;
}

static uint32_t emit_choice(struct emit *emit, const struct expr *expr, uint32_t into) {
    const struct expr *yes = expr->first->next;
    uint32_t otherwise = emit_label(emit);
    uint32_t done = emit_label(emit);
    uint32_t kept = emit->next_register;
    emit_branch(emit, expr->first, otherwise, false);
    emit_op(emit, OP_MOVE, into, emit_value(emit, yes), 0);
    emit_op(emit, OP_JUMP, 0, 0, done);
    emit_place(emit, otherwise);
    emit->next_register = kept;
    emit_op(emit, OP_MOVE, into, emit_value(emit, yes->next), 0);
    emit_place(emit, done);
    return into;
}

// A condition as a value: true and false where its jumps end.
static uint32_t emit_truth(struct emit *emit, const struct expr *expr, uint32_t into) {
    uint32_t no = emit_label(emit);
    uint32_t done = emit_label(emit);
    emit_branch(emit, expr, no, false);
    emit_op(emit, OP_MOVE, into, emit_constant(emit, value_bool(true)), 0);
    emit_op(emit, OP_JUMP, 0, 0, done);
    emit_place(emit, no);
    emit_op(emit, OP_MOVE, into, emit_constant(emit, value_bool(false)), 0);
    emit_place(emit, done);
    return into;
}

static uint32_t emit_operator(struct emit *emit, const struct expr *expr, uint32_t into) {
    switch ((enum operator)expr->operator) {
    case OPERATOR_CHOOSE: return emit_choice(emit, expr, into);
    case OPERATOR_NEGATE: return emit_negate(emit, expr, into);
    case OPERATOR_ADD:
        return all_strings(expr) ? emit_concat(emit, expr, into) : emit_arith(emit, expr, into);
    case OPERATOR_SUBTRACT:
    case OPERATOR_MULTIPLY:
    case OPERATOR_DIVIDE:
    case OPERATOR_MODULO: return emit_arith(emit, expr, into);
    default: return emit_truth(emit, expr, into);
    }
}

uint32_t emit_value(struct emit *emit, const struct expr *expr) {
    if (expr->kind == EXPR_LITERAL) return emit_constant(emit, expr->literal);
    if (emit->failed || emit->too_large) return OPERAND_CONSTANT;
    uint32_t into = emit_register(emit);
    uint32_t kept = emit->next_register;
    switch ((enum expr_kind)expr->kind) {
    case EXPR_NAME:
        if (expr->binding == BIND_LET) {
            emit_let(emit, expr, into);
        } else {
            emit_field(emit, expr, into);
        }
        break;
    case EXPR_SELECT: emit_select(emit, expr, into); break;
    case EXPR_INDEX: emit_index(emit, expr, into); break;
    case EXPR_CALL: emit_call(emit, expr, into); break;
    case EXPR_LIST:
    case EXPR_MAP: emit_collection(emit, expr, into); break;
    case EXPR_OPERATOR: emit_operator(emit, expr, into); break;
    case EXPR_LITERAL: break;
    }
    emit->next_register = kept;
    return into;
}

uint32_t emit_value_of(struct emit *emit, const struct expr *expr, enum type type) {
    uint32_t value = emit_value(emit, expr);
    if (expr->type == type) return value;
    uint32_t into = (value & OPERAND_CONSTANT) != 0 ? emit_register(emit) : value;
    emit_op(emit, OP_CHECK, into, value, type);
    return into;
}

struct test_row {
    uint8_t type;
    uint16_t eq;
    uint16_t lt;
    uint16_t le;
};

static const struct test_row test_rows[] = {
    {TYPE_STRING, OP_EQ_STRING, OP_LT_STRING, OP_LE_STRING},
    {TYPE_INT, OP_EQ_INT, OP_LT_INT, OP_LE_INT},
    {TYPE_DOUBLE, OP_EQ_DOUBLE, OP_LT_DOUBLE, OP_LE_DOUBLE},
};

// Behind the value form of each test come its two jumps.
enum { TEST_IF = 1, TEST_UNLESS = 2 };

static void emit_test(struct emit *emit, uint32_t op, uint32_t x, uint32_t y, uint32_t label,
                      bool when) {
    emit_op(emit, (enum opcode)(op + (when ? TEST_IF : TEST_UNLESS)), x, y, label);
}

static void emit_equality(struct emit *emit, const struct expr *expr, uint32_t label, bool when) {
    const struct expr *x = expr->first;
    const struct expr *y = x->next;
    uint32_t op = OP_EQ_ANY;
    for (uint32_t i = 0; i < LEN(test_rows) && x->type == y->type; i++) {
        if (test_rows[i].type == x->type) op = test_rows[i].eq;
    }
    if (x->type == TYPE_BOOL && y->type == TYPE_BOOL) op = OP_EQ_BOOL;
    uint32_t left = emit_value(emit, x);
    uint32_t right = emit_value(emit, y);
    bool equal = expr->operator== OPERATOR_EQ;
    emit_test(emit, op, left, right, label, equal == when);
}

// `a > b` is `b < a`.
static void emit_order(struct emit *emit, const struct expr *expr, uint32_t label, bool when) {
    const struct expr *x = expr->first;
    const struct expr *y = x->next;
    bool turned = expr->operator== OPERATOR_GT || expr->operator== OPERATOR_GE;
    bool strict = expr->operator== OPERATOR_LT || expr->operator== OPERATOR_GT;
    uint32_t left = emit_value(emit, x);
    uint32_t right = emit_value(emit, y);
    uint32_t first = turned ? right : left;
    uint32_t second = turned ? left : right;
    for (uint32_t i = 0; i < LEN(test_rows) && x->type == y->type; i++) {
        if (test_rows[i].type != x->type) continue;
        emit_test(emit, strict ? test_rows[i].lt : test_rows[i].le, first, second, label, when);
        return;
    }
    uint32_t into = emit_register(emit);
    emit_op(emit, strict ? OP_LT_ANY : OP_LE_ANY, into, first, second);
    emit_op(emit, when ? OP_IF : OP_UNLESS, into, 0, label);
}

static void emit_in(struct emit *emit, const struct expr *expr, uint32_t label, bool when) {
    const struct expr *x = expr->first;
    const struct expr *y = x->next;
    uint32_t into = emit_register(emit);
    enum message_kind message = emit_message(y);
    if (y->type == TYPE_LIST || y->type == TYPE_MAP) {
        uint32_t item = emit_value(emit, x);
        uint32_t all = emit_value(emit, y);
        emit_test(emit, y->type == TYPE_LIST ? OP_IN_LIST : OP_IN_MAP, item, all, label, when);
        return;
    }
    if (message != MESSAGE_TOTAL && x->kind == EXPR_LITERAL) {
        note_read(emit, message);
        emit_op(emit, OP_HEADER_PRESENT, into, emit_slot(emit, message, value_text(x->literal)), 0);
    } else if (y->type == TYPE_HEADERS) {
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
        bool fails = operand->next != NULL && (operand->type == TYPE_DYN || expr_can_fail(operand));
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

static enum opcode method_test(const struct expr *expr) {
    if (expr->kind != EXPR_CALL || expr->binding != BIND_FUNCTION) return OP_TOTAL;
    switch ((enum function)expr->index) {
    case FUNCTION_STARTS_WITH: return OP_STARTS_WITH;
    case FUNCTION_ENDS_WITH: return OP_ENDS_WITH;
    case FUNCTION_CONTAINS: return OP_CONTAINS;
    default: return OP_TOTAL;
    }
}

static void emit_any_condition(struct emit *emit, const struct expr *expr, uint32_t label,
                               bool when) {
    enum opcode test = method_test(expr);
    if (test == OP_TOTAL) {
        uint32_t value = emit_value_of(emit, expr, TYPE_BOOL);
        emit_op(emit, when ? OP_IF : OP_UNLESS, value, 0, label);
        return;
    }
    uint32_t x = emit_value_of(emit, expr->first, TYPE_STRING);
    uint32_t y = emit_value_of(emit, expr->first->next, TYPE_STRING);
    emit_test(emit, test, x, y, label, when);
}

void emit_branch(struct emit *emit, const struct expr *expr, uint32_t label, bool when) {
    uint32_t kept = emit->next_register;
    bool is_choice = is_operator(expr, OPERATOR_CHOOSE);
    if (expr->kind != EXPR_OPERATOR || is_choice) {
        emit_any_condition(emit, expr, label, when);
        emit->next_register = kept;
        return;
    }
    switch ((enum operator)expr->operator) {
    case OPERATOR_NOT: emit_branch(emit, expr->first, label, !when); break;
    case OPERATOR_AND:
    case OPERATOR_OR: emit_logic(emit, expr, label, when); break;
    case OPERATOR_EQ:
    case OPERATOR_NE: emit_equality(emit, expr, label, when); break;
    case OPERATOR_LT:
    case OPERATOR_LE:
    case OPERATOR_GT:
    case OPERATOR_GE: emit_order(emit, expr, label, when); break;
    case OPERATOR_IN: emit_in(emit, expr, label, when); break;
    default: emit_any_condition(emit, expr, label, when); break;
    }
    emit->next_register = kept;
}

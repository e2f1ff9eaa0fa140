// Code of expressions: values into registers.
#include "engine/lang/emit.h"

enum message_kind emit_message(const struct expr *expr) {
    if (expr->binding != BIND_FIELD) return MESSAGE_TOTAL;
    const struct field_row *row = &field_rows[expr->index];
    return row->how == HOW_HEADERS ? (enum message_kind)row->origin : MESSAGE_TOTAL;
}

void emit_read(struct emit *emit, uint32_t message) {
    if (message < MESSAGE_TOTAL) emit->reads |= (uint8_t)(1u << message);
}

bool emit_find_slot(struct emit *emit, const struct expr *expr, uint32_t *slot) {
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
    emit_read(emit, message);
    *slot = emit_slot(emit, message, name);
    return true;
}

// Headers and pseudo-headers of constant names are operands themselves.
static bool is_slot(struct emit *emit, const struct expr *expr, uint32_t *slot) {
    bool header = expr->binding == BIND_HEADER && !expr->optional;
    bool pseudo = expr->binding == BIND_FIELD && field_rows[expr->index].how == HOW_PSEUDO;
    return (header || pseudo) && emit_find_slot(emit, expr, slot);
}

// Who the client is may depend on a header.
static bool reads_chain(const struct emit *emit, uint32_t field) {
    const struct trust_settings *trust = &emit->unit->config->settings.trust;
    bool client =
        field == FIELD_CLIENT_IP || field == FIELD_CLIENT_PREFIX || field == FIELD_CLIENT_TRUSTED;
    return client &&
           (trust->hops > 0 || trust->networks.kind != TYPE_NONE || trust->header.length > 0);
}

void emit_read_field(struct emit *emit, uint32_t field) {
    emit_read(emit, field_rows[field].origin);
    if (reads_chain(emit, field)) emit_read(emit, MESSAGE_REQUEST);
}

static void emit_field(struct emit *emit, const struct expr *expr, uint32_t into) {
    emit_read_field(emit, expr->index);
    emit_op(emit, OP_FIELD, into, expr->index, emit->in_let ? 1 : 0);
}

static void emit_let(struct emit *emit, const struct expr *expr, uint32_t into) {
    const struct unit_let *let = &emit->unit->lets[expr->index];
    emit->reads |= let->reads;
    emit_op(emit, OP_LET, into, let->number, 0);
}

// `headers[?"x"]` of a constant name.
static void emit_optional_slot(struct emit *emit, uint32_t slot, uint32_t into) {
    uint32_t absent = emit_label(emit);
    uint32_t header = OPERAND_SLOT | slot;
    emit_op(emit, OP_MOVE, into, emit_constant(emit, value_optional(NULL)), 0);
    emit_op(emit, OP_UNLESS_PRESENT, header, header, absent);
    emit_op(emit, OP_OPTIONAL_OF, into, header, 0);
    emit_place(emit, absent);
}

// One header by name: a slot where the name is constant and the message is known.
static void emit_header(struct emit *emit, const struct expr *expr, uint32_t name, uint32_t into) {
    uint32_t slot;
    if (expr->binding == BIND_HEADER && emit_find_slot(emit, expr, &slot)) {
        emit_optional_slot(emit, slot, into);
        return;
    }
    uint32_t headers = emit_value(emit, expr->first);
    emit_op(emit, expr->optional ? OP_HEADER_OPTIONAL : OP_HEADER_NAMED, into, headers, name);
}

static void emit_select(struct emit *emit, const struct expr *expr, uint32_t into) {
    if (expr->binding == BIND_FIELD) {
        emit_field(emit, expr, into);
        return;
    }
    if (expr->binding == BIND_LIMITER) {
        emit_op(emit, OP_LIMIT_LEFT, into, expr->index, 0);
        return;
    }
    uint32_t name = emit_constant(emit, value_string(expr->name));
    if (expr->binding == BIND_HEADER) {
        emit_header(emit, expr, name, into);
        return;
    }
    uint32_t from = emit_value(emit, expr->first);
    bool optional = expr->optional || expr->first->type == TYPE_OPTIONAL;
    emit_op(emit, optional ? OP_OPTIONAL_SELECT : OP_SELECT, into, from, name);
}

static void emit_index(struct emit *emit, const struct expr *expr, uint32_t into) {
    if (expr->binding == BIND_HEADER) {
        emit_header(emit, expr, emit_constant(emit, value_string(expr->name)), into);
        return;
    }
    if (expr->first->type == TYPE_HEADERS) {
        uint32_t kept = emit->next_register;
        emit_header(emit, expr, emit_value_of(emit, expr->first->next, TYPE_STRING), into);
        emit->next_register = kept;
        return;
    }
    uint32_t from = emit_value(emit, expr->first);
    uint32_t index = emit_value(emit, expr->first->next);
    bool optional = expr->optional || expr->first->type == TYPE_OPTIONAL;
    emit_op(emit, optional ? OP_OPTIONAL_INDEX : OP_INDEX, into, from, index);
}

uint32_t emit_registers(struct emit *emit, uint32_t count) {
    uint32_t base = emit->next_register;
    for (uint32_t i = 0; i < count && !emit->too_large; i++)
        emit_register(emit);
    return base;
}

static bool has_optional_entry(const struct expr *expr) {
    for (const struct expr *item = expr->first; item != NULL; item = item->next) {
        if (item->optional_entry) return true;
    }
    return false;
}

static void emit_entries(struct emit *emit, const struct expr *expr, uint32_t builder) {
    bool map = expr->kind == EXPR_MAP;
    for (const struct expr *item = expr->first; item != NULL && !emit->too_large;
         item = item->next) {
        uint32_t kept = emit->next_register;
        uint32_t first = emit_value(emit, item);
        if (map && item->optional_entry) {
            emit_op(emit, OP_APPEND_ENTRY, builder, first, emit_value(emit, item->next));
        } else if (map) {
            emit_op(emit, OP_APPEND, builder, first, 0);
            emit_op(emit, OP_APPEND, builder, emit_value(emit, item->next), 0);
        } else {
            emit_op(emit, item->optional_entry ? OP_APPEND_OPTIONAL : OP_APPEND, builder, first, 0);
        }
        if (map) item = item->next;
        emit->next_register = kept;
    }
}

// More than these go through a builder: registers are few.
enum { DIRECT_ITEMS = 32 };

static void emit_collection(struct emit *emit, const struct expr *expr, uint32_t into) {
    bool map = expr->kind == EXPR_MAP;
    if (expr->count > DIRECT_ITEMS || has_optional_entry(expr)) {
        uint32_t builder = emit_register(emit);
        emit_op(emit, OP_BUILD, builder, emit_constant(emit, value_null()), 0);
        emit_entries(emit, expr, builder);
        emit_op(emit, map ? OP_BUILT_MAP : OP_BUILT_LIST, into, builder, 0);
        return;
    }
    uint32_t base = emit_registers(emit, expr->count);
    uint32_t at = base;
    for (const struct expr *item = expr->first; item != NULL && !emit->too_large;
         item = item->next) {
        emit_to(emit, item, at++);
    }
    emit_op(emit, map ? OP_MAP : OP_LIST, into, base, map ? expr->count / 2 : expr->count);
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

static void emit_concat(struct emit *emit, const struct expr *expr, uint32_t into) {
    const struct expr *part = expr->first;
    uint32_t left = expr->count;
    uint32_t base = emit->next_register;
    uint32_t have = 0;
    emit_registers(emit, left < CONCAT_PARTS ? left : CONCAT_PARTS);
    while (left > 0 && !emit->too_large) {
        for (; have < CONCAT_PARTS && left > 0; part = part->next, have++, left--) {
            emit_to(emit, part, base + have);
            emit->next_register = base + CONCAT_PARTS;
        }
        emit_op(emit, OP_CONCAT, left > 0 ? base : into, base, have);
        have = 1;
    }
}

// Typed as far as the types are known; then the result's type is checked where the checker knows
// it.
static void emit_arith(struct emit *emit, const struct expr *expr, uint32_t into) {
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
}

static void emit_negate(struct emit *emit, const struct expr *expr, uint32_t into) {
    bool integer = expr->first->type == TYPE_INT;
    uint32_t value = emit_value(emit, expr->first);
    emit_op(emit, integer ? OP_NEGATE_INT : OP_NEGATE_ANY, into, value, 0);
    bool known = !integer && expr->type != TYPE_DYN;
    if (known) emit_op(emit, OP_CHECK, into, into, expr->type);
}

static void emit_choice(struct emit *emit, const struct expr *expr, uint32_t into) {
    const struct expr *yes = expr->first->next;
    uint32_t otherwise = emit_label(emit);
    uint32_t done = emit_label(emit);
    uint32_t kept = emit->next_register;
    emit_branch(emit, expr->first, otherwise, false);
    emit_to(emit, yes, into);
    emit_op(emit, OP_JUMP, 0, 0, done);
    emit_place(emit, otherwise);
    emit->next_register = kept;
    emit_to(emit, yes->next, into);
    emit_place(emit, done);
}

void emit_truth(struct emit *emit, const struct expr *expr, uint32_t into) {
    uint32_t no = emit_label(emit);
    uint32_t done = emit_label(emit);
    emit_branch(emit, expr, no, false);
    emit_op(emit, OP_MOVE, into, emit_constant(emit, value_bool(true)), 0);
    emit_op(emit, OP_JUMP, 0, 0, done);
    emit_place(emit, no);
    emit_op(emit, OP_MOVE, into, emit_constant(emit, value_bool(false)), 0);
    emit_place(emit, done);
}

static void emit_operator(struct emit *emit, const struct expr *expr, uint32_t into) {
    switch ((enum operator)expr->operator) {
    case OPERATOR_CHOOSE: emit_choice(emit, expr, into); break;
    case OPERATOR_NEGATE: emit_negate(emit, expr, into); break;
    case OPERATOR_ADD:
        if (all_strings(expr)) {
            emit_concat(emit, expr, into);
            break;
        }
        emit_arith(emit, expr, into);
        break;
    case OPERATOR_SUBTRACT:
    case OPERATOR_MULTIPLY:
    case OPERATOR_DIVIDE:
    case OPERATOR_MODULO: emit_arith(emit, expr, into); break;
    default: emit_truth(emit, expr, into); break;
    }
}

static uint32_t emit_variable(struct emit *emit, const struct expr *expr) {
    const struct unit_variable *variable = &emit->unit->variables[expr->index];
    if (variable->can_fail) emit_op(emit, OP_RAISE, variable->error, 0, 0);
    return variable->place;
}

void emit_to(struct emit *emit, const struct expr *expr, uint32_t into) {
    uint32_t slot;
    uint32_t kept = emit->next_register;
    if (emit->failed || emit->too_large) return;
    if (expr->kind == EXPR_LITERAL) {
        emit_op(emit, OP_MOVE, into, emit_constant(emit, expr->literal), 0);
        return;
    }
    if (is_slot(emit, expr, &slot)) {
        emit_op(emit, OP_MOVE, into, OPERAND_SLOT | slot, 0);
        return;
    }
    switch ((enum expr_kind)expr->kind) {
    case EXPR_NAME:
        if (expr->binding == BIND_VARIABLE) {
            emit_op(emit, OP_MOVE, into, emit_variable(emit, expr), 0);
        } else if (expr->binding == BIND_LET) {
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
    case EXPR_FAILURE: emit_op(emit, OP_FAIL, into, expr->index, 0); break;
    case EXPR_LITERAL: break;
    }
    emit->next_register = kept;
}

uint32_t emit_value(struct emit *emit, const struct expr *expr) {
    uint32_t slot;
    if (expr->kind == EXPR_LITERAL) return emit_constant(emit, expr->literal);
    if (emit->failed || emit->too_large) return OPERAND_CONSTANT;
    if (is_slot(emit, expr, &slot)) return OPERAND_SLOT | slot;
    if (expr->kind == EXPR_NAME && expr->binding == BIND_VARIABLE) {
        return emit_variable(emit, expr);
    }
    uint32_t into = emit_register(emit);
    emit_to(emit, expr, into);
    return into;
}

uint32_t emit_value_of(struct emit *emit, const struct expr *expr, enum type type) {
    uint32_t kept = emit->next_register;
    uint32_t value = emit_value(emit, expr);
    if (expr->type == type) return value;
    bool own = value < OPERAND_SLOT && value >= kept;
    uint32_t into = own ? value : emit_register(emit);
    emit_op(emit, OP_CHECK, into, value, type);
    return into;
}

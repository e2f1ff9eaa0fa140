// Code of set, add, default and remove beside headers.
#include "engine/lang/emit.h"

static const struct field_row *field_of(const struct action *action) {
    return &field_rows[place_rows[action->place].field];
}

// Of a parameter or a cookie, where the name is an expression.
static const struct expr *name_of(const struct action *action) {
    bool indexed = field_of(action)->how == HOW_PARTS && action->target->kind == EXPR_INDEX;
    return indexed ? action->target->first->next : NULL;
}

// The name where it is known; empty for what has none.
static slice constant_name(const struct action *action) {
    const struct expr *name = name_of(action);
    if (name != NULL && name->kind == EXPR_LITERAL) return value_text(name->literal);
    return field_of(action)->how == HOW_PARTS ? action->target->name : slice_of("");
}

static uint32_t emit_name(struct emit *emit, const struct action *action) {
    const struct expr *name = name_of(action);
    bool known = name == NULL || name->kind == EXPR_LITERAL;
    if (known) return emit_constant(emit, value_string(constant_name(action)));
    return emit_value_of(emit, name, TYPE_STRING);
}

// `default` acts only while there is nothing. What has no name is there when it is not empty.
static void emit_absence(struct emit *emit, const struct action *action, uint32_t name,
                         uint32_t done) {
    uint32_t field = emit_register(emit);
    emit_op(emit, OP_FIELD, field, place_rows[action->place].field, 0);
    if (field_of(action)->how != HOW_PARTS) {
        emit_op(emit, OP_UNLESS_EQ_STRING, field, emit_constant(emit, value_string(slice_of(""))),
                done);
        return;
    }
    uint32_t present = emit_register(emit);
    emit_op(emit, OP_HEADER_IN, present, field, name);
    emit_op(emit, OP_IF, present, 0, done);
}

// A `set` whose value fails removes its target where it can be without.
static void emit_set(struct emit *emit, const struct action *action, uint32_t name) {
    bool set = action->kind == ACTION_SET;
    bool removes = set && (place_rows[action->place].verbs & VERB_REMOVE) != 0;
    enum opcode op = action->kind == ACTION_ADD || field_of(action)->how == HOW_PARTS
                         ? OP_PLACE_ADD
                         : OP_PLACE_SET;
    if (set) op = OP_PLACE_SET;
    if (!expr_can_fail(action->value)) {
        emit_op(emit, op, action->place, name, emit_value(emit, action->value));
        return;
    }
    struct guard guard = emit_guard(emit);
    emit_op(emit, op, action->place, name, emit_value(emit, action->value));
    emit_catch_error(emit, guard);
    if (removes) emit_op(emit, OP_PLACE_REMOVE, action->place, name, 0);
    emit_guarded(emit, guard);
}

// A constant name with `*` is a pattern.
static void emit_remove(struct emit *emit, const struct action *action, uint32_t name) {
    slice known = constant_name(action);
    bool pattern = (name & OPERAND_CONSTANT) != 0 && known.length > 0 &&
                   memchr(known.at, '*', known.length) != NULL;
    emit_op(emit, OP_PLACE_REMOVE, action->place, name, pattern ? 1 : 0);
}

static void emit_edit(struct emit *emit, const struct action *action) {
    uint32_t name = emit_name(emit, action);
    if (action->kind == ACTION_REMOVE) {
        emit_remove(emit, action, name);
        return;
    }
    uint32_t done = emit_label(emit);
    if (action->kind == ACTION_DEFAULT) emit_absence(emit, action, name, done);
    emit_set(emit, action, name);
    emit_place(emit, done);
}

// Whether a status may change depends on the request's method, too.
void emit_place_edit(struct emit *emit, const struct action *action) {
    const struct expr *name = name_of(action);
    emit_read(emit, field_of(action)->origin);
    emit_read(emit, MESSAGE_REQUEST);
    emit->edits[field_of(action)->origin] = true;
    if (name == NULL || (name->type == TYPE_STRING && !expr_can_fail(name))) {
        emit_edit(emit, action);
        return;
    }
    struct guard guard = emit_guard(emit);
    emit_edit(emit, action);
    emit_catch_error(emit, guard);
    emit_guarded(emit, guard);
}

// Code of actions on bodies: `set` of a body, and `cap`.
#include "engine/lang/emit.h"
#include "engine/run/body.h"

bool sets_body(const struct action *action) {
    if (action->kind != ACTION_SET || action->target->binding != BIND_FIELD) return false;
    uint32_t field = action->target->index;
    return field == FIELD_REQUEST_BODY || field == FIELD_RESPONSE_BODY;
}

// What no value can be computed for is emptied: what a rule was to hide must not come through.
void emit_body(struct emit *emit, const struct action *action) {
    uint32_t message = field_rows[action->target->index].origin;
    emit_read(emit, message);
    struct guard guard = emit_guard(emit);
    emit_op(emit, OP_BODY_SET, message, emit_value(emit, action->value), 0);
    emit_catch_error(emit, guard);
    emit_op(emit, OP_BODY_SET, message, emit_constant(emit, value_string(slice_of(""))), 0);
    emit_guarded(emit, guard);
}

// The number of the action, which may be emitted more than once.
static uint32_t cap_of(struct emit *emit, const struct action *action) {
    for (uint32_t i = 0; i < emit->cap_count; i++) {
        if (emit->caps[i].action == action) return i;
    }
    void *rows = emit->caps;
    if (emit->cap_count == UINT16_MAX) {
        emit_too_large(emit, UINT16_MAX, "caps");
        return 0;
    }
    if (!emit_reserve(emit, &rows, emit->cap_count, &emit->cap_capacity, sizeof *emit->caps)) {
        return 0;
    }
    emit->caps = rows;
    emit->caps[emit->cap_count] =
        (struct emit_cap){.action = action, .row = {.rule = emit->rule}, .failing = emit->failing};
    return emit->cap_count++;
}

static void emit_over(struct emit *emit, const struct action *action) {
    enum { CONTENT_TOO_LARGE = 413, RESOURCE_EXHAUSTED = 8 };
    if (action->has_otherwise) {
        emit_actions(emit, action->otherwise);
        return;
    }
    emit_op(emit, OP_REPLY, REPLY_DENY, emit_constant(emit, value_int(CONTENT_TOO_LARGE)), 0);
    emit_op(emit, OP_REPLY_GRPC, emit_constant(emit, value_int(RESOURCE_EXHAUSTED)), 0, 0);
    emit_op(emit, OP_REPLY_BODY, emit_constant(emit, value_string(slice_of(BODY_TOO_LARGE))), 0, 0);
    emit_send(emit);
}

// A cap that is not known refuses.
void emit_cap(struct emit *emit, const struct action *action) {
    uint32_t under = emit_label(emit);
    uint32_t cap = cap_of(emit, action);
    emit_read(emit, MESSAGE_REQUEST);
    struct guard guard = emit_guard(emit);
    emit_op(emit, OP_CAP, cap, emit_value_of(emit, action->value, TYPE_INT), under);
    emit_catch_error(emit, guard);
    emit_guarded(emit, guard);
    emit_over(emit, action);
    emit_place(emit, under);
}

// Whatever ends the rule ends the block: the rest of the phase is over.
static void emit_cap_code(struct emit *emit, uint32_t number) {
    struct emit_cap cap = emit->caps[number];
    const struct unit_rule *rule = &emit->unit->rules[cap.row.rule];
    if (emit->failed || emit->too_large) return;
    emit_begin_block(emit);
    emit->phase = PHASE_REQUEST;
    emit->where = rule->item->name_span;
    emit->prefix = rule->prefix;
    emit->shadow = rule->shadow;
    emit->rule = cap.row.rule;
    emit->failing = cap.failing;
    emit->exempts = 0;
    emit->after = emit->skip = emit_label(emit);
    emit_over(emit, cap.action);
    emit_place(emit, emit->after);
    emit_op(emit, OP_END, 0, 0, 0);
    emit_end_block(emit);
}

// Code of caps may hold caps itself. What it reads is to be had as the phase begins.
uint8_t emit_caps(struct emit *emit, struct program *program) {
    struct cap_row *rows = NULL;
    emit->reads = 0;
    for (uint32_t i = 0; i < emit->cap_count; i++) {
        emit->caps[i].row.entry = emit_here(emit);
        emit_cap_code(emit, i);
    }
    if (emit->cap_count > 0) rows = arena_array(emit->arena, emit->cap_count, sizeof *rows);
    if (rows == NULL && emit->cap_count > 0) emit->failed = true;
    for (uint32_t i = 0; rows != NULL && i < emit->cap_count; i++)
        rows[i] = emit->caps[i].row;
    program->caps = rows;
    program->cap_count = emit->cap_count;
    return emit->reads;
}

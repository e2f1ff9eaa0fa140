// The body gates: the conditions of rules of request_body, and of response_body, as far as they can
// be told without the body. What reads the body, or may come out differently once it is there,
// rules nothing out.
#include "engine/lang/check_program.h"
#include "engine/lang/emit.h"

// The phase of the headers that a gate stands behind.
static enum phase phase_before(const struct emit *emit) {
    return emit->phase == PHASE_REQUEST_BODY ? PHASE_REQUEST : PHASE_RESPONSE;
}

bool emit_by_chance(const struct overloads *overloads) {
    for (uint32_t i = 0; i < overloads->count; i++) {
        uint32_t function = overloads->functions[i];
        if (function == FUNCTION_RANDOM || function == FUNCTION_UUID) return true;
    }
    return false;
}

// What the host measures grows with the body; a response may come before the request's trailers.
static bool is_settled_field(const struct emit *emit, const struct field_row *row) {
    bool changes = row->how == HOW_MEASURED || row->how == HOW_STATE ||
                   row == &field_rows[FIELD_NOW] || row == &field_rows[FIELD_REQUEST_TRAILERS];
    return (row->phases >> phase_before(emit) & 1) != 0 && !changes;
}

// Whether the expression has the same value at the headers as with the body. A let is computed
// once, so that all but those of the body have.
static bool is_settled(const struct emit *emit, const struct expr *expr) {
    if (expr->kind == EXPR_LITERAL) return true;
    switch ((enum binding_kind)expr->binding) {
    case BIND_FIELD: return is_settled_field(emit, &field_rows[expr->index]);
    case BIND_LIMITER: return false;
    case BIND_LET: return (emit->unit->lets[expr->index].phases >> phase_before(emit) & 1) != 0;
    case BIND_FUNCTION:
        if (emit_by_chance(expr->overloads)) return false;
        break;
    default: break;
    }
    for (const struct expr *child = expr->first; child != NULL; child = child->next) {
        if (!is_settled(emit, child)) return false;
    }
    return true;
}

// A failure tells nothing.
static void emit_settled(struct emit *emit, const struct expr *expr, bool when, uint32_t no) {
    if (expr->type == TYPE_BOOL && !expr_can_fail(expr)) {
        emit_branch(emit, expr, no, !when);
        return;
    }
    uint32_t kept = emit->next_register;
    uint32_t untold = emit_label(emit);
    uint16_t before = emit_handle(emit, untold, emit_register(emit));
    emit_branch(emit, expr, no, !when);
    emit_restore(emit, before);
    emit_place(emit, untold);
    emit->next_register = kept;
}

static void emit_ruling(struct emit *emit, const struct expr *expr, bool when, uint32_t no);

// One operand that may be so suffices.
static void emit_any_of(struct emit *emit, const struct expr *operand, bool when, uint32_t no) {
    uint32_t maybe = emit_label(emit);
    for (; operand != NULL; operand = operand->next) {
        uint32_t next = emit_label(emit);
        emit_ruling(emit, operand, when, next);
        emit_op(emit, OP_JUMP, 0, 0, maybe);
        emit_place(emit, next);
    }
    emit_op(emit, OP_JUMP, 0, 0, no);
    emit_place(emit, maybe);
}

// Goes to `no` where the condition can no longer become `when`.
static void emit_ruling(struct emit *emit, const struct expr *expr, bool when, uint32_t no) {
    bool logic = expr->kind == EXPR_OPERATOR;
    enum operator all = when ? OPERATOR_AND : OPERATOR_OR;
    enum operator any = when ? OPERATOR_OR : OPERATOR_AND;
    if (is_settled(emit, expr)) {
        emit_settled(emit, expr, when, no);
    } else if (logic && expr->operator== OPERATOR_NOT) {
        emit_ruling(emit, expr->first, !when, no);
    } else if (logic && expr->operator== all) {
        for (const struct expr *operand = expr->first; operand != NULL; operand = operand->next)
            emit_ruling(emit, operand, when, no);
    } else if (logic && expr->operator== any) {
        emit_any_of(emit, expr->first, when, no);
    }
}

// Of the request's headers; an empty name is any.
static bool is_edit_of(const struct action *action, slice name) {
    bool edits = action->kind <= ACTION_REMOVE && check_is_request_header(action->target);
    if (!edits || name.length == 0) return edits;
    slice edited = check_edited_header(action->target);
    bool known = edited.length > 0 && slice_find(edited, slice_of("*")) < 0;
    return !known || slice_equal_folded(edited, name);
}

static bool edits_header(const struct action *action, slice name) {
    for (; action != NULL; action = action->next) {
        if (is_edit_of(action, name) || edits_header(action->otherwise, name)) return true;
    }
    return false;
}

static bool is_edited_header(const struct emit *emit, slice name) {
    const struct unit *unit = emit->unit;
    for (uint32_t i = 0; i < unit->rule_names.count; i++) {
        const struct unit_rule *rule = &unit->rules[i];
        if (rule->phase == emit->phase && edits_header(rule->item->actions, name)) return true;
    }
    return false;
}

// Whether rules of request_body, where headers are held back, may come before it with an edit of
// what it reads. Lets see what was received.
static bool is_edited(const struct emit *emit, const struct expr *expr) {
    if (expr == NULL || emit->phase != PHASE_REQUEST_BODY || expr->kind == EXPR_LITERAL)
        return false;
    const struct field_row *row = expr->binding == BIND_FIELD ? &field_rows[expr->index] : NULL;
    if (row != NULL && row->origin == MESSAGE_REQUEST) {
        return is_edited_header(emit, row->header == NULL ? slice_of("") : slice_of(row->header));
    }
    bool header = expr->binding == BIND_HEADER && expr->first->binding == BIND_FIELD &&
                  expr->first->index == FIELD_REQUEST_HEADERS;
    if (header) return is_edited_header(emit, expr->name);
    for (const struct expr *child = expr->first; child != NULL; child = child->next) {
        if (is_edited(emit, child)) return true;
    }
    return false;
}

static bool is_group_settled(const struct emit *emit, const struct unit_group *group) {
    const struct clause *sample = group->sample;
    bool draw = sample == NULL || (is_settled(emit, sample->value) &&
                                   (sample->by == NULL || is_settled(emit, sample->by)));
    bool edited =
        is_edited(emit, group->when) ||
        (sample != NULL && (is_edited(emit, sample->value) || is_edited(emit, sample->by)));
    return draw && !edited && (group->when == NULL || is_settled(emit, group->when));
}

// A condition that is settled is evaluated and kept, as a phase would do it. One that is known
// from an earlier phase may be settled by now, whatever it reads.
static void emit_group_ruling(struct emit *emit, uint32_t number, uint32_t no) {
    const struct unit_group *group = &emit->unit->groups[number];
    if (!group_has_condition(group)) return;
    bool earlier = group->first_phase < phase_before(emit);
    if (is_group_settled(emit, group) || earlier) {
        emit_group_condition(emit, number);
    } else if (group->first_phase == emit->phase) {
        if (group->when != NULL) emit_ruling(emit, group->when, true, no);
        return;
    }
    emit_op(emit, OP_GROUP_ENTER, number, 0, no);
}

// The outermost first. Recursion is bounded by LIMIT_NESTING.
static void emit_groups(struct emit *emit, uint32_t number, uint32_t no) {
    if (number == NAME_NONE) return;
    emit_groups(emit, emit->unit->groups[number].parent, no);
    emit_group_ruling(emit, number, no);
}

static bool may_set_body(const struct action *action) {
    for (; action != NULL; action = action->next) {
        if (sets_body(action) || may_set_body(action->otherwise)) return true;
    }
    return false;
}

static void emit_rule_ruling(struct emit *emit, uint32_t number) {
    const struct unit_rule *rule = &emit->unit->rules[number];
    uint32_t no = emit_label(emit);
    if (!emit->too_large) emit->where = rule->item->name_span;
    emit->next_register = 0;
    emit_op(emit, OP_RULE, number, 0, 0);
    emit_groups(emit, rule->group, no);
    if (rule->when != NULL) emit_ruling(emit, rule->when, true, no);
    emit_op(emit, OP_NEEDS_BODY, !rule->shadow && may_set_body(rule->item->actions), 0, 0);
    emit_place(emit, no);
}

// Later rules of a group want its condition, too, which is evaluated in this phase or never.
static void emit_condition_ruling(struct emit *emit, uint32_t number) {
    const struct unit_group *group = &emit->unit->groups[number];
    bool later = (group->phases >> (emit->phase + 1)) != 0;
    bool here = group->first_phase == emit->phase && group_has_condition(group);
    if (!later || !here || is_group_settled(emit, group)) return;
    uint32_t no = emit_label(emit);
    if (!emit->too_large) emit->where = group->item->name_span;
    emit->next_register = 0;
    emit_groups(emit, number, no);
    emit_op(emit, OP_GROUP_NEEDS_BODY, number, 0, 0);
    emit_place(emit, no);
}

static void emit_gate(struct emit *emit, enum phase phase) {
    const struct unit *unit = emit->unit;
    emit_begin_block(emit);
    emit->phase = phase;
    for (uint32_t i = 0; i < unit->group_names.count; i++)
        emit_condition_ruling(emit, i);
    for (uint32_t i = 0; i < unit->rule_names.count; i++) {
        if (unit->rules[i].phase == phase) emit_rule_ruling(emit, i);
    }
    emit_op(emit, OP_END, 0, 0, 0);
    emit_end_block(emit);
}

// Whether the body can be had at all is told by the headers of both messages.
void emit_body_gate(struct emit *emit, struct program *program, enum phase phase,
                    enum message_kind of, uint8_t reads[PHASE_TOTAL]) {
    if (program->entry[phase] == NO_ENTRY) return;
    program->body_gate[of] = emit_here(emit);
    emit->reads = (uint8_t)(1u << MESSAGE_REQUEST | 1u << of);
    emit_gate(emit, phase);
    reads[phase] |= emit->reads;
}

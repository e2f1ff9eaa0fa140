// Code of limiters: the let that holds what a request gives of one, blocks of limits, changes.
#include "engine/lang/check_program.h"
#include "engine/lang/emit.h"

static struct unit_limiter *limiter_of(struct emit *emit, const struct action *action,
                                       uint32_t *number) {
    struct unit *unit = emit->unit;
    *number = names_resolve(&unit->limiter_names, emit->prefix, action->name);
    return &unit->limiters[*number];
}

void emit_key_part(struct emit *emit, const struct expr *part, uint32_t into) {
    if (!expr_can_fail(part)) {
        emit_to(emit, part, into);
        return;
    }
    uint32_t failed = emit_label(emit);
    uint32_t done = emit_label(emit);
    uint32_t kept = emit->next_register;
    uint32_t error = emit_register(emit);
    uint16_t before = emit_handle(emit, failed, error);
    emit_to(emit, part, into);
    emit_restore(emit, before);
    emit_op(emit, OP_JUMP, 0, 0, done);
    emit_place(emit, failed);
    emit_op(emit, OP_LIMIT_ABSENT, into, error, 0);
    emit_place(emit, done);
    emit->next_register = kept;
}

static uint32_t emit_terms(struct emit *emit, const struct unit_limiter *limiter) {
    uint32_t count = limiter->part_count;
    for (uint32_t i = 0; i < LEN(limiter->given); i++)
        count += limiter->given[i] != NULL;
    uint32_t into = emit_registers(emit, count);
    uint32_t at = into;
    for (uint32_t i = 0; i < LEN(limiter->given); i++) {
        if (limiter->given[i] != NULL) emit_to(emit, limiter->given[i], at++);
    }
    for (const struct expr *part = limiter->parts; part != NULL; part = part->next)
        emit_key_part(emit, part, at++);
    uint32_t list = emit_register(emit);
    emit_op(emit, OP_LIST, list, into, count);
    return list;
}

// Headers are read as earlier rules left them, unlike in lets that are written.
void emit_limiter_let(struct emit *emit, struct unit_limiter *limiter, struct let_row *row) {
    struct unit_let *let = &limiter->let;
    emit_begin_block(emit);
    if (!emit->too_large) emit->where = limiter->item->name_span;
    emit->reads = 0;
    uint32_t failed = emit_label(emit);
    uint32_t error = emit_register(emit);
    *row = (struct let_row){.name = arena_copy(emit->arena, limiter->name),
                            .entry = emit_here(emit),
                            .type = TYPE_LIST};
    emit_handle(emit, failed, error);
    uint32_t list = emit_terms(emit, limiter);
    emit_restore(emit, NO_HANDLER);
    emit_op(emit, OP_LET_END, list, let->number, 0);
    emit_place(emit, failed);
    emit_op(emit, OP_LET_FAILED, error, let->number, 0);
    emit_end_block(emit);
    let->reads = emit->reads;
}

// The operand that holds the limiter's terms: null where the program knows them.
static uint32_t emit_limiter_terms(struct emit *emit, const struct unit_limiter *limiter) {
    if (!limiter_let(limiter)) return emit_constant(emit, value_null());
    uint32_t into = emit_register(emit);
    emit->reads |= limiter->let.reads;
    emit_op(emit, OP_LET, into, limiter->let.number, 0);
    return into;
}

static uint32_t emit_cost(struct emit *emit, const struct expr *cost) {
    return cost == NULL ? emit_constant(emit, value_int(1)) : emit_value(emit, cost);
}

// Terms or a cost that fail: the limiter refuses.
static void emit_limit(struct emit *emit, const struct action *action) {
    uint32_t number;
    const struct unit_limiter *limiter = limiter_of(emit, action, &number);
    uint32_t kept = emit->next_register;
    struct guard guard = emit_guard(emit);
    uint32_t cost = emit_cost(emit, action->cost);
    uint32_t terms = emit_limiter_terms(emit, limiter);
    emit_op(emit, OP_LIMIT_ADD, number, cost, terms);
    emit_catch(emit, guard);
    emit_op(emit, OP_LIMIT_FAILED, number, guard.error, 0);
    emit_guarded(emit, guard);
    emit->next_register = kept;
}

static const struct action *last_in_row(const struct action *action) {
    while (action->next != NULL && action->next->kind == ACTION_LIMIT)
        action = action->next;
    return action;
}

// An `else` that lets the request go on ends as a block of none, which admits: nothing that the
// rule does behind it is that limiter's refusal.
const struct action *emit_limits(struct emit *emit, const struct action *first,
                                 void (*refuse)(struct emit *emit, const struct action *action)) {
    const struct action *last = last_in_row(first);
    uint32_t good = emit_label(emit);
    for (const struct action *at = first; at != last->next; at = at->next)
        emit_limit(emit, at);
    emit_op(emit, OP_LIMIT, 0, 0, good);
    for (const struct action *at = first; at != last; at = at->next) {
        uint32_t number;
        uint32_t other = emit_label(emit);
        limiter_of(emit, at, &number);
        emit_op(emit, OP_LIMIT_OTHER, number, 0, other);
        refuse(emit, at);
        emit_op(emit, OP_LIMIT, 0, 0, good);
        emit_place(emit, other);
    }
    refuse(emit, last);
    emit_op(emit, OP_LIMIT, 0, 0, good);
    emit_place(emit, good);
    return last;
}

static uint32_t emit_amount(struct emit *emit, const struct action *action) {
    if (action->kind == ACTION_BAN) return emit_value(emit, action->value);
    bool all = action->kind == ACTION_REFUND && action->cost == NULL;
    return all ? emit_constant(emit, value_null()) : emit_cost(emit, action->cost);
}

void emit_limiter_change(struct emit *emit, const struct action *action) {
    static const uint16_t ops[] = {OP_CHARGE, OP_REFUND, OP_BAN};
    uint32_t number;
    const struct unit_limiter *limiter = limiter_of(emit, action, &number);
    struct guard guard = emit_guard(emit);
    uint32_t amount = emit_amount(emit, action);
    // What was not used in this request has taken nothing: a refund needs no terms.
    bool refund = action->kind == ACTION_REFUND;
    uint32_t terms = refund ? emit_constant(emit, value_null()) : emit_limiter_terms(emit, limiter);
    emit_op(emit, (enum opcode)ops[action->kind - ACTION_CHARGE], number, amount, terms);
    emit_catch(emit, guard);
    emit_op(emit, OP_ACTION_ERROR, guard.error, 0, 0);
    emit_guarded(emit, guard);
}

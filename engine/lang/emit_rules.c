// Code of rules: groups, conditions, actions. What an error does stands here (language: "an error
// never opens the door").
#include "engine/lang/check_program.h"
#include "engine/lang/emit.h"
#include "engine/run/sample.h"

struct guard emit_guard(struct emit *emit) {
    struct guard guard = {.failed = emit_label(emit), .done = emit_label(emit)};
    guard.error = emit_register(emit);
    guard.before = emit_handle(emit, guard.failed, guard.error);
    return guard;
}

void emit_catch(struct emit *emit, struct guard guard) {
    emit_restore(emit, guard.before);
    emit_op(emit, OP_JUMP, 0, 0, guard.done);
    emit_place(emit, guard.failed);
}

void emit_guarded(struct emit *emit, struct guard guard) {
    emit_place(emit, guard.done);
}

void emit_catch_error(struct emit *emit, struct guard guard) {
    emit_catch(emit, guard);
    emit_op(emit, OP_ACTION_ERROR, guard.error, 0, 0);
}

static enum message_kind target_message(const struct action *action) {
    return (enum message_kind)field_rows[action->target->first->index].origin;
}

static const struct expr *target_name(const struct action *action) {
    return action->target->kind == EXPR_INDEX ? action->target->first->next : NULL;
}

// A constant name is spelled as the host spells names: then it passes the gate once and for all.
static slice lower_name(struct emit *emit, slice name) {
    char *lower = arena_take_raw(emit->arena, name.length);
    if (lower == NULL) emit->failed = true;
    for (uint32_t i = 0; lower != NULL && i < name.length; i++)
        lower[i] = ascii_lower(name.at[i]);
    return slice_from(lower, lower == NULL ? 0 : name.length);
}

// The name where it is constant, else {NULL, 0}: no header has an empty name.
static slice constant_name(struct emit *emit, const struct action *action) {
    const struct expr *name = target_name(action);
    if (name == NULL) return lower_name(emit, action->target->name);
    if (name->kind == EXPR_LITERAL) return lower_name(emit, value_text(name->literal));
    return (slice){NULL, 0};
}

static uint32_t emit_target_name(struct emit *emit, const struct action *action) {
    slice constant = constant_name(emit, action);
    if (constant.length > 0) return emit_constant(emit, value_string(constant));
    return emit_value_of(emit, target_name(action), TYPE_STRING);
}

// `set` and `add` of constants need no code of their own.
static bool emit_constant_edit(struct emit *emit, const struct action *action) {
    bool set = action->kind == ACTION_SET;
    const struct expr *value = action->value;
    bool plain = (set || action->kind == ACTION_ADD) && value->kind == EXPR_LITERAL &&
                 value->literal.kind == TYPE_STRING;
    if (!plain) return false;
    slice name = constant_name(emit, action);
    if (name.length == 0) return false;
    emit->edits[target_message(action)] = true;
    emit_prepared(emit, set ? EFFECT_HEADER_SET : EFFECT_HEADER_ADD, target_message(action), name,
                  value_text(value->literal));
    return true;
}

// `default` acts only while the header is absent.
static void emit_presence(struct emit *emit, const struct action *action, uint32_t name,
                          uint32_t done) {
    if (emit->failed || emit->too_large) return; // `name` may then be no constant's number
    enum message_kind message = target_message(action);
    emit_read(emit, message);
    if (name & OPERAND_CONSTANT) {
        struct value constant = emit->constants[name & ~(uint32_t)OPERAND_CONSTANT];
        uint32_t slot = OPERAND_SLOT | emit_slot(emit, message, value_text(constant));
        emit_op(emit, OP_IF_PRESENT, slot, slot, done);
        return;
    }
    uint32_t present = emit_register(emit);
    uint32_t headers = emit_register(emit);
    emit_op(emit, OP_FIELD, headers, action->target->first->index, 0);
    emit_op(emit, OP_HEADER_IN, present, headers, name);
    emit_op(emit, OP_IF, present, 0, done);
}

static bool value_can_fail(const struct expr *value) {
    return value != NULL && expr_can_fail(value);
}

static bool name_can_fail(const struct expr *name) {
    return name != NULL && (name->type != TYPE_STRING || expr_can_fail(name));
}

// A `set` whose value fails removes its target: a forged header must not survive.
static void emit_guarded_value(struct emit *emit, const struct action *action, uint32_t name) {
    enum message_kind message = target_message(action);
    bool set = action->kind == ACTION_SET;
    enum opcode op = set ? OP_HEADER_SET : OP_HEADER_ADD;
    if (!value_can_fail(action->value)) {
        emit_op(emit, op, message, name, emit_value(emit, action->value));
        return;
    }
    struct guard guard = emit_guard(emit);
    emit_op(emit, op, message, name, emit_value(emit, action->value));
    emit_catch_error(emit, guard);
    if (set) emit_op(emit, OP_HEADER_REMOVE, message, name, 0);
    emit_guarded(emit, guard);
}

// A constant name with `*` is a pattern: the names are looked for.
static void emit_remove(struct emit *emit, enum message_kind message, slice constant,
                        uint32_t name) {
    bool pattern = constant.length > 0 && memchr(constant.at, '*', constant.length) != NULL;
    if (pattern) emit_read(emit, message);
    emit_op(emit, pattern ? OP_HEADER_REMOVE_ALL : OP_HEADER_REMOVE, message, name, 0);
}

static void emit_edit_of(struct emit *emit, const struct action *action) {
    enum message_kind message = target_message(action);
    uint32_t name = emit_target_name(emit, action);
    emit->edits[message] = true;
    if (action->kind == ACTION_REMOVE) {
        emit_remove(emit, message, constant_name(emit, action), name);
        return;
    }
    uint32_t done = emit_label(emit);
    if (action->kind == ACTION_DEFAULT) emit_presence(emit, action, name, done);
    emit_guarded_value(emit, action, name);
    emit_place(emit, done);
}

// The names of a constant list, one by one.
static bool emit_removes(struct emit *emit, const struct action *action) {
    const struct expr *list = target_name(action);
    bool names = action->kind == ACTION_REMOVE && list != NULL && list->kind == EXPR_LITERAL &&
                 list->literal.kind == TYPE_LIST;
    for (uint32_t i = 0; names && i < list->literal.length; i++) {
        slice name = lower_name(emit, value_text(list->literal.as.items[i]));
        emit->edits[target_message(action)] = true;
        emit_remove(emit, target_message(action), name, emit_constant(emit, value_string(name)));
    }
    return names;
}

static void emit_edit(struct emit *emit, const struct action *action) {
    if (action->place != PLACE_NONE) {
        emit_place_edit(emit, action);
        return;
    }
    if (emit_removes(emit, action)) return;
    if (emit_constant_edit(emit, action)) return;
    if (!name_can_fail(target_name(action))) {
        emit_edit_of(emit, action);
        return;
    }
    struct guard guard = emit_guard(emit);
    emit_edit_of(emit, action);
    emit_catch_error(emit, guard);
    emit_guarded(emit, guard);
}

static void emit_refusal(struct emit *emit, const struct action *action, enum reply_kind kind,
                         int64_t status) {
    if (action->has_otherwise) {
        emit_actions(emit, action->otherwise);
        return;
    }
    emit_op(emit, OP_REPLY, kind, emit_constant(emit, value_int(status)), 0);
    emit_send(emit);
}

// What ends a rule without restricting never follows from an error: in an `else` of a rule whose
// condition failed it is left out.
static void emit_ending(struct emit *emit, enum action_kind kind) {
    uint32_t spared = emit_label(emit);
    if (emit->failing) emit_op(emit, OP_IF_FAILED, 0, 0, spared);
    if (kind == ACTION_EXEMPT) {
        emit_op(emit, OP_EXEMPT, emit->shadow, 0, 0);
        emit->exempts |= emit->shadow ? 2 : 3;
    }
    emit_op(emit, OP_JUMP, 0, 0, kind == ACTION_SKIP ? emit->skip : emit->after);
    emit_place(emit, spared);
}

// Not true, false or failed alike, is a refusal.
static void emit_require(struct emit *emit, const struct action *action) {
    uint32_t good = emit_label(emit);
    if (!expr_can_fail(action->value) && action->value->type == TYPE_BOOL) {
        emit_branch(emit, action->value, good, true);
    } else {
        struct guard guard = emit_guard(emit);
        emit_branch(emit, action->value, good, true);
        emit_catch_error(emit, guard);
        emit_guarded(emit, guard);
    }
    emit_refusal(emit, action, REPLY_DENY, 403);
    emit_place(emit, good);
}

static void emit_limit_refusal(struct emit *emit, const struct action *action) {
    emit_refusal(emit, action, REPLY_LIMIT, 429);
}

static uint32_t level_of(slice word) {
    uint32_t level = 0;
    while (level < LEVEL_TOTAL - 1 && !slice_is(word, level_names[level]))
        level++;
    return level;
}

static void emit_log(struct emit *emit, const struct action *action) {
    struct guard guard = emit_guard(emit);
    uint32_t line = emit_value_of(emit, action->value, TYPE_STRING);
    emit_op(emit, OP_LOG, level_of(action->name), line, 0);
    emit_catch_error(emit, guard);
    emit_guarded(emit, guard);
}

// A shadow rule leaves nothing that others see.
static void emit_tag(struct emit *emit, const struct action *action) {
    if (emit->shadow) return;
    uint32_t name = emit_constant(emit, value_string(action->name));
    struct guard guard = emit_guard(emit);
    emit_op(emit, OP_TAG, name, emit_value_of(emit, action->value, TYPE_STRING), 0);
    emit_catch_error(emit, guard);
    emit_guarded(emit, guard);
}

static uint32_t counter_of(struct emit *emit, slice name) {
    for (uint32_t i = 0; i < emit->counter_count; i++) {
        if (slice_equal(emit->counters[i].name, name)) return i;
    }
    void *rows = emit->counters;
    if (emit->counter_count == LIMIT_COUNTERS) {
        emit_too_large(emit, LIMIT_COUNTERS, "counters");
        return 0;
    }
    if (!emit_reserve(emit, &rows, emit->counter_count, &emit->counter_capacity,
                      sizeof *emit->counters)) {
        return 0;
    }
    emit->counters = rows;
    slice copy = arena_copy(emit->arena, name);
    if (copy.at == NULL) emit->failed = true;
    emit->counters[emit->counter_count] = (struct counter_row){.name = copy};
    return emit->counter_count++;
}

static void emit_count(struct emit *emit, const struct action *action) {
    uint32_t counter = counter_of(emit, action->name);
    if (action->value == NULL) {
        emit_op(emit, OP_COUNT, counter, 0, 0);
        return;
    }
    struct guard guard = emit_guard(emit);
    emit_op(emit, OP_COUNT_BY, counter, emit_value(emit, action->value), 0);
    emit_catch_error(emit, guard);
    emit_guarded(emit, guard);
    if (counter < emit->counter_count) emit->counters[counter].labels = true;
}

// The last action that was emitted: limits in a row are one.
static const struct action *emit_action_itself(struct emit *emit, const struct action *action) {
    switch (action->kind) {
    case ACTION_EXEMPT:
    case ACTION_SKIP: emit_ending(emit, action->kind); break;
    case ACTION_DENY:
    case ACTION_RESPOND: emit_reply(emit, action); break;
    case ACTION_REDIRECT: emit_redirect(emit, action); break;
    case ACTION_REQUIRE: emit_require(emit, action); break;
    case ACTION_LIMIT: return emit_limits(emit, action, emit_limit_refusal);
    case ACTION_CHARGE:
    case ACTION_REFUND:
    case ACTION_BAN: emit_limiter_change(emit, action); break;
    case ACTION_REROUTE:
        if (!emit->shadow) emit_op(emit, OP_REROUTE, 0, 0, 0);
        break;
    case ACTION_LOG: emit_log(emit, action); break;
    case ACTION_COUNT: emit_count(emit, action); break;
    case ACTION_CAP: emit_cap(emit, action); break;
    case ACTION_TAG: emit_tag(emit, action); break;
    default:
        if (emit->shadow) break;
        if (sets_body(action)) {
            emit_body(emit, action);
        } else {
            emit_edit(emit, action);
        }
        break;
    }
    return action;
}

// What an exempt request is spared.
static bool is_spared(enum action_kind kind) {
    return kind == ACTION_DENY || kind == ACTION_REDIRECT || kind == ACTION_REQUIRE ||
           kind == ACTION_LIMIT || kind == ACTION_CAP;
}

static const struct action *emit_action(struct emit *emit, const struct action *action) {
    bool asks = is_spared(action->kind) && (emit->exempts >> emit->shadow & 1) != 0;
    if (!asks) return emit_action_itself(emit, action);
    uint32_t spared = emit_label(emit);
    emit_op(emit, OP_IF_EXEMPT, emit->shadow, 0, spared);
    action = emit_action_itself(emit, action);
    emit_place(emit, spared);
    return action;
}

void emit_actions(struct emit *emit, const struct action *actions) {
    uint32_t kept = emit->next_register;
    for (const struct action *action = actions; action != NULL; action = action->next) {
        action = emit_action(emit, action);
        emit->next_register = kept;
    }
}

// The actions of a rule itself: after a failed condition only those that restrict.
static void emit_rule_actions(struct emit *emit, const struct unit_rule *rule) {
    const struct action *action = rule->item->actions;
    for (; action != NULL; action = action->next) {
        bool skipped = emit->failing && !action_rows[action->kind].restricts;
        uint32_t next = skipped ? emit_label(emit) : 0;
        if (skipped) emit_op(emit, OP_IF_FAILED, 0, 0, next);
        action = emit_action(emit, action);
        if (skipped) emit_place(emit, next);
        emit->next_register = 0;
    }
}

// A sample draws, which not every host can.
static bool condition_can_fail(const struct clause *sample, const struct expr *when) {
    bool fails = when != NULL && (when->type != TYPE_BOOL || expr_can_fail(when));
    return sample != NULL || fails;
}

bool group_has_condition(const struct unit_group *group) {
    return group->sample != NULL || group->when != NULL;
}

static void emit_sample(struct emit *emit, const struct clause *sample, slice name, uint32_t no) {
    uint32_t kept = emit->next_register;
    uint32_t first = emit_registers(emit, SAMPLE_OPERANDS);
    emit_to(emit, sample->value, first + SAMPLE_SHARE);
    if (sample->by == NULL) {
        emit_op(emit, OP_MOVE, first + SAMPLE_KEY, emit_constant(emit, value_null()), 0);
    } else {
        emit_key_part(emit, sample->by, first + SAMPLE_KEY);
    }
    emit_op(emit, OP_MOVE, first + SAMPLE_SALT, emit_constant(emit, value_string(name)), 0);
    emit_op(emit, OP_SAMPLE, first, first, 0);
    emit_op(emit, OP_UNLESS, first, 0, no);
    emit->next_register = kept;
}

// Goes to `no` where it does not hold. The draw comes first.
static void emit_whether(struct emit *emit, const struct clause *sample, const struct expr *when,
                         slice name, uint32_t no) {
    if (sample != NULL) emit_sample(emit, sample, name, no);
    if (when != NULL) emit_branch(emit, when, no, false);
}

bool group_can_fail(const struct unit *unit, uint32_t group) {
    for (; group != NAME_NONE; group = unit->groups[group].parent) {
        const struct unit_group *row = &unit->groups[group];
        if (condition_can_fail(row->sample, row->when)) return true;
    }
    return false;
}

// Groups whose condition failed hand the failure to each of their rules.
static bool emit_inherited(struct emit *emit, uint32_t group, uint32_t next) {
    bool any = false;
    for (; group != NAME_NONE; group = emit->unit->groups[group].parent) {
        const struct unit_group *row = &emit->unit->groups[group];
        if (!condition_can_fail(row->sample, row->when)) continue;
        emit_op(emit, OP_RULE_INHERIT, group, 0, next);
        any = true;
    }
    return any;
}

// The outermost group of which at most one rule runs, NAME_NONE if there is none. A shadow rule
// ends only what is shadow as a whole: it must not change what other rules do.
static uint32_t ended_by(const struct unit *unit, const struct unit_rule *rule) {
    uint32_t ended = NAME_NONE;
    for (uint32_t i = rule->group; i != NAME_NONE; i = unit->groups[i].parent) {
        const struct unit_group *group = &unit->groups[i];
        if (group->first && (!rule->shadow || group->shadow)) ended = i;
    }
    return ended;
}

// A rule whose condition failed may not have been the one: those behind it are asked, too.
static void emit_first(struct emit *emit, const struct unit_rule *rule, bool may_fail,
                       uint32_t next) {
    uint32_t ended = ended_by(emit->unit, rule);
    if (ended == NAME_NONE) return;
    if (may_fail) emit_op(emit, OP_IF_FAILED, 0, 0, next);
    emit_op(emit, OP_JUMP, 0, 0, emit->unit->groups[ended].after);
}

static void begin_rule(struct emit *emit, uint32_t number) {
    const struct unit_rule *rule = &emit->unit->rules[number];
    const struct unit_group *group =
        rule->group == NAME_NONE ? NULL : &emit->unit->groups[rule->group];
    emit->prefix = rule->prefix;
    emit->shadow = rule->shadow;
    emit->rule = number;
    emit->after = emit_label(emit);
    emit->skip = group != NULL && (!rule->shadow || group->shadow) ? group->after : emit->after;
    if (!emit->too_large) emit->where = rule->item->name_span;
    emit->next_register = 0;
}

static void emit_rule(struct emit *emit, uint32_t number) {
    const struct unit_rule *rule = &emit->unit->rules[number];
    uint32_t next = emit_label(emit);
    bool fails = condition_can_fail(rule->sample, rule->when);
    begin_rule(emit, number);
    emit_op(emit, OP_RULE, number, 0, 0);
    bool inherits = emit_inherited(emit, rule->group, next);
    if (fails) {
        uint32_t failed = emit_label(emit);
        uint32_t body = emit_label(emit);
        uint32_t error = emit_register(emit);
        uint16_t before = emit_handle(emit, failed, error);
        emit_whether(emit, rule->sample, rule->when, rule->name, next);
        emit_restore(emit, before);
        emit_op(emit, OP_RULE_MATCH, 0, 0, 0);
        emit_op(emit, OP_JUMP, 0, 0, body);
        emit_place(emit, failed);
        emit_op(emit, OP_RULE_ERROR, error, 0, next);
        emit_place(emit, body);
    } else {
        if (rule->when != NULL) emit_branch(emit, rule->when, next, false);
        emit_op(emit, OP_RULE_MATCH, 0, 0, 0);
    }
    emit->next_register = 0;
    emit->failing = rule->restricts && (fails || inherits);
    emit_rule_actions(emit, rule);
    emit_place(emit, emit->after);
    emit_first(emit, rule, fails || inherits, next);
    emit_place(emit, next);
}

void emit_group_condition(struct emit *emit, uint32_t number) {
    const struct unit_group *group = &emit->unit->groups[number];
    slice name = slice_cut(group->prefix, 0, group->prefix.length - 1); // less its dot
    uint32_t known = emit_label(emit);
    uint32_t no = emit_label(emit);
    uint32_t failed = emit_label(emit);
    emit->next_register = 0;
    uint32_t error = emit_register(emit);
    emit_op(emit, OP_GROUP_KNOWN, number, 0, known);
    uint16_t before = emit_handle(emit, failed, error);
    emit_whether(emit, group->sample, group->when, name, no);
    emit_restore(emit, before);
    emit_op(emit, OP_GROUP_TRUE, number, 0, 0);
    emit_op(emit, OP_JUMP, 0, 0, known);
    emit_place(emit, no);
    emit_op(emit, OP_GROUP_FALSE, number, 0, 0);
    if (condition_can_fail(group->sample, group->when)) {
        emit_op(emit, OP_JUMP, 0, 0, known);
        emit_place(emit, failed);
        emit_op(emit, OP_GROUP_FAILED, number, error, 0);
    } else {
        emit_place(emit, failed);
    }
    emit_place(emit, known);
}

// Rules and groups by their ordinals, which nest: a group ends where its last member does.
static void emit_members(struct emit *emit, enum phase phase, uint32_t *rule, uint32_t *group,
                         uint32_t end, struct siblings *siblings);

// Its members are siblings of their own.
static void emit_conditional(struct emit *emit, enum phase phase, uint32_t number, uint32_t *rule,
                             uint32_t *group) {
    struct unit_group *row = &emit->unit->groups[number];
    emit_group_condition(emit, number);
    emit_op(emit, OP_GROUP_ENTER, number, 0, row->after);
    struct siblings siblings = emit_siblings(emit, phase, *rule, *group, row->last);
    emit_members(emit, phase, rule, group, row->last, &siblings);
    emit_siblings_end(emit, &siblings);
    emit_place(emit, row->after);
}

static void emit_group(struct emit *emit, enum phase phase, uint32_t number, uint32_t *rule,
                       uint32_t *group, struct siblings *siblings) {
    struct unit_group *row = &emit->unit->groups[number];
    bool used = (row->phases >> phase & 1) != 0;
    row->after = used ? emit_label(emit) : 0;
    if (used && group_has_condition(row)) {
        emit_member(emit, siblings);
        emit_conditional(emit, phase, number, rule, group);
        emit_next(emit, siblings);
    } else {
        emit_members(emit, phase, rule, group, row->last, siblings);
        if (used) emit_place(emit, row->after);
    }
}

static void emit_members(struct emit *emit, enum phase phase, uint32_t *rule, uint32_t *group,
                         uint32_t end, struct siblings *siblings) {
    const struct unit *unit = emit->unit;
    uint32_t rules = unit->rule_names.count;
    uint32_t groups = unit->group_names.count;
    for (;;) {
        uint32_t rule_at = *rule < rules ? unit->rules[*rule].ordinal : NAME_NONE;
        uint32_t group_at = *group < groups ? unit->groups[*group].ordinal : NAME_NONE;
        if ((rule_at < group_at ? rule_at : group_at) > end) return;
        if (rule_at == NAME_NONE && group_at == NAME_NONE) return;
        if (rule_at < group_at) {
            uint32_t number = (*rule)++;
            if (unit->rules[number].phase != phase) continue;
            emit_member(emit, siblings);
            emit_rule(emit, number);
            emit_next(emit, siblings);
        } else {
            uint32_t number = (*group)++;
            emit_group(emit, phase, number, rule, group, siblings);
        }
    }
}

void emit_phase(struct emit *emit, enum phase phase) {
    uint32_t rule = 0;
    uint32_t group = 0;
    emit_begin_block(emit);
    emit->phase = phase;
    emit->exempts = 0;
    struct siblings siblings = emit_siblings(emit, phase, rule, group, NAME_NONE - 1);
    emit_members(emit, phase, &rule, &group, NAME_NONE - 1, &siblings);
    emit_siblings_end(emit, &siblings);
    emit_op(emit, OP_END, 0, 0, 0);
    emit_end_block(emit);
}

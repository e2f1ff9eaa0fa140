// Lets, limiters, groups and rules in their order; phases and what restricts.
#include "engine/lang/check_program.h"

static void check_let(struct unit *unit, struct unit_let *let, uint32_t *numbered) {
    struct check check = {.unit = unit, .prefix = let->prefix, .ordinal = let->ordinal, .let = let};
    struct expr *value = let->item->value;
    let->phases = IN_ALL;
    let->type = (uint8_t)check_expr(&check, value);
    if (let->type != TYPE_NONE) let->type = value->type;
    let->shape = value->shape;
    let->constant = value->kind == EXPR_LITERAL;
    if (let->depth >= LIMIT_LET_DEPTH) {
        check_report(&check, ERROR_TOO_MANY, &let->item->name_span,
                     (slice[]){check_number(&check, LIMIT_LET_DEPTH),
                               slice_of("lets that each need the one before")});
    }
    if (!let->constant) let->number = (*numbered)++;
}

bool check_has_action(const struct action *actions, enum action_kind kind) {
    for (; actions != NULL; actions = actions->next) {
        if (actions->kind == kind || check_has_action(actions->otherwise, kind)) return true;
    }
    return false;
}

bool check_is_request_header(const struct expr *target) {
    return target->first != NULL && target->first->binding == BIND_FIELD &&
           target->first->index == FIELD_REQUEST_HEADERS;
}

slice check_edited_header(const struct expr *target) {
    if (!check_is_request_header(target)) return (slice){NULL, 0};
    if (target->kind == EXPR_SELECT) return target->name;
    const struct expr *name = target->first->next;
    bool text = name->kind == EXPR_LITERAL && name->literal.kind == TYPE_STRING;
    return text ? value_text(name->literal) : (slice){NULL, 0};
}

static bool any_restricts(const struct action *action) {
    for (; action != NULL; action = action->next) {
        if (action_rows[action->kind].restricts || any_restricts(action->otherwise)) return true;
    }
    return false;
}

static enum phase find_phase(struct check *check, const struct clause *clause) {
    slice names[PHASE_TOTAL];
    for (uint32_t i = 0; i < PHASE_TOTAL; i++) {
        names[i] = slice_of(phase_names[i]);
        if (slice_equal(clause->word, names[i])) return (enum phase)i;
    }
    check_report(check, ERROR_UNKNOWN_PHASE, &clause->word_span, &clause->word);
    slice nearest = diag_nearest(clause->word, names, PHASE_TOTAL);
    if (nearest.length > 0) {
        diag_help(check->unit->diagnostics, "did you mean `{0}`?", &nearest);
    }
    return PHASE_TOTAL;
}

// NULL after a report.
static const bool *find_on_error(struct unit *unit, const struct clause *clause) {
    static const bool apply = true, skip = false;
    if (slice_is(clause->word, "apply")) return &apply;
    if (slice_is(clause->word, "skip")) return &skip;
    diag_report(unit->diagnostics, ERROR_UNKNOWN_WORD, &clause->word_span,
                (slice[]){clause->word, slice_of("skip, apply")});
    return NULL;
}

// A rule's phase is needed before any condition is checked: its groups are checked in the earliest.
static void read_clauses(struct unit *unit, struct unit_rule *rule) {
    struct check check = {.unit = unit};
    const struct unit_group *group = rule->group == NAME_NONE ? NULL : &unit->groups[rule->group];
    const bool *on_error = group == NULL ? NULL : group->on_error;
    rule->shadow = (group != NULL && group->shadow) || unit->config->settings.shadow;
    rule->phase = PHASE_REQUEST;
    rule->restricts = any_restricts(rule->item->actions);
    for (const struct clause *clause = rule->item->clauses; clause != NULL; clause = clause->next) {
        switch (clause->kind) {
        case CLAUSE_ON: rule->phase = find_phase(&check, clause); break;
        case CLAUSE_WHEN: rule->when = clause->value; break;
        case CLAUSE_SHADOW: rule->shadow = true; break;
        case CLAUSE_SAMPLE: rule->sample = clause; break;
        case CLAUSE_ON_ERROR: on_error = find_on_error(unit, clause); break;
        default: break; // `first`, which the grammar refuses
        }
    }
    rule->applies_on_error = on_error == NULL ? rule->restricts : *on_error;
}

static void note_phase(struct unit *unit, uint32_t group, enum phase phase) {
    for (; group != NAME_NONE; group = unit->groups[group].parent) {
        struct unit_group *row = &unit->groups[group];
        row->phases |= (uint8_t)(1u << phase);
        if (phase < row->first_phase) row->first_phase = (uint8_t)phase;
    }
}

// What its rules must know of a group; its outer groups come before it.
static void note_clauses(struct unit *unit, struct unit_group *group) {
    const struct unit_group *outer =
        group->parent == NAME_NONE ? NULL : &unit->groups[group->parent];
    group->shadow = (outer != NULL && outer->shadow) || unit->config->settings.shadow;
    group->on_error = outer == NULL ? NULL : outer->on_error;
    for (const struct clause *at = group->item->clauses; at != NULL; at = at->next) {
        if (at->kind == CLAUSE_FIRST) group->first = true;
        if (at->kind == CLAUSE_SHADOW) group->shadow = true;
        if (at->kind == CLAUSE_ON_ERROR) group->on_error = find_on_error(unit, at);
    }
}

static void check_share(struct check *check, struct expr *share) {
    enum type type = check_expr(check, share);
    bool number = type == TYPE_DOUBLE || type == TYPE_INT || type == TYPE_UINT || type == TYPE_DYN;
    if (type == TYPE_NONE) return;
    bool constant = share->kind == EXPR_LITERAL;
    bool within = !constant || share->literal.as.integer == 0 || share->literal.as.integer == 1;
    if (constant && share->literal.kind == TYPE_DOUBLE)
        within = share->literal.as.real >= 0 && share->literal.as.real <= 1;
    if (number && within) return;
    check_report(check, ERROR_RATE_RANGE, &share->span,
                 (slice[]){slice_of("a sample"), slice_of("a number from 0 to 1"),
                           number ? check_source(check, share->span) : slice_of(type_name(type))});
}

static void check_sample(struct check *check, const struct clause *clause) {
    check_share(check, clause->value);
    if (clause->by == NULL || check_expr(check, clause->by) == TYPE_NONE) return;
    check_holdable(check, clause->by);
}

static void check_group(struct unit *unit, struct unit_group *group) {
    uint8_t phase = group->first_phase == PHASE_TOTAL ? PHASE_REQUEST : group->first_phase;
    struct check check = {.unit = unit,
                          .prefix = group->prefix,
                          .ordinal = group->ordinal,
                          .phases = (uint8_t)(1u << phase)};
    const struct clause *clause = group->item->clauses;
    for (; clause != NULL; clause = clause->next) {
        switch (clause->kind) {
        case CLAUSE_WHEN:
            group->when = clause->value;
            check_condition(&check, clause->value);
            break;
        case CLAUSE_SAMPLE:
            group->sample = clause;
            check_sample(&check, clause);
            break;
        default: break; // note_clauses has the others; the grammar refuses `on`
        }
    }
}

static void check_rule(struct unit *unit, struct unit_rule *rule) {
    if (rule->phase == PHASE_TOTAL) return;
    struct check check = {.unit = unit,
                          .prefix = rule->prefix,
                          .ordinal = rule->ordinal,
                          .phases = (uint8_t)(1u << rule->phase)};
    if (rule->sample != NULL) check_sample(&check, rule->sample);
    if (rule->when != NULL) check_condition(&check, rule->when);
    check_actions(&check, rule->item->actions, rule);
}

void check_program(struct unit *unit) {
    uint32_t numbered = 0;
    for (uint32_t i = 0; i < unit->let_names.count; i++) {
        check_let(unit, &unit->lets[i], &numbered);
    }
    for (uint32_t i = 0; i < unit->service_names.count; i++)
        check_service(unit, &unit->services[i]);
    for (uint32_t i = 0; i < unit->limiter_names.count; i++) {
        check_limiter(unit, &unit->limiters[i], &numbered);
    }
    for (uint32_t i = 0; i < unit->group_names.count; i++)
        note_clauses(unit, &unit->groups[i]);
    for (uint32_t i = 0; i < unit->rule_names.count; i++) {
        struct unit_rule *rule = &unit->rules[i];
        read_clauses(unit, rule);
        if (rule->phase != PHASE_TOTAL) note_phase(unit, rule->group, rule->phase);
    }
    for (uint32_t i = 0; i < unit->group_names.count; i++)
        check_group(unit, &unit->groups[i]);
    for (uint32_t i = 0; i < unit->rule_names.count; i++)
        check_rule(unit, &unit->rules[i]);
    check_worker_memory(unit);
}

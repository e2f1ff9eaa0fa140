// Lints of the order of rules: what never runs, what `exempt` spares, what refuses everybody, what
// the router never sees.
#include "engine/lang/lint.h"

// What was seen of a group so far, by phase. The last row stands for the program.
struct scope_row {
    const struct unit_rule *closed[PHASE_TOTAL]; // behind this one nothing runs
    bool leaves[PHASE_TOTAL];                    // some rule may have left it
};

struct order {
    struct unit *unit;
    struct scope_row *scopes;        // by group, then the program's
    bool *told;                      // by rule: that it closes something
    const struct unit_rule *ends;    // ends the request side of every request
    const struct unit_rule *exempts; // the last one in this phase
};

static bool is_constant(const struct expr *expr, bool wanted) {
    return expr != NULL && expr->kind == EXPR_LITERAL && expr->literal.kind == TYPE_BOOL &&
           expr->literal.as.boolean == wanted;
}

static bool is_nothing(const struct clause *sample) {
    const struct expr *share = sample == NULL ? NULL : sample->value;
    return share != NULL && share->kind == EXPR_LITERAL && share->literal.as.integer == 0;
}

static bool is_unconditional(const struct expr *when, const struct clause *sample) {
    return sample == NULL && (when == NULL || is_constant(when, true));
}

static bool never_holds(const struct order *order, const struct unit_rule *rule) {
    if (is_constant(rule->when, false) || is_nothing(rule->sample)) return true;
    for (uint32_t i = rule->group; i != NAME_NONE; i = order->unit->groups[i].parent) {
        const struct unit_group *group = &order->unit->groups[i];
        if (is_constant(group->when, false) || is_nothing(group->sample)) return true;
    }
    return false;
}

static struct scope_row *scope_of(const struct order *order, uint32_t group) {
    return &order->scopes[group == NAME_NONE ? order->unit->group_names.count : group];
}

// The rule that keeps this one from running, or NULL.
static const struct unit_rule *blocker(const struct order *order, const struct unit_rule *rule) {
    bool request_side = rule->phase == PHASE_REQUEST || rule->phase == PHASE_REQUEST_BODY;
    if (request_side && order->ends != NULL) return order->ends;
    for (uint32_t i = rule->group; i != NAME_NONE; i = order->unit->groups[i].parent) {
        const struct unit_rule *closed = scope_of(order, i)->closed[rule->phase];
        if (closed != NULL) return closed;
    }
    return NULL;
}

// Of what one rule closes the first rule is named.
static void report_blocked(struct order *order, const struct unit_rule *rule,
                           const struct unit_rule *by) {
    bool *told = &order->told[by - order->unit->rules];
    if (*told) return;
    *told = true;
    if (!lint_report(order->unit, LINT_UNREACHABLE, &rule->item->name_span, &rule->name)) return;
    lint_other(order->unit, &by->item->name_span, "because this one always comes first");
}

static bool has_final(const struct action *actions, bool respond) {
    for (; actions != NULL; actions = actions->next) {
        bool denies = actions->kind == ACTION_DENY || actions->kind == ACTION_REDIRECT;
        if (denies || (respond && actions->kind == ACTION_RESPOND)) return true;
    }
    return false;
}

static const struct action *find_denial(const struct action *actions) {
    for (; actions != NULL; actions = actions->next) {
        bool never = actions->kind == ACTION_REQUIRE && !actions->has_otherwise &&
                     is_constant(actions->value, false);
        if (actions->kind == ACTION_DENY || never) return actions;
    }
    return NULL;
}

// It runs for every request.
static void note_always(struct order *order, const struct unit_rule *rule) {
    const struct action *actions = rule->item->actions;
    bool spared = order->exempts != NULL;
    bool request_side = rule->phase == PHASE_REQUEST || rule->phase == PHASE_REQUEST_BODY;
    if (request_side &&
        (spared ? check_has_action(actions, ACTION_RESPOND) && !has_final(actions, false)
                : has_final(actions, true)))
        order->ends = rule;
    const struct action *denial = spared ? NULL : find_denial(actions);
    if (denial == NULL) return;
    if (!lint_report(order->unit, LINT_ALWAYS_DENIES, &denial->span, NULL)) return;
    lint_help(order->unit, "`when …` says which ones", NULL);
}

static bool leaves_group(const struct unit_rule *rule) {
    const struct action *action = rule->item->actions;
    for (; action != NULL; action = action->next) {
        if (action->kind == ACTION_SKIP) return true;
    }
    return false;
}

// Closes what a rule without a condition closes, from its own group outwards, as far as it always
// runs.
static void note_closing(struct order *order, const struct unit_rule *rule) {
    const struct unit *unit = order->unit;
    if (rule->shadow || !is_unconditional(rule->when, rule->sample)) return;
    for (uint32_t i = rule->group; i != NAME_NONE; i = unit->groups[i].parent) {
        const struct unit_group *group = &unit->groups[i];
        struct scope_row *scope = scope_of(order, i);
        bool skips = i == rule->group && leaves_group(rule);
        if (group->first || skips) scope->closed[rule->phase] = rule;
        bool always = is_unconditional(group->when, group->sample) && !group->first;
        if (!always || scope->leaves[rule->phase]) return;
    }
    note_always(order, rule);
}

static void note_rule(struct order *order, const struct unit_rule *rule) {
    if (never_holds(order, rule)) {
        if (lint_report(order->unit, LINT_UNREACHABLE, &rule->item->name_span, &rule->name))
            lint_help(order->unit, "its condition, or that of its group, is never true", NULL);
        return;
    }
    const struct unit_rule *by = blocker(order, rule);
    if (by != NULL) {
        report_blocked(order, rule, by);
        return;
    }
    note_closing(order, rule);
    const struct action *actions = rule->item->actions;
    if (rule->shadow) return;
    if (check_has_action(actions, ACTION_EXEMPT)) order->exempts = rule;
    if (check_has_action(actions, ACTION_SKIP))
        scope_of(order, rule->group)->leaves[rule->phase] = true;
}

static bool is_spared(const struct unit_rule *rule) {
    const struct action *actions = rule->item->actions;
    return !rule->shadow &&
           (check_has_action(actions, ACTION_DENY) || check_has_action(actions, ACTION_REDIRECT) ||
            check_has_action(actions, ACTION_REQUIRE) || check_has_action(actions, ACTION_LIMIT));
}

static const struct action *find_action(const struct action *actions, enum action_kind kind) {
    for (; actions != NULL; actions = actions->next) {
        if (actions->kind == kind) return actions;
        const struct action *inner = find_action(actions->otherwise, kind);
        if (inner != NULL) return inner;
    }
    return NULL;
}

static void lint_exempt(struct unit *unit, uint32_t number) {
    const struct unit_rule *rule = &unit->rules[number];
    const struct action *exempt = find_action(rule->item->actions, ACTION_EXEMPT);
    const struct unit_rule *first = NULL;
    uint32_t count = 0;
    if (exempt == NULL || rule->shadow) return;
    for (uint32_t i = number + 1; i < unit->rule_names.count; i++) {
        const struct unit_rule *later = &unit->rules[i];
        if (later->phase != rule->phase || !is_spared(later)) continue;
        if (first == NULL) first = later;
        count++;
    }
    if (count == 0) return;
    struct text text;
    text_init(&text, unit->arena);
    text_add_uint(&text, count);
    text_add_string(&text, count == 1 ? " rule" : " rules");
    slice arguments[] = {text_slice(&text), first->name};
    if (!lint_report(unit, LINT_EXEMPT_ABOVE, &exempt->span, arguments)) return;
    lint_other(unit, &first->item->name_span, "the first that is spared");
    lint_help(unit, "what must hold for everybody stands above it", NULL);
}

void lint_order(struct unit *unit) {
    uint32_t groups = unit->group_names.count;
    struct order order = {.unit = unit};
    order.scopes = arena_array(unit->arena, groups + 1, sizeof *order.scopes);
    order.told = arena_array(unit->arena, unit->rule_names.count + 1, sizeof *order.told);
    if (order.scopes == NULL || order.told == NULL) {
        unit->warnings.out_of_memory = true;
        return;
    }
    for (uint32_t phase = 0; phase < PHASE_TOTAL; phase++) {
        order.exempts = NULL;
        for (uint32_t i = 0; i < unit->rule_names.count; i++) {
            if (unit->rules[i].phase != phase) continue;
            note_rule(&order, &unit->rules[i]);
            lint_exempt(unit, i);
        }
    }
}

static bool is_routing_word(slice word) {
    static const char *const words[] = {
#define ROUTING_WORD(word) word,
#define ROUTING_TARGET(path)
#define SECRET_WORD(word)
#include "engine/tbl/lint_words.h"
#undef ROUTING_WORD
#undef ROUTING_TARGET
#undef SECRET_WORD
    };
    for (uint32_t i = 0; i < LEN(words); i++) {
        if (slice_equal_folded(word, slice_of(words[i]))) return true;
    }
    return false;
}

static bool is_routing_header(slice name) {
    uint32_t from = 0;
    for (uint32_t i = 0; i <= name.length; i++) {
        if (i < name.length && name.at[i] != '-') continue;
        if (is_routing_word(slice_cut(name, from, i))) return true;
        from = i + 1;
    }
    return false;
}

static bool is_routing_target(slice target) {
    static const char *const targets[] = {
#define ROUTING_TARGET(path) path,
#define ROUTING_WORD(word)
#define SECRET_WORD(word)
#include "engine/tbl/lint_words.h"
#undef ROUTING_TARGET
#undef ROUTING_WORD
#undef SECRET_WORD
    };
    for (uint32_t i = 0; i < LEN(targets); i++) {
        if (slice_starts(target, slice_of(targets[i]))) return true;
    }
    return false;
}

static void lint_target(struct unit *unit, slice prefix, const struct action *action, void *self) {
    const bool *rerouted = self;
    const struct expr *target = action->target;
    bool edits =
        action->kind == ACTION_SET || action->kind == ACTION_ADD || action->kind == ACTION_DEFAULT;
    (void)prefix;
    if (!edits || *rerouted) return;
    slice text = unit->diagnostics->sources[target->span.source].text;
    text = slice_cut(text, target->span.start, target->span.end);
    if (!is_routing_target(text) && !is_routing_header(check_edited_header(target))) return;
    if (!lint_report(unit, LINT_NO_REROUTE, &target->span, NULL)) return;
    lint_help(unit, "`reroute` behind it chooses the route anew", NULL);
}

// A `reroute` of a later rule will do.
void lint_routes(struct unit *unit) {
    bool rerouted = false;
    for (uint32_t i = unit->rule_names.count; i-- > 0;) {
        const struct unit_rule *rule = &unit->rules[i];
        if (rule->phase != PHASE_REQUEST || rule->shadow) continue;
        if (check_has_action(rule->item->actions, ACTION_REROUTE)) rerouted = true;
        lint_each_action(unit, rule->prefix, rule->item->actions, lint_target, &rerouted);
    }
}

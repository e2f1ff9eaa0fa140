// Lints: reporting, the comments that silence them, and walks over the items of a unit.
#include "engine/lang/lint.h"

static const struct lint_row rows[LINT_TOTAL] = {
#define LINT(name, code, message, finds) [LINT_##name] = {code, message},
#include "engine/tbl/lints.h"
#undef LINT
};

uint16_t lint_code(enum lint lint) {
    return rows[lint].code;
}

static bool is_known(const struct diagnostics *warnings, enum lint lint, const struct span *span) {
    const struct diagnostic *at = warnings->first;
    for (; at != NULL; at = at->next) {
        bool same = at->span.source == span->source && at->span.start == span->start;
        if (same && at->lint == &rows[lint]) return true;
    }
    return false;
}

bool lint_report(struct unit *unit, enum lint lint, const struct span *span,
                 const slice *arguments) {
    if (is_known(&unit->warnings, lint, span) || lint_is_ignored(unit, lint, span)) return false;
    diag_warn(&unit->warnings, &rows[lint], span, arguments);
    return true;
}

void lint_help(struct unit *unit, const char *form, const slice *arguments) {
    diag_help(&unit->warnings, form, arguments);
}

void lint_other(struct unit *unit, const struct span *span, const char *label) {
    diag_other(&unit->warnings, span, label);
}

void lint_tree(struct unit *unit) {
    lint_read_ignores(unit);
    lint_names(unit);
    lint_shown(unit);
}

void lint_rules(struct unit *unit) {
    lint_conditions(unit);
    lint_order(unit);
    lint_routes(unit);
    lint_secrets(unit);
    lint_unused_ignores(unit);
}

void lint_each_action(struct unit *unit, slice prefix, const struct action *actions, lint_act *act,
                      void *self) {
    for (; actions != NULL; actions = actions->next) {
        act(unit, prefix, actions, self);
        lint_each_action(unit, prefix, actions->otherwise, act, self);
    }
}

struct each {
    lint_use *use;
    void *self;
};

static void use_one(struct unit *unit, slice prefix, const struct expr *expr,
                    const struct each *each) {
    if (expr != NULL) each->use(unit, prefix, expr, each->self);
}

static void use_action(struct unit *unit, slice prefix, const struct action *action, void *self) {
    const struct each *each = self;
    use_one(unit, prefix, action->target, each);
    use_one(unit, prefix, action->value, each);
    use_one(unit, prefix, action->cost, each);
    use_one(unit, prefix, action->status, each);
    for (const struct reply_part *part = action->parts; part != NULL; part = part->next)
        use_one(unit, prefix, part->value, each);
}

static void use_clauses(struct unit *unit, slice prefix, const struct clause *clause,
                        const struct each *each) {
    for (; clause != NULL; clause = clause->next) {
        use_one(unit, prefix, clause->value, each);
        use_one(unit, prefix, clause->by, each);
    }
}

static void use_options(struct unit *unit, slice prefix, const struct option *option,
                        const struct each *each) {
    for (; option != NULL; option = option->next) {
        for (const struct expr *value = option->values.first; value != NULL; value = value->next)
            use_one(unit, prefix, value, each);
    }
}

static void use_limiters(struct unit *unit, const struct each *each) {
    for (uint32_t i = 0; i < unit->limiter_names.count; i++) {
        const struct unit_limiter *limiter = &unit->limiters[i];
        use_one(unit, limiter->prefix, limiter->item->rate, each);
        use_one(unit, limiter->prefix, limiter->item->period, each);
        use_options(unit, limiter->prefix, limiter->item->options, each);
    }
}

void lint_each_expr(struct unit *unit, lint_use *use, void *self) {
    struct each each = {use, self};
    for (uint32_t i = 0; i < unit->let_names.count; i++)
        use_one(unit, unit->lets[i].prefix, unit->lets[i].item->value, &each);
    use_limiters(unit, &each);
    for (uint32_t i = 0; i < unit->service_names.count; i++)
        use_options(unit, unit->services[i].prefix, unit->services[i].item->options, &each);
    for (uint32_t i = 0; i < unit->group_names.count; i++)
        use_clauses(unit, unit->groups[i].prefix, unit->groups[i].item->clauses, &each);
    for (uint32_t i = 0; i < unit->rule_names.count; i++) {
        const struct unit_rule *rule = &unit->rules[i];
        use_clauses(unit, rule->prefix, rule->item->clauses, &each);
        lint_each_action(unit, rule->prefix, rule->item->actions, use_action, &each);
    }
}

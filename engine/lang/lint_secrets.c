// The lint of secrets that come back: a rule gives the upstream a secret in a header, and a later
// one shows that header.
#include "engine/lang/lint.h"

struct secret_header {
    struct unit *unit;
    slice name;
    const struct unit_rule *by;
};

// Lets see the message as it was received.
static void look(const struct secret_header *secret, const struct expr *expr) {
    bool read = expr->binding == BIND_HEADER && expr->first->binding == BIND_FIELD &&
                expr->first->index == FIELD_REQUEST_HEADERS;
    if (read && slice_equal_folded(expr->name, secret->name)) {
        slice arguments[] = {secret->name, secret->by->name};
        if (!lint_report(secret->unit, LINT_SECRET_SHOWN, &expr->span, arguments)) return;
        lint_other(secret->unit, &secret->by->item->name_span, "set here");
        lint_help(secret->unit, "a `let` of the header is what the client sent", NULL);
        return;
    }
    for (const struct expr *child = expr->first; child != NULL; child = child->next)
        look(secret, child);
}

// What others than the upstream get to see.
static bool shows(const struct action *action, enum phase phase) {
    switch (action->kind) {
    case ACTION_LOG:
    case ACTION_COUNT:
    case ACTION_TAG: return true;
    case ACTION_SET:
    case ACTION_ADD:
    case ACTION_DEFAULT: return phase != PHASE_REQUEST && phase != PHASE_REQUEST_BODY;
    default: return false;
    }
}

static void look_at_actions(const struct secret_header *secret, const struct action *action,
                            enum phase phase) {
    for (; action != NULL; action = action->next) {
        if (action->value != NULL && shows(action, phase)) look(secret, action->value);
        for (const struct reply_part *part = action->parts; part != NULL; part = part->next)
            look(secret, part->value);
        look_at_actions(secret, action->otherwise, phase);
    }
}

static void look_behind(struct unit *unit, uint32_t number, const struct action *set) {
    struct secret_header secret = {unit, check_edited_header(set->target), &unit->rules[number]};
    if (secret.name.length == 0) return;
    for (uint32_t i = 0; i < unit->rule_names.count; i++) {
        const struct unit_rule *rule = &unit->rules[i];
        if (rule->phase == PHASE_REQUEST && i < number) continue;
        look_at_actions(&secret, rule->item->actions, rule->phase);
    }
}

static void find_sets(struct unit *unit, uint32_t number, const struct action *action) {
    for (; action != NULL; action = action->next) {
        bool set = action->kind == ACTION_SET && action->value != NULL;
        if (set && shape_type(action->value->shape) == TYPE_SECRET)
            look_behind(unit, number, action);
        find_sets(unit, number, action->otherwise);
    }
}

void lint_secrets(struct unit *unit) {
    for (uint32_t i = 0; i < unit->rule_names.count; i++)
        find_sets(unit, i, unit->rules[i].item->actions);
}

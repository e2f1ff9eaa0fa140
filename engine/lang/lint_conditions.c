// Lints of what conditions say: paths, patterns, domains, headers.
#include "engine/lang/lint.h"

struct visit {
    struct unit *unit;
    const struct unit_rule *rule; // NULL outside of rules
    bool restricts;               // what holds here makes a rule restrict
    uint8_t *seen;                // by let: bits of `restricts` and polarity
};

// `positive`: the rule does what it does where the expression is true.
static void visit(struct visit *at, const struct expr *expr, bool positive);

// Whether some condition of the rule asks the question.
static bool rule_asks(const struct visit *at, slice header, enum lint_question question) {
    const struct unit_rule *rule = at->rule;
    if (rule == NULL) return false;
    if (lint_asks(at->unit, rule->when, header, question)) return true;
    for (uint32_t i = rule->group; i != NAME_NONE; i = at->unit->groups[i].parent) {
        if (lint_asks(at->unit, at->unit->groups[i].when, header, question)) return true;
    }
    const struct action *action = rule->item->actions;
    for (; action != NULL; action = action->next) {
        bool
            requires
        = action->kind == ACTION_REQUIRE;
        if (requires && lint_asks(at->unit, action->value, header, question)) return true;
    }
    return false;
}

static bool is_raw_path(const struct subject *subject) {
    return subject->field == FIELD_REQUEST_PATH || slice_is(subject->header, ":path");
}

static bool lacks_query(struct value value) {
    return value.kind == TYPE_STRING && value.length > 0 &&
           memchr(value.as.text, '?', value.length) == NULL;
}

// One of them suffices: it can never be the path of a request that has a query.
static bool any_lacks_query(struct value value) {
    if (value.kind == TYPE_STRING) return lacks_query(value);
    uint32_t step = value.kind == TYPE_MAP ? 2 : 1;
    if (value.kind != TYPE_LIST && value.kind != TYPE_MAP) return false;
    for (uint32_t i = 0; i < value.length; i++) {
        if (lacks_query(value.as.items[i * step])) return true;
    }
    return false;
}

// `whole`: the end of the path is looked at.
static void lint_path(struct visit *at, const struct expr *expr, const struct subject *subject,
                      const struct expr *held, bool whole) {
    struct unit *unit = at->unit;
    if (subject->sort != SORT_RAW) return;
    bool literal = held->kind == EXPR_LITERAL;
    bool queryless = literal && any_lacks_query(held->literal);
    if (is_raw_path(subject) && literal && !queryless) return; // the query is meant
    bool raw = whole && is_raw_path(subject) && queryless;
    if (!raw && !at->restricts) return;
    slice shown = is_raw_path(subject) ? slice_of("request.path") : slice_of("request.url_path");
    if (!lint_report(unit, raw ? LINT_RAW_PATH : LINT_RAW_RESTRICTS, &expr->span, &shown)) return;
    lint_help(unit, "`request.clean_path` is the path that a server acts on, without the query",
              NULL);
}

// What Envoy takes once.
static bool is_single(slice header) {
    return header.at[0] == ':' || slice_is(header, "host") || slice_is(header, "content-length");
}

static void lint_joined(struct visit *at, const struct expr *expr, const struct subject *subject,
                        const struct expr *held, bool positive) {
    bool bare = subject->header.length > 0 && !is_single(subject->header);
    if (!at->restricts || !positive || !bare || held->kind != EXPR_LITERAL) return;
    bool nothing = held->literal.kind == TYPE_STRING && held->literal.length == 0;
    if (nothing || rule_asks(at, subject->header, ASKS_VALUES)) return;
    if (!lint_report(at->unit, LINT_JOINED_VALUE, &expr->span, &subject->header)) return;
    lint_help(at->unit, "each line by itself: request.headers.values(\"{0}\").exists(v, …)",
              &subject->header);
}

static bool is_of_config(const struct expr *expr) {
    while (expr->kind == EXPR_SELECT || expr->kind == EXPR_INDEX)
        expr = expr->first;
    return expr->kind == EXPR_LITERAL && expr->binding == BIND_CONFIG;
}

static bool is_bare(const struct subject *subject) {
    bool header = subject->expr->binding == BIND_HEADER && subject->header.length > 0;
    return header && !subject->optional && !is_single(subject->header);
}

static void report_bare(struct visit *at, const struct subject *subject, const char *help) {
    if (!lint_report(at->unit, LINT_BARE_HEADER, &subject->expr->span, NULL)) return;
    lint_help(at->unit, help, &subject->header);
}

static void lint_compared(struct visit *at, const struct subject *subject,
                          const struct expr *held) {
    bool secret = shape_type(held->shape) == TYPE_SECRET;
    if ((!secret && !is_of_config(held)) || !is_bare(subject)) return;
    if (rule_asks(at, subject->header, ASKS_PRESENCE)) return;
    report_bare(at, subject,
                secret ? "request.headers[?\"{0}\"] == secret(…) is false where it is absent"
                       : "request.headers[?\"{0}\"] == optional.of(config…) is false where it is "
                         "absent");
}

static void visit_comparison(struct visit *at, const struct expr *expr, bool positive) {
    const struct expr *x = expr->first;
    for (uint32_t i = 0; i < 2; i++) {
        const struct expr *subject_side = i == 0 ? x : x->next;
        const struct expr *held = i == 0 ? x->next : x;
        struct subject subject = lint_subject(at->unit, subject_side);
        lint_path(at, expr, &subject, held, true);
        lint_joined(at, expr, &subject, held, positive);
        lint_compared(at, &subject, held);
    }
}

static void visit_membership(struct visit *at, const struct expr *expr, bool positive) {
    const struct expr *held = expr->first->next;
    struct subject subject = lint_subject(at->unit, expr->first);
    lint_path(at, expr, &subject, held, true);
    lint_joined(at, expr, &subject, held, positive);
}

static slice subject_name(struct unit *unit, const struct subject *subject) {
    struct text text;
    bool field = subject->field < FIELD_TOTAL;
    text_init(&text, unit->arena);
    text_add_string(&text, field ? "`" : "the header `");
    text_add(&text, field ? slice_of(field_rows[subject->field].path) : subject->header);
    text_add_char(&text, '`');
    return text_slice(&text);
}

static void lint_pattern(struct visit *at, const struct subject *subject,
                         const struct expr *pattern) {
    if (subject->sort == SORT_NONE || pattern->kind != EXPR_LITERAL) return;
    if (pattern->literal.kind != TYPE_STRING || lint_anchored(value_text(pattern->literal))) return;
    slice shown = subject_name(at->unit, subject);
    if (!lint_report(at->unit, LINT_UNANCHORED, &pattern->span, &shown)) return;
    lint_help(at->unit, "`^(…)$` holds it to all of the text; `.*` for what may follow", NULL);
}

static void lint_end(struct visit *at, const struct subject *subject, const struct expr *end) {
    bool path = subject->sort == SORT_RAW || subject->sort == SORT_PATH;
    bool text = end->kind == EXPR_LITERAL && end->literal.kind == TYPE_STRING;
    if (path || !text || !lint_is_domain(value_text(end->literal))) return;
    slice domain = value_text(end->literal);
    if (!lint_report(at->unit, LINT_DOMAIN_END, &end->span, &domain)) return;
    lint_help(at->unit, "in_domain(\"{0}\") is that domain, and what is below it", &domain);
}

// Tests of a text: `x.f("…")`, and `f(x, "…")`.
static void visit_test(struct visit *at, const struct expr *expr, bool positive) {
    const struct expr *held = expr->first->next;
    struct subject subject = lint_subject(at->unit, expr->first);
    bool pattern = slice_is(expr->name, "matches");
    bool end = slice_is(expr->name, "endsWith");
    bool inside = slice_is(expr->name, "contains");
    bool anchored = pattern && held->kind == EXPR_LITERAL && held->literal.kind == TYPE_STRING &&
                    lint_anchored(value_text(held->literal));
    if (pattern) lint_pattern(at, &subject, held);
    if (end) lint_end(at, &subject, held);
    lint_path(at, expr, &subject, held, end);
    if (!inside && (!pattern || anchored)) lint_joined(at, expr, &subject, held, positive);
}

static bool is_test(const struct expr *expr) {
    static const char *const words[] = {"startsWith", "endsWith", "contains",
                                        "matches",    "glob",     "path_match"};
    if (expr->kind != EXPR_CALL || expr->binding != BIND_FUNCTION || expr->count != 2) return false;
    for (uint32_t i = 0; i < LEN(words); i++) {
        if (slice_is(expr->name, words[i])) return true;
    }
    return false;
}

static void lint_key(struct visit *at, const struct expr *key) {
    struct subject subject = lint_subject(at->unit, key);
    if (!is_bare(&subject)) return;
    report_bare(at, &subject, "request.headers[?\"{0}\"] tells that it is absent");
}

static void visit_hash(struct visit *at, const struct expr *expr) {
    if (expr->kind != EXPR_CALL || expr->receiver || expr->binding != BIND_FUNCTION) return;
    if (slice_is(expr->name, "hash")) lint_key(at, expr->first);
    if (slice_is(expr->name, "pick")) lint_key(at, expr->first->next);
}

static void visit_let(struct visit *at, uint32_t let, bool positive) {
    uint8_t bit = (uint8_t)(1u << (at->restricts * 2 + positive));
    if (at->seen[let] & bit) return;
    at->seen[let] |= bit;
    visit(at, at->unit->lets[let].item->value, positive);
}

static void visit_children(struct visit *at, const struct expr *expr, bool positive) {
    for (const struct expr *child = expr->first; child != NULL; child = child->next)
        visit(at, child, positive);
}

static void visit_operator(struct visit *at, const struct expr *expr, bool positive) {
    switch ((enum operator)expr->operator) {
    case OPERATOR_NOT: visit(at, expr->first, !positive); return;
    case OPERATOR_EQ: visit_comparison(at, expr, positive); break;
    case OPERATOR_NE: visit_comparison(at, expr, !positive); break;
    case OPERATOR_IN: visit_membership(at, expr, positive); break;
    case OPERATOR_CHOOSE: visit(at, expr->first, !positive); break; // and below as it is
    default: break;
    }
    visit_children(at, expr, positive);
}

// Recursion is bounded by LIMIT_NESTING and LIMIT_LET_DEPTH.
static void visit(struct visit *at, const struct expr *expr, bool positive) {
    if (expr->binding == BIND_LET) {
        visit_let(at, expr->index, positive);
    } else if (expr->kind == EXPR_OPERATOR) {
        visit_operator(at, expr, positive);
    } else {
        if (is_test(expr)) visit_test(at, expr, positive);
        visit_hash(at, expr);
        visit_children(at, expr, positive);
    }
}

static void visit_clauses(struct visit *at, const struct clause *clause) {
    for (; clause != NULL; clause = clause->next) {
        if (clause->value != NULL) visit(at, clause->value, true);
        if (clause->by == NULL) continue;
        lint_key(at, clause->by);
        visit(at, clause->by, true);
    }
}

// A requirement refuses where it is false.
static void visit_action(struct visit *at, const struct action *action) {
    struct visit plain = {at->unit, at->rule, false, at->seen};
    if (action->kind == ACTION_REQUIRE) {
        visit(at, action->value, false);
    } else if (action->value != NULL) {
        visit(&plain, action->value, true);
    }
    if (action->cost != NULL) visit(&plain, action->cost, true);
    if (action->status != NULL) visit(&plain, action->status, true);
    for (const struct reply_part *part = action->parts; part != NULL; part = part->next)
        visit(&plain, part->value, true);
}

static void visit_actions(struct visit *at, const struct action *action) {
    for (; action != NULL; action = action->next) {
        visit_action(at, action);
        visit_actions(at, action->otherwise);
    }
}

static void visit_rule(struct unit *unit, const struct unit_rule *rule, uint8_t *seen) {
    struct visit at = {unit, rule, rule->restricts, seen};
    visit_clauses(&at, rule->item->clauses);
    for (uint32_t i = rule->group; i != NAME_NONE; i = unit->groups[i].parent)
        visit_clauses(&at, unit->groups[i].item->clauses);
    visit_actions(&at, rule->item->actions);
}

static void visit_limiter(struct visit *at, const struct unit_limiter *limiter) {
    const struct expr *part = limiter->parts;
    for (uint32_t i = 0; i < limiter->part_count; i++, part = part->next) {
        lint_key(at, part);
        visit(at, part, true);
    }
    for (uint32_t i = 0; i < LEN(limiter->given); i++) {
        if (limiter->given[i] != NULL) visit(at, limiter->given[i], true);
    }
}

void lint_conditions(struct unit *unit) {
    uint8_t *seen = arena_array(unit->arena, unit->let_names.count + 1, sizeof *seen);
    if (seen == NULL) {
        unit->warnings.out_of_memory = true;
        return;
    }
    for (uint32_t i = 0; i < unit->rule_names.count; i++)
        visit_rule(unit, &unit->rules[i], seen);
    struct visit at = {.unit = unit, .seen = seen};
    for (uint32_t i = 0; i < unit->limiter_names.count; i++)
        visit_limiter(&at, &unit->limiters[i]);
}

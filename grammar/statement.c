// Statement nodes, their lists, and the mistakes that can be seen in a list.
#include "grammar/statement.h"

#include "engine/base/limits.h"
#include "grammar/literal.h"

static slice span_text(const struct build *build, const struct span *span) {
    return slice_cut(build->text, span->start, span->end);
}

static void report_twice(struct build *build, enum error error, const struct span *span,
                         const struct span *earlier) {
    build_report(build, error, span, (slice[]){span_text(build, span)});
    diag_other(build->parse->diagnostics, earlier, "given here");
}

// As for expressions: a height over the limit was reported by the node that crossed it.
static uint16_t height_over(struct build *build, uint16_t inner, const struct span *span) {
    if (inner > LIMIT_NESTING) return inner;
    if (inner == LIMIT_NESTING) build_report_deep(build, span);
    return (uint16_t)(inner + 1);
}

void statement_items(struct build *build, struct items *list, struct item *item) {
    if (build->stopped || item == NULL) return;
    if (list->last == NULL) {
        list->first = item;
    } else {
        list->last->next = item;
    }
    list->last = item;
}

void statement_clauses(struct build *build, struct clauses *list, struct clause *clause) {
    if (build->stopped || clause == NULL) return;
    for (const struct clause *seen = list->first; seen != NULL; seen = seen->next) {
        if (seen->kind != clause->kind) continue;
        report_twice(build, ERROR_CLAUSE_TWICE, &clause->span, &seen->span);
        return;
    }
    if (list->last == NULL) {
        list->first = clause;
    } else {
        list->last->next = clause;
    }
    list->last = clause;
}

// Looks at the first few only: whoever has more options than exist hears of the unknown ones.
static const struct option *option_named(const struct options *list, slice name) {
    enum { LOOKED_AT = 64 };
    const struct option *option = list->first;
    for (uint32_t i = 0; i < LOOKED_AT && option != NULL; i++, option = option->next) {
        if (slice_equal(option->name, name)) return option;
    }
    return NULL;
}

void statement_options(struct build *build, struct options *list, struct option *option) {
    if (build->stopped || option == NULL) return;
    const struct option *seen = option_named(list, option->name);
    if (seen != NULL) {
        report_twice(build, ERROR_OPTION_TWICE, &option->span, &seen->span);
        return;
    }
    if (list->last == NULL) {
        list->first = option;
    } else {
        list->last->next = option;
    }
    list->last = option;
}

static bool is_final(enum action_kind kind) {
    static const bool finals[ACTION_TOTAL] = {
#define ACTION(name, word, phases, restricts, final) [ACTION_##name] = final,
#include "engine/tbl/actions.h"
#undef ACTION
    };
    return finals[kind];
}

static bool wants_else(const struct action *action) {
    bool takes_else = action->kind == ACTION_LIMIT || action->kind == ACTION_REQUIRE ||
                      action->kind == ACTION_CAP;
    return takes_else && !action->has_otherwise;
}

static bool is_reply(const struct action *action) {
    return action->kind == ACTION_DENY || action->kind == ACTION_RESPOND ||
           action->kind == ACTION_REDIRECT;
}

static void report_else_missing(struct build *build, const struct action *before,
                                const struct action *action) {
    slice words[] = {span_text(build, &action->span), span_text(build, &before->span)};
    diag_report(build->parse->diagnostics, ERROR_ELSE_MISSING, &action->span, words);
    diag_help(build->parse->diagnostics, "`{1} … else {0} …` runs it for what `{1}` refuses",
              words);
}

// True when the action may join the list. After a final one only the first is reported.
static bool follows(struct build *build, const struct actions *list, const struct action *action) {
    const struct action *before = list->last;
    if (before == NULL) return true;
    if (wants_else(before) && is_reply(action)) {
        report_else_missing(build, before, action);
        return false;
    }
    if (!is_final(before->kind)) return true;
    build_report(build, ERROR_AFTER_FINAL, &action->span,
                 (slice[]){span_text(build, &before->span)});
    return true;
}

void statement_actions(struct build *build, struct actions *list, struct action *action) {
    bool broken = list->broken;
    list->broken = action == NULL;
    if (build->stopped || action == NULL) return;
    if (!broken && !follows(build, list, action)) return;
    if (list->last == NULL) {
        list->first = action;
    } else {
        list->last->next = action;
    }
    list->last = action;
}

// The part of the list that the new one cannot stand beside, and why.
static enum error part_conflict(const struct reply_part *seen, const struct reply_part *part) {
    bool to = seen->kind == REPLY_PART_TO || part->kind == REPLY_PART_TO;
    bool body = (seen->kind == REPLY_PART_BODY && part->kind == REPLY_PART_JSON) ||
                (seen->kind == REPLY_PART_JSON && part->kind == REPLY_PART_BODY);
    if (seen->kind == part->kind) return ERROR_REPLY_PART_TWICE;
    if (body) return ERROR_REPLY_BODY_TWICE;
    return to ? ERROR_REDIRECT_TO : ERROR_TOTAL;
}

static void report_part(struct build *build, enum error error, const struct reply_part *seen,
                        const struct reply_part *part) {
    const struct reply_part *named = part->kind == REPLY_PART_TO ? seen : part;
    build_report(build, error, &part->span, (slice[]){span_text(build, &named->span)});
    diag_other(build->parse->diagnostics, &seen->span, "given here");
}

// Each kind joins once, so that the list stays short.
void statement_parts(struct build *build, struct parts *list, struct reply_part *part) {
    if (build->stopped) return;
    for (const struct reply_part *seen = list->first; seen != NULL; seen = seen->next) {
        enum error error = part_conflict(seen, part);
        if (error == ERROR_TOTAL) continue;
        report_part(build, error, seen, part);
        return;
    }
    if (list->last == NULL) {
        list->first = part;
    } else {
        list->last->next = part;
    }
    list->last = part;
}

void statement_steps(struct build *build, struct steps *list, struct step *step) {
    if (build->stopped || step == NULL) return;
    if (list->last == NULL) {
        list->first = step;
    } else {
        list->last->next = step;
    }
    list->last = step;
}

struct item *statement_item(struct build *build, enum item_kind kind, const struct token *word) {
    struct item *item = build_node(build, sizeof *item);
    item->kind = kind;
    item->span = build_span(build, word);
    bool of_tests = kind == ITEM_CONFIG || kind == ITEM_TEST;
    if (of_tests && build->goal == PARSE_RULES && !build->stopped) {
        build_report(build, ERROR_NOT_IN_RULES, &item->span, (slice[]){build_text(build, word)});
    }
    return item;
}

struct item *statement_named(struct build *build, enum item_kind kind, const struct token *word,
                             const struct token *name) {
    struct item *item = statement_item(build, kind, word);
    item->name = build_text(build, name);
    item->name_span = build_span(build, name);
    return item;
}

struct item *statement_titled(struct build *build, enum item_kind kind, const struct token *word,
                              const struct token *title) {
    struct item *item = statement_item(build, kind, word);
    item->name_span = build_span(build, title);
    if (!build->stopped) item->name = build_string(build, title);
    return item;
}

static void refuse_clause(struct build *build, const struct clause *clauses, enum clause_kind kind,
                          enum error error) {
    if (build->stopped) return;
    for (; clauses != NULL; clauses = clauses->next) {
        if (clauses->kind == kind) build_report(build, error, &clauses->span, NULL);
    }
}

struct item *statement_group(struct build *build, const struct token *word,
                             const struct token *name, struct clause *clauses, struct item *items) {
    struct item *group = statement_named(build, ITEM_GROUP, word, name);
    if (build->stopped) return group;
    refuse_clause(build, clauses, CLAUSE_ON, ERROR_ON_GROUP);
    group->clauses = clauses;
    group->items = items;
    uint16_t inner = 0;
    for (const struct item *item = items; item != NULL; item = item->next) {
        if (item->height > inner) inner = item->height;
    }
    group->height = height_over(build, inner, &group->span);
    return group;
}

struct item *statement_rule(struct build *build, const struct token *word, const struct token *name,
                            struct clause *clauses, struct action *actions) {
    struct item *rule = statement_named(build, ITEM_RULE, word, name);
    refuse_clause(build, clauses, CLAUSE_FIRST, ERROR_FIRST_ON_RULE);
    rule->clauses = clauses;
    rule->actions = actions;
    return rule;
}

struct clause *statement_clause(struct build *build, enum clause_kind kind,
                                const struct token *word) {
    struct clause *clause = build_node(build, sizeof *clause);
    clause->kind = kind;
    clause->span = build_span(build, word);
    return clause;
}

struct clause *statement_clause_word(struct build *build, enum clause_kind kind,
                                     const struct token *word, const struct token *argument) {
    struct clause *clause = statement_clause(build, kind, word);
    clause->word = build_text(build, argument);
    clause->word_span = build_span(build, argument);
    return clause;
}

struct option *statement_option(struct build *build, const struct token *name,
                                const struct exprs *values) {
    struct option *option = build_node(build, sizeof *option);
    option->name = build_text(build, name);
    option->span = build_span(build, name);
    option->values = *values;
    return option;
}

struct action *statement_action(struct build *build, enum action_kind kind,
                                const struct token *word) {
    struct action *action = build_node(build, sizeof *action);
    action->kind = kind;
    action->span = build_span(build, word);
    return action;
}

struct action *statement_edit(struct build *build, enum action_kind kind, const struct token *word,
                              struct expr *target, struct expr *value) {
    struct action *action = statement_action(build, kind, word);
    action->target = target;
    action->value = value;
    return action;
}

struct action *statement_on_name(struct build *build, enum action_kind kind,
                                 const struct token *word, const struct token *name,
                                 struct expr *value) {
    struct action *action = statement_action(build, kind, word);
    action->name = build_text(build, name);
    action->name_span = build_span(build, name);
    bool costs = kind == ACTION_LIMIT || kind == ACTION_CHARGE || kind == ACTION_REFUND;
    if (costs) {
        action->cost = value;
    } else {
        action->value = value;
    }
    return action;
}

struct action *statement_reply(struct build *build, enum action_kind kind, const struct token *word,
                               struct expr *status, struct reply_part *parts) {
    struct action *action = statement_action(build, kind, word);
    action->status = status;
    action->parts = parts;
    return action;
}

struct action *statement_else(struct build *build, struct action *action,
                              const struct otherwise *otherwise) {
    if (build->stopped || !otherwise->given) return action;
    action->has_otherwise = true;
    action->otherwise = otherwise->actions;
    uint16_t inner = 0;
    for (const struct action *each = otherwise->actions; each != NULL; each = each->next) {
        if (each->height > inner) inner = each->height;
    }
    action->height = height_over(build, inner, &action->span);
    return action;
}

struct otherwise statement_one(struct build *build, struct action *action) {
    struct actions actions = {NULL, NULL, false};
    statement_actions(build, &actions, action);
    return (struct otherwise){true, actions.first};
}

struct reply_part *statement_part(struct build *build, enum reply_part_kind kind,
                                  const struct token *word, struct expr *value) {
    struct reply_part *part = build_node(build, sizeof *part);
    part->kind = kind;
    part->span = build_span(build, word);
    part->value = value;
    return part;
}

struct step *statement_step(struct build *build, enum step_kind kind, const struct token *word,
                            struct expr *value) {
    struct step *step = build_node(build, sizeof *step);
    step->kind = kind;
    step->span = build_span(build, word);
    step->worker = 1;
    step->value = value;
    return step;
}

void statement_place(struct build *build, struct expr **place, const struct token *word,
                     struct expr *value) {
    if (build->stopped) return;
    if (*place != NULL) {
        struct span span = build_span(build, word);
        report_twice(build, ERROR_REPLY_PART_TWICE, &span, &(*place)->span);
    }
    *place = value;
}

struct step *statement_worker(struct build *build, const struct token *word,
                              const struct token *number, struct step *step) {
    uint64_t worker = 0;
    enum literal_result result = literal_natural(build_text(build, number), &worker);
    step->span = build_span(build, word);
    step->worker = (int64_t)worker;
    bool good = result == LITERAL_OK && worker >= 1 && worker <= INT32_MAX;
    if (good || build->stopped) return step;
    slice arguments[] = {build_text(build, number), slice_of("a worker's number")};
    build_report_token(build, ERROR_NUMBER_RANGE, number, arguments);
    return step;
}

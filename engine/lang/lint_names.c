// Lints of the tree as it was parsed, before names become values: what is never used, and secrets
// of the configuration that `json` shows.
#include "engine/lang/lint.h"

static void use_names(struct unit *unit, slice prefix, const struct expr *expr, void *self) {
    bool *used = self;
    if (expr->kind == EXPR_NAME && !expr->rooted) {
        uint32_t let = names_resolve(&unit->let_names, prefix, expr->name);
        if (let != NAME_NONE) used[let] = true;
    }
    for (const struct expr *child = expr->first; child != NULL; child = child->next)
        use_names(unit, prefix, child, self);
}

static void use_limiter(struct unit *unit, slice prefix, const struct action *action, void *self) {
    bool *used = self;
    bool uses = action->kind == ACTION_LIMIT || action->kind == ACTION_CHARGE ||
                action->kind == ACTION_REFUND || action->kind == ACTION_BAN;
    if (!uses) return;
    uint32_t limiter = names_resolve(&unit->limiter_names, prefix, action->name);
    if (limiter != NAME_NONE) used[limiter] = true;
}

// Included files may offer more than a program needs.
static void report_unused(struct unit *unit, enum lint lint, const struct item *item, bool used) {
    if (used || item->name_span.source > unit->own_source) return;
    lint_report(unit, lint, &item->name_span, &item->name);
}

void lint_names(struct unit *unit) {
    bool *lets = arena_array(unit->arena, unit->let_names.count + 1, sizeof *lets);
    bool *limiters = arena_array(unit->arena, unit->limiter_names.count + 1, sizeof *limiters);
    if (lets == NULL || limiters == NULL) {
        unit->warnings.out_of_memory = true;
        return;
    }
    lint_each_expr(unit, use_names, lets);
    for (uint32_t i = 0; i < unit->rule_names.count; i++) {
        const struct unit_rule *rule = &unit->rules[i];
        lint_each_action(unit, rule->prefix, rule->item->actions, use_limiter, limiters);
    }
    for (uint32_t i = 0; i < unit->let_names.count; i++)
        report_unused(unit, LINT_UNUSED_LET, unit->lets[i].item, lets[i]);
    for (uint32_t i = 0; i < unit->limiter_names.count; i++)
        report_unused(unit, LINT_UNUSED_LIMITER, unit->limiters[i].item, limiters[i]);
}

// A key less what its writing adds: `API-Key`, `apiKey`, `api_key`.
static slice plain_key(struct unit *unit, slice key) {
    struct text text;
    text_init(&text, unit->arena);
    for (uint32_t i = 0; i < key.length; i++) {
        if (key.at[i] != '-' && key.at[i] != '_') text_add_char(&text, ascii_lower(key.at[i]));
    }
    return text_slice(&text);
}

static bool is_secret_key(struct unit *unit, slice key) {
    static const char *const words[] = {
#define SECRET_WORD(word) word,
#define ROUTING_WORD(word)
#define ROUTING_TARGET(path)
#include "engine/tbl/lint_words.h"
#undef SECRET_WORD
#undef ROUTING_WORD
#undef ROUTING_TARGET
    };
    slice plain = plain_key(unit, key);
    for (uint32_t i = 0; i < LEN(words); i++) {
        if (slice_find(plain, slice_of(words[i])) >= 0) return true;
    }
    return false;
}

// Members of the root that are weir's, not the user's data. A deeper one of that name is passed
// over, too: nothing is said about it.
static bool is_own(slice key) {
    return slice_is(key, "rules") || slice_is(key, "weir");
}

// The first member below `node`, itself included, whose key says that it is a secret.
static uint32_t find_secret(struct unit *unit, uint32_t node) {
    const struct json_index *index = &unit->config->index;
    uint32_t end = index->nodes[node].next;
    for (uint32_t at = node; at < end;) {
        const struct json_node *row = &index->nodes[at];
        slice key = row->key_end > 0 ? json_key(index, at, unit->arena) : (slice){NULL, 0};
        bool holds =
            row->kind == JSON_STRING || row->kind == JSON_OBJECT || row->kind == JSON_ARRAY;
        bool own = node == CONFIG_ROOT && is_own(key);
        if (!own && holds && is_secret_key(unit, key)) return at;
        at = own ? row->next : at + 1;
    }
    return JSON_NONE;
}

// The node of a path from `config` that is known as it stands; JSON_NONE for any other expression.
static uint32_t node_of(struct unit *unit, const struct expr *expr) {
    bool config = expr->kind == EXPR_NAME && slice_is(expr->name, "config");
    if (config) return unit->config->index.count > 0 ? CONFIG_ROOT : JSON_NONE;
    bool select = expr->kind == EXPR_SELECT;
    bool index = expr->kind == EXPR_INDEX && expr->first->next->kind == EXPR_LITERAL &&
                 expr->first->next->literal.kind == TYPE_STRING;
    uint32_t from = select || index ? node_of(unit, expr->first) : JSON_NONE;
    if (from == JSON_NONE) return JSON_NONE;
    return config_child(unit->config, from,
                        select ? expr->name : value_text(expr->first->next->literal));
}

// Of each path the longest; what is not on one is looked through.
static void show(struct unit *unit, const struct expr *expr) {
    uint32_t node = node_of(unit, expr);
    if (node == JSON_NONE) {
        bool path = expr->kind == EXPR_SELECT || expr->kind == EXPR_INDEX;
        if (path) return; // a member that a request chooses
        for (const struct expr *child = expr->first; child != NULL; child = child->next)
            show(unit, child);
        return;
    }
    uint32_t secret = find_secret(unit, node);
    if (secret == JSON_NONE) return;
    const struct json_index *index = &unit->config->index;
    slice key = json_key(index, secret, unit->arena);
    if (!lint_report(unit, LINT_SECRET_IN_JSON, &expr->span, &key)) return;
    struct span there = {index->nodes[secret].key_start, index->nodes[secret].key_end,
                         index->source};
    lint_other(unit, &there, "given here");
    lint_help(unit, "show the parts that may be seen, or leave the secret to `secret(…)`", NULL);
}

static void show_calls(struct unit *unit, slice prefix, const struct expr *expr, void *self) {
    bool json = expr->kind == EXPR_CALL && !expr->receiver && slice_is(expr->name, "json");
    if (json && expr->count == 1) show(unit, expr->first);
    for (const struct expr *child = expr->first; child != NULL; child = child->next)
        show_calls(unit, prefix, child, self);
}

static void show_parts(struct unit *unit, slice prefix, const struct action *action, void *self) {
    (void)prefix;
    (void)self;
    for (const struct reply_part *part = action->parts; part != NULL; part = part->next) {
        if (part->kind == REPLY_PART_JSON) show(unit, part->value);
    }
}

void lint_shown(struct unit *unit) {
    lint_each_expr(unit, show_calls, NULL);
    for (uint32_t i = 0; i < unit->rule_names.count; i++)
        lint_each_action(unit, unit->rules[i].prefix, unit->rules[i].item->actions, show_parts,
                         NULL);
}

// Every field of every node that the grammar sets, spans and heights apart.
#include "tests/unit/tree_dump.h"

#include "engine/base/number.h"

static const char *const operator_texts[OPERATOR_TOTAL] = {
#define OPERATOR(name, text) [OPERATOR_##name] = text,
#include "engine/tbl/operators.h"
#undef OPERATOR
};

static const char *const action_words[ACTION_TOTAL] = {
#define ACTION(name, word, phases, restricts, final) [ACTION_##name] = word,
#include "engine/tbl/actions.h"
#undef ACTION
};

static const char *const clause_words[CLAUSE_TOTAL] = {
#define CLAUSE(name, word) [CLAUSE_##name] = word,
#include "engine/tbl/clauses.h"
#undef CLAUSE
};

static const char *const part_words[REPLY_PART_TOTAL] = {
#define REPLY_PART(name, word) [REPLY_PART_##name] = word,
#include "engine/tbl/reply_parts.h"
#undef REPLY_PART
};

static void add_quoted(struct text *out, slice text) {
    text_add_char(out, '"');
    text_add_escaped(out, text, UINT32_MAX);
    text_add_char(out, '"');
}

static void add_double(struct text *out, double real) {
    char digits[32];
    slice text = slice_from(digits, number_print_double(real, digits));
    text_add(out, text);
    if (slice_find(text, slice_of(".")) < 0 && slice_find(text, slice_of("e")) < 0) {
        text_add_string(out, ".0");
    }
}

static void add_literal(struct text *out, const struct expr *expr) {
    struct value value = expr->literal;
    if (expr->magnitude) text_add_string(out, "magnitude");
    switch (value.kind) {
    case TYPE_NULL: text_add_string(out, "null"); break;
    case TYPE_BOOL: text_add_string(out, value.as.boolean ? "true" : "false"); break;
    case TYPE_INT: text_add_int(out, value.as.integer); break;
    case TYPE_UINT:
        text_add_uint(out, value.as.natural);
        text_add_char(out, 'u');
        break;
    case TYPE_DOUBLE: add_double(out, value.as.real); break;
    case TYPE_DURATION:
        text_add_int(out, value.as.integer);
        text_add_string(out, "ns");
        break;
    case TYPE_BYTES: text_add_char(out, 'b'); // and
    case TYPE_STRING: add_quoted(out, value_text(value)); break;
    default: text_add_string(out, "?literal"); break;
    }
}

static void add_children(struct text *out, const struct expr *child) {
    for (; child != NULL; child = child->next) {
        text_add_char(out, ' ');
        if (child->optional_entry) text_add_char(out, '?');
        dump_expr(out, child);
    }
}

static void add_head(struct text *out, const struct expr *expr) {
    const char *mark = expr->optional ? "?" : "";
    switch (expr->kind) {
    case EXPR_SELECT:
        text_add_string(out, mark);
        text_add_char(out, '.');
        text_add(out, expr->name);
        break;
    case EXPR_INDEX:
        text_add_string(out, "[]");
        text_add_string(out, mark);
        break;
    case EXPR_CALL:
        text_add_string(out, expr->receiver ? "method " : "call ");
        if (expr->rooted) text_add_char(out, '.');
        text_add(out, expr->name);
        break;
    case EXPR_LIST: text_add_string(out, "list"); break;
    case EXPR_MAP: text_add_string(out, "map"); break;
    default: text_add_string(out, operator_texts[expr->operator]);
        break;
    }
}

void dump_expr(struct text *out, const struct expr *expr) {
    if (expr == NULL) {
        text_add_string(out, "none");
    } else if (expr->kind == EXPR_LITERAL) {
        add_literal(out, expr);
    } else if (expr->kind == EXPR_NAME) {
        if (expr->rooted) text_add_char(out, '.');
        text_add(out, expr->name);
    } else {
        text_add_char(out, '(');
        add_head(out, expr);
        add_children(out, expr->first);
        text_add_char(out, ')');
    }
}

// ` (WORD EXPR)`, nothing for NULL.
static void add_part(struct text *out, const char *word, const struct expr *expr) {
    if (expr == NULL) return;
    text_add_string(out, " (");
    text_add_string(out, word);
    text_add_char(out, ' ');
    dump_expr(out, expr);
    text_add_char(out, ')');
}

static void add_word(struct text *out, slice word) {
    if (word.at == NULL) return;
    text_add_char(out, ' ');
    text_add(out, word);
}

static void add_clauses(struct text *out, const struct clause *clause) {
    for (; clause != NULL; clause = clause->next) {
        text_add_string(out, " (");
        text_add_string(out, clause_words[clause->kind]);
        add_word(out, clause->word);
        if (clause->value != NULL) add_children(out, clause->value);
        add_part(out, "by", clause->by);
        text_add_char(out, ')');
    }
}

static void add_options(struct text *out, const struct option *option) {
    for (; option != NULL; option = option->next) {
        text_add_string(out, " (");
        text_add(out, option->name);
        add_children(out, option->values.first);
        text_add_char(out, ')');
    }
}

static void add_actions(struct text *out, const struct action *action) {
    for (; action != NULL; action = action->next) {
        text_add_string(out, " (");
        text_add_string(out, action_words[action->kind]);
        add_word(out, action->name);
        add_part(out, "status", action->status);
        add_part(out, "target", action->target);
        add_part(out, "value", action->value);
        add_part(out, "cost", action->cost);
        for (const struct reply_part *part = action->parts; part != NULL; part = part->next) {
            add_part(out, part_words[part->kind], part->value);
        }
        if (action->has_otherwise) text_add_string(out, " else");
        add_actions(out, action->otherwise);
        text_add_char(out, ')');
    }
}

static void add_exchange(struct text *out, const struct step *step) {
    const struct exchange *exchange = &step->exchange;
    text_add_string(out, "send ");
    text_add_int(out, step->worker);
    add_word(out, exchange->method);
    text_add_char(out, ' ');
    dump_expr(out, exchange->url);
    add_part(out, "headers", exchange->headers);
    add_part(out, "body", exchange->body);
    add_part(out, "from", exchange->from);
    add_part(out, "with", exchange->with);
    add_part(out, "upstream", exchange->upstream_status);
    add_part(out, "upstream_headers", exchange->upstream_headers);
    add_part(out, "upstream_body", exchange->upstream_body);
}

static void add_steps(struct text *out, const struct step *step) {
    static const char *const words[] = {"send", "config", "let", "expect", "wait"};
    for (; step != NULL; step = step->next) {
        text_add_string(out, " (");
        if (step->kind == STEP_SEND) {
            add_exchange(out, step);
        } else {
            text_add_string(out, words[step->kind]);
            add_word(out, step->name);
            add_children(out, step->value);
        }
        text_add_char(out, ')');
    }
}

static void add_item(struct text *out, const struct item *item) {
    static const char *const words[] = {"include", "let",  "limiter", "service",
                                        "group",   "rule", "config",  "test"};
    text_add_char(out, '(');
    text_add_string(out, words[item->kind]);
    bool titled = item->kind == ITEM_INCLUDE || item->kind == ITEM_TEST;
    if (item->name.at != NULL) text_add_char(out, ' ');
    if (titled) {
        add_quoted(out, item->name);
    } else {
        text_add(out, item->name);
    }
    if (item->value != NULL) add_children(out, item->value);
    add_part(out, item->period == NULL ? "concurrent" : "rate", item->rate);
    add_part(out, "per", item->period);
    add_options(out, item->options);
    add_clauses(out, item->clauses);
    if (item->items != NULL) text_add_char(out, ' ');
    dump_items(out, item->items);
    add_actions(out, item->actions);
    add_steps(out, item->steps);
    text_add_char(out, ')');
}

void dump_items(struct text *out, const struct item *items) {
    for (const struct item *item = items; item != NULL; item = item->next) {
        if (item != items) text_add_char(out, ' ');
        add_item(out, item);
    }
}

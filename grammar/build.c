// Expressions, and what all nodes need.
#include "grammar/build.h"

#include "engine/base/limits.h"
#include "grammar/literal.h"

struct span build_span(const struct build *build, const struct token *token) {
    return (struct span){token->start, token->end, build->source};
}

slice build_text(const struct build *build, const struct token *token) {
    return slice_cut(build->text, token->start, token->end);
}

void build_report(struct build *build, enum error error, const struct span *span,
                  const slice *arguments) {
    diag_report(build->parse->diagnostics, error, span, arguments);
}

bool build_is_full(const struct build *build) {
    return build->parse->diagnostics->kept == LIMIT_DIAGNOSTICS;
}

static slice limit_text(struct build *build, uint32_t limit) {
    struct text text;
    if (build_is_full(build)) return slice_of(NULL);
    text_init(&text, build->parse->arena);
    text_add_uint(&text, limit);
    return text_slice(&text);
}

void build_report_token(struct build *build, enum error error, const struct token *at,
                        const slice *arguments) {
    struct span span = build_span(build, at);
    build_report(build, error, &span, arguments);
}

void build_report_deep(struct build *build, const struct span *span) {
    build_report(build, ERROR_TOO_DEEP, span, (slice[]){limit_text(build, LIMIT_NESTING)});
}

void build_stop(struct build *build, enum error error, const struct token *at, uint32_t limit) {
    if (build->stopped) return;
    build->stopped = true;
    build_report_token(build, error, at, (slice[]){limit_text(build, limit)});
}

static void out_of_memory(struct build *build) {
    build->stopped = true;
    build->parse->diagnostics->out_of_memory = true;
}

static struct token here(const struct build *build) {
    uint32_t at = lexer_offset(&build->lexer);
    return (struct token){at, at};
}

static void *spare_node(struct build *build) {
    memset(&build->spare, 0, sizeof build->spare);
    return &build->spare;
}

void *build_node(struct build *build, size_t bytes) {
    if (build->stopped) return spare_node(build);
    if (build->parse->nodes == LIMIT_NODES) {
        struct token at = here(build);
        build_stop(build, ERROR_TOO_MANY_NODES, &at, LIMIT_NODES);
        return spare_node(build);
    }
    void *node = arena_take(build->parse->arena, bytes);
    if (node == NULL) {
        out_of_memory(build);
        return spare_node(build);
    }
    build->parse->nodes++;
    return node;
}

static struct expr *expr_node(struct build *build, enum expr_kind kind, uint32_t start,
                              uint32_t end) {
    struct expr *expr = build_node(build, sizeof *expr);
    expr->kind = (uint8_t)kind;
    expr->height = 1;
    expr->span = (struct span){start, end, build->source};
    return expr;
}

struct exprs build_one(struct build *build, struct expr *expr) {
    struct exprs list = {NULL, NULL, 0};
    build_more(build, &list, expr);
    return list;
}

void build_more(struct build *build, struct exprs *list, struct expr *expr) {
    build_join(build, list, &(struct exprs){expr, expr, 1});
}

void build_join(struct build *build, struct exprs *list, const struct exprs *more) {
    if (build->stopped || more->first == NULL) return;
    if (list->last == NULL) {
        list->first = more->first;
    } else {
        list->last->next = more->first;
    }
    list->last = more->last;
    list->count += more->count;
}

struct expr *build_entry(struct expr *expr) {
    expr->optional_entry = true;
    return expr;
}

// A height over the limit is passed on as it is: the node that crossed it has reported it.
static void raise_height(struct build *build, struct expr *node, const struct expr *child) {
    if (child->height < node->height) return;
    bool reported = child->height > LIMIT_NESTING;
    node->height = (uint16_t)(reported ? child->height : child->height + 1);
    if (node->height <= LIMIT_NESTING || reported) return;
    build_report_deep(build, &node->span);
}

static struct expr *adopt(struct build *build, struct expr *node, const struct exprs *children) {
    if (build->stopped) return node;
    node->first = children->first;
    node->count = children->count;
    for (const struct expr *child = node->first; child != NULL; child = child->next) {
        raise_height(build, node, child);
    }
    return node;
}

static void name_node(struct build *build, struct expr *expr, const struct token *name) {
    slice text = build_text(build, name);
    if (text.length > 2 && text.at[0] == '`') text = slice_cut(text, 1, text.length - 1);
    expr->name = text;
    expr->name_span = build_span(build, name);
}

static const char *const type_phrases[TYPE_TOTAL] = {
    [TYPE_INT] = "an int",
    [TYPE_UINT] = "a uint",
    [TYPE_DOUBLE] = "a double",
    [TYPE_DURATION] = "a duration",
};

static void report_range(struct build *build, struct span span, enum type type) {
    enum { SHOWN = 60 }; // bytes; more digits say nothing
    slice text = slice_cut(build->text, span.start, span.end);
    if (text.length > SHOWN) text = slice_cut(text, 0, SHOWN);
    slice arguments[] = {text, slice_of(type_phrases[type])};
    diag_report(build->parse->diagnostics, ERROR_NUMBER_RANGE, &span, arguments);
}

static void settle_number(struct build *build, struct expr *expr, enum type type,
                          enum literal_result result) {
    if (result == LITERAL_RANGE) report_range(build, expr->span, type);
}

static void remember_magnitude(struct build *build, struct expr *expr) {
    struct magnitude *magnitude = arena_take(build->parse->arena, sizeof *magnitude);
    if (magnitude == NULL) {
        out_of_memory(build);
        return;
    }
    *magnitude = (struct magnitude){expr, build->magnitudes};
    build->magnitudes = magnitude;
    expr->magnitude = true;
    expr->literal.as.integer = INT64_MIN;
}

static void read_int(struct build *build, struct expr *expr, slice text) {
    uint64_t natural = 0;
    enum literal_result result = literal_natural(text, &natural);
    uint64_t most = (uint64_t)INT64_MAX;
    if (result == LITERAL_OK && natural <= most) {
        expr->literal.as.integer = (int64_t)natural;
    } else if (result == LITERAL_OK && natural == most + 1) {
        remember_magnitude(build, expr);
    } else {
        report_range(build, expr->span, TYPE_INT);
    }
}

static void read_uint(struct build *build, struct expr *expr, slice text) {
    slice digits = slice_cut(text, 0, text.length - 1);
    settle_number(build, expr, TYPE_UINT, literal_natural(digits, &expr->literal.as.natural));
}

static void read_double(struct build *build, struct expr *expr, slice text) {
    settle_number(build, expr, TYPE_DOUBLE, literal_double(text, &expr->literal.as.real));
}

static void read_duration(struct build *build, struct expr *expr, slice text) {
    settle_number(build, expr, TYPE_DURATION, literal_duration(text, &expr->literal.as.integer));
}

static struct token part_of(const struct build *build, slice part) {
    uint32_t start = (uint32_t)(part.at - build->text.at);
    return (struct token){start, start + part.length};
}

slice build_string(struct build *build, const struct token *token) {
    slice value = {NULL, 0};
    enum literal_result result =
        literal_text(build->parse->arena, build_text(build, token), &value);
    if (result == LITERAL_OK) return value;
    if (result == LITERAL_MEMORY) {
        out_of_memory(build);
    } else {
        struct token part = part_of(build, value);
        build_report_token(build, ERROR_BAD_ESCAPE, &part, &value);
    }
    return (slice){NULL, 0};
}

static void read_text(struct build *build, struct expr *expr, const struct token *token) {
    slice value = build_string(build, token);
    expr->literal.length = value.length;
    expr->literal.as.text = value.at;
}

struct expr *build_literal(struct build *build, const struct token *token, enum type type) {
    struct expr *expr = expr_node(build, EXPR_LITERAL, token->start, token->end);
    slice text = build_text(build, token);
    expr->literal.kind = (uint8_t)type;
    if (build->stopped) return expr;
    switch (type) {
    case TYPE_INT: read_int(build, expr, text); break;
    case TYPE_UINT: read_uint(build, expr, text); break;
    case TYPE_DOUBLE: read_double(build, expr, text); break;
    case TYPE_DURATION: read_duration(build, expr, text); break;
    case TYPE_STRING: read_text(build, expr, token); break;
    case TYPE_BYTES: read_text(build, expr, token); break;
    case TYPE_BOOL: expr->literal.as.boolean = slice_is(text, "true"); break;
    default: break; // null
    }
    return expr;
}

struct expr *build_name(struct build *build, const struct token *first, const struct token *name) {
    struct expr *expr = expr_node(build, EXPR_NAME, first->start, name->end);
    expr->rooted = first->start != name->start;
    name_node(build, expr, name);
    return expr;
}

struct expr *build_call(struct build *build, const struct token *first, const struct token *name,
                        const struct exprs *arguments, const struct token *last) {
    struct expr *expr = expr_node(build, EXPR_CALL, first->start, last->end);
    expr->rooted = first->start != name->start;
    name_node(build, expr, name);
    return adopt(build, expr, arguments);
}

struct expr *build_method(struct build *build, struct expr *receiver, const struct token *name,
                          const struct exprs *arguments, const struct token *last) {
    struct expr *expr = expr_node(build, EXPR_CALL, receiver->span.start, last->end);
    expr->receiver = true;
    name_node(build, expr, name);
    struct exprs operands = build_one(build, receiver);
    build_join(build, &operands, arguments);
    return adopt(build, expr, &operands);
}

struct expr *build_select(struct build *build, struct expr *operand, const struct token *name,
                          bool optional) {
    struct expr *expr = expr_node(build, EXPR_SELECT, operand->span.start, name->end);
    expr->optional = optional;
    name_node(build, expr, name);
    struct exprs operands = build_one(build, operand);
    return adopt(build, expr, &operands);
}

struct expr *build_index(struct build *build, struct expr *operand, struct expr *index,
                         bool optional, const struct token *last) {
    struct expr *expr = expr_node(build, EXPR_INDEX, operand->span.start, last->end);
    expr->optional = optional;
    struct exprs operands = build_one(build, operand);
    build_more(build, &operands, index);
    return adopt(build, expr, &operands);
}

struct expr *build_list(struct build *build, const struct token *first,
                        const struct exprs *elements, const struct token *last) {
    return adopt(build, expr_node(build, EXPR_LIST, first->start, last->end), elements);
}

struct expr *build_map(struct build *build, const struct token *first, const struct exprs *entries,
                       const struct token *last) {
    return adopt(build, expr_node(build, EXPR_MAP, first->start, last->end), entries);
}

struct expr *build_parentheses(struct build *build, const struct token *first, struct expr *expr,
                               const struct token *last) {
    expr->parenthesised = true;
    expr->span = (struct span){first->start, last->end, build->source};
    return expr;
}

static struct expr *operator_node(struct build *build, enum operator operator, uint32_t start,
                                  const struct exprs *operands) {
    uint32_t end = operands->last == NULL ? start : operands->last->span.end;
    struct expr *expr = expr_node(build, EXPR_OPERATOR, start, end);
    expr->operator=(uint8_t) operator;
    return adopt(build, expr, operands);
}

// The number or duration that `a` of `a.b(c)[d]` is, where it stands directly behind the sign
// and has none of its own.
static struct expr *signed_literal(const struct build *build, uint32_t behind,
                                   struct expr *operand) {
    struct expr *expr = operand;
    if (build->stopped) return NULL;
    while (!expr->parenthesised && (expr->kind == EXPR_SELECT || expr->kind == EXPR_INDEX ||
                                    (expr->kind == EXPR_CALL && expr->receiver)))
        expr = expr->first;
    if (expr->kind != EXPR_LITERAL || expr->parenthesised || expr->span.start != behind)
        return NULL;
    uint32_t kind = expr->literal.kind;
    bool has_sign = build->text.at[behind] == '-';
    bool number = kind == TYPE_INT || kind == TYPE_DOUBLE || kind == TYPE_DURATION;
    return number && !has_sign ? expr : NULL;
}

static void negate_literal(struct expr *literal) {
    if (literal->literal.kind == TYPE_DOUBLE) {
        literal->literal.as.real = -literal->literal.as.real;
    } else if (!literal->magnitude) {
        literal->literal.as.integer = -literal->literal.as.integer;
    }
    literal->magnitude = false;
}

// The chain down to the literal begins with the sign now.
static void widen(struct expr *operand, const struct expr *literal, uint32_t start) {
    for (struct expr *expr = operand;; expr = expr->first) {
        expr->span.start = start;
        if (expr == literal) return;
    }
}

struct expr *build_prefix(struct build *build, enum operator operator, const struct token * sign,
                          struct expr *operand) {
    struct expr *literal = operator== OPERATOR_NEGATE ? signed_literal(build, sign->end, operand)
                                                      : NULL;
    if (literal == NULL) {
        struct exprs operands = build_one(build, operand);
        return operator_node(build, operator, sign->start, &operands);
    }
    negate_literal(literal);
    widen(operand, literal, sign->start);
    return operand;
}

struct expr *build_binary(struct build *build, enum operator operator, struct expr * left,
                          struct expr *right) {
    struct exprs operands = build_one(build, left);
    build_more(build, &operands, right);
    return operator_node(build, operator, left->span.start, &operands);
}

struct expr *build_choice(struct build *build, struct expr *condition, struct expr *yes,
                          struct expr *no) {
    struct exprs operands = build_one(build, condition);
    build_more(build, &operands, yes);
    build_more(build, &operands, no);
    return operator_node(build, OPERATOR_CHOOSE, condition->span.start, &operands);
}

void build_chain(struct build *build, enum operator operator, struct chain * chain,
                 struct expr *right) {
    if (build->stopped) return;
    bool same = chain->last != NULL && chain->expr->operator== operator;
    if (!same) {
        chain->expr = build_binary(build, operator, chain->expr, right);
    } else {
        chain->last->next = right;
        chain->expr->count++;
        chain->expr->span.end = right->span.end;
        raise_height(build, chain->expr, right);
    }
    chain->last = right;
}

void build_finish(struct build *build) {
    struct magnitude *magnitude = build->magnitudes;
    if (build->broken || build->stopped) return;
    for (; magnitude != NULL; magnitude = magnitude->next) {
        if (magnitude->literal->magnitude) {
            report_range(build, magnitude->literal->span, TYPE_INT);
        }
    }
}

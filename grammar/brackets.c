// A stack of open brackets; closing ones that fit nothing are passed over.
#include "grammar/brackets.h"

#include "rules.h"

static bool opens(int kind) {
    return kind == T_LPAREN || kind == T_LBRACK || kind == T_LBRACE;
}

static char opening_of(int kind) {
    if (kind == T_RPAREN || kind == T_LPAREN) return '(';
    if (kind == T_RBRACK || kind == T_LBRACK) return '[';
    return kind == T_RBRACE || kind == T_RCURLY || kind == T_LBRACE ? '{' : '\0';
}

// The depth of the innermost open brace; 0 where none is open.
static uint32_t innermost_brace(const struct brackets *brackets) {
    if (brackets->depth == 0) return 0;
    const struct bracket *top = &brackets->open[brackets->depth - 1];
    return top->open == '{' ? brackets->depth : top->outer_brace;
}

// A brace is known to begin a block only with the token behind it, so `{}` stays two braces.
int brackets_refine(const struct brackets *brackets, int kind) {
    if (kind != T_RBRACE || brackets->previous == T_LBRACE) return kind;
    uint32_t depth = innermost_brace(brackets);
    bool map = depth > 0 && brackets->open[depth - 1].role == BRACKET_PLAIN;
    return map ? T_RCURLY : T_RBRACE;
}

static bool push(struct brackets *brackets, int kind, struct token token) {
    if (brackets->depth == brackets->capacity) return false;
    bool condition =
        kind == T_LBRACE && brackets->previous == T_WHEN && token.start != brackets->not_condition;
    struct bracket bracket = {.token = token, .open = opening_of(kind), .condition = condition};
    bracket.outer_block = brackets_block_depth(brackets);
    bracket.outer_brace = innermost_brace(brackets);
    brackets->open[brackets->depth++] = bracket;
    return true;
}

// A `}` also ends what was left open inside its braces.
static void pop(struct brackets *brackets, int kind) {
    uint32_t depth = brackets->depth;
    char wanted = opening_of(kind);
    if (wanted == '{') depth = innermost_brace(brackets);
    if (depth == 0 || brackets->open[depth - 1].open != wanted) return;
    brackets->depth = depth - 1;
    brackets->condition_closed = brackets->open[depth - 1].condition;
    brackets->condition = brackets->open[depth - 1].token;
}

bool brackets_note(struct brackets *brackets, int kind, struct token token) {
    bool fits = true;
    brackets->condition_closed = false;
    if (opens(kind)) {
        fits = push(brackets, kind, token);
    } else if (opening_of(kind) != '\0') {
        pop(brackets, kind);
    }
    brackets->previous = kind;
    return fits;
}

void brackets_mark(struct brackets *brackets, enum bracket_role role) {
    if (brackets->depth > 0) brackets->open[brackets->depth - 1].role = (uint8_t)role;
}

bool brackets_in_block(const struct brackets *brackets) {
    uint32_t depth = innermost_brace(brackets);
    return depth > 0 && brackets->open[depth - 1].role != BRACKET_PLAIN;
}

uint32_t brackets_block_depth(const struct brackets *brackets) {
    if (brackets->depth == 0) return 0;
    const struct bracket *top = &brackets->open[brackets->depth - 1];
    return top->role != BRACKET_PLAIN ? brackets->depth : top->outer_block;
}

const struct token *brackets_condition(const struct brackets *brackets) {
    if (brackets->condition_closed) return &brackets->condition;
    for (uint32_t depth = brackets->depth; depth > 0; depth--) {
        const struct bracket *bracket = &brackets->open[depth - 1];
        if (bracket->role != BRACKET_PLAIN) return NULL;
        if (bracket->condition) return &bracket->token;
    }
    return NULL;
}

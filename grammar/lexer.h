// Bytes to tokens. Where a number or a string ends is decided here; what it is worth is not.
#ifndef WEIR_GRAMMAR_LEXER_H
#define WEIR_GRAMMAR_LEXER_H

#include "engine/base/diag.h"

// Bytes of the text; the kind is Lemon's number of the token (rules.h).
struct token {
    uint32_t start;
    uint32_t end;
};

struct lexer {
    slice text; // valid UTF-8 without NUL, followed by a NUL byte
    const uint8_t *cursor;
    enum error error;     // of the T_BROKEN that was given last
    struct token comment; // the first one; empty where there was none so far
};

void lexer_init(struct lexer *lexer, slice text);

// Where the next token is looked for.
uint32_t lexer_offset(const struct lexer *lexer);
void lexer_rewind(struct lexer *lexer, uint32_t offset);

// The next token's kind: 0 at the end of the text, T_BROKEN for bytes that make none. A `}` is
// always T_RBRACE: whether it ends a map is known to those who count brackets.
int lexer_next(struct lexer *lexer, struct token *token);

#endif

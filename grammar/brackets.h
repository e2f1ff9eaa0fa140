// The brackets that are open at a token: which `}` ends a block, which one a map, and how far an
// error has to skip. The parser's own stack cannot be asked for that.
#ifndef WEIR_GRAMMAR_BRACKETS_H
#define WEIR_GRAMMAR_BRACKETS_H

#include "grammar/lexer.h"

enum bracket_role {
    BRACKET_PLAIN, // of an expression, or not yet known
    BRACKET_BLOCK, // of actions, options or steps
    BRACKET_GROUP, // of items
};

struct bracket {
    struct token token;
    uint32_t outer_block; // depth of the innermost block around it; 0 for none
    uint32_t outer_brace; // of the innermost brace
    uint8_t role;
    char open;      // `(`, `[` or `{`
    bool condition; // a `{` right after `when`
};

struct brackets {
    struct bracket *open; // `capacity` of them
    uint32_t capacity;
    uint32_t depth;
    int previous;           // kind of the token noted last
    bool condition_closed;  // that token ended the brace right after a `when`
    struct token condition; // where condition_closed: that brace
    uint32_t not_condition; // start of a brace that was tried as a condition already
};

// Of a `}`: T_RCURLY where it ends a map; any other kind is given back.
int brackets_refine(const struct brackets *brackets, int kind);

// Notes a token that the parser has seen or that was skipped; false when too many are open.
bool brackets_note(struct brackets *brackets, int kind, struct token token);

// The innermost open bracket begins a block.
void brackets_mark(struct brackets *brackets, enum bracket_role role);

// A `}` would end a block here, with whatever is open inside it.
bool brackets_in_block(const struct brackets *brackets);

// Open brackets up to and with the innermost block's.
uint32_t brackets_block_depth(const struct brackets *brackets);

// The brace right after a `when` that is still open or was closed just now; NULL where none.
const struct token *brackets_condition(const struct brackets *brackets);

#endif

// One text parsed in an arena of its own, and what came of it as text: for tests of the grammar.
#ifndef WEIR_TESTS_PARSING_H
#define WEIR_TESTS_PARSING_H

#include "grammar/parse.h"

struct parsing {
    uint32_t blocks_left; // the allocator refuses after so many; UINT32_MAX for never
    struct allocator allocator;
    struct arena arena;
    struct diagnostics diagnostics;
    struct parse parse;
    struct text out;
    bool good;
};

// `text` need not end in NUL: the arena gets a copy. Ended with parsing_end, whatever came of it.
void parsing_begin(struct parsing *parsing, uint32_t blocks, size_t block_bytes);
void parsing_run(struct parsing *parsing, slice text, enum parse_goal goal);
void parsing_end(struct parsing *parsing);

// The tree as S-expressions, or the errors, a line each: `LINE:COL: ENNNN MESSAGE`.
slice parsing_tree(struct parsing *parsing);
slice parsing_errors(struct parsing *parsing);

#endif

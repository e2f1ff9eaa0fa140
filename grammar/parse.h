// Text to tree: one text at a time, every syntax error of it in one run.
#ifndef WEIR_GRAMMAR_PARSE_H
#define WEIR_GRAMMAR_PARSE_H

#include "engine/lang/tree.h"

enum parse_goal {
    PARSE_RULES,      // items of a rule text; test items are refused
    PARSE_TESTS,      // items of a test file
    PARSE_EXPRESSION, // one CEL expression
};

// The state shared by all texts of one program.
struct parse {
    struct arena *arena;
    struct diagnostics *diagnostics;
    uint32_t nodes;          // made so far, of all texts; at most LIMIT_NODES
    struct item *items;      // result of PARSE_RULES and PARSE_TESTS
    struct expr *expression; // result of PARSE_EXPRESSION
};

// Parses the source of that index; a NUL byte stands behind its text (arena_copy gives one).
// True when it reported no error; `items` or `expression` then hold the tree. A refused allocation
// sets diagnostics->out_of_memory and gives false.
bool parse_text(struct parse *parse, uint32_t source, enum parse_goal goal);

#endif

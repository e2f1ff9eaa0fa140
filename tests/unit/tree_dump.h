// The tree of a text as one line of S-expressions, for tests to compare.
#ifndef WEIR_TESTS_TREE_DUMP_H
#define WEIR_TESTS_TREE_DUMP_H

#include "engine/lang/tree.h"

void dump_expr(struct text *out, const struct expr *expr);

// Items with a blank between them.
void dump_items(struct text *out, const struct item *items);

#endif

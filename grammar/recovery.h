// Syntax errors: in what words they are reported, and where the text makes sense again.
#ifndef WEIR_GRAMMAR_RECOVERY_H
#define WEIR_GRAMMAR_RECOVERY_H

#include "grammar/build.h"

// Reports the token that cannot stand where the parser is; kind 0 is the end of the text.
void recovery_report(struct build *build, int kind, struct token token);

// Reports that the parser's stack is full, and ends the run.
void recovery_overflow(struct build *build);

// The token begins an element of the list, or ends it: with it the parser can go on.
bool recovery_begins(enum recovery list, int kind);

// The token is a keyword of an item, and the first of its line: whatever block is still open, its
// end was forgotten.
bool recovery_item(const struct build *build, int kind, struct token token);

// No other token stands before it on its line.
bool recovery_first_on_line(const struct build *build, struct token token);

#endif

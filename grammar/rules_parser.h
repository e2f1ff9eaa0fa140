// The parser that Lemon makes of rules.y.
#ifndef WEIR_GRAMMAR_RULES_PARSER_H
#define WEIR_GRAMMAR_RULES_PARSER_H

#include "grammar/build.h"

// Bytes of a parser's state; some ten KiB, so it has its place in an arena.
size_t WeirBytes(void);

void WeirInit(void *parser, struct build *build);

// One token; kind 0 ends the text.
void Weir(void *parser, int kind, struct token token);

// The next error is reported, however close to the last: the parser stands at a sure place.
void WeirSettled(void *parser);

// The kind that a keyword has where it is none: T_ID or T_RESERVED; else 0.
int WeirFallback(int kind);

#endif

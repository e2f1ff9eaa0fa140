// Finds the places where a match could begin, many bytes at a time: by a literal that all matches
// begin with, or by the first three bytes that they may begin with.
#ifndef WEIR_MATCH_REGEX_FILTER_H
#define WEIR_MATCH_REGEX_FILTER_H

#include "engine/match/regex_program.h"

// Reads anchored, anchored_end, prefix, whole and starts off the programs, and prepares
// `required`. False when the
// arena refuses; `scratch` may be given back afterwards.
bool regex_filter_make(struct regex *regex, struct arena *keep, struct arena *scratch);

// Whether there is a filter at all; an anchored regex has its prefix only.
static inline bool regex_filter_has(const struct regex *regex) {
    return regex->prefix.length > 0 || regex->starts != NULL;
}

// The first place at or behind `from` where a match may begin; the text's length when there is
// none, although it may be one as well.
uint32_t regex_filter_next(const struct regex *regex, slice text, uint32_t from);

// Offset of the literal at or behind `from`, or text.length + 1.
uint32_t regex_literal_find(const struct regex_literal *literal, slice text, uint32_t from);

#endif

// Reads a pattern in RE2's syntax and builds its programs.
#ifndef WEIR_MATCH_REGEX_PARSE_H
#define WEIR_MATCH_REGEX_PARSE_H

#include "engine/match/regex.h"
#include "engine/match/regex_program.h"

// Fills in the programs, groups, names and the required literal. `scratch` may be given back
// afterwards.
bool regex_parse(struct arena *keep, struct arena *scratch, slice pattern, int64_t *effort,
                 struct regex *out, struct regex_error *error);

#endif

// Automata built while they run, in the memory of a pool: for whether and where, without groups.
#ifndef WEIR_MATCH_REGEX_DFA_H
#define WEIR_MATCH_REGEX_DFA_H

#include "engine/match/regex.h"
#include "engine/match/regex_program.h"

enum regex_dfa_kind {
    REGEX_DFA_SEARCH,   // forward; a match may begin anywhere
    REGEX_DFA_ANCHORED, // forward; a match begins at once
    REGEX_DFA_REVERSE,  // backward from the end of a match: to its farthest beginning
};

enum regex_dfa_outcome {
    REGEX_DFA_NO,
    REGEX_DFA_YES,
    REGEX_DFA_GAVE_UP, // the pool is too small for this regex and text: ask regex_nfa_search
};

// Reads from `from` towards `to` (the text's end; for REVERSE a place before `from`). `earliest`:
// stops at the first match; else *found becomes the other end of the preferred one.
enum regex_dfa_outcome regex_dfa_run(const struct regex *regex, struct regex_pool *pool,
                                     struct regex_work *work, enum regex_dfa_kind kind, slice text,
                                     uint32_t from, uint32_t to, bool earliest, uint32_t *found);

#endif

// Search by simulation of the program, with groups: linear in the text, slower than the automata.
#ifndef WEIR_MATCH_REGEX_NFA_H
#define WEIR_MATCH_REGEX_NFA_H

#include "engine/match/regex.h"
#include "engine/match/regex_program.h"

struct regex_nfa_query {
    slice text;
    uint32_t start; // where to begin
    bool anchored;  // the match begins there, else there or further on
    bool ends;      // the match is known to end at `end`, and nothing else is one
    uint32_t end;
    uint32_t slot_count; // of `slots` that are wanted: even; 0: only whether there is a match
    uint32_t *slots;     // start and end of the match and of each group; UINT32_MAX: took no part
};

enum regex_outcome regex_nfa_search(const struct regex *regex, struct regex_work *work,
                                    const struct regex_nfa_query *query);

#endif

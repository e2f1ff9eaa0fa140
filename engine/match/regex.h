// Regular expressions in RE2's syntax and with its meaning (RE2's page on syntax; leftmost-first,
// as Perl chooses). Text is UTF-8: a code point matches its bytes, a malformed byte only \C.
// Time is linear in the text and memory bounded, whatever the pattern and the text. Differences:
// two groups may not have one name (as in Go), and where a lazy loop directly holds a greedy one of
// something that prefers to be empty, RE2 may match more.
//
// A regex and its pool belong to arenas; a pool must not outlive the regexes that it was used for.
#ifndef WEIR_MATCH_REGEX_H
#define WEIR_MATCH_REGEX_H

#include "engine/base/arena.h"

struct regex;
struct regex_pool;

// Why a pattern is refused.
enum regex_problem {
#define PROBLEM(name, words) REGEX_##name,
#include "engine/match/regex_problems.h"
#undef PROBLEM
    REGEX_PROBLEM_TOTAL
};

const char *regex_problem_words(enum regex_problem problem);

struct regex_error {
    enum regex_problem problem;
    uint32_t at; // bytes from the start of the pattern
};

// The pattern need not outlive the regex. False with *error when it is refused; only
// REGEX_NO_MEMORY and REGEX_TOO_COSTLY have reasons outside the pattern. *effort is what may be
// spent, about one for each instruction that is made, and becomes what is left.
bool regex_compile(struct arena *arena, slice pattern, int64_t *effort, struct regex **out,
                   struct regex_error *error);

// Capturing groups, without the whole match; the name of one (from 1), empty where it has none.
uint32_t regex_group_count(const struct regex *regex);
slice regex_group_name(const struct regex *regex, uint32_t group);

enum { REGEX_POOL_BYTES = 256 << 10 }; // the usual size of a pool

// Memory for the automata that searches build, shared by all regexes of a program and emptied when
// it is full. NULL when the arena refuses.
struct regex_pool *regex_pool_make(struct arena *arena, uint32_t bytes);

// What searches need besides; one may serve any number of them. Start: {.arena, .effort}.
struct regex_work {
    struct arena *arena; // where groups need memory, or the pool does not serve
    int64_t effort;      // what is left to spend: about one for each 16 bytes read, and for each
                         // instruction that is looked at
    void *memory;        // kept for the next search
    size_t bytes;
};

enum regex_outcome {
    REGEX_NO,
    REGEX_YES,
    REGEX_REFUSED,   // by the arena
    REGEX_EXHAUSTED, // `effort` is below 0
};

// Whether the regex matches anywhere in the text. `pool` may be NULL: slower, the same answers.
enum regex_outcome regex_matches(const struct regex *regex, struct regex_pool *pool,
                                 struct regex_work *work, slice text);

struct regex_span {
    uint32_t start; // bytes from the start of the text; UINT32_MAX: the group took no part
    uint32_t end;
};

// The first match at or behind `start`, which is a place inside the text (^ and \b see what is
// before it). groups[0] becomes the whole match, groups[n] group n; `count` of them are written,
// at most one more than the regex has.
enum regex_outcome regex_search(const struct regex *regex, struct regex_pool *pool,
                                struct regex_work *work, slice text, uint32_t start,
                                struct regex_span *groups, uint32_t count);

#endif

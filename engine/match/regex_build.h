// Programs put together from pieces while the pattern is read: code in one run of instructions
// with open ends, which joining and copying fill in. All is done twice: for the program that reads
// forwards and the one that reads backwards.
#ifndef WEIR_MATCH_REGEX_BUILD_H
#define WEIR_MATCH_REGEX_BUILD_H

#include "engine/match/regex_program.h"
#include "engine/match/regex_set.h"

// Of one program. Ends are places to fill in: `at << 1` is the `out` of instruction `at`,
// `at << 1 | 1` its `other`; they are linked through those places, and 0 ends the list.
struct regex_part {
    uint16_t code; // its instructions are those from here on
    uint16_t begin;
    uint16_t first_end;
    uint16_t last_end;
};

struct regex_piece {
    struct regex_part ways[2]; // forwards and backwards
};

enum { REGEX_NODE_CACHE = 512 };

// One program in the making.
struct regex_way {
    struct arena *arena;
    struct regex_inst *code;
    uint32_t count;
    uint32_t capacity;
    bool backward;
    bool failed; // too many instructions, or no memory: whatever follows does nothing
    bool out_of_memory;
    uint64_t *sequences; // of the class that is built: pairs of a lowest and a highest byte, the
                         // first in the highest bits
    uint32_t sequence_count;
    uint32_t sequence_capacity;
    struct regex_inst *choices;       // four times sequence_capacity
    uint16_t cache[REGEX_NODE_CACHE]; // nodes of classes by their hash
};

struct regex_build {
    struct regex_way ways[2];
};

void regex_build_init(struct regex_build *build, struct arena *arena);

// Pieces that are new.
void regex_build_empty(struct regex_build *build, struct regex_piece *out);
void regex_build_bytes(struct regex_build *build, slice bytes, struct regex_piece *out);
void regex_build_any_byte(struct regex_build *build, struct regex_piece *out);
void regex_build_assert(struct regex_build *build, uint32_t bits, struct regex_piece *out);
void regex_build_set(struct regex_build *build, const struct regex_set *set,
                     struct regex_piece *out);

// Change the piece `a`; what they are given must be the newest pieces, in that order.
void regex_build_then(struct regex_build *build, struct regex_piece *a,
                      const struct regex_piece *b);
void regex_build_either(struct regex_build *build, struct regex_piece *a,
                        const struct regex_piece *b);
void regex_build_group(struct regex_build *build, struct regex_piece *a, uint32_t group);

// least to most times; most is UINT32_MAX where there is no end.
struct regex_times {
    uint32_t least;
    uint32_t most;
    bool greedy;
    bool nullable; // what is repeated may be empty
};

void regex_build_times(struct regex_build *build, struct regex_piece *a,
                       const struct regex_times *times);

// The whole programs: `all` and a match, copied into `keep`. out[1] has no instructions when it
// would have too many. What failed, build->ways say.
void regex_build_finish(struct regex_build *build, const struct regex_piece *all,
                        struct arena *keep, struct regex_program out[2]);

#endif

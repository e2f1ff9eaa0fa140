// Rules compiled and run in one hand, with memory that can be made to fail, and what came of it as
// text: for tests of the engine.
#ifndef WEIR_TESTS_RUNNING_H
#define WEIR_TESTS_RUNNING_H

#include "tools/fake_host.h"

struct failing {
    struct allocator allocator;
    uint32_t left;  // takes until it refuses; UINT32_MAX for never
    uint32_t taken; // so far
    uint32_t held;  // blocks out now
};

struct running {
    struct failing compiling; // what the compiler uses
    struct failing keeping;   // the program and the report
    struct failing serving;   // the stream
    struct arena keep;
    struct arena host_arena;
    struct arena stream;
    struct text report;
    struct program *program;
    bool no_index; // rules are tried one by one
    struct fake_host host;
    struct run run;
};

void failing_init(struct failing *failing, uint32_t left);

// Ended with running_end, whatever came of it.
void running_init(struct running *running);
void running_end(struct running *running);

// Compiles a text named `t.weir`, with `data` as `config`.
enum engine_outcome running_compile(struct running *running, const char *rules, const char *data);

// The same, which must succeed.
void running_must_compile(struct running *running, const char *rules, const char *data);

// A stream of its own, whose memory comes in blocks of that size; false when there is none.
bool running_begin(struct running *running, size_t block_bytes);

// Loads `lines` where the phase gathers them, then runs the phase.
enum run_state running_phase(struct running *running, enum phase phase,
                             const struct header_line *lines, uint32_t count);

// The stream ends.
void running_reset(struct running *running);

// The effects of the phase, a line each: `set request a: b`, `reply 403 weir.deny:r`, `count
// r.denied`, `log warn r: text`. In the host's arena.
slice running_effects(struct running *running);

// The reply among the effects, or NULL.
const struct reply *running_reply(const struct running *running);

#endif

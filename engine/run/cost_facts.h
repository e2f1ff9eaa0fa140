// What is known of the values that instructions read, without running them: kinds, kinds of items,
// lengths. Always on the safe side: a fact holds whatever way the code was reached.
#ifndef WEIR_RUN_COST_FACTS_H
#define WEIR_RUN_COST_FACTS_H

#include "engine/run/program.h"

enum { FACT_NO_LENGTH = 0xffffffff };

// Of a value. `kinds` and `items` are sets of enum type, as bits.
struct facts {
    uint32_t kinds;
    uint32_t items;    // of lists, maps (keys and values) and optionals: what may be in them
    uint32_t length;   // bytes, items or entries; FACT_NO_LENGTH where a request decides
    uint32_t constant; // 1 + its number, or 0
};

#define KIND_BIT(type) (UINT32_C(1) << TYPE_##type)

enum {
    KINDS_TEXT = 1 << TYPE_STRING | 1 << TYPE_BYTES,
    KINDS_NESTED = 1 << TYPE_LIST | 1 << TYPE_MAP | 1 << TYPE_OPTIONAL,
};

// Whether no list, map or optional is in it.
static inline bool facts_flat(struct facts list) {
    return (list.items & KINDS_NESTED) == 0;
}

struct facts_walk {
    const struct program *program;
    const struct facts *constants;
    struct facts registers[LIMIT_REGISTERS]; // valid where the stamp is that of the straight code
    uint32_t stamps[LIMIT_REGISTERS];
    uint32_t straight;                    // counts pieces of code without a label
    struct facts joined[LIMIT_REGISTERS]; // of all that this block writes there
    bool joins;                           // `joined` is complete
};

// Everything lives in the arena; false when it refuses.
bool facts_begin(struct facts_walk *walk, const struct program *program, struct arena *arena);

// A block begins; each is walked over twice, and only the second time is all of it known.
void facts_block(struct facts_walk *walk, bool expression, bool again);

// Code may be reached from elsewhere here.
void facts_label(struct facts_walk *walk);

// Of an operand that reads.
struct facts facts_of(const struct facts_walk *walk, uint16_t operand);

// Of what the instruction writes, before it has run.
struct facts facts_result(const struct facts_walk *walk, struct instruction i);

// The instruction has run: its results are known.
void facts_run(struct facts_walk *walk, struct instruction i);

#endif

// Pike's simulation: all threads go through the text together, in the order of their preference,
// each with its own slots.
#include "engine/match/regex_nfa.h"

#include "engine/match/regex_filter.h"

enum { UNSET = 0xffffffff };

struct threads {
    uint16_t *at; // BYTE and MATCH instructions, the preferred first
    uint32_t *slots;
    uint32_t count;
};

// Left to do while a position is explored: an instruction, or (instruction 0) a slot to restore.
struct todo {
    uint16_t inst;
    uint16_t slot;
    uint32_t value;
};

struct nfa {
    const struct regex *regex;
    const struct regex_inst *code;
    const struct regex_nfa_query *query;
    struct regex_work *work;
    struct threads now;
    struct threads next;
    uint32_t *seen; // bits of the instructions already reached at this position
    uint32_t *slots;
    struct todo *todo;
    bool matched;
};

static void *carve(char **at, size_t bytes) {
    void *piece = *at;
    *at += (bytes + 7) & ~(size_t)7;
    return piece;
}

static size_t seen_bytes(uint32_t count) {
    return (count + 31) / 32 * sizeof(uint32_t);
}

static bool prepare(struct nfa *nfa) {
    size_t count = nfa->regex->programs[0].count;
    size_t slots = nfa->query->slot_count * sizeof(uint32_t);
    size_t bytes = 2 * (count * (sizeof(uint16_t) + slots) + 16) + seen_bytes((uint32_t)count) + 8 +
                   slots + 8 + (count + 1) * sizeof(struct todo);
    struct regex_work *work = nfa->work;
    if (work->bytes < bytes) {
        void *memory = arena_take_raw(work->arena, bytes);
        if (memory == NULL) return false;
        work->memory = memory;
        work->bytes = bytes;
    }
    char *at = work->memory;
    nfa->now.slots = carve(&at, count * slots);
    nfa->next.slots = carve(&at, count * slots);
    nfa->slots = carve(&at, slots);
    nfa->todo = carve(&at, (count + 1) * sizeof(struct todo));
    nfa->seen = carve(&at, seen_bytes((uint32_t)count));
    nfa->now.at = carve(&at, count * sizeof(uint16_t));
    nfa->next.at = carve(&at, count * sizeof(uint16_t));
    return true;
}

static void keep_thread(struct nfa *nfa, uint16_t inst) {
    struct threads *next = &nfa->next;
    uint32_t slots = nfa->query->slot_count;
    if (slots > 0)
        memcpy(next->slots + (size_t)next->count * slots, nfa->slots, slots * sizeof(uint32_t));
    next->at[next->count++] = inst;
}

// Sets a slot and leaves a note to restore it; false when nobody asks for it.
static bool save(struct nfa *nfa, uint32_t slot, uint32_t position, struct todo *note) {
    if (slot >= nfa->query->slot_count) return false;
    *note = (struct todo){0, (uint16_t)slot, nfa->slots[slot]};
    nfa->slots[slot] = position;
    return true;
}

// Adds the threads that `inst` leads to without reading, with the slots of nfa->slots. Each
// instruction is reached once, so that `todo` never holds more than there are.
static void add(struct nfa *nfa, uint16_t first, uint32_t holds, uint32_t position) {
    uint32_t count = 0;
    nfa->todo[count++] = (struct todo){first, 0, 0};
    while (count > 0) {
        struct todo item = nfa->todo[--count];
        if (item.inst == 0) {
            if (nfa->query->slot_count > item.slot) nfa->slots[item.slot] = item.value;
            continue;
        }
        for (uint16_t at = item.inst; at != 0;) {
            struct regex_inst inst = nfa->code[at];
            if (nfa->seen[at / 32] >> at % 32 & 1) break;
            nfa->seen[at / 32] |= 1u << at % 32;
            nfa->work->effort--;
            if (inst.op == REGEX_BYTE || inst.op == REGEX_MATCH) {
                keep_thread(nfa, at);
                break;
            }
            if (inst.op == REGEX_ASSERT && (inst.other & ~holds) != 0) break;
            if (inst.op == REGEX_SPLIT && inst.other != 0)
                nfa->todo[count++] = (struct todo){inst.other, 0, 0};
            if (inst.op == REGEX_SAVE && save(nfa, inst.other, position, &nfa->todo[count]))
                count++;
            at = inst.out;
        }
    }
}

static void record_match(struct nfa *nfa, const uint32_t *slots, uint32_t position) {
    nfa->matched = true;
    if (nfa->query->slot_count == 0) return;
    memcpy(nfa->query->slots, slots, nfa->query->slot_count * sizeof(uint32_t));
    nfa->query->slots[1] = position;
}

// All threads read `byte` (or REGEX_END): those that can go on are in nfa->next then. The first
// that has matched ends those behind it.
static void step(struct nfa *nfa, uint32_t byte, uint32_t position, uint32_t holds_behind) {
    uint32_t slots = nfa->query->slot_count;
    nfa->next.count = 0;
    memset(nfa->seen, 0, seen_bytes(nfa->regex->programs[0].count));
    nfa->work->effort -= nfa->regex->programs[0].count / 64 + 1;
    for (uint32_t i = 0; i < nfa->now.count; i++) {
        const uint32_t *own = nfa->now.slots + (size_t)i * slots;
        const struct regex_inst *inst = &nfa->code[nfa->now.at[i]];
        if (inst->op == REGEX_MATCH) {
            if (nfa->query->ends && position != nfa->query->end) continue;
            record_match(nfa, own, position);
            return;
        }
        for (;; inst++) {
            if (byte >= inst->low && byte <= inst->high) {
                if (slots > 0) memcpy(nfa->slots, own, slots * sizeof(uint32_t));
                add(nfa, inst->out, holds_behind, position + 1);
            }
            if (!inst->more) break;
        }
    }
}

static uint32_t byte_at(slice text, uint32_t at) {
    return at < text.length ? (uint8_t)text.at[at] : REGEX_END;
}

static void swap(struct nfa *nfa) {
    struct threads kept = nfa->now;
    nfa->now = nfa->next;
    nfa->next = kept;
}

// A new thread, less preferred than those that are there: a match that begins here. What the
// threads have already reached, `seen` still knows.
static void begin_thread(struct nfa *nfa, uint32_t position) {
    const struct regex_nfa_query *query = nfa->query;
    uint8_t context = regex_context_at(query->text, position);
    uint32_t holds = regex_holds(context, byte_at(query->text, position));
    for (uint32_t i = 0; i < query->slot_count; i++)
        nfa->slots[i] = UNSET;
    if (query->slot_count > 0) nfa->slots[0] = position;
    swap(nfa);
    add(nfa, nfa->regex->programs[0].start, holds, position);
    swap(nfa);
}

static enum regex_outcome run(struct nfa *nfa) {
    const struct regex_nfa_query *query = nfa->query;
    slice text = query->text;
    uint32_t last = query->ends ? query->end : text.length;
    nfa->now.count = 0;
    for (uint32_t position = query->start; position <= last; position++) {
        bool begins = !nfa->matched && (!query->anchored || position == query->start);
        if (nfa->now.count == 0) {
            if (!begins) break;
            memset(nfa->seen, 0, seen_bytes(nfa->regex->programs[0].count));
            if (!query->anchored) position = regex_filter_next(nfa->regex, text, position);
        }
        if (begins) begin_thread(nfa, position);
        uint32_t byte = byte_at(text, position);
        uint32_t holds = 0;
        if (byte != REGEX_END)
            holds = regex_holds(regex_context_after(byte), byte_at(text, position + 1));
        step(nfa, byte, position, holds);
        swap(nfa);
        if (nfa->work->effort < 0) return REGEX_EXHAUSTED;
        if (nfa->matched && query->slot_count == 0) break;
    }
    return nfa->matched ? REGEX_YES : REGEX_NO;
}

enum regex_outcome regex_nfa_search(const struct regex *regex, struct regex_work *work,
                                    const struct regex_nfa_query *query) {
    struct nfa nfa = {
        .regex = regex, .code = regex->programs[0].code, .query = query, .work = work};
    if (!prepare(&nfa)) return REGEX_REFUSED;
    return run(&nfa);
}

// A state is the ordered list of instructions that wait for the next byte's context, and what is
// known of the byte before. Whether there is a match shows one byte late, in the transition, since
// assertions look ahead.
#include "engine/match/regex_dfa.h"

#include "engine/match/regex_filter.h"

// A transition: the place of the next state's row in the pool, or one of these; MATCHED is added
// when there is a match before the byte that was read.
enum { UNKNOWN = 0, DEAD = 1, FIRST_STATE = 2 };
#define MATCHED UINT32_C(0x80000000)

// What stands before the row of a state; its list stands behind the row.
enum { STATE_NEXT = -4, STATE_OWNER = -3, STATE_COUNT = -2, STATE_CONTEXT = -1, STATE_HEAD = 4 };

enum { SEARCH_AGAIN = 0xffff }; // in a list: a match may begin here, less preferred than the rest
enum { NOWHERE = 0xffffffff };
enum { STATE_BUCKETS = 512, AUTOMATON_BUCKETS = 64, CONTEXTS = 8 };

struct automaton {
    const struct regex *regex;
    uint32_t kind;
    uint32_t next;             // of the bucket
    uint32_t starts[CONTEXTS]; // by what is known before; 0: not built
};

struct regex_pool {
    uint32_t *words;
    uint32_t capacity;
    uint32_t used;    // words of automata and states, from the front
    uint32_t flushes; // how often it was emptied
    uint32_t automata[AUTOMATON_BUCKETS];
    uint32_t states[STATE_BUCKETS];
};

struct dfa {
    const struct regex *regex;
    struct regex_pool *pool;
    struct regex_work *work;
    const struct regex_program *program;
    enum regex_dfa_kind kind;
    uint32_t limit;     // of the pool's words: behind it lies the work space
    uint32_t automaton; // its place in the pool
    uint16_t *todo;
    uint16_t *list;   // of the state that is being built
    uint32_t *seen;   // instructions reached from the old state
    uint32_t *listed; // instructions in `list`
    uint32_t list_count;
    uint32_t position;   // of the search
    uint32_t flushed_at; // NOWHERE: the pool was not emptied in this search
    uint32_t built;      // states since then
    bool gave_up;
};

static void flush(struct regex_pool *pool) {
    pool->used = 8; // no place is a special transition
    pool->flushes++;
    memset(pool->automata, 0, sizeof(pool->automata));
    memset(pool->states, 0, sizeof(pool->states));
}

struct regex_pool *regex_pool_make(struct arena *arena, uint32_t bytes) {
    struct regex_pool *pool = arena_take(arena, sizeof(*pool));
    if (pool == NULL) return NULL;
    if (bytes < 64) bytes = 64;
    pool->capacity = bytes / 8 * 2;
    pool->words = arena_take_raw(arena, (size_t)pool->capacity * sizeof(uint32_t));
    if (pool->words == NULL) return NULL;
    flush(pool);
    return pool;
}

// Words from the front of the pool, at an even place; 0 when it is full.
static uint32_t take_words(struct dfa *dfa, uint32_t count) {
    uint32_t at = dfa->pool->used;
    count += count & 1;
    if (count > dfa->limit - at) return 0;
    dfa->pool->used = at + count;
    return at;
}

static struct automaton *automaton_at(struct dfa *dfa, uint32_t at) {
    return (struct automaton *)(void *)(dfa->pool->words + at);
}

static bool find_automaton(struct dfa *dfa) {
    uint32_t hash = (uint32_t)((uintptr_t)dfa->regex >> 3) * 2654435769u + (uint32_t)dfa->kind;
    uint32_t *bucket = &dfa->pool->automata[(hash ^ hash >> 16) % AUTOMATON_BUCKETS];
    for (uint32_t at = *bucket; at != 0; at = automaton_at(dfa, at)->next) {
        const struct automaton *known = automaton_at(dfa, at);
        if (known->regex != dfa->regex || known->kind != dfa->kind) continue;
        dfa->automaton = at;
        return true;
    }
    uint32_t at = take_words(dfa, sizeof(struct automaton) / sizeof(uint32_t));
    if (at == 0) return false;
    *automaton_at(dfa, at) =
        (struct automaton){.regex = dfa->regex, .kind = dfa->kind, .next = *bucket};
    *bucket = dfa->automaton = at;
    return true;
}

// Empties the pool, unless it is emptied too often for what was read since the last time.
static bool make_room(struct dfa *dfa) {
    uint32_t last = dfa->flushed_at;
    uint32_t position = dfa->position;
    uint32_t read = position > last ? position - last : last - position;
    if (last != NOWHERE && read / 8 < dfa->built) return false;
    flush(dfa->pool);
    dfa->flushed_at = position;
    dfa->built = 0;
    return find_automaton(dfa);
}

static uint32_t row_words(const struct dfa *dfa) {
    return dfa->regex->classes + 1u;
}

static bool is_state(const struct dfa *dfa, uint32_t at, uint8_t context) {
    const uint32_t *row = dfa->pool->words + at;
    return row[STATE_OWNER] == dfa->automaton && row[STATE_COUNT] == dfa->list_count &&
           row[STATE_CONTEXT] == context &&
           memcmp(row + row_words(dfa), dfa->list, dfa->list_count * sizeof(uint16_t)) == 0;
}

// The state of the list and the context; 0 when the pool gives up.
static uint32_t intern(struct dfa *dfa, uint8_t context) {
    uint32_t list_words = (dfa->list_count + 1) / 2;
    uint32_t hash = 2166136261u ^ context;
    for (uint32_t i = 0; i < dfa->list_count; i++)
        hash = (hash ^ dfa->list[i]) * 16777619u;
    hash = (hash ^ hash >> 15) % STATE_BUCKETS;
    uint32_t at = dfa->pool->states[hash];
    for (; at != 0; at = dfa->pool->words[(int64_t)at + STATE_NEXT])
        if (is_state(dfa, at, context)) return at;
    uint32_t wanted = STATE_HEAD + row_words(dfa) + list_words;
    at = take_words(dfa, wanted);
    if (at == 0 && make_room(dfa)) at = take_words(dfa, wanted);
    if (at == 0) return 0;
    at += STATE_HEAD;
    uint32_t *row = dfa->pool->words + at;
    row[STATE_NEXT] = dfa->pool->states[hash];
    row[STATE_OWNER] = dfa->automaton;
    row[STATE_COUNT] = dfa->list_count;
    row[STATE_CONTEXT] = context;
    memset(row, 0, row_words(dfa) * sizeof(uint32_t));
    memcpy(row + row_words(dfa), dfa->list, dfa->list_count * sizeof(uint16_t));
    dfa->pool->states[hash] = at;
    dfa->built++;
    return at;
}

static uint32_t start_state(struct dfa *dfa, uint8_t context) {
    context &= dfa->regex->context;
    uint32_t known = automaton_at(dfa, dfa->automaton)->starts[context];
    if (known != 0) return known;
    dfa->list[0] = dfa->kind == REGEX_DFA_SEARCH ? SEARCH_AGAIN : dfa->program->start;
    dfa->list_count = 1;
    known = intern(dfa, context);
    automaton_at(dfa, dfa->automaton)->starts[context] = known;
    return known;
}

static void list_once(struct dfa *dfa, uint16_t inst) {
    if (dfa->listed[inst / 32] >> inst % 32 & 1) return;
    dfa->listed[inst / 32] |= 1u << inst % 32;
    dfa->list[dfa->list_count++] = inst;
}

static void read_byte(struct dfa *dfa, const struct regex_inst *first, uint32_t byte) {
    const struct regex_inst *inst = first;
    do {
        if (byte >= inst->low && byte <= inst->high && inst->out != 0) list_once(dfa, inst->out);
    } while (inst++->more);
    dfa->work->effort -= (inst - first) / 8;
}

// Follows one waiting instruction and adds those behind the byte to the list. True on a match.
static bool follow(struct dfa *dfa, uint16_t first, uint32_t holds, uint32_t byte) {
    const struct regex_inst *code = dfa->program->code;
    bool matched = false;
    uint32_t count = 0;
    dfa->todo[count++] = first;
    while (count > 0) {
        for (uint16_t at = dfa->todo[--count]; at != 0;) {
            const struct regex_inst *inst = &code[at];
            if (dfa->seen[at / 32] >> at % 32 & 1) break;
            dfa->seen[at / 32] |= 1u << at % 32;
            dfa->work->effort--;
            if (inst->op == REGEX_BYTE) {
                read_byte(dfa, inst, byte);
                break;
            }
            if (inst->op == REGEX_MATCH) {
                matched = true;
                if (!dfa->program->backward) return true; // the rest is less preferred
                break;
            }
            if (inst->op == REGEX_ASSERT && (inst->other & ~holds) != 0) break;
            if (inst->op == REGEX_SPLIT) dfa->todo[count++] = inst->other;
            at = inst->out;
        }
    }
    return matched;
}

// The transition of a state on a byte or REGEX_END, computed; UNKNOWN when the pool gives up.
static uint32_t transition(struct dfa *dfa, uint32_t state, uint32_t byte) {
    uint32_t bits = (dfa->program->count + 31u) / 32 * (uint32_t)sizeof(uint32_t);
    const uint32_t *row = dfa->pool->words + state;
    const uint16_t *waiting = (const uint16_t *)(const void *)(row + row_words(dfa));
    uint32_t count = row[STATE_COUNT];
    uint32_t holds = regex_holds((uint8_t)row[STATE_CONTEXT], byte);
    bool matched = false;
    memset(dfa->seen, 0, bits);
    memset(dfa->listed, 0, bits);
    dfa->list_count = 0;
    dfa->work->effort -= bits / 64 + 2;
    for (uint32_t i = 0; i < count && !(matched && !dfa->program->backward); i++) {
        bool again = waiting[i] == SEARCH_AGAIN;
        matched |= follow(dfa, again ? dfa->program->start : waiting[i], holds, byte);
        if (again && !matched) dfa->list[dfa->list_count++] = SEARCH_AGAIN;
    }
    uint32_t next = DEAD;
    uint32_t flushes = dfa->pool->flushes;
    if (dfa->list_count > 0 && byte != REGEX_END)
        next = intern(dfa, regex_context_after(byte) & dfa->regex->context);
    if (next == UNKNOWN) return UNKNOWN;
    if (matched) next |= MATCHED;
    uint32_t symbol = byte == REGEX_END ? dfa->regex->classes : dfa->regex->classes_of[byte];
    if (dfa->pool->flushes == flushes) dfa->pool->words[state + symbol] = next;
    return next;
}

static uint32_t symbol_of(const struct regex *regex, uint32_t byte) {
    return byte == REGEX_END ? regex->classes : regex->classes_of[byte];
}

static uint32_t look(struct dfa *dfa, uint32_t state, uint32_t byte) {
    uint32_t next = dfa->pool->words[state + symbol_of(dfa->regex, byte)];
    return next != UNKNOWN ? next : transition(dfa, state, byte);
}

// Work space at the end of the pool; what is there may have to go.
static bool prepare(struct dfa *dfa) {
    struct regex_pool *pool = dfa->pool;
    uint32_t count = dfa->program->count;
    uint32_t bits = (count + 31) / 32;
    uint32_t halves = (count + 2) / 2; // words of count + 1 numbers of 16 bits
    uint32_t wanted = 2 * (bits + halves);
    wanted += wanted & 1;
    if (wanted > pool->capacity / 2) return false;
    dfa->limit = pool->capacity - wanted;
    if (pool->used > dfa->limit) flush(pool);
    uint32_t *at = pool->words + dfa->limit;
    dfa->seen = at;
    dfa->listed = at + bits;
    dfa->todo = (uint16_t *)(void *)(at + 2 * bits);
    dfa->list = (uint16_t *)(void *)(at + 2 * bits + halves);
    return find_automaton(dfa) || make_room(dfa);
}

struct scan {
    slice text;
    uint32_t at;
    uint32_t to;
    uint32_t state;
    uint32_t watch; // a state from which the filter leads further; NOWHERE: none
    uint32_t jumps;
    uint32_t jumped; // bytes
    bool earliest;
    bool found;
    uint32_t found_at;
};

// The state in which a match may begin at scan->at. Building one state may empty the pool of the
// other; a second time in the same place is refused.
static bool begin_state(struct dfa *dfa, struct scan *scan, uint8_t context) {
    uint32_t flushes;
    dfa->position = scan->at;
    do {
        flushes = dfa->pool->flushes;
        scan->state = start_state(dfa, context);
        if (scan->state == UNKNOWN) return false;
        if (scan->watch != NOWHERE) scan->watch = start_state(dfa, 0);
        if (scan->watch == UNKNOWN) scan->watch = NOWHERE;
    } while (flushes != dfa->pool->flushes);
    return true;
}

// The next place where a match may begin, and the state there. A filter that rarely leads far is
// not asked again.
static bool jump(struct dfa *dfa, struct scan *scan) {
    uint32_t at = regex_filter_next(dfa->regex, scan->text, scan->at);
    scan->jumped += at - scan->at;
    if (++scan->jumps >= 16 && scan->jumped / 8 < scan->jumps) scan->watch = NOWHERE;
    if (at == scan->at) return true;
    scan->at = at;
    return begin_state(dfa, scan, regex_context_at(scan->text, at));
}

// A transition that is more than the next state. False when the search is over.
static bool special(struct dfa *dfa, struct scan *scan, uint32_t next, uint32_t before,
                    uint32_t byte) {
    if (next == UNKNOWN) {
        uint32_t flushes = dfa->pool->flushes;
        dfa->position = before;
        next = transition(dfa, scan->state, byte);
        dfa->gave_up = next == UNKNOWN || dfa->work->effort < 0;
        if (dfa->gave_up) return false;
        if (flushes != dfa->pool->flushes) scan->watch = NOWHERE; // its state is gone
    }
    if (next & MATCHED) {
        scan->found = true;
        scan->found_at = before;
    }
    scan->state = next & ~MATCHED;
    return scan->state != DEAD && !(scan->found && scan->earliest);
}

static void scan_forward(struct dfa *dfa, struct scan *scan) {
    const uint8_t *classes_of = dfa->regex->classes_of;
    const uint32_t *words = dfa->pool->words;
    const uint8_t *text = (const uint8_t *)scan->text.at;
    const uint8_t *end = text + scan->to;
    while (scan->at != scan->to) {
        const uint8_t *at = text + scan->at;
        uint32_t state = scan->state;
        uint32_t watch = scan->watch;
        uint32_t next;
        for (;;) {
            next = (words + classes_of[*at++])[state];
            if ((int32_t)next < FIRST_STATE) break;
            state = next;
            if (next == watch || at == end) break;
        }
        scan->at = (uint32_t)(at - text);
        scan->state = state;
        if ((int32_t)next < FIRST_STATE) {
            if (!special(dfa, scan, next, scan->at - 1, at[-1])) return;
        } else if (next == watch && !jump(dfa, scan)) {
            return;
        }
    }
}

static void scan_backward(struct dfa *dfa, struct scan *scan) {
    const uint8_t *classes_of = dfa->regex->classes_of;
    const uint8_t *text = (const uint8_t *)scan->text.at;
    while (scan->at != scan->to) {
        uint8_t byte = text[--scan->at];
        uint32_t next = (dfa->pool->words + classes_of[byte])[scan->state];
        if ((int32_t)next >= FIRST_STATE)
            scan->state = next;
        else if (!special(dfa, scan, next, scan->at + 1, byte))
            return;
    }
}

// What follows the last byte that is read.
static uint32_t last_byte(const struct scan *scan, bool backward) {
    if (backward) return scan->to > 0 ? (uint8_t)scan->text.at[scan->to - 1] : REGEX_END;
    return REGEX_END;
}

static uint8_t first_context(const struct scan *scan, bool backward) {
    if (!backward) return regex_context_at(scan->text, scan->at);
    bool at_end = scan->at == scan->text.length;
    return at_end ? REGEX_AT_BEGIN : regex_context_after((uint8_t)scan->text.at[scan->at]);
}

static bool scan_all(struct dfa *dfa, struct scan *scan) {
    bool backward = dfa->program->backward;
    bool filtered = dfa->kind == REGEX_DFA_SEARCH && regex_filter_has(dfa->regex);
    if (filtered) {
        scan->at = regex_filter_next(dfa->regex, scan->text, scan->at);
        if (scan->at == scan->to) return true;
    }
    scan->watch = filtered ? UNKNOWN : NOWHERE;
    if (!prepare(dfa) || !begin_state(dfa, scan, first_context(scan, backward))) return false;
    if (scan->at != scan->to) {
        if (backward)
            scan_backward(dfa, scan);
        else
            scan_forward(dfa, scan);
    }
    if (dfa->gave_up || scan->state == UNKNOWN) return false;
    if (scan->state == DEAD || (scan->found && scan->earliest)) return true;
    uint32_t next = look(dfa, scan->state, last_byte(scan, backward));
    if (next & MATCHED) {
        scan->found = true;
        scan->found_at = scan->to;
    }
    return next != UNKNOWN;
}

enum regex_dfa_outcome regex_dfa_run(const struct regex *regex, struct regex_pool *pool,
                                     struct regex_work *work, enum regex_dfa_kind kind, slice text,
                                     uint32_t from, uint32_t to, bool earliest, uint32_t *found) {
    bool backward = kind == REGEX_DFA_REVERSE;
    struct dfa dfa = {.regex = regex, .pool = pool, .work = work, .kind = kind};
    dfa.program = backward ? &regex->programs[1] : &regex->programs[0];
    dfa.flushed_at = NOWHERE;
    struct scan scan = {.text = text, .at = from, .to = to, .earliest = earliest};
    bool done = scan_all(&dfa, &scan);
    work->effort -= (backward ? from - scan.at : scan.at - from) / 16 + 1;
    if (!done) return REGEX_DFA_GAVE_UP;
    *found = scan.found_at;
    return scan.found ? REGEX_DFA_YES : REGEX_DFA_NO;
}

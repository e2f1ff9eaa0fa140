// Thompson's construction with RE2's choices, which decide what a group holds: a repetition of
// what may be empty is (x+)?, and x{2,4} is xx(x(x)?)?.
#include "engine/match/regex_build.h"

#include "engine/base/limits.h"
#include "engine/base/utf8.h"

static bool reserve(struct regex_way *way, uint32_t count) {
    uint32_t wanted = way->count + count;
    if (wanted > LIMIT_REGEX_INSTRUCTIONS) way->failed = true;
    if (way->failed) return false;
    if (wanted <= way->capacity) return true;
    uint32_t capacity = wanted + way->capacity + 64;
    struct regex_inst *more = arena_array(way->arena, capacity, sizeof(*more));
    way->failed = way->out_of_memory = more == NULL;
    if (more == NULL) return false;
    if (way->count > 0) memcpy(more, way->code, way->count * sizeof(*more));
    way->code = more;
    way->capacity = capacity;
    return true;
}

// Its number, or 0.
static uint16_t emit(struct regex_way *way, struct regex_inst inst) {
    if (!reserve(way, 1)) return 0;
    way->code[way->count] = inst;
    return (uint16_t)way->count++;
}

void regex_build_init(struct regex_build *build, struct arena *arena) {
    static const struct regex_inst fail = {.op = REGEX_FAIL};
    memset(build, 0, sizeof(*build));
    build->ways[1].backward = true;
    for (uint32_t i = 0; i < 2; i++) {
        build->ways[i].arena = arena;
        emit(&build->ways[i], fail);
    }
}

static uint16_t *place(struct regex_way *way, uint32_t end) {
    struct regex_inst *inst = &way->code[end >> 1];
    return end & 1 ? &inst->other : &inst->out;
}

// Adds the ends [first, last] to the part's.
static void add_ends(struct regex_way *way, struct regex_part *part, uint32_t first,
                     uint32_t last) {
    if (way->failed || first == 0) return;
    if (part->first_end == 0)
        part->first_end = (uint16_t)first;
    else
        *place(way, part->last_end) = (uint16_t)first;
    part->last_end = (uint16_t)last;
}

static void add_end(struct regex_way *way, struct regex_part *part, uint32_t end) {
    add_ends(way, part, end, end);
}

// All ends lead to the target; the part has none then.
static void fill(struct regex_way *way, struct regex_part *part, uint32_t target) {
    for (uint16_t end = part->first_end; end != 0 && !way->failed;) {
        uint16_t *at = place(way, end);
        end = *at;
        *at = (uint16_t)target;
    }
    part->first_end = 0;
}

static void single(struct regex_build *build, struct regex_inst inst, struct regex_piece *out) {
    for (uint32_t i = 0; i < 2; i++) {
        struct regex_part *part = &out->ways[i];
        uint16_t at = emit(&build->ways[i], inst);
        *part = (struct regex_part){.code = at, .begin = at};
        add_end(&build->ways[i], part, (uint32_t)at << 1);
    }
}

void regex_build_empty(struct regex_build *build, struct regex_piece *out) {
    single(build, (struct regex_inst){.op = REGEX_JUMP}, out);
}

void regex_build_bytes(struct regex_build *build, slice bytes, struct regex_piece *out) {
    for (uint32_t i = 0; i < bytes.length; i++) {
        struct regex_inst inst = {.op = REGEX_BYTE};
        struct regex_piece next;
        inst.low = inst.high = (uint8_t)bytes.at[i];
        single(build, inst, i == 0 ? out : &next);
        if (i > 0) regex_build_then(build, out, &next);
    }
}

void regex_build_any_byte(struct regex_build *build, struct regex_piece *out) {
    single(build, (struct regex_inst){.op = REGEX_BYTE, .low = 0, .high = 0xff}, out);
}

static uint32_t turned(uint32_t bits) {
    if (bits & (REGEX_BEGIN_TEXT | REGEX_BEGIN_LINE)) return bits << 1;
    return bits & (REGEX_END_TEXT | REGEX_END_LINE) ? bits >> 1 : bits;
}

void regex_build_assert(struct regex_build *build, uint32_t bits, struct regex_piece *out) {
    single(build, (struct regex_inst){.op = REGEX_ASSERT, .other = (uint16_t)bits}, out);
    struct regex_way *reverse = &build->ways[1];
    if (!reverse->failed) reverse->code[out->ways[1].begin].other = (uint16_t)turned(bits);
}

static void then(struct regex_way *way, struct regex_part *a, const struct regex_part *b) {
    struct regex_part front = way->backward ? *b : *a;
    struct regex_part back = way->backward ? *a : *b;
    uint16_t code = a->code;
    fill(way, &front, back.begin);
    *a = back;
    a->code = code;
    a->begin = front.begin;
}

void regex_build_then(struct regex_build *build, struct regex_piece *a,
                      const struct regex_piece *b) {
    for (uint32_t i = 0; i < 2; i++)
        then(&build->ways[i], &a->ways[i], &b->ways[i]);
}

// `low` of a SPLIT of an alternation until it is looked at. NODE: nothing but the split before it
// leads there. ROOT: a loop does. PREFIX: it chooses between what follows a common prefix.
enum { NODE = 1, ROOT = 2, PREFIX = 3 };

void regex_build_either(struct regex_build *build, struct regex_piece *a,
                        const struct regex_piece *b) {
    for (uint32_t i = 0; i < 2; i++) {
        struct regex_part *part = &a->ways[i];
        const struct regex_part *more = &b->ways[i];
        struct regex_inst split = {
            .op = REGEX_SPLIT, .low = NODE, .out = part->begin, .other = more->begin};
        part->begin = emit(&build->ways[i], split);
        add_ends(&build->ways[i], part, more->first_end, more->last_end);
    }
}

// Only the forward program knows groups.
void regex_build_group(struct regex_build *build, struct regex_piece *a, uint32_t group) {
    struct regex_way *way = &build->ways[0];
    struct regex_part *part = &a->ways[0];
    struct regex_inst save = {.op = REGEX_SAVE, .out = part->begin, .other = (uint16_t)(2 * group)};
    part->begin = emit(way, save);
    save.out = 0;
    save.other++;
    uint16_t close = emit(way, save);
    fill(way, part, close);
    add_end(way, part, (uint32_t)close << 1);
}

// A choice between `begin` and going on, whose end is given back.
static uint16_t choice(struct regex_way *way, uint16_t begin, bool greedy, uint32_t *end) {
    struct regex_inst split = {.op = REGEX_SPLIT};
    split.out = greedy ? begin : 0;
    split.other = greedy ? 0 : begin;
    uint16_t at = emit(way, split);
    *end = at == 0 ? 0 : (uint32_t)at << 1 | greedy;
    return at;
}

static void plus(struct regex_way *way, struct regex_part *part, bool greedy) {
    uint32_t end;
    uint16_t at = choice(way, part->begin, greedy, &end);
    if (at != 0 && way->code[part->begin].low == NODE && way->code[part->begin].op == REGEX_SPLIT)
        way->code[part->begin].low = ROOT;
    fill(way, part, at);
    add_end(way, part, end);
}

static void quest(struct regex_way *way, struct regex_part *part, bool greedy) {
    uint32_t end;
    part->begin = choice(way, part->begin, greedy, &end);
    add_end(way, part, end);
}

static void star(struct regex_way *way, struct regex_part *part, bool greedy, bool nullable) {
    plus(way, part, greedy);
    if (nullable)
        quest(way, part, greedy);
    else
        part->begin = (uint16_t)(way->count - 1);
}

enum { OPEN = 0xffff }; // stands in open ends while a part is copied

static void move(uint16_t *target, uint32_t by) {
    if (*target != OPEN && *target != 0) *target = (uint16_t)(*target + by);
}

// `count` further copies of the newest part, whose open ends hold OPEN, directly behind it.
static void copy(struct regex_way *way, uint32_t code, uint32_t count) {
    uint32_t length = way->count - code;
    if ((uint64_t)length * count > LIMIT_REGEX_INSTRUCTIONS) way->failed = true;
    if (way->failed || !reserve(way, length * count)) return;
    for (uint32_t by = length; by <= length * count && length > 0; by += length) {
        for (uint32_t i = 0; i < length; i++) {
            struct regex_inst inst = way->code[code + i];
            move(&inst.out, by);
            if (inst.op == REGEX_SPLIT) move(&inst.other, by);
            way->code[way->count++] = inst;
        }
    }
}

// The copy that lies `by` instructions behind the part, with its open ends as a list again.
static struct regex_part copied(struct regex_way *way, const struct regex_part *part, uint32_t by,
                                uint32_t length) {
    struct regex_part found = {.code = (uint16_t)(part->code + by),
                               .begin = (uint16_t)(part->begin + by)};
    if (part->begin == 0) found.begin = 0; // nothing can match it
    for (uint32_t end = found.code * 2u; end < (found.code + length) * 2u && !way->failed; end++) {
        uint16_t *at = place(way, end);
        if ((end & 1 && way->code[end >> 1].op != REGEX_SPLIT) || *at != OPEN) continue;
        *at = 0;
        add_end(way, &found, end);
    }
    return found;
}

// What is new lies behind the code of all copies.
static void repeat(struct regex_way *way, struct regex_part *part,
                   const struct regex_times *times) {
    bool endless = times->most == UINT32_MAX;
    uint32_t total = endless ? times->least : times->most;
    uint32_t length = way->count - part->code;
    struct regex_part skipped = {0};
    struct regex_part done = {.code = part->code};
    fill(way, part, OPEN);
    copy(way, part->code, total - 1);
    for (uint32_t i = 0; i < total && !way->failed; i++) {
        struct regex_part next = copied(way, part, i * length, length);
        if (endless && i + 1 == total) plus(way, &next, times->greedy);
        if (i >= times->least) {
            uint32_t end;
            next.begin = choice(way, next.begin, times->greedy, &end);
            add_end(way, &skipped, end);
            fill(way, &done, next.begin);
            next.code = done.code;
            if (i > 0) next.begin = done.begin;
            done = next;
        } else if (i == 0) {
            done = next;
        } else {
            then(way, &done, &next);
        }
    }
    add_ends(way, &done, skipped.first_end, skipped.last_end);
    *part = done;
}

void regex_build_times(struct regex_build *build, struct regex_piece *a,
                       const struct regex_times *times) {
    for (uint32_t i = 0; i < 2; i++) {
        struct regex_way *way = &build->ways[i];
        struct regex_part *part = &a->ways[i];
        if (way->failed) continue;
        if (times->most == 0) {
            way->count = part->code;
            *part = (struct regex_part){part->code,
                                        emit(way, (struct regex_inst){.op = REGEX_JUMP}), 0, 0};
            add_end(way, part, (uint32_t)part->begin << 1);
        } else if (times->least == 0 && times->most == UINT32_MAX) {
            star(way, part, times->greedy, times->nullable);
        } else {
            repeat(way, part, times);
        }
    }
}

// Classes: sequences of byte ranges.

// The longest start of [low, high] whose bytes are independent ranges; where it ends.
static uint32_t sequence_end(uint32_t low, uint32_t high) {
    uint32_t end = high;
    uint32_t last = 0x7f; // of the code points of this length
    while (last < low)
        last = last == 0x7f ? 0x7ff : last << 5 | 0x1f;
    if (end > last) end = last;
    if (low < 0x80) return end;
    for (uint32_t mask = 0x3f; mask < 0x40000; mask = mask << 6 | 0x3f) {
        if ((low & ~mask) == (end & ~mask)) continue;
        if ((low & mask) != 0)
            end = low | mask;
        else if ((end & mask) != mask)
            end = (end & ~mask) - 1;
    }
    return end;
}

static void add_sequence(struct regex_way *way, const char *low, const char *high,
                         uint32_t length) {
    if (way->sequence_count == way->sequence_capacity) {
        uint32_t capacity = 2 * way->sequence_capacity + 32;
        uint64_t *more = arena_array(way->arena, capacity, sizeof(*more));
        way->choices = arena_array(way->arena, capacity, 4 * sizeof(*way->choices));
        if (more == NULL || way->choices == NULL) {
            way->failed = way->out_of_memory = true;
            return;
        }
        if (way->sequence_count > 0)
            memcpy(more, way->sequences, way->sequence_count * sizeof(*more));
        way->sequences = more;
        way->sequence_capacity = capacity;
    }
    uint64_t sequence = 0;
    for (uint32_t i = 0; i < length; i++) {
        uint32_t from = way->backward ? length - 1 - i : i;
        uint32_t pair = (uint32_t)(uint8_t)low[from] << 8 | (uint8_t)high[from];
        sequence |= (uint64_t)pair << (48 - 16 * i);
    }
    way->sequences[way->sequence_count++] = sequence;
}

static void add_range(struct regex_way *way, uint32_t low, uint32_t high) {
    while (low <= high && !way->failed) {
        if (low == 0x80 && high == 0x10ffff) {
            // All that is not ASCII, as RE2 has it: overlong forms and what is above U+10FFFF
            // too, since that needs fewer instructions.
            add_sequence(way, "\xc2\x80", "\xdf\xbf", 2);
            add_sequence(way, "\xe0\x80\x80", "\xef\xbf\xbf", 3);
            add_sequence(way, "\xf0\x80\x80\x80", "\xf4\xbf\xbf\xbf", 4);
            return;
        }
        char first[4]; // surrogates are encoded like their neighbours
        char last[4];
        uint32_t end = sequence_end(low, high);
        utf8_encode(end, last);
        add_sequence(way, first, last, utf8_encode(low, first));
        low = end + 1;
    }
}

// An automaton of sorted sequences: the nodes on the path of the newest one are still open; those
// that are done are code, and one that is like another is not made twice.
struct choice_list {
    struct regex_inst *insts;
    uint32_t count;
};

static bool same_node(const struct regex_way *way, uint32_t at, const struct choice_list *list) {
    if (at + list->count > way->count) return false;
    for (uint32_t i = 0; i < list->count; i++) {
        const struct regex_inst *a = &way->code[at + i];
        const struct regex_inst *b = &list->insts[i];
        bool same = a->op == b->op && a->more == b->more && a->low == b->low &&
                    a->high == b->high && a->out == b->out;
        if (!same) return false;
    }
    return true;
}

// The code of a node; `base` is the first instruction of its automaton.
static uint16_t close_node(struct regex_way *way, struct choice_list *list, uint32_t base) {
    uint32_t hash = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        struct regex_inst *inst = &list->insts[i];
        inst->more = i + 1 < list->count;
        hash = (hash ^ inst->low ^ (uint32_t)inst->high << 8 ^ (uint32_t)inst->out << 16) *
               2654435769u;
    }
    uint16_t *known = &way->cache[hash >> 16 & (REGEX_NODE_CACHE - 1)];
    if (*known < base || !same_node(way, *known, list)) {
        *known = (uint16_t)way->count;
        for (uint32_t i = 0; i < list->count; i++)
            emit(way, list->insts[i]);
    }
    list->count = 0;
    return *known;
}

// Closes the nodes of the newest path that are deeper than `depth`.
static void close_below(struct regex_way *way, struct choice_list *open, uint32_t depth,
                        uint32_t base) {
    for (uint32_t i = 3; i > depth; i--) {
        if (open[i].count == 0) continue;
        open[i - 1].insts[open[i - 1].count - 1].out = close_node(way, &open[i], base);
    }
}

static void build_nodes(struct regex_way *way, struct regex_part *out) {
    uint32_t base = way->count;
    struct choice_list open[4];
    for (uint32_t i = 0; i < 4; i++)
        open[i] = (struct choice_list){way->choices + i * way->sequence_capacity, 0};
    for (uint32_t i = 0; i < way->sequence_count && !way->failed; i++) {
        uint64_t sequence = way->sequences[i];
        uint32_t depth = 0;
        if (i > 0) {
            uint64_t before = way->sequences[i - 1];
            while ((sequence ^ before) >> (48 - 16 * depth) == 0)
                depth++;
            close_below(way, open, depth, base);
        }
        // A NUL is all zero; any further byte of a code point is not.
        do {
            struct choice_list *list = &open[depth];
            uint32_t pair = sequence >> (48 - 16 * depth) & 0xffff;
            list->insts[list->count++] = (struct regex_inst){
                .op = REGEX_BYTE, .low = (uint8_t)(pair >> 8), .high = (uint8_t)pair};
            depth++;
        } while (depth < 4 && (sequence >> (48 - 16 * depth) & 0xffff) != 0);
    }
    close_below(way, open, 0, base);
    *out = (struct regex_part){.code = (uint16_t)base, .begin = close_node(way, &open[0], base)};
    for (uint32_t at = base; at < way->count && !way->failed; at++)
        if (way->code[at].out == 0) add_end(way, out, at << 1);
}

void regex_build_set(struct regex_build *build, const struct regex_set *set,
                     struct regex_piece *out) {
    for (uint32_t i = 0; i < 2; i++) {
        struct regex_way *way = &build->ways[i];
        out->ways[i] = (struct regex_part){.code = (uint16_t)way->count};
        way->sequence_count = 0;
        for (uint32_t j = 0; j < set->count; j++)
            add_range(way, regex_range_low(set->ranges[j]), regex_range_high(set->ranges[j]));
        if (way->failed || way->sequence_count == 0) continue;
        regex_set_sort(way->sequences, way->sequence_count);
        build_nodes(way, &out->ways[i]);
    }
}

// Alternations, once all is built. Neighbouring choices that begin with a byte become one list of
// bytes, in which those of the same byte are one and choose behind it: a tree of prefixes.

struct flattening {
    struct regex_way *way;
    uint32_t capacity; // of each of these; of `choices` half
    uint16_t *roots;   // to be looked at
    uint16_t *choices;
    uint16_t *splits; // that led to the choices: free for new ones, but for the first
    uint64_t *ranges; // of a list of bytes: the byte, the place in the list, where it leads
    uint32_t root_count;
    uint32_t choice_count;
    uint32_t split_count;
    uint32_t used; // of splits
};

// The choices in their order. What is still to be looked at is kept at the end of their memory.
static void gather(struct flattening *all, uint16_t root) {
    struct regex_inst *code = all->way->code;
    uint8_t kind = code[root].low == PREFIX ? PREFIX : NODE;
    uint16_t *end = all->choices + all->capacity;
    uint16_t *todo = end;
    code[root].low = kind;
    all->choice_count = all->split_count = 0;
    *--todo = root;
    while (todo != end) {
        uint16_t at = *todo++;
        if (code[at].op == REGEX_SPLIT && code[at].low == kind) {
            code[at].low = 0;
            all->splits[all->split_count++] = at;
            *--todo = code[at].other;
            *--todo = code[at].out;
        } else {
            all->choices[all->choice_count++] = at;
        }
    }
    all->used = 1;
}

// Splits between the targets (at least two), the first preferred; where they begin.
static uint16_t chain(struct flattening *all, uint16_t at, const uint16_t *targets, uint32_t count,
                      uint8_t kind) {
    uint16_t first = at;
    for (uint32_t i = 0; i + 1 < count; i++) {
        bool last = i + 2 == count;
        bool spare = !last && all->used < all->split_count;
        uint16_t next = targets[i + 1];
        if (spare) next = all->splits[all->used++];
        if (!last && !spare) next = emit(all->way, (struct regex_inst){.op = REGEX_SPLIT});
        all->way->code[at] =
            (struct regex_inst){.op = REGEX_SPLIT, .low = kind, .out = targets[i], .other = next};
        at = next;
    }
    return first;
}

// How many ranges from the first on are of the same byte.
static uint32_t same_byte(const uint64_t *ranges, uint32_t count) {
    uint32_t same = 1;
    while (same < count && ranges[same] >> 32 == ranges[0] >> 32)
        same++;
    return same;
}

// Where several ranges of one byte lead: a choice, which is to be looked at in its turn.
static uint16_t lead(struct flattening *all, uint64_t *ranges, uint32_t count) {
    if (count == 1) return (uint16_t)ranges[0];
    uint16_t *targets = all->choices + all->capacity; // a second half
    for (uint32_t i = 0; i < count; i++)
        targets[i] = (uint16_t)ranges[i];
    uint16_t at = all->used < all->split_count
                      ? all->splits[all->used++]
                      : emit(all->way, (struct regex_inst){.op = REGEX_SPLIT});
    all->roots[all->root_count++] = at;
    return chain(all, at, targets, count, PREFIX);
}

// The ranges of some choices; false when one is not a single byte.
static bool list_ranges(struct flattening *all, const uint16_t *choices, uint32_t count,
                        uint32_t *range_count) {
    bool single = true;
    *range_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct regex_inst *inst = &all->way->code[choices[i]];
        do {
            uint64_t bytes = (uint64_t)inst->low << 8 | inst->high;
            single = single && inst->low == inst->high;
            all->ranges[*range_count] = bytes << 32 | (uint64_t)*range_count << 16 | inst->out;
            (*range_count)++;
        } while (inst++->more);
    }
    return single;
}

// One list of some choices. Where all are single bytes, those of different bytes do not care for
// their order.
static uint16_t merge(struct flattening *all, const uint16_t *choices, uint32_t count) {
    struct regex_way *way = all->way;
    uint32_t range_count;
    bool single = list_ranges(all, choices, count, &range_count);
    uint32_t listed = 0;
    if (single) regex_set_sort(all->ranges, range_count);
    for (uint32_t i = 0; i < range_count; listed++)
        i += single ? same_byte(all->ranges + i, range_count - i) : 1;
    uint32_t first = way->count;
    for (uint32_t i = 0; i < listed; i++)
        emit(way, (struct regex_inst){.op = REGEX_BYTE, .more = i + 1 < listed});
    uint32_t from = 0;
    for (uint32_t i = 0; i < listed; i++) {
        uint32_t same = single ? same_byte(all->ranges + from, range_count - from) : 1;
        uint64_t range = all->ranges[from];
        uint16_t out = lead(all, all->ranges + from, same);
        struct regex_inst *inst = &way->code[first + i];
        inst->low = (uint8_t)(range >> 40);
        inst->high = (uint8_t)(range >> 32);
        inst->out = out;
        from += same;
    }
    return (uint16_t)first;
}

// Whether there is room for whatever could become of the choices.
static bool has_room(const struct flattening *all) {
    uint32_t most = 2;
    for (uint32_t i = 0; i < all->choice_count; i++) {
        const struct regex_inst *inst = &all->way->code[all->choices[i]];
        do
            most += 2;
        while (inst++->more);
    }
    return all->root_count + most < all->capacity &&
           all->way->count + most <= LIMIT_REGEX_INSTRUCTIONS && reserve(all->way, most);
}

static void flatten(struct flattening *all) {
    struct regex_way *way = all->way;
    uint16_t *choices = all->choices;
    uint32_t count = all->choice_count;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count;) {
        uint32_t end = i;
        while (end < count && way->code[choices[end]].op == REGEX_BYTE)
            end++;
        if (end < i + 2) end = i + 1;
        choices[kept++] = end > i + 1 ? merge(all, choices + i, end - i) : choices[i];
        i = end;
    }
    uint16_t root = all->splits[0];
    if (kept == 1)
        way->code[root] = (struct regex_inst){.op = REGEX_JUMP, .out = choices[0]};
    else
        chain(all, root, choices, kept, 0);
}

static void flatten_all(struct regex_way *way) {
    if (way->failed) return;
    struct flattening all = {.way = way, .capacity = 2 * way->count + 16};
    all.roots = arena_array(way->arena, all.capacity, sizeof(*all.roots));
    all.choices = arena_array(way->arena, all.capacity, 2 * sizeof(*all.choices));
    all.splits = arena_array(way->arena, all.capacity, sizeof(*all.splits));
    all.ranges = arena_array(way->arena, all.capacity, sizeof(*all.ranges));
    if (!all.roots || !all.choices || !all.splits || !all.ranges) {
        way->failed = way->out_of_memory = true;
        return;
    }
    for (uint32_t at = way->count - 1; at > 0; at--) {
        if (way->code[at].op != REGEX_SPLIT || way->code[at].low == 0) continue;
        all.roots[all.root_count++] = (uint16_t)at;
        while (all.root_count > 0) {
            gather(&all, all.roots[--all.root_count]);
            if (has_room(&all)) flatten(&all);
        }
    }
}

void regex_build_finish(struct regex_build *build, const struct regex_piece *all,
                        struct arena *keep, struct regex_program out[2]) {
    for (uint32_t i = 0; i < 2; i++) {
        struct regex_way *way = &build->ways[i];
        struct regex_part part = all->ways[i];
        fill(way, &part, emit(way, (struct regex_inst){.op = REGEX_MATCH}));
        flatten_all(way);
        if (way->failed) continue;
        struct regex_inst *code = arena_array(keep, way->count, sizeof(*code));
        way->failed = way->out_of_memory = code == NULL;
        if (code == NULL) return;
        memcpy(code, way->code, way->count * sizeof(*code));
        out[i] = (struct regex_program){code, (uint16_t)way->count, part.begin, way->backward};
    }
}

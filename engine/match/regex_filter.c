// The literal is found by its rarest byte. The other filter asks of each place whether its three
// bytes fit one of eight buckets, into which the ways to begin are dealt; it says maybe or no.
#include "engine/match/regex_filter.h"

// The higher, the more often the byte is met; of UTF-8, the first bytes more than the others.
static size_t commonness(uint8_t byte) {
    static const char common[] = "%()_&'xqj;z,<>=:-/\".9876543210kvbywpgfmucdlhrsnioate ";
    bool capital = byte >= 'A' && byte <= 'Z';
    const char *at = memchr(common, capital ? byte | 0x20 : byte, sizeof common - 1);
    if (at == NULL) return byte >= 0xc0;
    return capital ? 2 : (size_t)(at - common) + 3;
}

static void choose_rare(struct regex_literal *literal) {
    for (uint32_t i = 1; i < literal->length; i++) {
        size_t best = commonness((uint8_t)literal->bytes[literal->rare]);
        if (commonness((uint8_t)literal->bytes[i]) < best) literal->rare = (uint8_t)i;
    }
}

// Behind saves and jumps, and where it is known that this is the beginning, what asks for it.
static uint16_t skip(const struct regex *regex, uint16_t at, bool at_begin) {
    const struct regex_inst *code = regex->programs[0].code;
    for (;; at = code[at].out) {
        bool met = at_begin && code[at].op == REGEX_ASSERT && code[at].other == REGEX_BEGIN_TEXT;
        if (!met && code[at].op != REGEX_SAVE && code[at].op != REGEX_JUMP) return at;
    }
}

static void find_prefix(struct regex *regex) {
    const struct regex_inst *code = regex->programs[0].code;
    struct regex_literal *prefix = &regex->prefix;
    uint16_t at = skip(regex, regex->programs[0].start, regex->anchored);
    while (prefix->length < REGEX_LITERAL_MOST && code[at].op == REGEX_BYTE && !code[at].more &&
           code[at].low == code[at].high) {
        prefix->bytes[prefix->length++] = (char)code[at].low;
        at = skip(regex, code[at].out, false);
    }
    regex->whole = code[at].op == REGEX_MATCH && prefix->length > 0;
    choose_rare(prefix);
}

enum { DEPTH = 3, BUCKETS = 8, WAYS_MOST = 64 };

// Places of one bucket, before the byte of the current depth.
struct ways {
    uint16_t at[WAYS_MOST];
    uint32_t count;
    bool all; // too many, or a match: any byte may come
};

struct explorer {
    const struct regex_inst *code;
    uint32_t *table;
    uint16_t *todo;
    uint8_t *seen;
    uint32_t count;
    uint32_t stop_at; // assertions that are not followed; all others count as true
};

static void allow(struct explorer *explorer, uint32_t low, uint32_t high, uint32_t bits) {
    for (uint32_t byte = low; byte <= high; byte++)
        explorer->table[byte] |= bits;
}

static void add_way(struct ways *ways, uint16_t at) {
    if (ways->count == WAYS_MOST)
        ways->all = true;
    else
        ways->at[ways->count++] = at;
}

// The BYTE instructions that can be next, into `found`.
static void explore(struct explorer *explorer, const struct ways *from, struct ways *found) {
    *found = (struct ways){.all = from->all};
    memset(explorer->seen, 0, explorer->count);
    for (uint32_t i = 0; i < from->count && !found->all; i++) {
        uint32_t count = 0;
        explorer->todo[count++] = from->at[i];
        while (count > 0 && !found->all) {
            for (uint16_t at = explorer->todo[--count]; at != 0;) {
                struct regex_inst inst = explorer->code[at];
                if (explorer->seen[at]++) break;
                if (inst.op == REGEX_ASSERT && (inst.other & explorer->stop_at)) break;
                if (inst.op == REGEX_MATCH) found->all = true;
                if (inst.op == REGEX_BYTE) add_way(found, at);
                if (inst.op == REGEX_BYTE || inst.op == REGEX_MATCH) break;
                if (inst.op == REGEX_SPLIT) explorer->todo[count++] = inst.other;
                at = inst.out;
            }
        }
    }
}

// Deals what can be first into the buckets; false when matches may begin with anything.
static bool explore_first(struct explorer *explorer, uint16_t start, struct ways *buckets) {
    struct ways begin = {.at = {start}, .count = 1};
    struct ways first;
    uint32_t dealt = 0;
    explore(explorer, &begin, &first);
    if (first.all) return false;
    for (uint32_t i = 0; i < first.count; i++) {
        for (const struct regex_inst *inst = &explorer->code[first.at[i]];; inst++) {
            uint32_t bucket = dealt++ % BUCKETS;
            allow(explorer, inst->low, inst->high, 1u << bucket);
            add_way(&buckets[bucket], inst->out);
            if (!inst->more) break;
        }
    }
    return true;
}

static void explore_bucket(struct explorer *explorer, struct ways *bucket, uint32_t number) {
    for (uint32_t depth = 1; depth < DEPTH; depth++) {
        uint32_t bits = 1u << (depth * 8 + number);
        struct ways found;
        explore(explorer, bucket, &found);
        *bucket = (struct ways){.all = found.all};
        if (found.all) {
            allow(explorer, 0, 255, bits);
            continue;
        }
        for (uint32_t i = 0; i < found.count; i++) {
            for (const struct regex_inst *inst = &explorer->code[found.at[i]];; inst++) {
                allow(explorer, inst->low, inst->high, bits);
                add_way(bucket, inst->out);
                if (!inst->more) break;
            }
        }
    }
}

// How many printable bytes can be first and how many second decide whether asking pays.
static bool pays(const uint32_t *table) {
    uint32_t counts[2] = {0, 0};
    for (uint32_t byte = ' '; byte <= '~'; byte++) {
        counts[0] += (table[byte] & 0xff) != 0;
        counts[1] += (table[byte] & 0xff00) != 0;
    }
    return counts[0] * counts[1] < 3000;
}

static bool make_table(struct explorer *explorer, struct regex *regex, struct arena *keep,
                       struct arena *scratch) {
    struct ways *buckets = arena_array(scratch, BUCKETS, sizeof(*buckets));
    explorer->table = arena_array(scratch, 256, sizeof(uint32_t));
    if (buckets == NULL || explorer->table == NULL) return false;
    if (!explore_first(explorer, regex->programs[0].start, buckets)) return true;
    for (uint32_t i = 0; i < BUCKETS; i++)
        explore_bucket(explorer, &buckets[i], i);
    if (!pays(explorer->table)) return true;
    uint32_t *table = arena_array(keep, 256, sizeof(*table));
    if (table != NULL) memcpy(table, explorer->table, 256 * sizeof(*table));
    regex->starts = table;
    return table != NULL;
}

// Whether every way through the program first asks for the beginning of what it reads.
static bool is_anchored(struct explorer *explorer, const struct regex_program *program) {
    struct ways begin = {.at = {program->start}, .count = 1};
    struct ways found;
    explorer->code = program->code;
    explorer->stop_at = REGEX_BEGIN_TEXT;
    explore(explorer, &begin, &found);
    explorer->stop_at = 0;
    return program->count > 0 && !found.all && found.count == 0;
}

bool regex_filter_make(struct regex *regex, struct arena *keep, struct arena *scratch) {
    struct explorer explorer = {0};
    const struct regex_program *programs = regex->programs;
    explorer.count = programs[0].count > programs[1].count ? programs[0].count : programs[1].count;
    explorer.todo = arena_array(scratch, explorer.count + 1, sizeof(uint16_t));
    explorer.seen = arena_take(scratch, explorer.count);
    if (!explorer.todo || !explorer.seen) return false;
    regex->anchored_end = is_anchored(&explorer, &programs[1]);
    regex->anchored = is_anchored(&explorer, &programs[0]);
    choose_rare(&regex->required);
    find_prefix(regex);
    return regex->anchored || regex->prefix.length > 0 ||
           make_table(&explorer, regex, keep, scratch);
}

uint32_t regex_literal_find(const struct regex_literal *literal, slice text, uint32_t from) {
    uint32_t none = text.length + 1;
    uint32_t rare = literal->rare;
    if (text.length - from < literal->length) return none;
    const char *end = text.at + text.length - literal->length + rare + 1;
    for (const char *at = text.at + from + rare; at < end; at++) {
        at = memchr(at, literal->bytes[rare], (size_t)(end - at));
        if (at == NULL) break;
        uint32_t same = 0;
        while (same < literal->length && at[(int64_t)same - rare] == literal->bytes[same])
            same++;
        if (same == literal->length) return (uint32_t)(at - rare - text.at);
    }
    return none;
}

static bool fits(const uint32_t *table, const uint8_t *at) {
    return (table[at[0]] & table[at[1]] >> 8 & table[at[2]] >> 16 & 0xff) != 0;
}

// The first place that fits, or `end`: the last place that has three bytes, and one behind it. A
// pair of bytes tells of two places, as first and second byte and as second and third, so that
// every other pair is enough.
static const uint8_t *find_start(const uint32_t *table, const uint8_t *begin, const uint8_t *end) {
    const uint8_t *at = begin;
    for (; end - at >= 4; at += 4) {
        uint32_t pair0 = table[at[0]] & table[at[1]] >> 8;
        uint32_t pair2 = table[at[2]] & table[at[3]] >> 8;
        if (((pair0 | pair2) & 0xffff) == 0) continue;
        for (const uint8_t *place = at > begin ? at - 1 : at; place < at + 3; place++)
            if (fits(table, place)) return place;
    }
    for (at = at > begin ? at - 1 : at; at < end; at++)
        if (fits(table, at)) break;
    return at;
}

uint32_t regex_filter_next(const struct regex *regex, slice text, uint32_t from) {
    if (regex->prefix.length > 0) {
        uint32_t found = regex_literal_find(&regex->prefix, text, from);
        return found > text.length ? text.length : found;
    }
    if (regex->starts == NULL || text.length - from < DEPTH) return from;
    const uint8_t *bytes = (const uint8_t *)text.at;
    const uint8_t *end = bytes + text.length - (DEPTH - 1);
    return (uint32_t)(find_start(regex->starts, bytes + from, end) - bytes);
}

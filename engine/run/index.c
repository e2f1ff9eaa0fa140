// Looking up: for each probe the field's value, for each text that is in it the members' bits.
#include "engine/run/index.h"

#include "engine/base/bytes.h"
#include "engine/run/fields.h"

struct look {
    struct run *run;
    const struct index_row *row;
    const struct index_probe *probe;
    slice value;
    uint64_t *bits;
    uint64_t spent; // in 64ths of a step
    uint32_t links; // of chains, that may still be followed
};

uint32_t index_hash(enum index_way way, uint32_t window, slice text) {
    uint32_t hash = INDEX_HASH_START;
    uint32_t count = way == INDEX_CONTAINS ? window : text.length;
    for (uint32_t i = 0; i < count; i++)
        hash = index_hash_byte(hash, text.at[way == INDEX_ENDS ? text.length - 1 - i : i]);
    return index_hash_end(hash);
}

// Whether the text is there: all of it is what `at` says that it must be.
static inline bool found(const struct look *look, const struct index_entry *entry, uint32_t hash,
                         uint32_t at, uint32_t length) {
    if (entry->hash != hash) return false;
    bool fits = look->probe->way == INDEX_CONTAINS ? entry->text.length <= length
                                                   : entry->text.length == length;
    if (!fits || entry->text.length == 0) return fits;
    return same_bytes(look->value.at + at, entry->text.at, entry->text.length);
}

// Follows the chain of a hash: of the `length` bytes from `at` on.
static void follow(struct look *look, uint32_t hash, uint32_t at, uint32_t length) {
    const struct index_entry *entries = look->row->entries;
    uint32_t next = look->probe->heads[hash & look->probe->mask];
    for (; next != 0; next = entries[next - 1].next) {
        const struct index_entry *entry = &entries[next - 1];
        look->spent += INDEX_LINK_COST;
        if (look->links > 0) look->links--;
        if (!found(look, entry, hash, at, length)) continue;
        look->bits[entry->member / 64] |= UINT64_C(1) << entry->member % 64;
    }
}

static void look_equal(struct look *look) {
    slice value = look->value;
    if (value.length > look->probe->longest) return;
    if ((look->probe->lengths & index_length_bit(value.length)) == 0) return;
    look->spent += value.length;
    follow(look, index_hash(INDEX_EQUAL, 0, value), 0, value.length);
}

// Each beginning, or end, that is as long as some text.
static void look_ends(struct look *look) {
    slice value = look->value;
    bool ends = look->probe->way == INDEX_ENDS;
    uint32_t most = value.length < look->probe->longest ? value.length : look->probe->longest;
    uint32_t hash = INDEX_HASH_START;
    look->links += most;
    for (uint32_t i = 1; i <= most && look->links > 0; i++) {
        hash = index_hash_byte(hash, value.at[ends ? value.length - i : i - 1]);
        if ((look->probe->lengths & index_length_bit(i)) == 0) continue;
        follow(look, index_hash_end(hash), ends ? value.length - i : 0, i);
    }
    look->spent += most;
}

// Each place where some text may begin.
static void look_contains(struct look *look) {
    slice value = look->value;
    uint32_t window = look->probe->window;
    look->links += value.length;
    look->spent += (uint64_t)INDEX_WINDOW_COST * value.length;
    for (uint32_t at = 0; at + window <= value.length && look->links > 0; at++) {
        slice begin = {value.at + at, window};
        follow(look, index_hash(INDEX_CONTAINS, window, begin), at, value.length - at);
    }
}

static void set_all(uint64_t *bits, uint32_t count) {
    memset(bits, 0xff, index_words(count) * sizeof *bits);
}

static enum failure value_of(struct run *run, const struct index_probe *probe, slice *value) {
    struct value read = run->slots[probe->slot];
    enum failure failure = FAILURE_NONE;
    if (probe->field != FIELD_TOTAL)
        failure = field_value(run, (enum field)probe->field, false, &read);
    *value = value_text(read);
    return failure;
}

// A value that nearly fits far more texts than there are is not worth being clever about: then
// every member is gone to.
static enum failure look_all(struct look *look) {
    look->links = look->row->entry_count + 1;
    for (uint32_t i = 0; i < look->row->probe_count; i++) {
        look->probe = &look->row->probes[i];
        enum failure failure = value_of(look->run, look->probe, &look->value);
        if (failure != FAILURE_NONE) return failure;
        look->spent += INDEX_PROBE_COST;
        if (look->probe->way == INDEX_EQUAL) {
            look_equal(look);
        } else if (look->probe->way == INDEX_CONTAINS) {
            look_contains(look);
        } else {
            look_ends(look);
        }
    }
    if (look->links == 0) set_all(look->bits, look->row->count);
    return FAILURE_NONE;
}

static enum failure look_again(struct run *run, uint32_t number) {
    const struct index_row *row = &run->program->indexes[number];
    struct index_state *state = &run->index_states[number];
    struct look look = {.run = run, .row = row, .bits = run->index_bits + row->first_word};
    uint32_t words = index_words(row->count);
    state->edits = run->index_edits;
    look.spent = (uint64_t)words * INDEX_WORD_COST;
    if (state->looks++ < INDEX_LOOKS) {
        memcpy(look.bits, row->always, words * sizeof *look.bits);
        enum failure failure = look_all(&look);
        if (failure != FAILURE_NONE) return failure;
    } else {
        set_all(look.bits, row->count);
    }
    run->call.steps -= (int64_t)(look.spent / 64);
    return FAILURE_NONE;
}

enum failure index_look(struct run *run, uint32_t number) {
    run->index_states[number].looks = 0;
    return look_again(run, number);
}

static uint32_t next_member(const uint64_t *bits, uint32_t from, uint32_t count) {
    uint32_t words = index_words(count);
    uint32_t word = from / 64;
    uint64_t left = word < words ? bits[word] & UINT64_MAX << from % 64 : 0;
    while (left == 0 && ++word < words)
        left = bits[word];
    if (left == 0) return count;
    uint32_t member = word * 64 + (uint32_t)__builtin_ctzll(left);
    return member < count ? member : count;
}

enum failure index_next(struct run *run, uint32_t number, uint32_t member, uint32_t *target) {
    const struct index_row *row = &run->program->indexes[number];
    if (run->index_states[number].edits != run->index_edits) {
        enum failure failure = look_again(run, number);
        if (failure != FAILURE_NONE) return failure;
    }
    const uint64_t *bits = run->index_bits + row->first_word;
    *target = row->targets[next_member(bits, member, row->count)];
    return FAILURE_NONE;
}

// Loading, joining and editing headers. Repeated lines join with `,`, cookies with `; `
// (RFC 9110 section 5.3, RFC 9113 section 8.2.3).
#include "engine/run/message.h"

#include "engine/run/fields.h"
#include "engine/run/parts.h"
#include "engine/run/places.h"

static slice separator_of(slice name) {
    return slice_of(slice_equal_folded(name, slice_of("cookie")) ? "; " : ",");
}

static slice join_lines(struct arena *arena, const struct header_line *lines, uint32_t count,
                        slice name, bool *out_of_memory) {
    slice separator = separator_of(name);
    uint32_t length = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!slice_equal_folded(lines[i].name, name)) continue;
        length += lines[i].value.length + (length == 0 ? 0 : separator.length);
    }
    // An empty first line joins without leaving room for its separator: hence one more.
    char *at = arena_take_raw(arena, (size_t)length + (size_t)count * separator.length);
    if (at == NULL) {
        *out_of_memory = true;
        return (slice){NULL, 0};
    }
    uint32_t written = 0;
    bool first = true;
    for (uint32_t i = 0; i < count; i++) {
        if (!slice_equal_folded(lines[i].name, name)) continue;
        if (!first) {
            memcpy(at + written, separator.at, separator.length);
            written += separator.length;
        }
        first = false;
        if (lines[i].value.length == 0) continue;
        memcpy(at + written, lines[i].value.at, lines[i].value.length);
        written += lines[i].value.length;
    }
    return (slice){at, written};
}

// One line's value is used where it stands; only repeated ones are copied.
static bool find_joined(struct arena *arena, const struct header_line *lines, uint32_t count,
                        slice name, slice *value, bool *out_of_memory) {
    const struct header_line *only = NULL;
    for (uint32_t i = 0; i < count; i++) {
        if (!slice_equal_folded(lines[i].name, name)) continue;
        if (only != NULL) {
            *value = join_lines(arena, lines, count, name, out_of_memory);
            return true;
        }
        only = &lines[i];
    }
    if (only == NULL) return false;
    *value = only->value;
    return true;
}

static uint32_t find_slot(const struct program *program, uint32_t message, bool original,
                          slice name) {
    if (program->slot_count == 0) return NO_RULE;
    uint32_t at = slice_hash_folded(name) & program->slot_table_mask;
    for (; program->slot_table[at] != 0; at = (at + 1) & program->slot_table_mask) {
        uint32_t index = program->slot_table[at] - 1u;
        const struct slot_row *row = &program->slots[index];
        bool same = row->message == message && row->original == original;
        if (same && slice_equal_folded(row->name, name)) return index;
    }
    return NO_RULE;
}

bool message_has_slot(const struct program *program, enum message_kind message, slice name) {
    return find_slot(program, message, false, name) != NO_RULE;
}

static bool note_line(struct run *run, enum message_kind message, bool original,
                      const struct header_line *line) {
    uint32_t index = find_slot(run->program, message, original, line->name);
    if (index == NO_RULE) return false;
    struct value *slot = &run->slots[index];
    if (slot->spare & SLOT_PRESENT) {
        slot->spare |= SLOT_REPEATED;
        return true;
    }
    *slot = value_string(line->value);
    slot->spare = SLOT_PRESENT;
    return false;
}

static void fill_slots(struct run *run, enum message_kind message, bool original,
                       bool *out_of_memory) {
    const struct message *loaded = &run->messages[message];
    bool repeated = false;
    for (uint32_t i = 0; i < loaded->count; i++) {
        if (note_line(run, message, false, &loaded->lines[i])) repeated = true;
        if (original && note_line(run, message, true, &loaded->lines[i])) repeated = true;
    }
    for (uint32_t i = 0; repeated && i < run->program->slot_count; i++) {
        const struct slot_row *row = &run->program->slots[i];
        struct value *slot = &run->slots[i];
        bool of_it = row->message == message && (original || !row->original);
        if (!of_it || (slot->spare & SLOT_REPEATED) == 0) continue;
        *slot = value_string(
            join_lines(run->arena, loaded->lines, loaded->count, row->name, out_of_memory));
        slot->spare = SLOT_PRESENT | SLOT_REPEATED;
    }
}

bool run_load(struct run *run, enum message_kind message, const struct header_line *lines,
              uint32_t count) {
    bool out_of_memory = false;
    run->messages[message] = (struct message){
        .lines = lines, .count = count, .received = lines, .received_count = count, .loaded = true};
    if (run->program->slot_count > 0) fill_slots(run, message, true, &out_of_memory);
    if (out_of_memory) run->out_of_memory = true;
    return !out_of_memory;
}

static void empty_slots(struct run *run, enum message_kind message) {
    for (uint32_t i = 0; i < run->program->slot_count; i++) {
        const struct slot_row *row = &run->program->slots[i];
        if (row->message == message && !row->original) run->slots[i] = value_string((slice){"", 0});
    }
}

bool run_replace(struct run *run, enum message_kind kind, struct header_line *lines,
                 uint32_t count) {
    struct message *message = &run->messages[kind];
    bool out_of_memory = false;
    message->lines = message->edited = lines;
    message->count = message->capacity = count;
    fields_forget_all(run, kind);
    run->index_edits++;
    empty_slots(run, kind);
    fill_slots(run, kind, false, &out_of_memory);
    if (out_of_memory) run->out_of_memory = true;
    return !out_of_memory;
}

static bool find_exact(const struct header_line *lines, uint32_t count, slice name, slice *value) {
    for (uint32_t i = 0; i < count; i++) {
        if (!slice_equal(lines[i].name, name)) continue;
        *value = lines[i].value;
        return true;
    }
    return false;
}

static bool find_state(const struct run *run, bool upstream, slice name, slice *value,
                       bool *out_of_memory) {
    const struct run_host *host = run->host;
    bool named = name.length > 0 && memchr(name.at, '\0', name.length) == NULL;
    if (host->state == NULL || !named) return false;
    bool found = host->state(host->self, upstream, name, value);
    if (!found && run->arena->failed) *out_of_memory = true;
    return found;
}

bool message_find(const struct run *run, enum message_kind message, bool original, slice name,
                  slice *value, bool *out_of_memory) {
    const struct message *from = &run->messages[message];
    const struct header_line *lines = original ? from->received : from->lines;
    uint32_t count = original ? from->received_count : from->count;
    if (state_is(message)) {
        return find_state(run, message == MESSAGE_UPSTREAM_STATE, name, value, out_of_memory);
    }
    if (parts_are(message)) return find_exact(lines, count, name, value);
    return find_joined(run->arena, lines, count, name, value, out_of_memory);
}

bool run_header(const struct run *run, enum message_kind message, slice name, slice *value) {
    bool out_of_memory = false;
    return message_find(run, message, false, name, value, &out_of_memory) && !out_of_memory;
}

// The lines that a value of type headers stands for.
static const struct header_line *lines_of(const struct run *run, uint32_t headers,
                                          uint32_t *count) {
    const struct message *from = &run->messages[headers & HEADERS_MESSAGE];
    bool original = (headers & HEADERS_ORIGINAL) != 0;
    *count = original ? from->received_count : from->count;
    return original ? from->received : from->lines;
}

static bool same_name(bool exact, slice x, slice y) {
    return exact ? slice_equal(x, y) : slice_equal_folded(x, y);
}

enum failure message_values(struct run *run, uint32_t headers, slice name, struct value *out) {
    uint32_t count;
    bool exact = parts_are(headers & HEADERS_MESSAGE);
    const struct header_line *lines = lines_of(run, headers, &count);
    struct value *items = arena_array(run->arena, count, sizeof *items);
    if (items == NULL) return FAILURE_NO_MEMORY;
    *out = (struct value){.kind = TYPE_LIST, .depth = 1, .as.items = items};
    for (uint32_t i = 0; i < count; i++) {
        if (same_name(exact, lines[i].name, name)) {
            items[out->length++] = value_string(lines[i].value);
        }
    }
    return call_charge(&run->call, 8 * (uint64_t)count) ? FAILURE_NONE : FAILURE_STEPS;
}

// Whether no line before it has the name.
static bool is_first(const struct header_line *lines, uint32_t at, bool exact) {
    for (uint32_t i = 0; i < at; i++) {
        if (same_name(exact, lines[i].name, lines[at].name)) return false;
    }
    return true;
}

static bool make_name(struct arena *arena, slice name, bool exact, struct value *out) {
    *out = value_string(name);
    if (exact) return true;
    char *lower = arena_take_raw(arena, (size_t)name.length + 1);
    for (uint32_t i = 0; lower != NULL && i < name.length; i++)
        lower[i] = ascii_lower(name.at[i]);
    *out = value_string(slice_from(lower, name.length));
    return lower != NULL;
}

// Pseudo-headers are found by index only.
static bool is_pseudo(slice name) {
    return name.length > 0 && name.at[0] == ':';
}

// Every line is compared with those before it.
static bool charge_names(struct run *run, uint32_t count) {
    return call_charge(&run->call, 8 * (uint64_t)count * (count + 1));
}

static enum failure collect(struct run *run, uint32_t headers, bool map, struct value *out) {
    uint32_t count;
    bool out_of_memory = false;
    bool exact = parts_are(headers & HEADERS_MESSAGE);
    const struct header_line *lines = lines_of(run, headers, &count);
    if (!charge_names(run, count)) return FAILURE_STEPS;
    struct value *items = arena_array(run->arena, 2 * (size_t)count, sizeof *items);
    if (items == NULL) return FAILURE_NO_MEMORY;
    uint32_t written = 0;
    for (uint32_t i = 0; i < count; i++) {
        slice value = lines[i].value;
        if ((!exact && is_pseudo(lines[i].name)) || !is_first(lines, i, exact)) continue;
        if (!make_name(run->arena, lines[i].name, exact, &items[written++])) {
            return FAILURE_NO_MEMORY;
        }
        if (!map) continue;
        if (!exact) {
            find_joined(run->arena, lines + i, count - i, lines[i].name, &value, &out_of_memory);
        }
        items[written++] = value_string(value);
    }
    *out = (struct value){.kind = map ? TYPE_MAP : TYPE_LIST, .depth = 1, .as.items = items};
    out->length = map ? written / 2 : written;
    return out_of_memory ? FAILURE_NO_MEMORY : FAILURE_NONE;
}

enum failure message_names(struct run *run, uint32_t headers, struct value *out) {
    return collect(run, headers, false, out);
}

enum failure message_map(struct run *run, uint32_t headers, struct value *out) {
    return collect(run, headers, true, out);
}

// The first edit copies the lines, with room for all that the limits allow.
static bool make_editable(struct run *run, struct message *message) {
    if (message->edited != NULL) return true;
    uint32_t capacity = message->count + LIMIT_HEADERS_ADDED;
    struct header_line *edited = arena_array(run->arena, capacity, sizeof *edited);
    if (edited == NULL) return false;
    if (message->count > 0) memcpy(edited, message->lines, message->count * sizeof *edited);
    message->edited = edited;
    message->lines = edited;
    message->capacity = capacity;
    return true;
}

static void drop_lines(struct message *message, slice name) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < message->count; i++) {
        if (slice_equal_folded(message->edited[i].name, name)) continue;
        message->edited[kept++] = message->edited[i];
    }
    message->count = kept;
}

bool message_edit(struct run *run, enum effect_kind edit, enum message_kind kind, slice name,
                  slice value) {
    struct message *message = &run->messages[kind];
    if (!message->loaded) return true;
    if (run->unsettled && slice_is(name, "cookie") && !places_settle(run)) return false;
    if (!make_editable(run, message)) return false;
    if (edit != EFFECT_HEADER_ADD) drop_lines(message, name);
    if (edit != EFFECT_HEADER_REMOVE) {
        if (message->count == message->capacity) return false;
        message->edited[message->count++] = (struct header_line){name, value};
    }
    fields_forget(run, kind, name);
    uint32_t index = find_slot(run->program, kind, false, name);
    if (index == NO_RULE) return true;
    if (run->program->slots[index].indexed) run->index_edits++;
    slice joined = {NULL, 0};
    bool out_of_memory = false;
    bool present =
        find_joined(run->arena, message->edited, message->count, name, &joined, &out_of_memory);
    run->slots[index] = value_string(joined);
    run->slots[index].spare = present ? SLOT_PRESENT : 0;
    return !out_of_memory;
}

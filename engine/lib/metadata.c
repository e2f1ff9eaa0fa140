// google.protobuf.Struct and what Envoy has around it, by hand: they are few, and their form will
// not change. Recursion is bounded by LIMIT_NESTING.
#include "engine/lib/metadata.h"

#include "engine/base/limits.h"
#include "engine/base/utf8.h"

enum wire { WIRE_VARINT = 0, WIRE_EIGHT = 1, WIRE_BYTES = 2, WIRE_FOUR = 5 };

// What the values of a map are.
enum form { FORM_VALUE, FORM_STRUCT };

struct part {
    uint64_t number; // of the field
    uint8_t wire;
    uint64_t bits; // VARINT, EIGHT
    slice bytes;   // BYTES
};

static bool read_varint(slice *text, uint64_t *out) {
    *out = 0;
    for (uint32_t i = 0; i < text->length && i < 10; i++) {
        uint8_t byte = (uint8_t)text->at[i];
        *out |= (uint64_t)(byte & 0x7f) << 7 * i;
        if (byte < 0x80) {
            *text = slice_cut(*text, i + 1, text->length);
            return true;
        }
    }
    return false;
}

static bool take_bytes(slice *text, uint64_t length, slice *out) {
    if (length > text->length) return false;
    *out = slice_cut(*text, 0, (uint32_t)length);
    *text = slice_cut(*text, (uint32_t)length, text->length);
    return true;
}

static bool read_part(slice *text, struct part *out) {
    uint64_t tag, length;
    if (!read_varint(text, &tag)) return false;
    *out = (struct part){.number = tag >> 3, .wire = (uint8_t)(tag & 7)};
    switch (out->wire) {
    case WIRE_VARINT: return read_varint(text, &out->bits);
    case WIRE_EIGHT:
        if (!take_bytes(text, 8, &out->bytes)) return false;
        out->bits = eight_load(out->bytes.at);
        return true;
    case WIRE_BYTES: return read_varint(text, &length) && take_bytes(text, length, &out->bytes);
    default: return out->wire == WIRE_FOUR && take_bytes(text, 4, &out->bytes);
    }
}

// How many parts have that number, which all come as bytes.
static bool count_parts(slice text, uint64_t number, uint32_t *count) {
    struct part part;
    for (*count = 0; text.length > 0;) {
        if (!read_part(&text, &part)) return false;
        if (part.number != number) continue;
        if (part.wire != WIRE_BYTES) return false;
        ++*count;
    }
    return true;
}

static enum failure read_value(struct call *call, slice message, uint32_t level, struct value *out);
static enum failure read_map(struct call *call, slice message, enum form form, uint32_t level,
                             struct value *out);

static enum failure read_text(slice bytes, struct value *out) {
    *out = value_string(bytes.length == 0 ? slice_of("") : bytes);
    return utf8_find_invalid(bytes) < 0 ? FAILURE_NONE : FAILURE_CONVERSION;
}

static enum failure open_items(struct call *call, slice message, enum type type, uint32_t level,
                               struct value **items, struct value *out) {
    uint32_t count;
    if (level >= LIMIT_NESTING) return FAILURE_TOO_DEEP;
    if (!count_parts(message, 1, &count)) return FAILURE_CONVERSION;
    *items = arena_array(call->arena, (size_t)count * (type == TYPE_MAP ? 2 : 1), sizeof **items);
    if (*items == NULL) return FAILURE_NO_MEMORY;
    *out = (struct value){.kind = (uint8_t)type, .depth = 1, .as.items = *items};
    return FAILURE_NONE;
}

static void note_depth(struct value *whole, struct value item) {
    if (item.depth >= whole->depth) whole->depth = (uint8_t)(item.depth + 1);
}

static enum failure read_list(struct call *call, slice message, uint32_t level, struct value *out) {
    struct part part;
    struct value *items;
    enum failure failure = open_items(call, message, TYPE_LIST, level, &items, out);
    while (failure == FAILURE_NONE && message.length > 0) {
        read_part(&message, &part);
        if (part.number != 1) continue;
        failure = read_value(call, part.bytes, level + 1, &items[out->length]);
        if (failure == FAILURE_NONE) note_depth(out, items[out->length++]);
    }
    return failure;
}

// A key and its value, either of which may be missing: it is empty, or null, then.
static enum failure read_entry(struct call *call, slice message, enum form form, uint32_t level,
                               struct value *entry) {
    struct part part;
    slice key = {NULL, 0}, value = {NULL, 0};
    while (message.length > 0) {
        if (!read_part(&message, &part)) return FAILURE_CONVERSION;
        if (part.number == 1) key = part.bytes;
        if (part.number == 2) value = part.bytes;
    }
    enum failure failure = read_text(key, &entry[0]);
    if (failure != FAILURE_NONE) return failure;
    return form == FORM_STRUCT ? read_map(call, value, FORM_VALUE, level, &entry[1])
                               : read_value(call, value, level, &entry[1]);
}

static enum failure read_map(struct call *call, slice message, enum form form, uint32_t level,
                             struct value *out) {
    struct part part;
    struct value *items;
    enum failure failure = open_items(call, message, TYPE_MAP, level, &items, out);
    while (failure == FAILURE_NONE && message.length > 0) {
        struct value *entry = &items[2 * out->length];
        read_part(&message, &part);
        if (part.number != 1) continue;
        failure = read_entry(call, part.bytes, form, level + 1, entry);
        if (failure != FAILURE_NONE) return failure;
        note_depth(out, entry[1]);
        out->length++;
    }
    return failure;
}

static enum failure read_value(struct call *call, slice message, uint32_t level,
                               struct value *out) {
    struct part part;
    double real;
    *out = value_null();
    while (message.length > 0) {
        enum failure failure = FAILURE_NONE;
        if (!read_part(&message, &part)) return FAILURE_CONVERSION;
        switch (part.number) {
        case 1: *out = value_null(); break;
        case 2:
            memcpy(&real, &part.bits, sizeof real);
            *out = value_double(real);
            break;
        case 3: failure = read_text(part.bytes, out); break;
        case 4: *out = value_bool(part.bits != 0); break;
        case 5: failure = read_map(call, part.bytes, FORM_VALUE, level, out); break;
        case 6: failure = read_list(call, part.bytes, level, out); break;
        default: break;
        }
        if (failure != FAILURE_NONE) return failure;
    }
    return FAILURE_NONE;
}

enum failure metadata_read(struct call *call, slice message, struct value *out) {
    if (!call_charge(call, 4 * (uint64_t)message.length)) return FAILURE_STEPS;
    struct value *items = arena_array(call->arena, 2, sizeof *items);
    if (items == NULL) return FAILURE_NO_MEMORY;
    items[0] = value_string(slice_of("filter_metadata"));
    enum failure failure = read_map(call, message, FORM_STRUCT, 1, &items[1]);
    if (failure != FAILURE_NONE) return failure;
    *out = (struct value){.kind = TYPE_MAP, .depth = 1, .length = 1, .as.items = items};
    note_depth(out, items[1]);
    return FAILURE_NONE;
}

// ---- the node

enum { NODE_METADATA = 3, NODE_LOCALITY = 4 };

// A text of a message, by the number of its field.
struct named {
    uint8_t number;
    const char *name;
};

static const struct named node_texts[] = {
    {1, "id"}, {2, "cluster"}, {6, "user_agent_name"}, {7, "user_agent_version"}};
static const struct named locality_texts[] = {{1, "region"}, {2, "zone"}, {3, "sub_zone"}};

// The last one of that number, as all readers have it; no bytes where there is none, or another
// kind of field.
static bool find_part(slice message, uint64_t number, slice *out) {
    struct part part;
    *out = (slice){NULL, 0};
    while (message.length > 0) {
        if (!read_part(&message, &part)) return false;
        if (part.number == number && part.wire == WIRE_BYTES) *out = part.bytes;
    }
    return true;
}

// A map of these texts with room for `more` entries.
static enum failure read_texts(struct call *call, slice message, const struct named *names,
                               uint32_t count, uint32_t more, struct value *out) {
    struct value *items = arena_array(call->arena, 2 * ((size_t)count + more), sizeof *items);
    if (items == NULL) return FAILURE_NO_MEMORY;
    for (uint32_t i = 0; i < count; i++) {
        slice text;
        if (!find_part(message, names[i].number, &text)) return FAILURE_CONVERSION;
        items[2 * i] = value_string(slice_of(names[i].name));
        enum failure failure = read_text(text, &items[2 * i + 1]);
        if (failure != FAILURE_NONE) return failure;
    }
    *out = (struct value){.kind = TYPE_MAP, .depth = 1, .length = count, .as.items = items};
    return FAILURE_NONE;
}

static void add_entry(struct value *map, const char *name, struct value value) {
    struct value *entry = (struct value *)(uintptr_t)&map->as.items[2 * map->length++];
    entry[0] = value_string(slice_of(name));
    entry[1] = value;
    note_depth(map, value);
}

enum failure metadata_locality(struct call *call, slice message, struct value *out) {
    if (!call_charge(call, message.length)) return FAILURE_STEPS;
    return read_texts(call, message, locality_texts, LEN(locality_texts), 0, out);
}

enum failure metadata_of_node(struct call *call, slice message, struct value *out) {
    slice metadata;
    if (!call_charge(call, 4 * (uint64_t)message.length)) return FAILURE_STEPS;
    if (!find_part(message, NODE_METADATA, &metadata)) return FAILURE_CONVERSION;
    return read_map(call, metadata, FORM_VALUE, 1, out);
}

enum failure metadata_node(struct call *call, slice message, struct value *out) {
    slice place;
    struct value locality, metadata;
    enum failure failure = metadata_of_node(call, message, &metadata);
    if (failure != FAILURE_NONE) return failure;
    if (!find_part(message, NODE_LOCALITY, &place)) return FAILURE_CONVERSION;
    failure = metadata_locality(call, place, &locality);
    if (failure == FAILURE_NONE) {
        failure = read_texts(call, message, node_texts, LEN(node_texts), 2, out);
    }
    if (failure != FAILURE_NONE) return failure;
    add_entry(out, "locality", locality);
    add_entry(out, "metadata", metadata);
    return FAILURE_NONE;
}

static bool is_read_of_node(uint64_t number) {
    bool read = number == NODE_METADATA || number == NODE_LOCALITY;
    for (uint32_t i = 0; i < LEN(node_texts); i++)
        read |= node_texts[i].number == number;
    return read;
}

bool metadata_shorten_node(slice message, struct text *out) {
    struct part part;
    while (message.length > 0) {
        slice before = message;
        if (!read_part(&message, &part)) return false;
        if (is_read_of_node(part.number)) {
            text_add(out, slice_cut(before, 0, before.length - message.length));
        }
    }
    return !out->failed;
}

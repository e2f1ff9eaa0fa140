// A field's path is that of Envoy's attribute: its parts with a NUL between them. Numbers, times
// and lengths of time come as eight bytes, truths as one, in the byte order of wasm.
#include "plugin/attributes.h"

#include "plugin/host.h"
#include "plugin/memory.h"
#include "plugin/vm.h"

enum { PATH_MOST = 64 }; // longer than any field's

// The proxy's node is told below `xds` only.
static slice path_of(enum field field, char path[PATH_MOST]) {
    slice name = slice_of(field_rows[field].path);
    bool node = slice_starts(name, slice_of("node."));
    char *end = slice_put(path, slice_of(node ? "xds." : ""));
    end = slice_put(end, name);
    for (char *at = path; at < end; at++) {
        if (*at == '.') *at = '\0';
    }
    return slice_from(path, (uint32_t)(end - path));
}

static bool read_eight(slice bytes, int64_t *number) {
    if (bytes.length != sizeof *number) return false;
    memcpy(number, bytes.at, sizeof *number);
    return true;
}

// From nanoseconds since 1970 UTC.
static struct value timestamp_of(int64_t time) {
    enum { SECOND = 1000000000 };
    int64_t rest = time % SECOND;
    bool before = rest < 0;
    return value_timestamp(time / SECOND - before, (uint32_t)(before ? rest + SECOND : rest));
}

static bool read_number(slice bytes, enum type type, struct value *out) {
    int64_t number = 0;
    if (!read_eight(bytes, &number)) return false;
    switch (type) {
    case TYPE_UINT: *out = value_uint((uint64_t)number); return true;
    case TYPE_DURATION: *out = value_duration(number); return true;
    case TYPE_TIMESTAMP: *out = timestamp_of(number); return true;
    default: *out = value_int(number); return true;
    }
}

// Asked for and shortened once a VM: it is the same as long as the proxy lives, and Envoy's lists
// some hundred of its own parts in it, which no request has memory for.
static bool load_node(void) {
    enum { BLOCK = 4 << 10, MOST = 1 << 20 };
    struct arena arena;
    struct text text;
    slice bytes;
    arena_init(&arena, &memory_allocator, BLOCK, MOST);
    text_init(&text, &arena);
    bool good = host_property(&arena, slice_from("xds\0node", 8), &bytes) &&
                engine_shorten_node(bytes, &text);
    memory_serve(NULL);
    char *kept = good ? memory_allocator.take(NULL, (size_t)text.length + 1) : NULL;
    if (kept != NULL) {
        slice_put(kept, text_slice(&text));
        vm.node = slice_from(kept, text.length);
    }
    arena_free(&arena);
    return kept != NULL;
}

// Where it cannot be had it is not absent, but refused.
static bool fetch_node(struct arena *arena, struct value *out) {
    bool there = vm.node.at != NULL || load_node();
    memory_serve(arena);
    if (!there) arena->failed = true;
    *out = value_bytes(vm.node);
    return there;
}

bool attribute_state(struct arena *arena, bool upstream, slice name, slice *value) {
    struct text path;
    text_init(&path, arena);
    text_add_string(&path, upstream ? "upstream_filter_state" : "filter_state");
    text_add_char(&path, '\0');
    text_add(&path, name);
    if (path.failed || !host_property(arena, text_slice(&path), value)) return false;
    if (value->length == 0) *value = slice_of("");
    return true;
}

bool attribute_fetch(struct arena *arena, enum field field, struct value *out) {
    char path[PATH_MOST];
    slice bytes;
    enum type type = (enum type)field_rows[field].type;
    if (field == FIELD_XDS_NODE || field == FIELD_NODE_METADATA) return fetch_node(arena, out);
    if (!host_property(arena, path_of(field, path), &bytes)) return false;
    switch (type) {
    case TYPE_STRING: *out = value_string(bytes.length == 0 ? slice_of("") : bytes); return true;
    case TYPE_BOOL:
        *out = value_bool(bytes.length == 1 && bytes.at[0] != 0);
        return bytes.length == 1;
    case TYPE_DYN: *out = value_bytes(bytes); return true; // a message, for the engine to read
    default: return read_number(bytes, type, out);
    }
}

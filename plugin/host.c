// Wrappers of the host's calls. Outputs are initialised and never read after an error: the host
// leaves them alone then.
#include "plugin/host.h"

#include "plugin/abi.h"
#include "plugin/memory.h"

static const uint32_t map_of[MESSAGE_TOTAL] = {
    [MESSAGE_REQUEST] = ABI_MAP_REQUEST_HEADERS,
    [MESSAGE_RESPONSE] = ABI_MAP_RESPONSE_HEADERS,
    [MESSAGE_REQUEST_TRAILERS] = ABI_MAP_REQUEST_TRAILERS,
    [MESSAGE_RESPONSE_TRAILERS] = ABI_MAP_RESPONSE_TRAILERS,
};

void host_log(enum level level, slice line) {
    proxy_log(level, line.at, line.length);
}

void host_log_lines(enum level level, slice text) {
    for (uint32_t start = 0; start < text.length;) {
        const char *end = memchr(text.at + start, '\n', text.length - start);
        uint32_t stop = end == NULL ? text.length : (uint32_t)(end - text.at);
        if (stop > start) host_log(level, slice_cut(text, start, stop));
        start = stop + 1;
    }
}

uint64_t host_clock(void) {
    uint64_t nanoseconds = 0;
    wasi_clock_time_get(ABI_CLOCK_MONOTONIC, 0, &nanoseconds);
    return nanoseconds;
}

uint64_t host_wall_clock(void) {
    uint64_t nanoseconds = 0;
    wasi_clock_time_get(ABI_CLOCK_REALTIME, 0, &nanoseconds);
    return nanoseconds;
}

uint64_t host_random(void) {
    uint64_t bits = 0;
    wasi_random_get(&bits, sizeof bits);
    return bits;
}

// The host copies all of it, NAME=VALUE by NAME=VALUE, each with a NUL.
bool host_environment(struct arena *arena, slice name, slice *value) {
    size_t count = 0, bytes = 0;
    if (wasi_environ_sizes_get(&count, &bytes) != 0 || count == 0) return false;
    char **entries = arena_array(arena, count, sizeof *entries);
    char *texts = arena_take(arena, bytes + 1);
    if (entries == NULL || texts == NULL || wasi_environ_get(entries, texts) != 0) return false;
    for (size_t i = 0; i < count; i++) {
        slice entry = slice_of(entries[i]);
        bool named =
            entry.length > name.length && entry.at[name.length] == '=' && slice_starts(entry, name);
        if (!named) continue;
        *value = slice_cut(entry, name.length + 1, entry.length);
        return true;
    }
    return false;
}

// Without a length the host need not be asked.
static uint32_t read_buffer(struct arena *arena, enum abi_buffer buffer, size_t length,
                            slice *bytes) {
    char *at = NULL;
    size_t found = 0;
    *bytes = (slice){NULL, 0};
    if (length == 0) return ABI_OK;
    memory_serve(arena);
    uint32_t status = proxy_get_buffer_bytes(buffer, 0, length, &at, &found);
    if (status == ABI_OK) *bytes = slice_from(at, (uint32_t)found);
    return status;
}

bool host_configuration(struct arena *arena, size_t length, slice *text) {
    uint32_t status = read_buffer(arena, ABI_BUFFER_PLUGIN_CONFIGURATION, length, text);
    return status == ABI_OK || status == ABI_NOT_FOUND;
}

static enum abi_buffer buffer_of(enum message_kind message) {
    return message == MESSAGE_REQUEST ? ABI_BUFFER_REQUEST_BODY : ABI_BUFFER_RESPONSE_BODY;
}

bool host_body(struct arena *arena, enum message_kind message, size_t length, slice *body) {
    uint32_t status = read_buffer(arena, buffer_of(message), length, body);
    return status == ABI_OK && body->length == length;
}

// A length that no buffer reaches stands for all of it.
void host_set_body(enum message_kind message, slice body) {
    proxy_set_buffer_bytes(buffer_of(message), 0, UINT32_MAX, body.at, body.length);
}

bool host_property(struct arena *arena, slice path, slice *value) {
    char *at = NULL;
    size_t length = 0;
    memory_serve(arena);
    uint32_t status = proxy_get_property(path.at, path.length, &at, &length);
    *value = (slice){NULL, 0};
    if (status == ABI_OK && length > 0) *value = slice_from(at, (uint32_t)length);
    return status == ABI_OK;
}

void host_tag(slice name, slice value) {
    proxy_set_property(name.at, name.length, value.at, value.length);
}

static uint32_t read_u32(const char *at) {
    uint32_t number;
    memcpy(&number, at, sizeof number);
    return number;
}

static uint32_t pairs_head(uint32_t count) {
    return 4 + 8 * count;
}

// A pair list: count, the lengths of all names and values, then each of them with a NUL behind.
static bool read_pairs(slice pairs, struct header_line *lines, uint32_t count) {
    uint64_t at = pairs_head(count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t name = read_u32(pairs.at + 4 + 8 * i);
        uint32_t value = read_u32(pairs.at + 8 + 8 * i);
        if (at + name + 1 + (uint64_t)value + 1 > pairs.length) return false;
        lines[i].name = slice_from(pairs.at + at, name);
        at += (uint64_t)name + 1;
        lines[i].value = slice_from(pairs.at + at, value);
        at += (uint64_t)value + 1;
    }
    return true;
}

bool host_headers(struct arena *arena, enum message_kind message, struct header_line **lines,
                  uint32_t *count) {
    char *at = NULL;
    size_t length = 0;
    *lines = NULL;
    *count = 0;
    memory_serve(arena);
    if (proxy_get_header_map_pairs(map_of[message], &at, &length) != ABI_OK) return false;
    if (length < 4) return length == 0; // an empty map is no bytes at all
    slice pairs = slice_from(at, (uint32_t)length);
    uint32_t found = read_u32(pairs.at);
    if (found > LIMIT_MESSAGE_LINES || pairs_head(found) > pairs.length) return false;
    *lines = arena_array(arena, found, sizeof **lines);
    *count = found;
    return *lines != NULL && read_pairs(pairs, *lines, found);
}

void host_set_header(enum message_kind message, slice name, slice value) {
    proxy_replace_header_map_value(map_of[message], name.at, name.length, value.at, value.length);
}

void host_add_header(enum message_kind message, slice name, slice value) {
    proxy_add_header_map_value(map_of[message], name.at, name.length, value.at, value.length);
}

void host_remove_header(enum message_kind message, slice name) {
    proxy_remove_header_map_value(map_of[message], name.at, name.length);
}

void host_reroute(struct arena *arena) {
    static const slice name = {"clear_route_cache", 17};
    char *at = NULL;
    size_t length = 0;
    memory_serve(arena);
    proxy_call_foreign_function(name.at, name.length, NULL, 0, &at, &length);
}

static void add_u32(struct text *text, uint32_t number) {
    text_add(text, slice_from((const char *)&number, sizeof number));
}

static slice write_pairs(struct arena *arena, const struct header_line *lines, uint32_t count) {
    struct text text;
    text_init(&text, arena);
    add_u32(&text, count);
    for (uint32_t i = 0; i < count; i++) {
        add_u32(&text, lines[i].name.length);
        add_u32(&text, lines[i].value.length);
    }
    for (uint32_t i = 0; i < count; i++) {
        text_add(&text, lines[i].name);
        text_add_char(&text, '\0');
        text_add(&text, lines[i].value);
        text_add_char(&text, '\0');
    }
    return text.failed ? (slice){NULL, 0} : text_slice(&text);
}

// Without memory for its headers a reply still goes out: a refusal must not depend on them.
void host_reply(struct arena *arena, const struct reply *reply) {
    slice pairs = {NULL, 0};
    if (reply->header_count > 0) pairs = write_pairs(arena, reply->headers, reply->header_count);
    proxy_send_local_response(reply->status, reply->details.at, reply->details.length,
                              reply->body.at, reply->body.length, pairs.at, pairs.length,
                              reply->grpc_status);
}

enum store_answer host_shared_get(struct arena *arena, slice key, slice *state, uint32_t *version) {
    char *at = NULL;
    size_t length = 0;
    uint32_t cas = 0;
    memory_serve(arena);
    uint32_t status = proxy_get_shared_data(key.at, key.length, &at, &length, &cas);
    *state = (slice){NULL, 0};
    *version = ABI_CAS_CREATE;
    if (status == ABI_NOT_FOUND) return STORE_OK;
    if (status != ABI_OK) return STORE_FAILED;
    *state = slice_from(at, (uint32_t)length);
    *version = cas;
    return STORE_OK;
}

enum store_answer host_shared_swap(slice key, slice state, uint32_t version) {
    uint32_t status = proxy_set_shared_data(key.at, key.length, state.at, state.length, version);
    if (status == ABI_CAS_MISMATCH) return STORE_CONFLICT;
    return status == ABI_OK ? STORE_OK : STORE_FAILED;
}

static void add_varint(struct text *text, uint32_t number) {
    for (; number >= 0x80; number >>= 7)
        text_add_char(text, (char)(number | 0x80));
    text_add_char(text, (char)number);
}

static uint32_t varint_length(uint32_t number) {
    uint32_t length = 1;
    for (; number >= 0x80; number >>= 7)
        length++;
    return length;
}

// envoy.config.core.v3.GrpcService{envoy_grpc{cluster_name}}. Envoy takes a bare name, too, but as
// this message wherever it reads as one: an empty name then ends the proxy.
static slice write_target(struct arena *arena, slice cluster) {
    struct text text;
    text_init(&text, arena);
    text_add_char(&text, 0x0a);
    add_varint(&text, 1 + varint_length(cluster.length) + cluster.length);
    text_add_char(&text, 0x0a);
    add_varint(&text, cluster.length);
    text_add(&text, cluster);
    return text.failed ? (slice){NULL, 0} : text_slice(&text);
}

bool host_grpc_call(struct arena *arena, const struct grpc_request *request, uint32_t *call) {
    slice target = write_target(arena, request->cluster);
    if (target.length == 0 || request->cluster.length == 0) return false;
    uint32_t timeout = request->timeout == 0 ? 1 : request->timeout; // 0 would be none at all
    *call = 0;
    uint32_t status =
        proxy_grpc_call(target.at, target.length, request->service.at, request->service.length,
                        request->method.at, request->method.length, NULL, 0, request->message.at,
                        request->message.length, timeout, call);
    return status == ABI_OK;
}

bool host_grpc_message(struct arena *arena, size_t length, uint32_t most, slice *message) {
    char *at = NULL;
    size_t found = 0;
    *message = (slice){NULL, 0};
    if (length > most) return false;
    if (length == 0) return true;
    memory_serve(arena);
    uint32_t status = proxy_get_buffer_bytes(ABI_BUFFER_GRPC_MESSAGE, 0, length, &at, &found);
    if (status != ABI_OK || at == NULL) return false;
    *message = slice_from(at, (uint32_t)found);
    return true;
}

void host_grpc_cancel(uint32_t call) {
    proxy_grpc_cancel(call);
}

bool host_enter(uint32_t context) {
    return proxy_set_effective_context(context) == ABI_OK;
}

void host_continue_request(void) {
    proxy_continue_stream(ABI_STREAM_REQUEST);
}

uint32_t host_counter(slice name) {
    uint32_t id = 0;
    uint32_t status = proxy_define_metric(ABI_METRIC_COUNTER, name.at, name.length, &id);
    return status == ABI_OK ? id : 0;
}

void host_count(uint32_t counter, uint32_t by) {
    proxy_increment_metric(counter, by);
}

void host_tick_every(uint32_t milliseconds) {
    proxy_set_tick_period_milliseconds(milliseconds);
}

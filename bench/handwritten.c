// The tutorial's demo written by hand against the proxy-wasm 0.2.1 ABI: the floor that weir is
// measured against. Not a general filter: one configuration per VM, its JSON is not checked and
// must be one line. wasm32 only.
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <wasi/api.h>

#define EXPORT __attribute__((visibility("default")))

enum { STATUS_OK = 0 };
enum { BUFFER_PLUGIN_CONFIG = 7 };
enum { MAP_RESPONSE_HEADERS = 2 };
enum { ACTION_CONTINUE = 0, ACTION_PAUSE = 1 };
enum { GRPC_STATUS_NONE = -1 };

uint32_t proxy_get_buffer_bytes(uint32_t buffer, size_t start, size_t size, const char **bytes,
                                size_t *length);
uint32_t proxy_add_header_map_value(uint32_t map, const char *key, size_t key_size,
                                    const char *value, size_t value_size);
uint32_t proxy_send_local_response(uint32_t status, const char *details, size_t details_size,
                                   const char *body, size_t body_size, const char *pairs,
                                   size_t pairs_size, int32_t grpc_status);

static const uint64_t WINDOW_NANOSECONDS = 1000000000;

// Header pairs as the host reads them: count, the two lengths, then both texts with a NUL each.
static const char DENY_HEADERS[] = "\1\0\0\0"
                                   "\12\0\0\0"
                                   "\23\0\0\0"
                                   "powered-by\0proxy-wasm-go-sdk!!";
static const char DENY_BODY[] = "rate limited, wait and retry.";

static const struct header {
    const char *key;
    size_t key_size;
    const char *value;
    size_t value_size;
} STAMPS[] = {
    {"who-am-i", 8, "wasm-extension", 14},
    {"injected-by", 11, "istio-api!", 10},
    {"hally", 5, "wang", 4},
    {"wang", 4, "1234567", 7},
};

// What the host hands over in one callback; only configure asks for anything.
static struct {
    char bytes[16384];
    size_t used;
} callback_memory;

static struct {
    char bytes[8192];
    size_t size;
} configdata;

static struct {
    uint64_t limit;
    uint64_t used;
    uint64_t started; // monotonic nanoseconds
} window = {.limit = 2};

EXPORT void proxy_abi_version_0_2_1(void) {
}

EXPORT void *proxy_on_memory_allocate(size_t size) {
    size_t left = sizeof callback_memory.bytes - callback_memory.used;
    if (size > left) return NULL;
    void *piece = callback_memory.bytes + callback_memory.used;
    callback_memory.used += size;
    return piece;
}

EXPORT void proxy_on_context_create(uint32_t id, uint32_t parent) {
    (void)id;
    (void)parent;
}

// The number after `"limit":`, or `otherwise`.
static uint64_t limit_of(const char *json, uint64_t otherwise) {
    static const char key[] = "\"limit\":";
    const char *at = strstr(json, key);
    if (!at) return otherwise;
    at += sizeof key - 1;
    while (*at == ' ')
        at++;
    uint64_t limit = 0;
    for (; *at >= '0' && *at <= '9'; at++)
        limit = limit * 10 + (uint64_t)(*at - '0');
    return limit;
}

EXPORT uint32_t proxy_on_configure(uint32_t root, size_t size) {
    (void)root;
    const char *json = NULL;
    size_t length = 0;
    callback_memory.used = 0;
    if (size >= sizeof configdata.bytes) return false;
    if (proxy_get_buffer_bytes(BUFFER_PLUGIN_CONFIG, 0, size, &json, &length) != STATUS_OK)
        return size == 0;
    if (length >= sizeof configdata.bytes) return false;
    memcpy(configdata.bytes, json, length);
    configdata.bytes[length] = '\0';
    configdata.size = length;
    window.limit = limit_of(configdata.bytes, 2);
    return true;
}

static bool window_admits(uint64_t now) {
    if (now - window.started >= WINDOW_NANOSECONDS) {
        window.started = now;
        window.used = 0;
    }
    if (window.used >= window.limit) return false;
    window.used++;
    return true;
}

EXPORT uint32_t proxy_on_request_headers(uint32_t id, size_t count, uint32_t end_of_stream) {
    (void)id;
    (void)count;
    (void)end_of_stream;
    __wasi_timestamp_t now = 0;
    if (__wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, &now) != __WASI_ERRNO_SUCCESS ||
        window_admits(now))
        return ACTION_CONTINUE;
    proxy_send_local_response(403, NULL, 0, DENY_BODY, sizeof DENY_BODY - 1, DENY_HEADERS,
                              sizeof DENY_HEADERS, GRPC_STATUS_NONE);
    return ACTION_PAUSE;
}

// Runs for the 403 above as well.
EXPORT uint32_t proxy_on_response_headers(uint32_t id, size_t count, uint32_t end_of_stream) {
    (void)id;
    (void)count;
    (void)end_of_stream;
    for (size_t i = 0; i < sizeof STAMPS / sizeof STAMPS[0]; i++) {
        const struct header *stamp = &STAMPS[i];
        proxy_add_header_map_value(MAP_RESPONSE_HEADERS, stamp->key, stamp->key_size, stamp->value,
                                   stamp->value_size);
    }
    proxy_add_header_map_value(MAP_RESPONSE_HEADERS, "configdata", 10, configdata.bytes,
                               configdata.size);
    return ACTION_CONTINUE;
}

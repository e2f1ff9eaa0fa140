// A plugin that reads and writes shared data as it is told, as any plugin of the same vm_id can.
// Headers x-key and x-value in hexadecimal: with a value it is written; the answer's body is what
// stood there before.
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define IMPORT(name) __attribute__((import_module("env"), import_name(#name)))
#define EXPORT(name) __attribute__((export_name(#name)))

IMPORT(proxy_get_header_map_value)
uint32_t get_header(uint32_t map, const char *name, size_t name_length, char **value,
                    size_t *length);
IMPORT(proxy_get_shared_data)
uint32_t get_shared(const char *key, size_t key_length, char **value, size_t *length,
                    uint32_t *cas);
IMPORT(proxy_set_shared_data)
uint32_t set_shared(const char *key, size_t key_length, const char *value, size_t length,
                    uint32_t cas);
IMPORT(proxy_send_local_response)
uint32_t send_reply(uint32_t status, const char *details, size_t details_length, const char *body,
                    size_t body_length, const char *pairs, size_t pairs_length, uint32_t grpc);

enum { MEMORY = 1 << 20 };
static char memory[MEMORY] __attribute__((aligned(16)));
static size_t taken;

EXPORT(proxy_abi_version_0_2_1) void abi_version(void) {
}

EXPORT(proxy_on_memory_allocate) void *allocate(size_t bytes) {
    size_t start = (taken + 15) & ~(size_t)15;
    if (bytes > MEMORY - start) return NULL;
    taken = start + bytes;
    return memory + start;
}

EXPORT(proxy_on_context_create) void create(uint32_t context, uint32_t parent) {
    (void)context;
    (void)parent;
}

static char digit(char c) {
    return (char)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
}

// In place; false where there is no such header.
static int read_header(const char *name, char **value, size_t *length) {
    *value = NULL;
    *length = 0;
    if (get_header(0, name, strlen(name), value, length) != 0) return 0;
    *length /= 2;
    for (size_t i = 0; i < *length; i++)
        (*value)[i] = (char)(digit((*value)[2 * i]) << 4 | digit((*value)[2 * i + 1]));
    return 1;
}

EXPORT(proxy_on_request_headers)
uint32_t request_headers(uint32_t context, size_t count, uint32_t end_of_stream) {
    char *key, *value, *found = NULL;
    size_t key_length, value_length, found_length = 0;
    uint32_t cas;
    (void)context;
    (void)count;
    (void)end_of_stream;
    taken = 0;
    if (!read_header("x-key", &key, &key_length)) return 0;
    uint32_t status = get_shared(key, key_length, &found, &found_length, &cas) == 0 ? 200 : 404;
    if (read_header("x-value", &value, &value_length))
        set_shared(key, key_length, value, value_length, 0);
    send_reply(status, "meddler", 7, found, found_length, NULL, 0, (uint32_t)-1);
    return 1;
}

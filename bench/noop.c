// A proxy-wasm 0.2.1 module with the usual header callbacks and nothing in them: what crossing
// into a module costs before it does any work. wasm32 only.
#include <stddef.h>
#include <stdint.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT void proxy_abi_version_0_2_1(void) {
}

// Never called for a request: nothing here asks the host for memory.
EXPORT void *proxy_on_memory_allocate(size_t size) {
    (void)size;
    return NULL;
}

EXPORT void proxy_on_context_create(uint32_t id, uint32_t parent) {
    (void)id;
    (void)parent;
}

EXPORT uint32_t proxy_on_configure(uint32_t root, size_t size) {
    (void)root;
    (void)size;
    return 1;
}

EXPORT uint32_t proxy_on_request_headers(uint32_t id, size_t count, uint32_t end_of_stream) {
    (void)id;
    (void)count;
    (void)end_of_stream;
    return 0;
}

EXPORT uint32_t proxy_on_response_headers(uint32_t id, size_t count, uint32_t end_of_stream) {
    (void)id;
    (void)count;
    (void)end_of_stream;
    return 0;
}

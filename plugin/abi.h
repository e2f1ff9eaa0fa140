// Proxy-wasm ABI 0.2.1 as the host has it: imports, exports and numbers. No behaviour.
// Source: the proxy-wasm specification, with Envoy's signatures where the two differ.
#ifndef WEIR_PLUGIN_ABI_H
#define WEIR_PLUGIN_ABI_H

#include <stddef.h>
#include <stdint.h>

#define HOST_IMPORT(name) __attribute__((import_module("env"), import_name(#name)))
#define WASI_IMPORT(name)                                                                          \
    __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name)))
#define HOST_EXPORT(name) __attribute__((export_name(#name)))

enum abi_status {
    ABI_OK = 0,
    ABI_NOT_FOUND = 1,
    ABI_BAD_ARGUMENT = 2,
    ABI_INVALID_MEMORY_ACCESS = 6,
    ABI_CAS_MISMATCH = 8,
};

enum abi_buffer {
    ABI_BUFFER_REQUEST_BODY = 0,
    ABI_BUFFER_RESPONSE_BODY = 1,
    ABI_BUFFER_GRPC_MESSAGE = 5,
    ABI_BUFFER_PLUGIN_CONFIGURATION = 7
};
enum abi_stream { ABI_STREAM_REQUEST = 0 };
enum abi_map {
    ABI_MAP_REQUEST_HEADERS = 0,
    ABI_MAP_REQUEST_TRAILERS = 1,
    ABI_MAP_RESPONSE_HEADERS = 2,
    ABI_MAP_RESPONSE_TRAILERS = 3,
};
enum abi_metric { ABI_METRIC_COUNTER = 0 };
enum abi_action { ABI_CONTINUE = 0, ABI_PAUSE = 1 };
enum abi_clock { ABI_CLOCK_REALTIME = 0, ABI_CLOCK_MONOTONIC = 1 };

// A swap with this number on a key that is not there creates it, atomically; on a key that is there
// it does not match. (0 would overwrite whatever is there.)
#define ABI_CAS_CREATE UINT32_C(0xffffffff)

HOST_IMPORT(proxy_log)
uint32_t proxy_log(uint32_t level, const char *line, size_t length);
HOST_IMPORT(proxy_get_buffer_bytes)
uint32_t proxy_get_buffer_bytes(uint32_t buffer, size_t start, size_t most, char **at,
                                size_t *length);
HOST_IMPORT(proxy_set_buffer_bytes)
uint32_t proxy_set_buffer_bytes(uint32_t buffer, size_t start, size_t length, const char *bytes,
                                size_t bytes_length);
HOST_IMPORT(proxy_get_header_map_pairs)
uint32_t proxy_get_header_map_pairs(uint32_t map, char **at, size_t *length);
HOST_IMPORT(proxy_add_header_map_value)
uint32_t proxy_add_header_map_value(uint32_t map, const char *name, size_t name_length,
                                    const char *value, size_t value_length);
HOST_IMPORT(proxy_replace_header_map_value)
uint32_t proxy_replace_header_map_value(uint32_t map, const char *name, size_t name_length,
                                        const char *value, size_t value_length);
HOST_IMPORT(proxy_remove_header_map_value)
uint32_t proxy_remove_header_map_value(uint32_t map, const char *name, size_t name_length);
HOST_IMPORT(proxy_send_local_response)
uint32_t proxy_send_local_response(uint32_t status, const char *details, size_t details_length,
                                   const char *body, size_t body_length, const char *pairs,
                                   size_t pairs_length, int32_t grpc_status);
HOST_IMPORT(proxy_get_property)
uint32_t proxy_get_property(const char *path, size_t path_length, char **at, size_t *length);
HOST_IMPORT(proxy_set_property)
uint32_t proxy_set_property(const char *path, size_t path_length, const char *value, size_t length);
HOST_IMPORT(proxy_get_shared_data)
uint32_t proxy_get_shared_data(const char *key, size_t key_length, char **at, size_t *length,
                               uint32_t *cas);
HOST_IMPORT(proxy_set_shared_data)
uint32_t proxy_set_shared_data(const char *key, size_t key_length, const char *value, size_t length,
                               uint32_t cas);
HOST_IMPORT(proxy_define_metric)
uint32_t proxy_define_metric(uint32_t type, const char *name, size_t length, uint32_t *id);
HOST_IMPORT(proxy_increment_metric)
uint32_t proxy_increment_metric(uint32_t id, int64_t by);

HOST_IMPORT(proxy_grpc_call)
uint32_t proxy_grpc_call(const char *target, size_t target_length, const char *service,
                         size_t service_length, const char *method, size_t method_length,
                         const char *pairs, size_t pairs_length, const char *message,
                         size_t message_length, uint32_t timeout, uint32_t *call);
HOST_IMPORT(proxy_grpc_cancel)
uint32_t proxy_grpc_cancel(uint32_t call);
HOST_IMPORT(proxy_set_effective_context)
uint32_t proxy_set_effective_context(uint32_t context);
HOST_IMPORT(proxy_continue_stream)
uint32_t proxy_continue_stream(uint32_t stream);

HOST_IMPORT(proxy_call_foreign_function)
uint32_t proxy_call_foreign_function(const char *name, size_t name_length, const char *arguments,
                                     size_t arguments_length, char **at, size_t *length);

HOST_IMPORT(proxy_set_tick_period_milliseconds)
uint32_t proxy_set_tick_period_milliseconds(uint32_t period);

WASI_IMPORT(clock_time_get)
uint16_t wasi_clock_time_get(uint32_t clock, uint64_t precision, uint64_t *nanoseconds);

WASI_IMPORT(random_get)
uint16_t wasi_random_get(void *at, size_t bytes);
WASI_IMPORT(environ_sizes_get)
uint16_t wasi_environ_sizes_get(size_t *count, size_t *bytes);
WASI_IMPORT(environ_get)
uint16_t wasi_environ_get(char **entries, char *bytes);

void proxy_abi_version_0_2_1(void);
void *proxy_on_memory_allocate(size_t bytes);
void proxy_on_context_create(uint32_t context, uint32_t parent);
uint32_t proxy_on_vm_start(uint32_t root, size_t configuration_length);
uint32_t proxy_on_configure(uint32_t root, size_t configuration_length);
uint32_t proxy_on_request_headers(uint32_t context, size_t count, uint32_t end_of_stream);
uint32_t proxy_on_request_body(uint32_t context, size_t bytes, uint32_t end_of_stream);
uint32_t proxy_on_request_trailers(uint32_t context, size_t count);
uint32_t proxy_on_response_headers(uint32_t context, size_t count, uint32_t end_of_stream);
uint32_t proxy_on_response_body(uint32_t context, size_t bytes, uint32_t end_of_stream);
uint32_t proxy_on_response_trailers(uint32_t context, size_t count);
void proxy_on_grpc_receive(uint32_t root, uint32_t call, size_t length);
void proxy_on_grpc_close(uint32_t root, uint32_t call, uint32_t status);
void proxy_on_tick(uint32_t root);
void proxy_on_delete(uint32_t context);

#endif

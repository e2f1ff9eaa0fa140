// The module's exports. Contexts come in any order; every callback bears an unknown id.
#include "plugin/abi.h"
#include "plugin/configure.h"
#include "plugin/exchange.h"
#include "plugin/hold.h"
#include "plugin/host.h"
#include "plugin/memory.h"
#include "plugin/remote.h"

HOST_EXPORT(proxy_abi_version_0_2_1) void proxy_abi_version_0_2_1(void) {
}

HOST_EXPORT(proxy_on_memory_allocate) void *proxy_on_memory_allocate(size_t bytes) {
    return memory_for_host(bytes);
}

HOST_EXPORT(proxy_on_vm_start)
uint32_t proxy_on_vm_start(uint32_t root, size_t configuration_length) {
    (void)root;
    (void)configuration_length;
    return 1;
}

HOST_EXPORT(proxy_on_configure)
uint32_t proxy_on_configure(uint32_t root, size_t configuration_length) {
    return configure_root(root, configuration_length) ? 1 : 0;
}

// Parent 0 is a plugin, which proxy_on_configure makes; anything else is a stream.
HOST_EXPORT(proxy_on_context_create)
void proxy_on_context_create(uint32_t context, uint32_t parent) {
    if (parent == 0) return;
    const struct root *root = vm_root(parent);
    if (root == NULL || root->loaded == NULL) return;
    if (!stream_create(context, root->loaded)) vm.lost_a_stream = true;
}

static uint32_t action_of(bool goes_on) {
    return goes_on ? ABI_CONTINUE : ABI_PAUSE;
}

// The stream, where a program is there to answer for it.
static struct stream *find_stream(uint32_t context) {
    struct stream *stream = stream_find(context);
    return stream == NULL || stream->loaded->program == NULL ? NULL : stream;
}

// One that is not known passes where its plugin has no rules.
static uint32_t refuse_unanswered(uint32_t context) {
    if (stream_find(context) == NULL && !vm.lost_a_stream) return ABI_CONTINUE;
    exchange_refuse("weir.unavailable");
    return ABI_PAUSE;
}

HOST_EXPORT(proxy_on_request_headers)
uint32_t proxy_on_request_headers(uint32_t context, size_t count, uint32_t end_of_stream) {
    (void)count;
    struct stream *stream = find_stream(context);
    if (stream == NULL) return refuse_unanswered(context);
    return action_of(exchange_request(stream, end_of_stream != 0));
}

HOST_EXPORT(proxy_on_request_body)
uint32_t proxy_on_request_body(uint32_t context, size_t bytes, uint32_t end_of_stream) {
    struct stream *stream = find_stream(context);
    bool ends = end_of_stream != 0;
    return action_of(stream == NULL || exchange_body(stream, MESSAGE_REQUEST, bytes, ends));
}

HOST_EXPORT(proxy_on_request_trailers)
uint32_t proxy_on_request_trailers(uint32_t context, size_t count) {
    (void)count;
    struct stream *stream = find_stream(context);
    return action_of(stream == NULL || exchange_trailers(stream, MESSAGE_REQUEST));
}

HOST_EXPORT(proxy_on_response_headers)
uint32_t proxy_on_response_headers(uint32_t context, size_t count, uint32_t end_of_stream) {
    (void)count;
    struct stream *stream = find_stream(context);
    return action_of(stream == NULL || exchange_response(stream, end_of_stream != 0));
}

HOST_EXPORT(proxy_on_response_body)
uint32_t proxy_on_response_body(uint32_t context, size_t bytes, uint32_t end_of_stream) {
    struct stream *stream = find_stream(context);
    bool ends = end_of_stream != 0;
    return action_of(stream == NULL || exchange_body(stream, MESSAGE_RESPONSE, bytes, ends));
}

HOST_EXPORT(proxy_on_response_trailers)
uint32_t proxy_on_response_trailers(uint32_t context, size_t count) {
    (void)count;
    struct stream *stream = find_stream(context);
    return action_of(stream == NULL || exchange_trailers(stream, MESSAGE_RESPONSE));
}

// A stream that has ended has no call any more, so that the one that waits is there to be entered.
static void take_answer(uint32_t call, bool answered, size_t length) {
    struct stream *stream = remote_take(call);
    struct limit_answer answer = {.good = false};
    if (stream == NULL || !host_enter(stream->id)) return;
    if (answered) answer = remote_read(stream, length);
    exchange_resume(stream, &answer);
}

HOST_EXPORT(proxy_on_grpc_receive)
void proxy_on_grpc_receive(uint32_t root, uint32_t call, size_t length) {
    (void)root;
    take_answer(call, true, length);
}

HOST_EXPORT(proxy_on_grpc_close)
void proxy_on_grpc_close(uint32_t root, uint32_t call, uint32_t status) {
    (void)root;
    (void)status;
    take_answer(call, false, 0);
}

HOST_EXPORT(proxy_on_log) void proxy_on_log(uint32_t context) {
    struct stream *stream = find_stream(context);
    if (stream != NULL) exchange_log(stream);
}

HOST_EXPORT(proxy_on_tick) void proxy_on_tick(uint32_t id) {
    const struct root *root = vm_root(id);
    if (root == NULL || root->loaded == NULL) return;
    vm_flush(root->loaded);
    hold_check(root->loaded);
    memory_serve(NULL);
}

HOST_EXPORT(proxy_on_delete) void proxy_on_delete(uint32_t context) {
    struct stream *stream = stream_find(context);
    if (stream != NULL) exchange_end(stream);
    stream_delete(context);
    vm_remove_root(context);
}

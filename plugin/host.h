// Host calls as the rest of the plugin makes them: slices in, slices out, no status numbers.
#ifndef WEIR_PLUGIN_HOST_H
#define WEIR_PLUGIN_HOST_H

#include "engine/engine.h"

// One line of the proxy's log; `line` must be free of control bytes.
void host_log(enum level level, slice line);

// The lines of a text, one by one.
void host_log_lines(enum level level, slice text);

// Monotonic nanoseconds, the same for all workers of a proxy.
uint64_t host_clock(void);

// Nanoseconds since 1970 UTC.
uint64_t host_wall_clock(void);

// 64 bits that nobody can guess.
uint64_t host_random(void);

// The value of a variable of the VM's environment, in the arena; false when there is none.
bool host_environment(struct arena *arena, slice name, slice *value);

// The plugin configuration of the context that is being configured; false when the arena refuses.
bool host_configuration(struct arena *arena, size_t length, slice *text);

// A property by its path, whose names are joined by NUL; false when there is none, or when the
// arena refuses.
bool host_property(struct arena *arena, slice path, slice *value);

// The first `length` bytes of the body of a request or a response, as far as the host holds it;
// false when the arena refuses or they are not there.
bool host_body(struct arena *arena, enum message_kind message, size_t length, slice *body);

// Leaves a value with the stream, which access logs find in its filter state as `wasm.NAME`. From
// any callback of a stream, that of a stream that is over, too.
void host_tag(slice name, slice value);

// Replaces all that the host holds of it. Only from the callback of its last bytes or its trailers.
void host_set_body(enum message_kind message, slice body);

// The headers or trailers of a message, one line each; false when the arena refuses, the host's
// list is not one, or it has more than LIMIT_MESSAGE_LINES.
bool host_headers(struct arena *arena, enum message_kind message, struct header_line **lines,
                  uint32_t *count);

void host_set_header(enum message_kind message, slice name, slice value);
void host_add_header(enum message_kind message, slice name, slice value);
void host_remove_header(enum message_kind message, slice name);

// The route is chosen anew, by the headers as they are when it is needed. Only from the callback of
// the request's headers.
void host_reroute(struct arena *arena);

// Answers in place of the upstream. Only from the callbacks of headers and of the request's body,
// with a status of 200 to 599: anything else can take the proxy down.
void host_reply(struct arena *arena, const struct reply *reply);

// Shared data: a state and its version, or no state and the version that creates one.
enum store_answer host_shared_get(struct arena *arena, slice key, slice *state, uint32_t *version);
enum store_answer host_shared_swap(slice key, slice state, uint32_t version);

// One message to a method of a gRPC service behind a cluster of the proxy, and one back, which
// comes in a later callback: proxy_on_grpc_receive with a message, else proxy_on_grpc_close, never
// both. False when there is none to be expected: no such cluster, no healthy host, too many calls.
struct grpc_request {
    slice cluster; // not empty
    slice service;
    slice method;
    slice message;
    uint32_t timeout; // milliseconds, at least 1
};
bool host_grpc_call(struct arena *arena, const struct grpc_request *request, uint32_t *call);

// The message of the callback that runs; false when it is longer than `most` or the arena refuses.
bool host_grpc_message(struct arena *arena, size_t length, uint32_t most, slice *message);

// A call that is under way: no callback comes for it any more.
void host_grpc_cancel(uint32_t call);

// From now on host calls act on that stream, in the callback of a call of its plugin. False when
// the stream has ended.
bool host_enter(uint32_t context);

// Lets a paused request go on to the upstream, after host_enter, in a later callback than that
// which paused it: anything else hangs the request or takes the proxy down.
void host_continue_request(void);

// The id of a counter, 0 when the host refuses one.
uint32_t host_counter(slice name);
void host_count(uint32_t counter, uint32_t by); // `by` is at least 1

// The plugin that is being configured is called back each so many milliseconds.
void host_tick_every(uint32_t milliseconds);

#endif

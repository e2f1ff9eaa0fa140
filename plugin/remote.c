// A chained hash table of the waiting streams by call. Every one of them is alive: ending takes it
// out.
#include "plugin/remote.h"

#include "plugin/host.h"

enum { BUCKETS = 256 };

static struct stream *buckets[BUCKETS];

// Envoy counts calls in steps of four.
static struct stream **bucket_of(uint32_t call) {
    return &buckets[call / 4 % BUCKETS];
}

bool remote_ask(struct stream *stream, const struct remote_service *service,
                const struct rate_question *question) {
    struct grpc_request request = {.cluster = service->cluster,
                                   .service = slice_of(RATE_SERVICE_NAME),
                                   .method = slice_of(RATE_SERVICE_METHOD),
                                   .timeout = service->timeout};
    // Only a request can be let go on later: continuing a response takes the proxy down.
    if (stream->run.phase != PHASE_REQUEST) return false;
    bool asked = rate_question_write(&stream->arena, question, &request.message) &&
                 host_grpc_call(&stream->arena, &request, &stream->call);
    if (!asked) return false;
    struct stream **bucket = bucket_of(stream->call);
    stream->next_waiting = *bucket;
    *bucket = stream;
    stream->hits = question->hits;
    stream->waits = true;
    return true;
}

struct stream *remote_take(uint32_t call) {
    struct stream **link = bucket_of(call);
    while (*link != NULL && (*link)->call != call)
        link = &(*link)->next_waiting;
    struct stream *stream = *link;
    if (stream == NULL) return NULL;
    *link = stream->next_waiting;
    stream->waits = false;
    return stream;
}

bool remote_read(struct stream *stream, size_t length, struct rate_answer *answer) {
    slice message;
    return host_grpc_message(&stream->arena, length, RATE_ANSWER_MOST, &message) &&
           rate_answer_read(message, stream->hits, answer);
}

void remote_forget(struct stream *stream) {
    if (!stream->waits) return;
    remote_take(stream->call);
    host_grpc_cancel(stream->call);
}

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

// One descriptor: the limiter's name, then the parts of its key.
static bool write_question(struct stream *stream, const struct limit_question *asked,
                           slice *message) {
    static const char *const names[] = {"key1",  "key2",  "key3",  "key4",  "key5",  "key6",
                                        "key7",  "key8",  "key9",  "key10", "key11", "key12",
                                        "key13", "key14", "key15", "key16"};
    _Static_assert(LEN(names) == LIMIT_KEY_PARTS, "a name for each part");
    const struct limiter_row *limiter = asked->limiter;
    struct rate_entry entries[LIMIT_KEY_PARTS + 1] = {{slice_of("limiter"), limiter->name}};
    for (uint32_t i = 0; i < limiter->parts; i++)
        entries[i + 1] = (struct rate_entry){slice_of(names[i]), asked->parts[i]};
    struct rate_question question = {.domain =
                                         stream->loaded->program->services[limiter->service].domain,
                                     .entries = entries,
                                     .entry_count = limiter->parts + 1,
                                     .hits = asked->cost};
    rate_question_limit(&question, asked->terms.rate, asked->terms.period);
    return rate_question_write(&stream->arena, &question, message);
}

bool remote_ask(struct stream *stream) {
    const struct limit_question *asked = &stream->run.question;
    const struct service_row *service = &stream->loaded->program->services[asked->limiter->service];
    struct grpc_request request = {.cluster = service->cluster,
                                   .service = slice_of(RATE_SERVICE_NAME),
                                   .method = slice_of(RATE_SERVICE_METHOD),
                                   .timeout = service->timeout};
    // Only a request can be let go on later: continuing a response takes the proxy down.
    if (stream->run.phase > PHASE_REQUEST_BODY) return false;
    bool sent = write_question(stream, asked, &request.message) &&
                host_grpc_call(&stream->arena, &request, &stream->call);
    if (!sent) return false;
    struct stream **bucket = bucket_of(stream->call);
    stream->next_waiting = *bucket;
    *bucket = stream;
    stream->hits = asked->cost;
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

struct limit_answer remote_read(struct stream *stream, size_t length) {
    slice message;
    struct rate_answer answer;
    bool good = host_grpc_message(&stream->arena, length, RATE_ANSWER_MOST, &message) &&
                rate_answer_read(message, stream->hits, &answer);
    if (!good) return (struct limit_answer){.good = false};
    uint64_t reset = answer.reset == 0 ? 1 : answer.reset;
    return (struct limit_answer){.good = true,
                                 .over = answer.over,
                                 .told = answer.has_limit,
                                 .remaining = answer.has_limit ? answer.remaining : 0,
                                 .reset = answer.has_reset ? reset : 0};
}

void remote_forget(struct stream *stream) {
    if (!stream->waits) return;
    remote_take(stream->call);
    host_grpc_cancel(stream->call);
}

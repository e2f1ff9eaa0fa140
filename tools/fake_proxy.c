// The exchange's way: request rules, the upstream or a local reply, response rules. What Envoy does
// of itself is told by its pages on local replies and by what it was seen to do.
#include "tools/fake_proxy.h"

static const char *const default_source = "127.0.0.1:50000";

enum { STREAM_BLOCK = 4 << 10, QUIET_KINDS = 2 };

void fake_proxy_init(struct fake_proxy *proxy, struct arena *arena) {
    *proxy = (struct fake_proxy){.arena = arena};
    fake_host_init(&proxy->host, arena);
}

void fake_proxy_end(struct fake_proxy *proxy) {
    for (struct exchange *one = proxy->newest; one != NULL; one = one->older)
        arena_free(&one->stream);
    proxy->newest = NULL;
}

static void count(struct fake_proxy *proxy, struct counter_name name, int64_t more) {
    struct text text;
    text_init(&text, proxy->arena);
    if (name.kind != NULL) {
        text_add_string(&text, name.kind);
        text_add_char(&text, '.');
    }
    text_add(&text, name.name.length == 0 ? slice_of("-") : name.name);
    if (name.suffix != NULL) text_add_char(&text, '.');
    if (name.suffix != NULL) text_add_string(&text, name.suffix);
    if (text.failed) proxy->host.failed = true;
    if (!text.failed) fake_host_count(&proxy->host, text_slice(&text), more);
}

// Every counter can be asked for, also before anything was counted.
static bool name_counters(struct fake_proxy *proxy) {
    for (uint32_t i = 0; i < engine_counters(proxy->program); i++)
        count(proxy, engine_counter_name(proxy->program, i), 0);
    return !proxy->host.failed;
}

bool fake_proxy_load(struct fake_proxy *proxy, const struct program *program) {
    size_t gates = ((size_t)program->rule_count + 1) * QUIET_KINDS;
    proxy->program = program;
    proxy->host.leases = NULL;
    proxy->quiet = arena_array(proxy->arena, gates, sizeof *proxy->quiet);
    proxy->labels = arena_array(proxy->arena, program->counter_count, sizeof *proxy->labels);
    return proxy->quiet != NULL && proxy->labels != NULL && name_counters(proxy);
}

struct exchange *fake_proxy_exchange(struct fake_proxy *proxy) {
    struct exchange *exchange = arena_take(proxy->arena, sizeof *exchange);
    if (exchange == NULL) return NULL;
    arena_init(&exchange->stream, &heap, STREAM_BLOCK, proxy->program->memory);
    struct lines *all[] = {&exchange->request, &exchange->upstream, &exchange->forwarded,
                           &exchange->received, &exchange->response};
    for (uint32_t i = 0; i < LEN(all); i++)
        lines_init(all[i], proxy->arena);
    exchange->older = proxy->newest;
    proxy->newest = exchange;
    return exchange;
}

static void count_label(struct fake_proxy *proxy, const struct effect *effect) {
    struct labels *labels = &proxy->labels[effect->rule];
    uint32_t label = labels_find(labels, effect->value);
    count(proxy, engine_label_name(proxy->program, effect->rule, labels, label), 1);
}

static void count_effect(struct fake_proxy *proxy, const struct effect *effect) {
    count(proxy, engine_counter_name(proxy->program, engine_counter(proxy->program, effect)), 1);
}

static void write_log(struct fake_proxy *proxy, const struct effect *effect) {
    uint32_t rule = effect->rule == NO_RULE ? proxy->program->rule_count : effect->rule;
    struct quiet *quiet =
        &proxy->quiet[rule * QUIET_KINDS + (effect->kind == EFFECT_ERROR ? 1 : 0)];
    uint32_t left_out;
    if (!quiet_admits(quiet, proxy->host.now, &left_out)) return;
    struct text line;
    text_init(&line, proxy->arena);
    engine_log_line(&line, proxy->program, effect, left_out);
    fake_host_log(&proxy->host, text_slice(&line));
}

static bool is_grpc(const struct exchange *exchange) {
    slice type;
    slice grpc = slice_of("application/grpc");
    if (!lines_find(&exchange->request, slice_of("content-type"), &type)) return false;
    if (!slice_starts(type, grpc)) return false;
    return type.length == grpc.length || type.at[grpc.length] == '+' || type.at[grpc.length] == ';';
}

static bool is_method(const struct exchange *exchange, const char *method) {
    slice found;
    return lines_find(&exchange->request, slice_of(":method"), &found) && slice_is(found, method);
}

static slice number(struct fake_proxy *proxy, uint64_t value) {
    struct text text;
    text_init(&text, proxy->arena);
    text_add_uint(&text, value);
    return text_slice(&text);
}

// Envoy's mapping where the reply names no status of its own (gRPC's http-grpc-status-mapping).
static uint32_t grpc_status_of(uint32_t status) {
    switch (status) {
    case 400: return 13;
    case 401: return 16;
    case 403: return 7;
    case 404: return 12;
    case 429:
    case 502:
    case 503:
    case 504: return 14;
    default: return 2;
    }
}

// The message is percent-encoded (gRPC over HTTP/2, Status-Message).
static slice grpc_message(struct fake_proxy *proxy, slice body) {
    static const char digits[] = "0123456789ABCDEF";
    struct text text;
    text_init(&text, proxy->arena);
    for (uint32_t i = 0; i < body.length; i++) {
        unsigned char byte = (unsigned char)body.at[i];
        if (byte >= 0x20 && byte < 0x7f && byte != '%') {
            text_add_char(&text, (char)byte);
            continue;
        }
        text_add_char(&text, '%');
        text_add_char(&text, digits[byte >> 4]);
        text_add_char(&text, digits[byte & 15]);
    }
    return text_slice(&text);
}

static void reply_grpc(struct fake_proxy *proxy, struct lines *lines, const struct reply *reply) {
    uint32_t status = grpc_status_of(reply->status);
    if (reply->grpc_status >= 0) status = (uint32_t)reply->grpc_status;
    lines_remove(lines, slice_of("content-type"));
    lines_add(lines, slice_of("content-type"), slice_of("application/grpc"));
    lines_add(lines, slice_of("grpc-status"), number(proxy, status));
    if (reply->body.length == 0) return;
    lines_add(lines, slice_of("grpc-message"), grpc_message(proxy, reply->body));
}

static void reply_http(struct fake_proxy *proxy, struct lines *lines, const struct reply *reply) {
    slice type;
    slice name = slice_of("content-type");
    if (reply->body.length == 0) {
        lines_remove(lines, name);
        return;
    }
    lines_add(lines, slice_of("content-length"), number(proxy, reply->body.length));
    if (!lines_find(lines, name, &type)) lines_add(lines, name, slice_of("text/plain"));
}

// A local reply as Envoy makes it.
static void make_reply(struct fake_proxy *proxy, struct exchange *exchange, struct lines *lines,
                       const struct reply *reply) {
    bool grpc = is_grpc(exchange);
    lines->count = exchange->upstream_trailers.count = 0;
    lines_add(lines, slice_of(":status"), number(proxy, grpc ? 200 : reply->status));
    for (uint32_t i = 0; i < reply->header_count; i++)
        lines_add(lines, reply->headers[i].name, reply->headers[i].value);
    if (grpc) {
        reply_grpc(proxy, lines, reply);
    } else {
        reply_http(proxy, lines, reply);
    }
    bool bodiless = grpc || is_method(exchange, "HEAD");
    exchange->response_body = bodiless ? (slice){NULL, 0} : reply->body;
}

static void edit(struct lines *lines, const struct effect *effect) {
    if (effect->kind != EFFECT_HEADER_ADD) lines_remove(lines, effect->name);
    if (effect->kind != EFFECT_HEADER_REMOVE) lines_add(lines, effect->name, effect->value);
}

// Applies what is no edit; the reply, if there is one.
static const struct reply *apply(struct fake_proxy *proxy, const struct run *run) {
    const struct reply *reply = NULL;
    for (uint32_t i = 0; i < run->effect_count; i++) {
        const struct effect *effect = &run->effects[i];
        bool counts = effect->kind == EFFECT_COUNT || effect->kind == EFFECT_LIMIT_COUNT ||
                      effect->kind == EFFECT_NAMED_COUNT;
        if (counts) count_effect(proxy, effect);
        if (effect->kind == EFFECT_LABEL_COUNT) count_label(proxy, effect);
        if (effect->kind == EFFECT_LOG || effect->kind == EFFECT_ERROR) write_log(proxy, effect);
        if (effect->kind == EFFECT_TAG) fake_host_tag(&proxy->host, effect->name, effect->value);
        if (effect->kind == EFFECT_REPLY) reply = effect->reply;
    }
    return reply;
}

static void apply_edits(const struct run *run, enum message_kind message, struct lines *lines) {
    for (uint32_t i = 0; i < run->effect_count; i++) {
        const struct effect *effect = &run->effects[i];
        if (effect->kind > EFFECT_HEADER_REMOVE || effect->message != message) continue;
        edit(lines, effect);
    }
}

// The stream's arena pays for the headers, as it does in the module.
static struct header_line *copy_lines(struct arena *arena, const struct lines *lines) {
    struct header_line *copy = arena_array(arena, lines->count, sizeof *copy);
    for (uint32_t i = 0; copy != NULL && i < lines->count; i++) {
        copy[i].name = arena_copy(arena, lines->at[i].name);
        copy[i].value = arena_copy(arena, lines->at[i].value);
    }
    return arena->failed ? NULL : copy;
}

static void gather(struct run *run, enum message_kind message, const struct lines *lines) {
    struct header_line *copy = copy_lines(run->arena, lines);
    if (copy == NULL) {
        run->out_of_memory = true;
    } else if (run->messages[message].loaded) {
        run_replace(run, message, copy, lines->count);
    } else {
        run_load(run, message, copy, lines->count);
    }
}

// No service answers here: `on_error` decides.
static void run_on(struct fake_proxy *proxy, struct run *run, enum run_state state) {
    while (state == RUN_PENDING)
        state = run_resume(run, &proxy->answer);
}

static void run_rules(struct fake_proxy *proxy, struct run *run, enum phase phase,
                      enum message_kind message, const struct lines *lines) {
    if (proxy->program->gathers[phase] >> message & 1) gather(run, message, lines);
    run_on(proxy, run, run_phase(run, phase));
}

static const struct reply *run_caps(struct fake_proxy *proxy, struct run *run, uint64_t bytes) {
    const struct reply *reply = NULL;
    const struct cap *cap;
    while (reply == NULL && (cap = run_take_cap(run, bytes)) != NULL) {
        run_on(proxy, run, run_cap(run, cap));
        reply = apply(proxy, run);
    }
    return reply;
}

// A message on its way through: its headers and its body as they go on.
struct passing {
    enum message_kind of;
    slice body;
    const struct lines *trailers;
    struct lines *headers;
};

static void apply_body(const struct run *run, struct passing *message) {
    for (uint32_t i = 0; i < run->effect_count; i++) {
        if (run->effects[i].kind == EFFECT_BODY_SET) message->body = run->effects[i].value;
    }
    apply_edits(run, message->of, message->headers);
}

static const struct reply *run_body(struct fake_proxy *proxy, struct run *run,
                                    struct passing *message) {
    bool request = message->of == MESSAGE_REQUEST;
    enum phase phase = request ? PHASE_REQUEST_BODY : PHASE_RESPONSE_BODY;
    slice copy = arena_copy(run->arena, message->body);
    if (copy.at == NULL) run->out_of_memory = true;
    run_await_body(run, message->of);
    if (message->body.length > 0) apply_edits(run, message->of, message->headers);
    run_load_body(run, message->of, copy, message->body.length == 0);
    run_on(proxy, run, run_phase(run, phase));
    const struct reply *reply = apply(proxy, run);
    if (reply == NULL) apply_body(run, message);
    return reply;
}

// The whole body is there at once. The reply to it, if there is one.
static const struct reply *body_side(struct fake_proxy *proxy, struct run *run,
                                     struct passing *message) {
    uint32_t length = message->body.length;
    bool request = message->of == MESSAGE_REQUEST;
    enum phase phase = request ? PHASE_REQUEST_BODY : PHASE_RESPONSE_BODY;
    enum message_kind trailers = (enum message_kind)(MESSAGE_REQUEST_TRAILERS + message->of);
    run_body_gate(run, message->of);
    const struct reply *reply = apply(proxy, run);
    if (proxy->program->gathers[phase] >> trailers & 1) gather(run, trailers, message->trailers);
    if (reply == NULL && request) reply = run_caps(proxy, run, length);
    if (reply != NULL || !run->bodies[message->of].needed) return reply;
    bool told = (length > 0 || !request) && run_body_is_out_of_reach(run, message->of);
    if (!told && length <= proxy->program->body_limit) return run_body(proxy, run, message);
    run_lose_body(run, message->of);
    return apply(proxy, run);
}

// The upstream has the request when all of it is through.
static void request_side(struct fake_proxy *proxy, struct run *run, struct exchange *exchange) {
    run_rules(proxy, run, PHASE_REQUEST, MESSAGE_REQUEST, &exchange->request);
    const struct reply *reply = apply(proxy, run);
    struct passing message = {MESSAGE_REQUEST, exchange->request_body, &exchange->trailers,
                              &exchange->forwarded};
    lines_copy(&exchange->forwarded, &exchange->request);
    if (reply == NULL) {
        apply_edits(run, MESSAGE_REQUEST, &exchange->forwarded);
        reply = body_side(proxy, run, &message);
    }
    exchange->forwarded_body = message.body;
    exchange->sent = reply == NULL;
    if (reply != NULL) {
        make_reply(proxy, exchange, &exchange->received, reply);
        exchange->details = reply->details;
        return;
    }
    lines_copy(&exchange->received, &exchange->upstream);
    exchange->response_body = exchange->upstream_body;
}

// What the test does not say the proxy says as Envoy would.
static void say(struct fake_proxy *proxy, const struct exchange *exchange, enum field field,
                struct value usual) {
    bool said = exchange->fetched[field].kind != TYPE_NONE;
    proxy->host.fetched[field] = said ? exchange->fetched[field] : usual;
}

// Whether a reply took the response's place.
static bool response_side(struct fake_proxy *proxy, struct run *run, struct exchange *exchange) {
    run_rules(proxy, run, PHASE_RESPONSE, MESSAGE_RESPONSE, &exchange->received);
    const struct reply *reply = apply(proxy, run);
    lines_copy(&exchange->response, &exchange->received);
    if (reply != NULL) {
        make_reply(proxy, exchange, &exchange->response, reply);
        say(proxy, exchange, FIELD_RESPONSE_CODE_DETAILS, value_string(reply->details));
        return true;
    }
    struct passing message = {MESSAGE_RESPONSE, exchange->response_body,
                              &exchange->upstream_trailers, &exchange->response};
    apply_edits(run, MESSAGE_RESPONSE, &exchange->response);
    body_side(proxy, run, &message);
    exchange->response_body = message.body;
    return false;
}

// The stream is over: nothing but logs, counts and limiters is left.
static void log_side(struct fake_proxy *proxy, struct run *run, const struct exchange *exchange,
                     bool replaced) {
    uint8_t gathers = proxy->program->gathers[PHASE_LOG];
    if (replaced && (gathers >> MESSAGE_RESPONSE & 1)) {
        gather(run, MESSAGE_RESPONSE, &exchange->response);
    }
    run_rules(proxy, run, PHASE_LOG, MESSAGE_TOTAL, NULL);
    apply(proxy, run);
}

// No memory to begin with: what restricts must not be passed by.
static void send_unbegun(struct fake_proxy *proxy, struct exchange *exchange) {
    struct reply refusal = {.status = 503, .grpc_status = -1};
    exchange->sent = proxy->program->last_guarding[PHASE_REQUEST] == 0 &&
                     proxy->program->last_guarding[PHASE_REQUEST_BODY] == 0;
    lines_copy(&exchange->forwarded, &exchange->request);
    exchange->forwarded_body = exchange->request_body;
    lines_copy(&exchange->received, &exchange->upstream);
    exchange->response_body = exchange->upstream_body;
    if (!exchange->sent) make_reply(proxy, exchange, &exchange->received, &refusal);
    lines_copy(&exchange->response, &exchange->received);
}

static struct value wall_time(const struct fake_proxy *proxy) {
    uint64_t now = proxy->host.face.wall_clock(proxy->host.face.self);
    return value_timestamp((int64_t)(now / 1000000000), (uint32_t)(now % 1000000000));
}

static void say_request(struct fake_proxy *proxy, const struct exchange *exchange) {
    memcpy(proxy->host.fetched, exchange->fetched, sizeof proxy->host.fetched);
    proxy->host.fetched[FIELD_SOURCE_ADDRESS] = value_string(exchange->source);
    say(proxy, exchange, FIELD_REQUEST_PROTOCOL, value_string(slice_of("HTTP/1.1")));
    say(proxy, exchange, FIELD_REQUEST_TIME, wall_time(proxy));
    say(proxy, exchange, FIELD_REQUEST_SIZE, value_int(exchange->request_body.length));
    say(proxy, exchange, FIELD_CONNECTION_MTLS, value_bool(false));
}

static void say_response(struct fake_proxy *proxy, const struct exchange *exchange) {
    slice details = exchange->sent ? slice_of("via_upstream") : exchange->details;
    say(proxy, exchange, FIELD_RESPONSE_CODE_DETAILS, value_string(details));
    say(proxy, exchange, FIELD_RESPONSE_FLAGS, value_int(0));
}

// Nothing takes any time here.
static void say_log(struct fake_proxy *proxy, const struct exchange *exchange) {
    say(proxy, exchange, FIELD_REQUEST_DURATION, value_duration(0));
    say(proxy, exchange, FIELD_RESPONSE_SIZE, value_int(exchange->response_body.length));
    if (exchange->sent) say(proxy, exchange, FIELD_RESPONSE_BACKEND_LATENCY, value_duration(0));
}

static bool has_failed(const struct fake_proxy *proxy, const struct exchange *exchange) {
    return proxy->host.failed || proxy->arena->failed || exchange->forwarded.failed ||
           exchange->received.failed || exchange->response.failed;
}

bool fake_proxy_send(struct fake_proxy *proxy, struct exchange *exchange) {
    struct run *run = arena_take(proxy->arena, sizeof *run);
    if (run == NULL) return false;
    if (exchange->source.length == 0) exchange->source = slice_of(default_source);
    say_request(proxy, exchange);
    if (!run_begin(run, proxy->program, &proxy->host.face, &exchange->stream)) {
        send_unbegun(proxy, exchange);
        return !has_failed(proxy, exchange);
    }
    request_side(proxy, run, exchange);
    say_response(proxy, exchange);
    bool replaced = response_side(proxy, run, exchange);
    say_log(proxy, exchange);
    log_side(proxy, run, exchange, replaced);
    run_end(run);
    apply(proxy, run);
    exchange->decision_rule = run->decision_rule;
    exchange->decision_action = run->decision_action;
    exchange->decision_limiter = run->decision_limiter;
    exchange->decision_remaining = run->decision_remaining;
    return !has_failed(proxy, exchange);
}

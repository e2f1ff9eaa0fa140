// Evaluation in the middle of a test.
#include "tools/test_state.h"

enum { SOURCE_MOST = 200 };

void test_state_no_memory(struct test_state *state) {
    state->no_memory = state->stopped = true;
}

static struct testing_message message_of(const struct lines *received, const struct lines *now) {
    return (struct testing_message){received->at, received->count, now->at, now->count};
}

static struct value pseudo(const struct lines *lines, const char *name) {
    slice value = {"", 0};
    lines_find(lines, slice_of(name), &value);
    return value_string(value);
}

static void show_exchange(struct test_state *state, const struct exchange *exchange) {
    struct testing_view *view = &state->view;
    struct value *fetched = state->proxy.host.fetched;
    const struct lines *forwarded = &exchange->forwarded;
    view->messages[MESSAGE_REQUEST] = message_of(&exchange->request, forwarded);
    view->messages[MESSAGE_RESPONSE] = message_of(&exchange->received, &exchange->response);
    view->messages[MESSAGE_FORWARDED] = (struct testing_message){NULL, 0, NULL, 0};
    view->messages[MESSAGE_REQUEST_TRAILERS] = message_of(&exchange->trailers, &exchange->trailers);
    view->messages[MESSAGE_RESPONSE_TRAILERS] =
        message_of(&exchange->upstream_trailers, &exchange->upstream_trailers);
    view->request_body = exchange->forwarded_body;
    view->response_body = exchange->response_body;
    view->decision_rule = exchange->decision_rule;
    view->decision_action = exchange->decision_action;
    view->decision_limiter = exchange->decision_limiter;
    view->decision_remaining = exchange->decision_remaining;
    fetched[FIELD_FORWARDED_SENT] = value_bool(exchange->sent);
    fetched[FIELD_FORWARDED_METHOD] = value_string(slice_of(""));
    fetched[FIELD_FORWARDED_PATH] = value_string(slice_of(""));
    fetched[FIELD_FORWARDED_BODY] = value_bytes(slice_of(""));
    if (!exchange->sent) return;
    view->messages[MESSAGE_FORWARDED] = message_of(forwarded, forwarded);
    fetched[FIELD_FORWARDED_METHOD] = pseudo(forwarded, ":method");
    fetched[FIELD_FORWARDED_PATH] = pseudo(forwarded, ":path");
    fetched[FIELD_FORWARDED_BODY] = value_bytes(exchange->forwarded_body);
}

void test_state_show(struct test_state *state) {
    struct fake_host *host = &state->proxy.host;
    state->view.host = &host->face;
    host->fetched[FIELD_METRICS] = fake_host_counts(host);
    host->fetched[FIELD_LOGS] = fake_host_logs(host);
    if (state->proxy.newest != NULL) show_exchange(state, state->proxy.newest);
    if (host->failed) test_state_no_memory(state);
}

// On one line, cut.
static void add_source(struct text *out, slice source) {
    bool space = false;
    uint32_t written = 0;
    for (uint32_t i = 0; i < source.length; i++) {
        char c = source.at[i];
        if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
            space = true;
            continue;
        }
        bool inside = ((unsigned char)c & 0xc0) == 0x80; // of a code point
        if (++written > SOURCE_MOST && !inside) {
            text_add_string(out, " …");
            return;
        }
        if (space) text_add_char(out, ' ');
        space = false;
        text_add_char(out, c);
    }
}

void test_state_fail(struct test_state *state, struct span span, const char *words,
                     const struct expr *expr) {
    state->failed = true;
    text_add_string(state->details, "  ");
    testing_place(state->testing, span, state->details);
    text_add_string(state->details, ": ");
    text_add_string(state->details, words);
    if (expr != NULL) add_source(state->details, testing_source(state->testing, expr));
    text_add_char(state->details, '\n');
}

void test_state_stop(struct test_state *state, const struct expr *expr, const char *words) {
    test_state_fail(state, testing_span(expr), words, NULL);
    state->stopped = true;
}

bool test_state_part(struct test_state *state, struct expr *part, struct value *out) {
    struct text report;
    text_init(&report, &state->arena);
    return testing_evaluate(state->testing, part, &state->view, &state->arena, &report, out) ==
           ENGINE_OK;
}

bool test_state_value(struct test_state *state, struct expr *expr, struct value *out) {
    struct text report;
    text_init(&report, &state->arena);
    enum engine_outcome outcome =
        testing_evaluate(state->testing, expr, &state->view, &state->arena, &report, out);
    if (outcome == ENGINE_OK) return true;
    state->stopped = true;
    if (outcome == ENGINE_NO_MEMORY) {
        test_state_no_memory(state);
        return false;
    }
    state->failed = true;
    text_add(state->details, text_slice(&report));
    return false;
}

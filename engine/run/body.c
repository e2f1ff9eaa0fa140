// A body is seen whole or not at all: what never ends, or is longer than the limit, is refused
// where a rule that restricts would have to look at it.
#include "engine/run/body.h"

#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/run/effects.h"
#include "engine/run/message.h"

// As received: what rules make of the headers does not change the body. False without memory, which
// must not make a header absent.
static bool received(const struct run *run, const char *name, slice *value) {
    bool out_of_memory = false;
    *value = (slice){NULL, 0};
    message_find(run, MESSAGE_REQUEST, true, slice_of(name), value, &out_of_memory);
    return !out_of_memory;
}

static bool starts_folded(slice text, const char *prefix) {
    uint32_t length = (uint32_t)strlen(prefix);
    return text.length >= length &&
           slice_equal_folded(slice_cut(text, 0, length), slice_of(prefix));
}

// Of requests that go on while their response does: streams in both directions.
static bool never_ends(const struct run *run) {
    slice type, method, upgrade;
    bool known = received(run, "content-type", &type) && received(run, ":method", &method) &&
                 received(run, "upgrade", &upgrade);
    return !known || slice_is(method, "CONNECT") || upgrade.length > 0 ||
           starts_folded(type, "application/grpc") || starts_folded(type, "text/event-stream");
}

bool run_body_is_out_of_reach(const struct run *run) {
    uint64_t length;
    slice digits;
    bool told = received(run, "content-length", &digits) && number_parse_uint(digits, 10, &length);
    return never_ends(run) || (told && length > run->program->body_limit);
}

void run_load_body(struct run *run, slice body) {
    run->body = value_bytes(body.length == 0 ? slice_of("") : body);
}

enum failure body_bytes(const struct run *run, struct value *out) {
    slice encoding;
    if (!received(run, "content-encoding", &encoding)) return FAILURE_NO_MEMORY;
    bool plain = encoding.length == 0 || slice_equal_folded(encoding, slice_of("identity"));
    if (run->body.kind == TYPE_NONE) return FAILURE_NO_BODY;
    if (!plain) return FAILURE_BODY_ENCODED;
    *out = run->body;
    return FAILURE_NONE;
}

enum failure body_json(struct run *run, struct value *out) {
    function_body parse_json;
    struct value text;
    enum failure failure = body_bytes(run, &text);
    if (failure != FAILURE_NONE) return failure;
    text.kind = TYPE_STRING;
    return parse_json(&run->call, &text, out);
}

enum failure body_note_rule(struct run *run) {
    const struct rule_row *rule = &run->program->rules[run->rule];
    run->needs_body = true;
    if (!run->body_lost) return FAILURE_NONE;
    bool refuses = rule->restricts && rule->applies_on_error;
    if (refuses && run->body_rule == NO_RULE) run->body_rule = run->rule;
    return effect_error(run, FAILURE_BODY_LIMIT);
}

void body_note_group(struct run *run, uint32_t group) {
    run->needs_body = true;
    if (run->body_lost) run->groups[group].value = value_error(FAILURE_BODY_LIMIT);
}

static enum failure refuse(struct run *run) {
    enum { CONTENT_TOO_LARGE = 413, RESOURCE_EXHAUSTED = 8 };
    struct text details;
    text_init(&details, run->arena);
    text_add_string(&details, "weir.body_limit:");
    text_add(&details, run->program->rules[run->rule].name);
    if (details.failed) return FAILURE_NO_MEMORY;
    enum failure failure = reply_begin(run, REPLY_DENY, CONTENT_TOO_LARGE);
    if (failure == FAILURE_NONE) failure = reply_grpc(run, RESOURCE_EXHAUSTED);
    if (failure == FAILURE_NONE) failure = reply_details(run, text_slice(&details));
    if (failure != FAILURE_NONE) return failure;
    run->reply->body = slice_of("request body too large");
    return reply_send(run);
}

static bool has_replied(const struct run *run) {
    return run->effect_count > 0 && run->effects[run->effect_count - 1].kind == EFFECT_REPLY;
}

void run_lose_body(struct run *run) {
    run->body_lost = true;
    run->body_rule = NO_RULE;
    run_body_gate(run);
    if (run->body_rule == NO_RULE || has_replied(run)) return; // out of steps or memory
    run->rule = run->body_rule;
    run->rule_failed = false;
    enum failure failure = refuse(run);
    if (failure != FAILURE_NONE) effect_exhausted(run, failure);
}

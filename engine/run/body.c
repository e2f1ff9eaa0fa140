// A body is seen whole or not at all: what never ends, or is longer than the limit, is refused
// where a rule that restricts would have to look at it.
#include "engine/run/body.h"

#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/run/effects.h"
#include "engine/run/fields.h"
#include "engine/run/message.h"

// As received: what rules make of the headers does not change the body. False without memory, which
// must not make a header absent.
static bool received(const struct run *run, enum message_kind of, const char *name, slice *value) {
    bool out_of_memory = false;
    *value = (slice){NULL, 0};
    message_find(run, of, true, slice_of(name), value, &out_of_memory);
    return !out_of_memory;
}

static bool starts_folded(slice text, const char *prefix) {
    uint32_t length = (uint32_t)strlen(prefix);
    return text.length >= length &&
           slice_equal_folded(slice_cut(text, 0, length), slice_of(prefix));
}

// A request asks for another protocol; a response has gone over to it by its status alone (RFC 9110
// section 7.8): others say only what the server could.
static bool is_upgraded(const struct run *run, enum message_kind of, bool *known) {
    slice upgrade, status = slice_of("101");
    *known = *known && received(run, of, "upgrade", &upgrade) &&
             (of == MESSAGE_REQUEST || received(run, of, ":status", &status));
    return *known && upgrade.length > 0 && slice_is(status, "101");
}

// Of exchanges that go on in both directions, and messages that come piece by piece.
static bool never_ends(const struct run *run, enum message_kind of) {
    slice type, method;
    bool known = received(run, of, "content-type", &type) &&
                 received(run, MESSAGE_REQUEST, ":method", &method);
    bool upgraded = is_upgraded(run, of, &known);
    return !known || slice_is(method, "CONNECT") || upgraded ||
           starts_folded(type, "application/grpc") || starts_folded(type, "text/event-stream");
}

// Whatever such a response says of its body, there is none (RFC 9110 section 6.4.1).
static bool has_no_body(const struct run *run) {
    slice method, status;
    bool known = received(run, MESSAGE_REQUEST, ":method", &method) &&
                 received(run, MESSAGE_RESPONSE, ":status", &status);
    return !known || slice_is(method, "HEAD") || slice_is(status, "204") ||
           slice_is(status, "304") || slice_starts(status, slice_of("1"));
}

static bool told_length(const struct run *run, enum message_kind of, uint64_t *length) {
    slice digits;
    return received(run, of, "content-length", &digits) && number_parse_uint(digits, 10, length);
}

bool run_body_is_out_of_reach(const struct run *run, enum message_kind of) {
    uint64_t length;
    bool none = of == MESSAGE_RESPONSE && has_no_body(run);
    return none || never_ends(run, of) ||
           (told_length(run, of, &length) && length > run->program->body_limit);
}

void run_load_body(struct run *run, enum message_kind of, slice text, bool fixed) {
    struct body *body = &run->bodies[of];
    body->received = body->value = value_bytes(text.length == 0 ? slice_of("") : text);
    body->fixed = fixed;
}

// Tests look at the bytes of an exchange that is over.
static enum failure check_plain(const struct run *run, enum message_kind of) {
    slice encoding;
    if (run->phase == PHASE_TOTAL) return FAILURE_NONE;
    if (!received(run, of, "content-encoding", &encoding)) return FAILURE_NO_MEMORY;
    bool plain = encoding.length == 0 || slice_equal_folded(encoding, slice_of("identity"));
    return plain ? FAILURE_NONE : FAILURE_BODY_ENCODED;
}

enum failure body_bytes(const struct run *run, enum message_kind of, bool original,
                        struct value *out) {
    const struct body *body = &run->bodies[of];
    if (body->value.kind == TYPE_NONE) return FAILURE_NO_BODY;
    *out = original ? body->received : body->value;
    return check_plain(run, of);
}

enum failure body_json(struct run *run, enum message_kind of, bool original, struct value *out) {
    function_body parse_json;
    struct value text;
    enum failure failure = body_bytes(run, of, original, &text);
    if (failure != FAILURE_NONE) return failure;
    text.kind = TYPE_STRING;
    return parse_json(&run->call, &text, out);
}

static enum failure replace(struct run *run, enum message_kind of, slice text) {
    if (text.length == 0) text = slice_of("");
    run->bodies[of].value = value_bytes(text);
    run->bodies[of].edited = true;
    fields_forget_body(run, of);
    return effect_body(run, of, text);
}

enum failure body_set(struct run *run, enum message_kind of, struct value value) {
    const struct body *body = &run->bodies[of];
    bool text = value.kind == TYPE_STRING || value.kind == TYPE_BYTES;
    enum failure failure = body->value.kind == TYPE_NONE ? FAILURE_NO_BODY : check_plain(run, of);
    if (failure == FAILURE_NONE && body->fixed) failure = FAILURE_BODY_FIXED;
    if (failure == FAILURE_NONE && !text) failure = FAILURE_NO_OVERLOAD;
    bool there = body->value.kind != TYPE_NONE && !body->fixed;
    if (text && value.length == 0 && !there) return FAILURE_NONE;
    if (text && (value.length == 0 || failure == FAILURE_NONE)) {
        return replace(run, of, value_text(value));
    }
    if (failure == FAILURE_NO_MEMORY) return failure;
    if (there && replace(run, of, slice_of("")) != FAILURE_NONE) return FAILURE_NO_MEMORY;
    return effect_error(run, failure);
}

// A gate runs as the phase that it stands before.
static struct body *body_of_phase(struct run *run) {
    return &run->bodies[run->phase == PHASE_REQUEST_BODY ? MESSAGE_REQUEST : MESSAGE_RESPONSE];
}

enum failure body_note_rule(struct run *run, bool edits) {
    const struct rule_row *rule = &run->program->rules[run->rule];
    struct body *body = body_of_phase(run);
    body->needed = true;
    if (edits) body->may_change = true;
    if (!body->lost) return FAILURE_NONE;
    bool refuses = rule->restricts && rule->applies_on_error && run->phase == PHASE_REQUEST_BODY;
    if (refuses && body->rule == NO_RULE) body->rule = run->rule;
    return effect_error(run, FAILURE_BODY_LIMIT);
}

void body_note_group(struct run *run, uint32_t group) {
    struct body *body = body_of_phase(run);
    body->needed = true;
    if (body->lost) run->groups[group].value = value_error(FAILURE_BODY_LIMIT);
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
    run->reply->body = slice_of(BODY_TOO_LARGE);
    return reply_send(run);
}

// What says something of the bytes of a body (RFC 9110 section 8, RFC 9530, RFC 1864).
static const char *const measures[] = {"content-length", "etag",   "content-digest",
                                       "repr-digest",    "digest", "content-md5"};

static bool has_header(const struct run *run, enum message_kind of, slice name) {
    slice value;
    bool out_of_memory = false;
    return message_find(run, of, false, name, &value, &out_of_memory) || out_of_memory;
}

// Without memory to drop them the body stays as it is, as no rule runs then.
void run_await_body(struct run *run, enum message_kind of) {
    run->effects = run->effect_buffer;
    run->effect_count = 0;
    for (uint32_t i = 0; i < LEN(measures) && run->bodies[of].may_change; i++) {
        struct header_edit edit = {.kind = EFFECT_HEADER_REMOVE,
                                   .message = of,
                                   .name = slice_of(measures[i]),
                                   .name_passed = true};
        if (!has_header(run, of, edit.name)) continue;
        if (effect_header(run, &edit) != FAILURE_NONE) run->out_of_memory = true;
    }
}

static bool has_replied(const struct run *run) {
    return run->effect_count > 0 && run->effects[run->effect_count - 1].kind == EFFECT_REPLY;
}

void run_lose_body(struct run *run, enum message_kind of) {
    struct body *body = &run->bodies[of];
    body->lost = true;
    body->rule = NO_RULE;
    run_body_gate(run, of);
    if (body->rule == NO_RULE || has_replied(run)) return; // out of steps or memory
    run->rule = body->rule;
    run->rule_failed = false;
    enum failure failure = refuse(run);
    if (failure != FAILURE_NONE) effect_exhausted(run, failure);
}

// By its length where that is told: no body is longer than it says (RFC 9112 section 6.2, RFC 9113
// section 8.1.1), but what comes behind an upgrade is none of it.
enum failure body_cap(struct run *run, uint32_t index, int64_t most, bool *over) {
    uint64_t length;
    if (most < 0) return FAILURE_CAP;
    bool told = told_length(run, MESSAGE_REQUEST, &length);
    *over = told && length > (uint64_t)most;
    if (*over || (told && !never_ends(run, MESSAGE_REQUEST))) return FAILURE_NONE;
    struct cap *cap = arena_take(run->arena, sizeof *cap);
    if (cap == NULL) return FAILURE_NO_MEMORY;
    *cap = (struct cap){.most = (uint64_t)most, .index = index, .failed = run->rule_failed};
    *run->last_cap = cap;
    run->last_cap = &cap->next;
    return FAILURE_NONE;
}

struct cap *run_take_cap(struct run *run, uint64_t bytes) {
    struct cap **link = &run->first_cap;
    while (*link != NULL && (*link)->most >= bytes)
        link = &(*link)->next;
    struct cap *cap = *link;
    if (cap == NULL) return NULL;
    *link = cap->next;
    if (*link == NULL) run->last_cap = link;
    return cap;
}

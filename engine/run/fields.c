// Computed fields, each once a stream, and those that the host is asked for.
#include "engine/run/fields.h"

#include "engine/lib/path.h"
#include "engine/lib/time.h"
#include "engine/run/body.h"
#include "engine/run/caller.h"

static slice pseudo_value(const struct run *run, enum field field) {
    slice value = {NULL, 0};
    enum message_kind message = field_rows[field].origin;
    run_header(run, message, slice_of(field_rows[field].header), &value);
    return value;
}

static slice without_query(slice path) {
    const char *mark = path.length == 0 ? NULL : memchr(path.at, '?', path.length);
    return mark == NULL ? path : slice_cut(path, 0, (uint32_t)(mark - path.at));
}

static enum failure clean_path(struct run *run, struct value *out) {
    slice clean = {NULL, 0};
    slice path = pseudo_value(run, FIELD_REQUEST_CLEAN_PATH);
    if (path.length > 0 && !path_clean(run->arena, path, &clean)) return FAILURE_NO_MEMORY;
    *out = value_string(clean);
    return FAILURE_NONE;
}

// `:status` is three digits; anything else is a host's mistake and reads as 0.
static struct value status_code(const struct run *run) {
    slice digits = pseudo_value(run, FIELD_RESPONSE_CODE);
    int64_t code = 0;
    for (uint32_t i = 0; i < digits.length && digits.length == 3; i++) {
        if (digits.at[i] < '0' || digits.at[i] > '9') return value_int(0);
        code = code * 10 + (digits.at[i] - '0');
    }
    return value_int(code);
}

static struct value nothing_of(enum type type) {
    struct value nothing = {.kind = (uint8_t)type};
    if (type == TYPE_STRING || type == TYPE_BYTES) nothing.as.text = "";
    return nothing;
}

static enum failure fetched(struct run *run, enum field field, struct value *out) {
    enum type type = field_rows[field].type;
    bool found = run->host->fetch != NULL && run->host->fetch(run->host->self, field, out);
    if (!found || out->kind != type) *out = nothing_of(type);
    return FAILURE_NONE;
}

static enum failure remembered(struct run *run, enum field_memo memo, struct value *out);

static enum failure of_source(struct run *run, enum field_memo memo, struct value *out) {
    struct value source;
    enum failure failure = remembered(run, MEMO_SOURCE, &source);
    if (failure != FAILURE_NONE) return failure;
    return memo == MEMO_PEER ? caller_peer(run, value_text(source), out)
                             : caller_client(run, value_text(source), out);
}

static enum failure prefix(struct run *run, struct value *out) {
    struct value client;
    enum failure failure = remembered(run, MEMO_CLIENT, &client);
    return failure == FAILURE_NONE ? caller_prefix(run, client, out) : failure;
}

static enum failure compute(struct run *run, enum field_memo memo, struct value *out) {
    switch (memo) {
    case MEMO_URL_PATH:
        *out = value_string(without_query(pseudo_value(run, FIELD_REQUEST_URL_PATH)));
        return FAILURE_NONE;
    case MEMO_CLEAN_PATH: return clean_path(run, out);
    case MEMO_JSON: return body_json(run, out);
    case MEMO_SOURCE: return fetched(run, FIELD_SOURCE_ADDRESS, out);
    case MEMO_PEER:
    case MEMO_CLIENT: return of_source(run, memo, out);
    case MEMO_PREFIX: return prefix(run, out);
    default: *out = status_code(run); return FAILURE_NONE;
    }
}

// A failure is kept as well: a body that is no JSON is not read again for each rule. One for want
// of steps or memory is the phase's, not the field's.
static enum failure remembered(struct run *run, enum field_memo memo, struct value *out) {
    struct value *kept = &run->computed[memo].value;
    if (kept->kind == TYPE_NONE) {
        enum failure failure = compute(run, memo, kept);
        if (failure == FAILURE_STEPS || failure == FAILURE_NO_MEMORY) return failure;
        if (failure != FAILURE_NONE) *kept = value_error(failure);
    }
    if (kept->kind == TYPE_ERROR) return (enum failure)kept->as.integer;
    *out = *kept;
    return FAILURE_NONE;
}

static enum failure port(struct run *run, struct value *out) {
    struct value source;
    enum failure failure = remembered(run, MEMO_SOURCE, &source);
    if (failure == FAILURE_NONE) *out = caller_port(value_text(source));
    return failure;
}

// Without an address there is nobody to trust.
static enum failure trusted(struct run *run, struct value *out) {
    struct value client;
    enum failure failure = remembered(run, MEMO_CLIENT, &client);
    *out = value_bool(failure == FAILURE_NONE && run->client_trusted);
    return failure == FAILURE_ADDRESS ? FAILURE_NONE : failure;
}

static enum failure time_of_day(struct run *run, struct value *out) {
    enum { SECOND = 1000000000 };
    if (!run->has_time && run->host->wall_clock != NULL) {
        run->time = run->host->wall_clock(run->host->self);
        run->has_time = true;
    }
    return time_make((int64_t)(run->time / SECOND), (uint32_t)(run->time % SECOND), out);
}

enum failure field_value(struct run *run, enum field field, struct value *out) {
    switch (field) {
    case FIELD_REQUEST_URL_PATH: return remembered(run, MEMO_URL_PATH, out);
    case FIELD_REQUEST_CLEAN_PATH: return remembered(run, MEMO_CLEAN_PATH, out);
    case FIELD_RESPONSE_CODE: return remembered(run, MEMO_CODE, out);
    case FIELD_REQUEST_BODY: return body_bytes(run, out);
    case FIELD_REQUEST_JSON: return remembered(run, MEMO_JSON, out);
    case FIELD_SOURCE_ADDRESS: return remembered(run, MEMO_SOURCE, out);
    case FIELD_SOURCE_PORT: return port(run, out);
    case FIELD_PEER_IP: return remembered(run, MEMO_PEER, out);
    case FIELD_CLIENT_IP: return remembered(run, MEMO_CLIENT, out);
    case FIELD_CLIENT_PREFIX: return remembered(run, MEMO_PREFIX, out);
    case FIELD_CLIENT_TRUSTED: return trusted(run, out);
    case FIELD_NOW: return time_of_day(run, out);
    case FIELD_DECISION_RULE: *out = value_string(run->decision_rule); return FAILURE_NONE;
    case FIELD_DECISION_LIMITER: *out = value_string(run->decision_limiter); return FAILURE_NONE;
    case FIELD_DECISION_REMAINING: *out = value_int(run->decision_remaining); return FAILURE_NONE;
    case FIELD_DECISION_ACTION: *out = value_string(run->decision_action); return FAILURE_NONE;
    default: break;
    }
    if (field_rows[field].how != HOW_HEADERS) return fetched(run, field, out);
    *out = (struct value){.kind = TYPE_HEADERS, .length = field_rows[field].origin};
    return FAILURE_NONE;
}

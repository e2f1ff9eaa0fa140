// Values of fields: what is computed is computed once a stream, what the host knows is asked for
// once a stream or once a phase.
#include "engine/run/fields.h"

#include "engine/base/number.h"
#include "engine/lib/compare.h"
#include "engine/lib/credentials.h"
#include "engine/lib/metadata.h"
#include "engine/lib/path.h"
#include "engine/lib/pattern.h"
#include "engine/lib/time.h"
#include "engine/run/body.h"
#include "engine/run/caller.h"
#include "engine/run/message.h"
#include "engine/run/parts.h"
#include "engine/run/places.h"

static enum failure header_of(struct run *run, enum message_kind message, const char *name,
                              bool original, slice *value) {
    bool out_of_memory = false;
    *value = slice_of("");
    message_find(run, message, original, slice_of(name), value, &out_of_memory);
    return out_of_memory ? FAILURE_NO_MEMORY : FAILURE_NONE;
}

static slice without_query(slice path) {
    const char *mark = path.length == 0 ? NULL : memchr(path.at, '?', path.length);
    return mark == NULL ? path : slice_cut(path, 0, (uint32_t)(mark - path.at));
}

static slice query_of(slice path) {
    uint32_t length = without_query(path).length;
    return length == path.length ? slice_of("") : slice_cut(path, length + 1, path.length);
}

static enum failure clean_path(struct run *run, slice path, struct value *out) {
    slice clean = {NULL, 0};
    if (path.length > 0 && !path_clean(run->arena, path, &clean)) return FAILURE_NO_MEMORY;
    *out = value_string(clean);
    return FAILURE_NONE;
}

static enum failure suspicious(struct run *run, slice path, struct value *out) {
    if (!call_charge(&run->call, path.length)) return FAILURE_STEPS;
    *out = value_bool(path_suspicious(path));
    return FAILURE_NONE;
}

// `:status` is three digits; anything else is a host's mistake and reads as 0.
static struct value status_code(slice digits) {
    int64_t code = 0;
    for (uint32_t i = 0; i < digits.length && digits.length == 3; i++) {
        if (digits.at[i] < '0' || digits.at[i] > '9') return value_int(0);
        code = code * 10 + (digits.at[i] - '0');
    }
    return value_int(code);
}

static enum failure host_name(struct run *run, slice authority, struct value *out) {
    slice host, port;
    enum failure failure = pattern_host(run->arena, authority, &host, &port);
    *out = value_string(host);
    return failure;
}

static enum failure host_port(struct run *run, slice authority, bool original, struct value *out) {
    slice host, digits, scheme;
    uint64_t port = 0;
    enum failure failure = pattern_host(run->arena, authority, &host, &digits);
    if (failure == FAILURE_NONE) {
        failure = header_of(run, MESSAGE_REQUEST, ":scheme", original, &scheme);
    }
    if (failure != FAILURE_NONE) return failure;
    bool given = number_parse_uint(digits, 10, &port);
    if (!given) port = slice_equal_folded(scheme, slice_of("https")) ? 443 : 80;
    *out = value_int(host.length == 0 ? 0 : (int64_t)port);
    return FAILURE_NONE;
}

static enum failure basic(struct run *run, enum field field, slice header, struct value *out) {
    slice user, password;
    enum failure failure = credentials_basic(&run->call, header, &user, &password);
    if (failure != FAILURE_NONE) return failure;
    *out = value_string(field == FIELD_REQUEST_BASIC_USER ? user : password);
    return FAILURE_NONE;
}

// From the value of the row's header.
static enum failure compute_of_header(struct run *run, enum field field, bool original,
                                      struct value *out) {
    const struct field_row *row = &field_rows[field];
    slice header;
    enum failure failure =
        header_of(run, (enum message_kind)row->origin, row->header, original, &header);
    if (failure != FAILURE_NONE) return failure;
    switch (field) {
    case FIELD_REQUEST_CLEAN_PATH: return clean_path(run, header, out);
    case FIELD_REQUEST_SUSPICIOUS: return suspicious(run, header, out);
    case FIELD_REQUEST_HOST_NAME: return host_name(run, header, out);
    case FIELD_REQUEST_PORT: return host_port(run, header, original, out);
    case FIELD_REQUEST_BASIC_USER:
    case FIELD_REQUEST_BASIC_PASSWORD: return basic(run, field, header, out);
    case FIELD_REQUEST_URL_PATH: *out = value_string(without_query(header)); break;
    case FIELD_REQUEST_QUERY: *out = value_string(query_of(header)); break;
    case FIELD_REQUEST_BEARER: *out = value_string(credentials_bearer(header)); break;
    default: *out = status_code(header); break;
    }
    return FAILURE_NONE;
}

static struct value nothing_of(enum type type) {
    struct value nothing = {.kind = (uint8_t)type};
    if (type == TYPE_STRING || type == TYPE_BYTES) nothing.as.text = "";
    return nothing;
}

static enum failure read_bytes(struct call *call, enum field field, slice message,
                               struct value *out) {
    switch (field) {
    case FIELD_XDS_NODE: return metadata_node(call, message, out);
    case FIELD_NODE_METADATA: return metadata_of_node(call, message, out);
    case FIELD_UPSTREAM_LOCALITY: return metadata_locality(call, message, out);
    default: return metadata_read(call, message, out);
    }
}

// What is a message to the host is read here, once; without one there is nothing in it.
static enum failure read_message(struct run *run, enum field field, struct fetched *out) {
    bool whole = out->found && out->value.kind != TYPE_BYTES;
    if (whole) return FAILURE_NONE;
    slice message = out->found ? value_text(out->value) : (slice){NULL, 0};
    enum failure failure = read_bytes(&run->call, field, message, &out->value);
    if (failure == FAILURE_STEPS || failure == FAILURE_NO_MEMORY) return failure;
    if (failure != FAILURE_NONE) out->value = value_error(failure);
    return FAILURE_NONE;
}

// Without memory the host's answer is none: that must not make a field absent.
static enum failure ask(struct run *run, enum field field, struct fetched *out) {
    enum type type = field_rows[field].type;
    enum failure failure = FAILURE_NONE;
    out->found = run->host->fetch != NULL && run->host->fetch(run->host->self, field, &out->value);
    if (!out->found && run->arena->failed) return FAILURE_NO_MEMORY;
    if (type == TYPE_DYN) {
        failure = read_message(run, field, out);
    } else if (!out->found || out->value.kind != type) {
        out->found = false;
        out->value = nothing_of(type);
    }
    out->phase = (uint8_t)run->phase;
    out->asked = failure == FAILURE_NONE;
    return failure;
}

static enum failure fetched(struct run *run, enum field field, const struct fetched **out) {
    if (run->fetched == NULL) {
        run->fetched = arena_array(run->arena, FETCHED_TOTAL, sizeof *run->fetched);
        if (run->fetched == NULL) return FAILURE_NO_MEMORY;
    }
    struct fetched *kept = &run->fetched[field_rows[field].memo];
    bool stale = field_rows[field].how == HOW_MEASURED && kept->phase != run->phase;
    *out = kept;
    return kept->asked && !stale ? FAILURE_NONE : ask(run, field, kept);
}

static enum failure fetched_value(struct run *run, enum field field, struct value *out) {
    const struct fetched *kept;
    enum failure failure = fetched(run, field, &kept);
    if (failure != FAILURE_NONE) return failure;
    if (kept->value.kind == TYPE_ERROR) return (enum failure)kept->value.as.integer;
    *out = kept->value;
    return FAILURE_NONE;
}

static enum failure host_has(struct run *run, enum field field, bool *found) {
    const struct fetched *kept;
    enum failure failure = fetched(run, field, &kept);
    if (failure == FAILURE_NONE) *found = kept->found;
    return failure;
}

// What is made of others is there where something could be made: a map of SPIFFE begins with its
// trust domain.
static bool has_value(enum field field, struct value value) {
    if (field == FIELD_PEER_SPIFFE) return value.as.items[1].length > 0;
    return value.kind != TYPE_STRING || value.length > 0;
}

enum failure field_found(struct run *run, enum field field, bool *found) {
    struct value value;
    uint8_t how = field_rows[field].how;
    if (how == HOW_FETCHED || how == HOW_MEASURED) return host_has(run, field, found);
    enum failure failure = field_value(run, field, false, &value);
    if (failure == FAILURE_STEPS || failure == FAILURE_NO_MEMORY) return failure;
    *found = failure == FAILURE_NONE && has_value(field, value);
    return FAILURE_NONE;
}

static enum failure remembered(struct run *run, enum field field, bool original, struct value *out);

static enum failure source(struct run *run, struct value *out) {
    struct fetched asked = {0};
    enum failure failure = ask(run, FIELD_SOURCE_ADDRESS, &asked);
    *out = asked.value;
    return failure;
}

static enum failure of_source(struct run *run, enum field field, struct value *out) {
    struct value from;
    enum failure failure = remembered(run, FIELD_SOURCE_ADDRESS, true, &from);
    if (failure != FAILURE_NONE) return failure;
    slice text = value_text(from);
    if (field == FIELD_PEER_IP) return caller_peer(run, text, out);
    if (field == FIELD_CLIENT_IP) return caller_client(run, text, out);
    *out = caller_port(text);
    return FAILURE_NONE;
}

static enum failure prefix(struct run *run, struct value *out) {
    struct value client;
    enum failure failure = remembered(run, FIELD_CLIENT_IP, true, &client);
    return failure == FAILURE_NONE ? caller_prefix(run, client, out) : failure;
}

// Without an address there is nobody to trust.
static enum failure trusted(struct run *run, struct value *out) {
    struct value client;
    enum failure failure = remembered(run, FIELD_CLIENT_IP, true, &client);
    *out = value_bool(failure == FAILURE_NONE && run->client_trusted);
    return failure == FAILURE_ADDRESS ? FAILURE_NONE : failure;
}

// The proxy's words for a response that came from an upstream are the same everywhere; a host that
// has none knows of no upstream.
static enum failure is_local(struct run *run, struct value *out) {
    struct value details;
    enum failure failure = fetched_value(run, FIELD_RESPONSE_CODE_DETAILS, &details);
    if (failure != FAILURE_NONE) return failure;
    *out = value_bool(!slice_is(value_text(details), "via_upstream"));
    return FAILURE_NONE;
}

static enum failure spiffe(struct run *run, struct value *out) {
    static const char *const names[SPIFFE_PARTS] = {"trust_domain", "namespace", "service_account"};
    struct value uri;
    slice parts[SPIFFE_PARTS];
    enum failure failure = fetched_value(run, FIELD_CONNECTION_URI_SAN_PEER, &uri);
    if (failure != FAILURE_NONE) return failure;
    struct value *items = arena_array(run->arena, 2 * SPIFFE_PARTS, sizeof *items);
    if (items == NULL) return FAILURE_NO_MEMORY;
    credentials_spiffe(value_text(uri), parts);
    for (uint32_t i = 0; i < SPIFFE_PARTS; i++) {
        items[2 * i] = value_string(slice_of(names[i]));
        items[2 * i + 1] = value_string(parts[i]);
    }
    *out = (struct value){.kind = TYPE_MAP, .depth = 1, .length = SPIFFE_PARTS, .as.items = items};
    return FAILURE_NONE;
}

// What the proxy's filter for tokens left of the one that it verified.
static enum failure claims(struct run *run, struct value *out) {
    struct value metadata;
    const slice path[] = {slice_of("filter_metadata"), slice_of("envoy.filters.http.jwt_authn"),
                          run->program->jwt};
    enum failure failure = fetched_value(run, FIELD_METADATA, &metadata);
    if (failure != FAILURE_NONE) return failure;
    const struct value *found = &metadata;
    for (uint32_t i = 0; i < LEN(path) && found != NULL; i++)
        found = found->kind == TYPE_MAP ? map_find_name(*found, path[i]) : NULL;
    bool token = found != NULL && found->kind == TYPE_MAP;
    *out = token ? *found : (struct value){.kind = TYPE_MAP, .depth = 1};
    return FAILURE_NONE;
}

static enum failure compute(struct run *run, enum field field, bool original, struct value *out) {
    if (field_rows[field].header != NULL) return compute_of_header(run, field, original, out);
    switch (field) {
    case FIELD_REQUEST_JSON: return body_json(run, MESSAGE_REQUEST, original, out);
    case FIELD_RESPONSE_JSON: return body_json(run, MESSAGE_RESPONSE, original, out);
    case FIELD_SOURCE_ADDRESS: return source(run, out);
    case FIELD_CLIENT_PREFIX: return prefix(run, out);
    case FIELD_CLIENT_TRUSTED: return trusted(run, out);
    case FIELD_RESPONSE_IS_LOCAL: return is_local(run, out);
    case FIELD_PEER_SPIFFE: return spiffe(run, out);
    case FIELD_JWT: return claims(run, out);
    default: return of_source(run, field, out);
    }
}

// Whether what the field is made of has been edited.
static bool is_edited(const struct run *run, enum field field) {
    const struct field_row *row = &field_rows[field];
    bool body = field == FIELD_REQUEST_JSON || field == FIELD_RESPONSE_JSON;
    if (body) return run->bodies[row->origin].edited;
    return row->header != NULL && run->messages[row->origin].edited != NULL;
}

static struct value *place_of(struct run *run, enum field field, bool original) {
    const struct field_row *row = &field_rows[field];
    bool edited = !original && is_edited(run, field);
    if (edited) run->has_edited = true;
    return edited ? &run->edited[row->memo].value : &run->computed[row->memo].value;
}

// A failure is kept as well: a body that is no JSON is not read again for each rule. One for want
// of steps or memory is the phase's, not the field's.
static enum failure remembered(struct run *run, enum field field, bool original,
                               struct value *out) {
    struct value *kept = place_of(run, field, original);
    if (kept->kind == TYPE_NONE) {
        struct value made = {0};
        enum failure failure = compute(run, field, original, &made);
        if (failure == FAILURE_STEPS || failure == FAILURE_NO_MEMORY) return failure;
        *kept = failure == FAILURE_NONE ? made : value_error(failure);
    }
    if (kept->kind == TYPE_ERROR) return (enum failure)kept->as.integer;
    *out = *kept;
    return FAILURE_NONE;
}

void fields_forget(struct run *run, enum message_kind message, slice name) {
    if (message == MESSAGE_REQUEST) parts_forget(run, name);
    for (uint32_t field = 0; field < FIELD_TOTAL && run->has_edited; field++) {
        const struct field_row *row = &field_rows[field];
        bool of_it = row->how == HOW_COMPUTED && row->header != NULL && row->origin == message;
        if (!of_it || run->edited[row->memo].value.kind == TYPE_NONE) continue;
        if (slice_equal_folded(name, slice_of(row->header)))
            run->edited[row->memo] = (struct memo){0};
    }
}

void fields_forget_body(struct run *run, enum message_kind message) {
    enum field json = message == MESSAGE_REQUEST ? FIELD_REQUEST_JSON : FIELD_RESPONSE_JSON;
    run->edited[field_rows[json].memo] = (struct memo){0};
}

void fields_forget_all(struct run *run, enum message_kind message) {
    for (uint32_t field = 0; field < FIELD_TOTAL; field++) {
        const struct field_row *row = &field_rows[field];
        bool of_it = row->how == HOW_COMPUTED && row->header != NULL && row->origin == message;
        if (of_it) run->edited[row->memo] = (struct memo){0};
    }
}

static enum failure time_of_day(struct run *run, struct value *out) {
    enum { SECOND = 1000000000 };
    if (!run->has_time && run->host->wall_clock != NULL) {
        run->time = run->host->wall_clock(run->host->self);
        run->has_time = true;
    }
    return time_make((int64_t)(run->time / SECOND), (uint32_t)(run->time % SECOND), out);
}

static struct value headers_bytes(const struct run *run, enum message_kind kind, bool original) {
    const struct message *message = &run->messages[kind];
    const struct header_line *lines = original ? message->received : message->lines;
    uint32_t count = original ? message->received_count : message->count;
    int64_t bytes = 0;
    for (uint32_t i = 0; i < count; i++)
        bytes += (int64_t)lines[i].name.length + lines[i].value.length;
    return value_int(bytes);
}

static enum failure own(struct run *run, enum field field, bool original, struct value *out) {
    switch (field) {
    case FIELD_REQUEST_HEADERS_BYTES: *out = headers_bytes(run, MESSAGE_REQUEST, original); break;
    case FIELD_RESPONSE_HEADERS_BYTES: *out = headers_bytes(run, MESSAGE_RESPONSE, original); break;
    case FIELD_REQUEST_BODY: return body_bytes(run, MESSAGE_REQUEST, original, out);
    case FIELD_RESPONSE_BODY: return body_bytes(run, MESSAGE_RESPONSE, original, out);
    case FIELD_NOW: return time_of_day(run, out);
    case FIELD_DECISION_RULE: *out = value_string(run->decision_rule); break;
    case FIELD_DECISION_LIMITER: *out = value_string(run->decision_limiter); break;
    case FIELD_DECISION_REMAINING: *out = value_int(run->decision_remaining); break;
    default: *out = value_string(run->decision_action); break;
    }
    return FAILURE_NONE;
}

static enum failure parts(struct run *run, enum field field, bool original, struct value *out) {
    enum message_kind message = field == FIELD_REQUEST_COOKIES ? MESSAGE_COOKIES : MESSAGE_QUERY;
    *out = (struct value){.kind = TYPE_HEADERS, .length = message};
    if (original) out->length |= HEADERS_ORIGINAL;
    return parts_open(run, message, original);
}

enum failure field_value(struct run *run, enum field field, bool original, struct value *out) {
    const struct field_row *row = &field_rows[field];
    slice value = {"", 0};
    if (!places_settle(run)) return FAILURE_NO_MEMORY;
    switch ((enum field_how)row->how) {
    case HOW_COMPUTED: return remembered(run, field, original, out);
    case HOW_OWN: return own(run, field, original, out);
    case HOW_PARTS: return parts(run, field, original, out);
    case HOW_FETCHED:
    case HOW_MEASURED: return fetched_value(run, field, out);
    case HOW_PSEUDO: {
        enum failure failure =
            header_of(run, (enum message_kind)row->origin, row->header, original, &value);
        *out = value_string(value);
        return failure;
    }
    default:
        *out = (struct value){.kind = TYPE_HEADERS, .length = row->origin};
        if (original) out->length |= HEADERS_ORIGINAL;
        return FAILURE_NONE;
    }
}

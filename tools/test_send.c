// The parts of the step become an exchange. Names of headers are lower case, as Envoy has them.
#include "tools/test_send.h"

static const char *const default_host = "localhost";

static slice lower(struct test_state *state, slice name) {
    char *copy = arena_take_raw(&state->arena, (size_t)name.length + 1);
    if (copy == NULL) {
        test_state_no_memory(state);
        return (slice){NULL, 0};
    }
    for (uint32_t i = 0; i < name.length; i++)
        copy[i] = ascii_lower(name.at[i]);
    return slice_from(copy, name.length);
}

static void set_line(struct lines *lines, const char *name, slice value) {
    lines_remove(lines, slice_of(name));
    lines_add(lines, slice_of(name), value);
}

// The value of a part, of one type or, where it is not NONE, of the other.
static bool part_value(struct test_state *state, struct expr *expr, enum type type, enum type other,
                       const char *words, struct value *out) {
    if (!test_state_value(state, expr, out)) return false;
    if (out->kind == TYPE_ERROR) {
        test_state_stop(state, expr, failure_words((enum failure)out->as.integer));
        return false;
    }
    if (out->kind == type || out->kind == other) return true;
    test_state_stop(state, expr, words);
    return false;
}

// `http://host/path` and `https://…` name scheme and host; anything else is a path, sent as it is:
// `\` for `/` is what attackers write.
static bool add_url(struct test_state *state, struct lines *lines, slice url) {
    slice scheme = slice_of("http");
    slice host = slice_of(default_host);
    bool secure = slice_starts(url, slice_of("https://"));
    if (secure || slice_starts(url, slice_of("http://"))) {
        if (secure) scheme = slice_of("https");
        url = slice_cut(url, scheme.length + 3, url.length);
        uint32_t end = 0;
        while (end < url.length && url.at[end] != '/' && url.at[end] != '?')
            end++;
        host = slice_cut(url, 0, end);
        url = slice_cut(url, end, url.length);
    } else if (url.length == 0 || memchr("/\\*", url.at[0], 3) == NULL) {
        return false;
    }
    if (url.length == 0 || url.at[0] == '?') {
        struct text path;
        text_init(&path, &state->arena);
        text_add_char(&path, '/');
        text_add(&path, url);
        url = text_slice(&path);
    }
    lines_add(lines, slice_of(":authority"), host);
    lines_add(lines, slice_of(":path"), url);
    lines_add(lines, slice_of(":scheme"), scheme);
    return host.length > 0;
}

// A line, or one for each of a list. `host` is the authority, as Envoy takes it.
static bool add_header(struct test_state *state, struct lines *lines, struct value name,
                       struct value value) {
    if (name.kind != TYPE_STRING) return false;
    bool list = value.kind == TYPE_LIST;
    slice low = lower(state, value_text(name));
    for (uint32_t i = 0; i < (list ? value.length : 1); i++) {
        struct value item = list ? value.as.items[i] : value;
        if (item.kind != TYPE_STRING) return false;
        if (slice_is(low, "host")) {
            set_line(lines, ":authority", value_text(item));
        } else {
            lines_add(lines, low, value_text(item));
        }
    }
    return true;
}

static void add_headers(struct test_state *state, struct lines *lines, struct expr *expr) {
    struct value map;
    if (expr == NULL || state->stopped) return;
    const char *words = "headers must be a map of strings to strings or lists of strings";
    if (!part_value(state, expr, TYPE_MAP, TYPE_NONE, words, &map)) return;
    for (uint32_t i = 0; i < map.length; i++) {
        if (add_header(state, lines, map.as.items[2 * i], map.as.items[2 * i + 1])) continue;
        test_state_stop(state, expr, words);
        return;
    }
}

static slice number(struct test_state *state, uint64_t value) {
    struct text text;
    text_init(&text, &state->arena);
    text_add_uint(&text, value);
    return text_slice(&text);
}

// Whoever sends a body says how long it is, unless it comes in chunks.
static void add_body(struct test_state *state, struct lines *lines, struct expr *expr,
                     slice *body) {
    struct value value;
    slice length;
    if (expr == NULL || state->stopped) return;
    if (!part_value(state, expr, TYPE_STRING, TYPE_BYTES, "a body must be a string or bytes",
                    &value)) {
        return;
    }
    *body = value_text(value);
    if (lines_find(lines, slice_of("content-length"), &length)) return;
    if (lines_find(lines, slice_of("transfer-encoding"), &length)) return;
    lines_add(lines, slice_of("content-length"), number(state, body->length));
}

static enum field find_field(slice path) {
    uint32_t field = 0;
    while (field < FIELD_TOTAL && !slice_is(path, field_rows[field].path))
        field++;
    return (enum field)field;
}

// A map with one more entry; an empty one where the arena refuses.
static struct value with_entry(struct test_state *state, struct value map, struct value key,
                               struct value value) {
    uint32_t count = map.kind == TYPE_MAP ? map.length : 0;
    struct value *items = arena_array(&state->arena, 2 * ((size_t)count + 1), sizeof *items);
    struct value made = {.kind = TYPE_MAP, .depth = 1};
    if (items == NULL) {
        test_state_no_memory(state);
        return made;
    }
    if (count > 0) memcpy(items, map.as.items, 2 * count * sizeof *items);
    items[2 * count] = key;
    items[2 * count + 1] = value;
    made.as.items = items;
    made.length = count + 1;
    made.depth = (uint8_t)(value.depth >= map.depth ? value.depth + 1 : map.depth);
    return made;
}

// `jwt` is all claims, `jwt.NAME` one more; where the proxy keeps them is the program's say.
static const char *set_claims(struct test_state *state, struct exchange *exchange, slice name,
                              struct value value) {
    slice head = slice_of("jwt.");
    if (slice_starts(name, head)) {
        struct value key = value_string(slice_cut(name, head.length, name.length));
        value = with_entry(state, exchange->claims, key, value);
    }
    if (value.kind != TYPE_MAP) return "`with` sets a field to a value of another type";
    exchange->claims = value;
    return NULL;
}

static void keep_claims(struct test_state *state, struct exchange *exchange) {
    static const struct value none = {.kind = TYPE_MAP, .depth = 1};
    slice jwt = testing_program(state->testing)->jwt;
    slice path[] = {jwt, slice_of("envoy.filters.http.jwt_authn"), slice_of("filter_metadata")};
    struct value made = exchange->claims;
    bool given = exchange->fetched[FIELD_METADATA].kind != TYPE_NONE;
    if (made.kind != TYPE_MAP || given) return;
    for (uint32_t i = 0; i < LEN(path); i++)
        made = with_entry(state, none, value_string(path[i]), made);
    exchange->fetched[FIELD_METADATA] = made;
}

// Of filter_state: values are texts.
static bool is_state(struct value map) {
    if (map.kind != TYPE_MAP) return false;
    for (uint32_t i = 0; i < map.length; i++) {
        if (map.as.items[2 * i].kind != TYPE_STRING) return false;
        if (map.as.items[2 * i + 1].kind != TYPE_STRING) return false;
    }
    return true;
}

// Only what the host says of itself can be set; what is made of it follows.
static const char *set_field(struct test_state *state, struct exchange *exchange, struct value name,
                             struct value value) {
    if (name.kind != TYPE_STRING) return "`with` must be a map with names of fields";
    bool claims =
        slice_is(value_text(name), "jwt") || slice_starts(value_text(name), slice_of("jwt."));
    if (claims) return set_claims(state, exchange, value_text(name), value);
    enum field field = find_field(value_text(name));
    if (field == FIELD_TOTAL) return "`with` sets a field that does not exist";
    const struct field_row *row = &field_rows[field];
    bool tests = row->phases == IN_EXPECT;
    bool host = (row->how == HOW_FETCHED || row->how == HOW_MEASURED) && !tests;
    bool source = field == FIELD_SOURCE_ADDRESS;
    if (row->how == HOW_STATE) {
        if (!is_state(value)) return "`with` sets a field to a value of another type";
        exchange->fetched[field] = value;
        return NULL;
    }
    bool pseudo = row->how == HOW_PSEUDO && row->origin == MESSAGE_REQUEST;
    if (!pseudo && !source && !host) {
        return "`with` sets a field that follows from others; set those";
    }
    bool number = row->type == TYPE_UINT && value.kind == TYPE_INT && value.as.integer >= 0;
    if (number) value = value_uint((uint64_t)value.as.integer);
    enum type type = row->type == TYPE_DYN ? TYPE_MAP : (enum type)row->type;
    if (value.kind != type) return "`with` sets a field to a value of another type";
    if (source) {
        exchange->source = value_text(value);
    } else if (host) {
        exchange->fetched[field] = value;
    } else {
        set_line(&exchange->request, row->header, value_text(value));
    }
    return NULL;
}

static void add_fields(struct test_state *state, struct exchange *exchange, struct expr *expr) {
    struct value map;
    if (expr == NULL || state->stopped) return;
    if (!part_value(state, expr, TYPE_MAP, TYPE_NONE, "`with` must be a map", &map)) return;
    for (uint32_t i = 0; i < map.length; i++) {
        const char *wrong =
            set_field(state, exchange, map.as.items[2 * i], map.as.items[2 * i + 1]);
        if (wrong == NULL) continue;
        test_state_stop(state, expr, wrong);
        return;
    }
    keep_claims(state, exchange);
}

// As Envoy writes it: with a port, IPv6 in brackets. What has a port already stays as it is.
static slice with_port(struct test_state *state, slice address) {
    struct text text;
    const char *colon = address.length == 0 ? NULL : memchr(address.at, ':', address.length);
    bool ipv6 = colon != NULL &&
                memchr(colon + 1, ':', address.length - (size_t)(colon + 1 - address.at)) != NULL;
    bool bare = colon == NULL || (ipv6 && address.at[0] != '[');
    if (!bare) return address;
    text_init(&text, &state->arena);
    text_add_string(&text, ipv6 ? "[" : "");
    text_add(&text, address);
    text_add_string(&text, ipv6 ? "]:50000" : ":50000");
    if (text.failed) test_state_no_memory(state);
    return text_slice(&text);
}

static void add_from(struct test_state *state, struct expr *expr, slice *source) {
    struct value address;
    if (expr == NULL || state->stopped) return;
    if (part_value(state, expr, TYPE_STRING, TYPE_NONE, "an address must be a string", &address)) {
        *source = with_port(state, value_text(address));
    }
}

static void make_request(struct test_state *state, const struct testing_send *send,
                         struct exchange *exchange) {
    struct value url;
    struct lines *lines = &exchange->request;
    if (!part_value(state, send->url, TYPE_STRING, TYPE_NONE, "a URL must be a string", &url)) {
        return;
    }
    if (!add_url(state, lines, value_text(url))) {
        test_state_stop(state, send->url,
                        "a URL is a path that begins with `/`, or http://HOST/PATH");
        return;
    }
    set_line(lines, ":method", send->method);
    add_headers(state, lines, send->headers);
    add_body(state, lines, send->body, &exchange->request_body);
    add_headers(state, &exchange->trailers, send->trailers);
    add_from(state, send->from, &exchange->source);
    add_fields(state, exchange, send->with);
}

static void make_upstream(struct test_state *state, const struct testing_send *send,
                          struct exchange *exchange) {
    struct value status = value_int(200);
    struct lines *lines = &exchange->upstream;
    const char *words = "a status is an int from 200 to 599";
    if (send->upstream_status != NULL && !state->stopped &&
        !part_value(state, send->upstream_status, TYPE_INT, TYPE_NONE, words, &status)) {
        return;
    }
    if (status.as.integer < 200 || status.as.integer > 599) {
        test_state_stop(state, send->upstream_status, words);
        return;
    }
    lines_add(lines, slice_of(":status"), number(state, (uint64_t)status.as.integer));
    add_headers(state, lines, send->upstream_headers);
    add_body(state, lines, send->upstream_body, &exchange->upstream_body);
    add_headers(state, &exchange->upstream_trailers, send->upstream_trailers);
}

void test_send(struct test_state *state, const struct testing_send *send) {
    struct exchange made = {0};
    lines_init(&made.request, &state->arena);
    lines_init(&made.upstream, &state->arena);
    lines_init(&made.trailers, &state->arena);
    lines_init(&made.upstream_trailers, &state->arena);
    make_request(state, send, &made);
    if (!state->stopped) make_upstream(state, send, &made);
    if (state->stopped) return;
    struct exchange *exchange = fake_proxy_exchange(&state->proxy);
    bool failed = made.request.failed || made.upstream.failed || made.trailers.failed ||
                  made.upstream_trailers.failed;
    if (exchange == NULL || failed) {
        test_state_no_memory(state);
        return;
    }
    exchange->request = made.request;
    exchange->request_body = made.request_body;
    exchange->source = made.source;
    memcpy(exchange->fetched, made.fetched, sizeof made.fetched);
    exchange->upstream = made.upstream;
    exchange->upstream_body = made.upstream_body;
    exchange->trailers = made.trailers;
    exchange->upstream_trailers = made.upstream_trailers;
    state->proxy.host.worker = (uint32_t)send->worker;
    if (!fake_proxy_send(&state->proxy, exchange)) test_state_no_memory(state);
}

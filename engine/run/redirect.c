// Addresses are made whole, so that a client need not guess; without a host of the request's own
// they are a path.
#include "engine/run/redirect.h"

#include "engine/base/text.h"
#include "engine/lib/header.h"
#include "engine/lib/location.h"
#include "engine/run/places.h"

bool redirect_status_valid(int64_t status) {
    return (status >= 301 && status <= 303) || status == 307 || status == 308;
}

// The header gate.
static enum failure set_location(struct run *run, const struct text *text) {
    if (text->failed) return FAILURE_NO_MEMORY;
    slice address = text_slice(text);
    bool good =
        address.length > 0 && address.length <= LIMIT_HEADER_VALUE && header_value_valid(address);
    if (!good) return FAILURE_LOCATION;
    struct header_line *line = arena_take(run->arena, sizeof *line);
    if (line == NULL) return FAILURE_NO_MEMORY;
    *line = (struct header_line){slice_of("location"), address};
    run->reply->headers = line;
    run->reply->header_count = 1;
    return FAILURE_NONE;
}

enum failure redirect_to(struct run *run, slice address) {
    struct text text;
    text_init(&text, run->arena);
    if (location_is_path(address)) {
        location_add_path(&text, address);
    } else {
        text_add(&text, address);
    }
    return set_location(run, &text);
}

static slice own(const struct run *run, const char *name) {
    slice value = {NULL, 0};
    run_header(run, MESSAGE_REQUEST, slice_of(name), &value);
    return value;
}

// Where that byte is, or the end.
static uint32_t find(slice path, char byte) {
    const char *mark = path.length == 0 ? NULL : memchr(path.at, byte, path.length);
    return mark == NULL ? path.length : (uint32_t)(mark - path.at);
}

// What is named must be good; what a client sent as its own is left out where it is not.
static bool add_origin(struct text *text, const struct run *run, const struct value *parts) {
    bool scheme_named = parts[REDIRECT_SCHEME].kind != TYPE_NULL;
    bool host_named = parts[REDIRECT_HOST].kind != TYPE_NULL;
    slice scheme = scheme_named ? value_text(parts[REDIRECT_SCHEME]) : own(run, ":scheme");
    slice host = host_named ? value_text(parts[REDIRECT_HOST]) : own(run, ":authority");
    bool scheme_good = location_scheme_valid(scheme);
    bool host_good = location_host_valid(host);
    if ((scheme_named && !scheme_good) || (host_named && !host_good)) return false;
    bool whole = scheme_good && host_good;
    if (!whole) return !scheme_named && !host_named;
    text_add(text, scheme);
    text_add_string(text, "://");
    text_add(text, host);
    return true;
}

// A path that is named may bring its query along, and its fragment.
static void add_path(struct text *text, const struct run *run, const struct value *parts) {
    slice sent = own(run, ":path");
    bool path_named = parts[REDIRECT_PATH].kind != TYPE_NULL;
    bool query_named = parts[REDIRECT_QUERY].kind != TYPE_NULL;
    slice path = path_named ? value_text(parts[REDIRECT_PATH]) : sent;
    slice fragment = slice_cut(path, find(path, '#'), path.length);
    path = slice_cut(path, 0, path.length - fragment.length);
    bool brings = find(path, '?') < path.length;
    slice from = path_named && !brings ? sent : path;
    slice query = slice_cut(from, find(from, '?'), from.length);
    if (query.length > 0) query = slice_cut(query, 1, query.length);
    if (query_named) query = value_text(parts[REDIRECT_QUERY]);
    location_add_path(text, slice_cut(path, 0, find(path, '?')));
    if (query.length > 0) text_add_char(text, '?');
    text_add(text, query);
    text_add(text, fragment);
}

enum failure redirect_parts(struct run *run, const struct value *parts) {
    struct text text;
    text_init(&text, run->arena);
    for (uint32_t i = 0; i < REDIRECT_PARTS; i++) {
        bool good = parts[i].kind == TYPE_STRING || parts[i].kind == TYPE_NULL;
        if (!good) return FAILURE_NO_OVERLOAD;
    }
    if (!places_settle(run)) return FAILURE_NO_MEMORY;
    if (!add_origin(&text, run, parts)) return FAILURE_LOCATION;
    add_path(&text, run, parts);
    return set_location(run, &text);
}

// Bytes, one by one; names by the gate of headers.
#include "engine/lib/place.h"

#include "engine/lib/header.h"
#include "engine/lib/location.h"
#include "engine/lib/pattern.h"

// Visible ASCII, less `more`.
static bool is_free_of(slice text, const char *more) {
    for (uint32_t i = 0; i < text.length; i++) {
        uint8_t byte = (uint8_t)text.at[i];
        if (byte <= ' ' || byte >= 0x7f || memchr(more, text.at[i], strlen(more)) != NULL)
            return false;
    }
    return true;
}

bool place_path_valid(slice path) {
    return slice_starts(path, slice_of("/")) && is_free_of(path, "#");
}

bool place_url_path_valid(slice path) {
    return slice_starts(path, slice_of("/")) && is_free_of(path, "#?");
}

bool place_query_valid(slice query) {
    return is_free_of(query, "#");
}

bool place_host_valid(struct arena *arena, slice host) {
    slice name = {NULL, 0}, port;
    if (!location_host_valid(host)) return false;
    return pattern_host(arena, host, &name, &port) == FAILURE_NONE && name.length > 0;
}

bool place_method_valid(slice method) {
    bool framed = slice_equal_folded(method, slice_of("CONNECT")) ||
                  slice_equal_folded(method, slice_of("HEAD"));
    return header_name_valid(method) && !framed;
}

bool place_code_valid(int64_t code) {
    return code >= 200 && code <= 599 && code != 204 && code != 304;
}

bool place_code_changes(int64_t code) {
    return code >= 200 && code != 204 && code != 304;
}

bool place_cookie_name_valid(slice name) {
    return header_name_valid(name);
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

bool place_cookie_value_valid(slice value) {
    bool ends = value.length > 0 && (is_blank(value.at[0]) || is_blank(value.at[value.length - 1]));
    bool divides = value.length > 0 && memchr(value.at, ';', value.length) != NULL;
    return header_value_valid(value) && !ends && !divides;
}

bool place_parameter_valid(slice text) {
    for (uint32_t i = 0; i < text.length; i++) {
        uint8_t byte = (uint8_t)text.at[i];
        bool sent = byte >= ' ' || byte == '\t' || byte == '\r' || byte == '\n';
        if (!sent || byte == 0x7f) return false;
    }
    return true;
}

// Bytes, one by one.
#include "engine/lib/location.h"

bool location_scheme_valid(slice scheme) {
    return slice_is(scheme, "http") || slice_is(scheme, "https");
}

bool location_host_valid(slice host) {
    static const char marks[] = ".-_:[]";
    for (uint32_t i = 0; i < host.length; i++) {
        char c = ascii_lower(host.at[i]);
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!plain && memchr(marks, c, sizeof marks - 1) == NULL) return false;
    }
    return host.length > 0;
}

static bool is_blank(char c) {
    return (unsigned char)c <= ' ';
}

static bool is_slash(char c) {
    return c == '/' || c == '\\';
}

void location_add_path(struct text *text, slice path) {
    uint32_t at = 0;
    while (at < path.length && (is_blank(path.at[at]) || is_slash(path.at[at])))
        at++;
    text_add_char(text, '/');
    text_add(text, slice_cut(path, at, path.length));
}

bool location_is_path(slice address) {
    uint32_t at = 0;
    while (at < address.length && is_blank(address.at[at]))
        at++;
    return at < address.length && is_slash(address.at[at]);
}

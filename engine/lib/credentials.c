// Strict: what is malformed is nobody's.
#include "engine/lib/credentials.h"

#include "engine/base/utf8.h"
#include "engine/lib/encode.h"

// What stands behind the scheme's name, in any case, and at least one blank.
static slice behind_scheme(slice header, slice scheme) {
    static const slice none = {NULL, 0};
    uint32_t at = scheme.length;
    if (header.length <= at || header.at[at] != ' ') return none;
    if (!slice_equal_folded(slice_cut(header, 0, at), scheme)) return none;
    while (at < header.length && header.at[at] == ' ')
        at++;
    return slice_cut(header, at, header.length);
}

static bool has_controls(slice text) {
    for (uint32_t i = 0; i < text.length; i++) {
        if ((uint8_t)text.at[i] < 0x20 || text.at[i] == 0x7f) return true;
    }
    return false;
}

enum failure credentials_basic(struct call *call, slice header, slice *user, slice *password) {
    struct value bytes;
    slice encoded = behind_scheme(header, slice_of("basic"));
    *user = *password = slice_of("");
    enum failure failure = encode_read_base64(call, encoded, false, &bytes);
    if (failure == FAILURE_STEPS || failure == FAILURE_NO_MEMORY) return failure;
    if (failure != FAILURE_NONE) return FAILURE_NONE;
    slice pair = value_text(bytes);
    const char *colon = pair.length == 0 ? NULL : memchr(pair.at, ':', pair.length);
    if (colon == NULL || has_controls(pair) || utf8_find_invalid(pair) >= 0) return FAILURE_NONE;
    uint32_t length = (uint32_t)(colon - pair.at);
    *user = slice_cut(pair, 0, length);
    *password = slice_cut(pair, length + 1, pair.length);
    return FAILURE_NONE;
}

static bool is_of_token(char c) {
    char lower = ascii_lower(c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
           memchr("-._~+/", c, 6) != NULL;
}

slice credentials_bearer(slice header) {
    slice token = behind_scheme(header, slice_of("bearer"));
    uint32_t end = token.length;
    while (end > 0 && token.at[end - 1] == '=')
        end--;
    bool good = end > 0;
    for (uint32_t i = 0; i < end && good; i++)
        good = is_of_token(token.at[i]);
    return good ? token : slice_of("");
}

// Cuts off what stands before the next slash.
static slice next_segment(slice *path) {
    uint32_t end = 0;
    while (end < path->length && path->at[end] != '/')
        end++;
    slice segment = slice_cut(*path, 0, end);
    *path = slice_cut(*path, end < path->length ? end + 1 : end, path->length);
    return segment;
}

void credentials_spiffe(slice uri, slice parts[SPIFFE_PARTS]) {
    slice scheme = slice_of("spiffe://");
    for (uint32_t i = 0; i < SPIFFE_PARTS; i++)
        parts[i] = slice_of("");
    if (!slice_starts(uri, scheme)) return;
    slice rest = slice_cut(uri, scheme.length, uri.length);
    parts[SPIFFE_TRUST_DOMAIN] = next_segment(&rest);
    bool first = slice_is(next_segment(&rest), "ns");
    slice name = next_segment(&rest);
    bool second = slice_is(next_segment(&rest), "sa");
    if (!first || !second || name.length == 0 || rest.length == 0) return;
    if (memchr(rest.at, '/', rest.length) != NULL) return;
    parts[SPIFFE_NAMESPACE] = name;
    parts[SPIFFE_ACCOUNT] = rest;
}

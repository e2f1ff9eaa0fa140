// Patterns over texts, paths and hosts, and the host of a URL.
#include "engine/lib/pattern.h"
#include "engine/base/limits.h"
#include "engine/match/cidr.h"
#include "engine/match/glob.h"
#include "engine/match/template.h"

static enum failure keep_if(bool valid, struct value constant, struct value *out) {
    if (!valid) return FAILURE_TEMPLATE;
    *out = constant;
    return FAILURE_NONE;
}

enum failure pattern_prepare_glob(struct arena *keep, struct value constant, struct value *out) {
    (void)keep;
    return keep_if(glob_valid(value_text(constant)), constant, out);
}

enum failure pattern_prepare_path(struct arena *keep, struct value constant, struct value *out) {
    (void)keep;
    return keep_if(template_valid(TEMPLATE_PATH, value_text(constant)), constant, out);
}

enum failure pattern_prepare_host(struct arena *keep, struct value constant, struct value *out) {
    (void)keep;
    return keep_if(template_valid(TEMPLATE_HOST, value_text(constant)), constant, out);
}

enum failure pattern_glob(struct call *call, const struct value *arguments, struct value *out) {
    slice text = value_text(arguments[0]), pattern = value_text(arguments[1]);
    bool matches;
    if (!call_charge(call, pattern.length)) return FAILURE_STEPS;
    if (!glob_valid(pattern)) return FAILURE_TEMPLATE;
    enum failure failure = glob_match(call->arena, &call->steps, pattern, text, &matches);
    if (failure == FAILURE_NONE) *out = value_bool(matches);
    return failure;
}

// An optional map of the captures.
static enum failure make_captures(struct call *call, slice text,
                                  const struct template_capture *captures, uint32_t count,
                                  struct value *out) {
    struct value *map = arena_array(call->arena, (size_t)count * 2 + 1, sizeof *map);
    if (map == NULL) return FAILURE_NO_MEMORY;
    struct value *items = map + 1;
    for (uint32_t i = 0; i < count; i++) {
        items[2 * i] = value_string(captures[i].name);
        items[2 * i + 1] = value_string(slice_cut(text, captures[i].start, captures[i].end));
    }
    *map = (struct value){.kind = TYPE_MAP, .depth = 1, .length = count, .as.items = items};
    *out = value_optional(map);
    return FAILURE_NONE;
}

static enum failure match_template(struct call *call, enum template_kind kind, slice text,
                                   slice template, struct value *out) {
    struct template_capture captures[TEMPLATE_NAMES];
    uint32_t count;
    if (!call_charge(call, (uint64_t)text.length + template.length)) return FAILURE_STEPS;
    if (!template_valid(kind, template)) return FAILURE_TEMPLATE;
    if (template_match(kind, template, text, captures, &count)) {
        return make_captures(call, text, captures, count, out);
    }
    *out = value_optional(NULL);
    return FAILURE_NONE;
}

// What `?` or `#` begins is no part of a path.
enum failure pattern_path_match(struct call *call, const struct value *arguments,
                                struct value *out) {
    slice path = value_text(arguments[0]);
    for (uint32_t i = 0; i < path.length; i++) {
        if (path.at[i] == '?' || path.at[i] == '#') path.length = i;
    }
    return match_template(call, TEMPLATE_PATH, path, value_text(arguments[1]), out);
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static slice without_dot(slice host) {
    return slice_ends(host, slice_of(".")) ? slice_cut(host, 0, host.length - 1) : host;
}

// A host name less its port and trailing dot. IPv6 addresses, which have several colons, stay.
static slice bare_host(slice host) {
    uint32_t at = host.length;
    while (at > 0 && is_digit(host.at[at - 1]))
        at--;
    bool port = at > 0 && host.at[at - 1] == ':' && memchr(host.at, ':', at - 1) == NULL;
    return without_dot(port ? slice_cut(host, 0, at - 1) : host);
}

// Not empty, and neither is a part between dots.
static bool has_labels(slice host) {
    bool empty = true;
    for (uint32_t i = 0; i < host.length; i++) {
        if (empty && host.at[i] == '.') return false;
        empty = host.at[i] == '.';
    }
    return !empty;
}

// In lower case, copied only where that differs.
static bool lower_host(struct arena *arena, slice *host) {
    uint32_t i = 0;
    while (i < host->length && host->at[i] == ascii_lower(host->at[i]))
        i++;
    if (i == host->length) return true;
    char *lower = arena_take_raw(arena, host->length);
    if (lower == NULL) return false;
    for (i = 0; i < host->length; i++)
        lower[i] = ascii_lower(host->at[i]);
    host->at = lower;
    return true;
}

enum failure pattern_host_match(struct call *call, const struct value *arguments,
                                struct value *out) {
    slice host = bare_host(value_text(arguments[0]));
    if (!has_labels(host)) host.length = 0; // which matches no template
    if (!lower_host(call->arena, &host)) return FAILURE_NO_MEMORY;
    return match_template(call, TEMPLATE_HOST, host, value_text(arguments[1]), out);
}

enum failure pattern_prepare_domain(struct arena *keep, struct value constant, struct value *out) {
    (void)keep;
    return keep_if(has_labels(without_dot(value_text(constant))), constant, out);
}

enum failure pattern_in_domain(struct call *call, const struct value *arguments,
                               struct value *out) {
    slice host = value_text(arguments[0]), domain = value_text(arguments[1]);
    if (!call_charge(call, (uint64_t)host.length + domain.length)) return FAILURE_STEPS;
    host = bare_host(host);
    domain = without_dot(domain);
    if (!has_labels(domain)) return FAILURE_TEMPLATE;
    *out = value_bool(false);
    if (host.length < domain.length) return FAILURE_NONE;
    uint32_t start = host.length - domain.length;
    bool whole = start == 0 || host.at[start - 1] == '.';
    *out = value_bool(whole && slice_equal_folded(slice_cut(host, start, host.length), domain));
    return FAILURE_NONE;
}

static bool is_letter_or_digit(char c) {
    char lower = ascii_lower(c);
    return (lower >= 'a' && lower <= 'z') || is_digit(c);
}

// Letters, digits and those of `more`.
static bool is_made_of(slice text, const char *more) {
    for (uint32_t i = 0; i < text.length; i++) {
        char c = text.at[i];
        if (!is_letter_or_digit(c) && memchr(more, c, strlen(more)) == NULL) return false;
    }
    return true;
}

// What stands between `//` and the path, the query or the fragment (RFC 3986 section 3).
static bool cut_authority(slice url, slice *out) {
    uint32_t start = 0, end;
    while (start < url.length && url.at[start] != ':')
        start++;
    bool scheme = start > 0 && !is_digit(url.at[0]) && is_letter_or_digit(url.at[0]) &&
                  is_made_of(slice_cut(url, 0, start), "+-.");
    if (!scheme || !slice_starts(slice_cut(url, start, url.length), slice_of("://"))) return false;
    for (start += 3, end = start; end < url.length; end++) {
        if (memchr("/?#", url.at[end], 3) != NULL) break;
    }
    *out = slice_cut(url, start, end);
    return true;
}

// Cuts the user off, whose bytes RFC 3986 allows; a second `@` is none of them.
static bool cut_user(slice *authority) {
    const char *at = authority->length == 0 ? NULL : memchr(authority->at, '@', authority->length);
    if (at == NULL) return true;
    uint32_t length = (uint32_t)(at - authority->at);
    slice user = slice_cut(*authority, 0, length);
    *authority = slice_cut(*authority, length + 1, authority->length);
    return is_made_of(user, "-._~%!$&'()*+,;=:");
}

static bool is_port(slice text) {
    uint32_t port = 0;
    if (text.length == 0) return true;
    if (text.at[0] != ':' || text.length > 6) return false;
    for (uint32_t i = 1; i < text.length; i++) {
        if (!is_digit(text.at[i])) return false;
        port = port * 10 + (uint32_t)(text.at[i] - '0');
    }
    return port <= 65535;
}

// Browsers read a host whose last part is a number as an IPv4 address in one of many spellings:
// only the common one is taken.
static bool is_name_or_ipv4(slice host) {
    uint8_t address[CIDR_ADDRESS];
    uint32_t start = host.length;
    if (!has_labels(host) || !is_made_of(host, "-._")) return false;
    while (start > 0 && host.at[start - 1] != '.')
        start--;
    slice last = slice_cut(host, start, host.length);
    bool number = last.length > 1 && last.at[0] == '0' && ascii_lower(last.at[1]) == 'x';
    for (uint32_t i = 0; i < last.length && !number; i++) {
        if (!is_digit(last.at[i])) return true;
    }
    return cidr_parse_address(host, address) == 4;
}

static enum failure make_ipv6(struct arena *arena, slice text, slice *out) {
    uint8_t address[CIDR_ADDRESS];
    *out = slice_of("");
    if (cidr_parse_address(text, address) != 16) return FAILURE_NONE;
    char *printed = arena_take_raw(arena, CIDR_PRINTED);
    if (printed == NULL) return FAILURE_NO_MEMORY;
    *out = slice_from(printed, cidr_print_address(address, 16, printed));
    return FAILURE_NONE;
}

enum failure pattern_host(struct arena *arena, slice authority, slice *out, slice *port) {
    bool bracket = slice_starts(authority, slice_of("["));
    char ends = bracket ? ']' : ':';
    uint32_t end = 0;
    while (end < authority.length && authority.at[end] != ends)
        end++;
    uint32_t behind = bracket && end < authority.length ? end + 1 : end;
    *out = *port = slice_of("");
    if (!is_port(slice_cut(authority, behind, authority.length))) return FAILURE_NONE;
    if (bracket && behind == end) return FAILURE_NONE;
    if (behind < authority.length) *port = slice_cut(authority, behind + 1, authority.length);
    if (bracket) return make_ipv6(arena, slice_cut(authority, 1, end), out);
    slice host = without_dot(slice_cut(authority, 0, end));
    if (!is_name_or_ipv4(host)) return FAILURE_NONE;
    *out = host;
    return lower_host(arena, out) ? FAILURE_NONE : FAILURE_NO_MEMORY;
}

// Strict: whatever URL parsers are known to disagree about (a backslash, a second `@`, escapes,
// blanks or bytes above ASCII before the path; numbers as IPv4 addresses) is malformed. Without a
// trailing dot; IPv6 addresses in canonical form without brackets.
enum failure pattern_url_host(struct call *call, const struct value *arguments, struct value *out) {
    slice url = value_text(arguments[0]), authority, port, host = slice_of("");
    if (!call_charge(call, url.length)) return FAILURE_STEPS;
    if (cut_authority(url, &authority) && cut_user(&authority)) {
        enum failure failure = pattern_host(call->arena, authority, &host, &port);
        if (failure != FAILURE_NONE) return failure;
    }
    *out = value_string(host);
    return FAILURE_NONE;
}

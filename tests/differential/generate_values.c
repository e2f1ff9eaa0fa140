// Types, values and literals of generated cases: few, so that they meet again, and at the edges.
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "tests/differential/generate.h"

const char *const generate_fields[4] = {"a", "b", "key", "x-y"};

static const int64_t ints[] = {
    0,
    1,
    -1,
    2,
    3,
    -3,
    7,
    10,
    63,
    64,
    100,
    255,
    -1000,
    86400,
    65535,
    INT32_MAX,
    INT32_MIN,
    INT64_MAX,
    INT64_MIN,
    INT64_MAX - 1,
    INT64_C(9007199254740992),
    INT64_C(9007199254740993),
    INT64_C(4294967296),
};

static const uint64_t uints[] = {
    0,
    1,
    2,
    3,
    7,
    64,
    255,
    1000,
    UINT32_MAX,
    INT64_MAX,
    (uint64_t)INT64_MAX + 1,
    UINT64_MAX,
    UINT64_C(9007199254740993),
};

// As CEL writes them; what has no literal is computed.
static const struct {
    const char *text;
    double real;
} doubles[] = {
    {"0.0", 0.0},
    {"-0.0", -0.0},
    {"1.0", 1.0},
    {"-1.0", -1.0},
    {"2.0", 2.0},
    {"1.5", 1.5},
    {"2.5", 2.5},
    {"-2.75", -2.75},
    {"0.1", 0.1},
    {"3.0", 3.0},
    {"1e308", 1e308},
    {"5e-324", 5e-324},
    {"9007199254740992.0", 9007199254740992.0},
    {"9223372036854775807.0", 9223372036854775807.0},
    {"18446744073709551615.0", 18446744073709551615.0},
    {"-9.3e18", -9.3e18},
    {"123456.789", 123456.789},
    {"1e21", 1e21},
    {"(1.0 / 0.0)", (double)INFINITY},
    {"(-1.0 / 0.0)", -(double)INFINITY},
    {"(0.0 / 0.0)", (double)NAN},
};

static const char *const texts[] = {
    "",
    "a",
    "b",
    "key",
    "x-y",
    "abc",
    "Abc",
    "häh",
    "😀x😀",
    "a,b,,c",
    " \t trim\u00a0",
    "1",
    "-7",
    "true",
    "0.5",
    "%d and %s",
    "line\nbreak \"quoted\" \\ 'single'",
    "2026-03-01T12:30:15.250Z",
    "1h30m",
    "UTC",
    "a/b/c.example.com",
    "eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn",
    "\x7f\x01",
    "{\"a\": [1, 2.5, null]}",
};

static const char *const bytes[] = {"",         "a",    "abc",  "h\xc3\xa4h",
                                    "\xff\xfe", "a\\b", "\x80", "YWJj"};

static const struct {
    const char *text;
    int64_t nanoseconds;
} durations[] = {
    {"0s", 0},
    {"1s", INT64_C(1000000000)},
    {"(-1s)", INT64_C(-1000000000)},
    {"250ms", 250000000},
    {"1h30m", INT64_C(5400000000000)},
    {"7d", INT64_C(604800000000000)},
    {"1ns", 1},
    {"(-90.5s)", INT64_C(-90500000000)},
    {"106751d", INT64_C(106751) * 86400 * 1000000000},
    {"duration(\"9223372036.854775807s\")", INT64_MAX},
    {"duration(\"-9223372036.854775808s\")", INT64_MIN},
};

static const struct {
    const char *text;
    int64_t seconds;
    uint32_t nanoseconds;
} timestamps[] = {
    {"timestamp(0)", 0, 0},
    {"timestamp(-1)", -1, 0},
    {"timestamp(1)", 1, 0},
    {"timestamp(\"2026-03-01T12:30:15.250Z\")", 1772368215, 250000000},
    {"timestamp(\"1969-12-31T23:59:59.999999999Z\")", -1, 999999999},
    {"timestamp(\"0001-01-01T00:00:00Z\")", INT64_C(-62135596800), 0},
    {"timestamp(\"9999-12-31T23:59:59.999999999Z\")", INT64_C(253402300799), 999999999},
    {"timestamp(\"2024-02-29T00:00:00Z\")", 1709164800, 0},
};

static const enum type simple[] = {
    TYPE_BOOL,   TYPE_INT,   TYPE_INT,      TYPE_INT,       TYPE_UINT, TYPE_DOUBLE, TYPE_STRING,
    TYPE_STRING, TYPE_BYTES, TYPE_DURATION, TYPE_TIMESTAMP, TYPE_NULL, TYPE_DYN,    TYPE_TYPE,
};

static const enum type keys[] = {TYPE_STRING, TYPE_STRING, TYPE_STRING,
                                 TYPE_INT,    TYPE_UINT,   TYPE_BOOL};

const struct kind *generate_kind(struct generate *generate, uint32_t depth) {
    uint32_t roll = depth == 0 ? 0 : generate_below(generate, 10);
    if (roll < 6) return kind_of(simple[generate_below(generate, LEN(simple))]);
    const struct kind *held = generate_kind(generate, depth - 1);
    if (roll < 8) return kind_make(generate->arena, TYPE_LIST, held, NULL);
    if (roll < 9) return kind_make(generate->arena, TYPE_OPTIONAL, held, NULL);
    const struct kind *key = kind_of(keys[generate_below(generate, LEN(keys))]);
    return kind_make(generate->arena, TYPE_MAP, key, held);
}

static struct value text_value(enum type kind, const char *text) {
    return (struct value){.kind = (uint8_t)kind, .length = slice_of(text).length, .as.text = text};
}

static const struct kind *concrete(struct generate *generate, const struct kind *kind,
                                   uint32_t depth) {
    while (kind->kind == TYPE_DYN)
        kind = generate_kind(generate, depth > 1 ? 1 : depth);
    return kind;
}

static int64_t random_int(struct generate *generate) {
    if (generate_chance(generate, 70)) return ints[generate_below(generate, LEN(ints))];
    return (int64_t)generate_below(generate, 40) - 10;
}

// The n-th key of a map, so that keys differ.
static struct value key_value(const struct kind *kind, uint32_t n) {
    static const char *const more[] = {"abc", "häh", "1", ""};
    switch ((enum type)kind->kind) {
    case TYPE_INT: return value_int(n % 2 == 0 ? (int64_t)n / 2 : ints[n % LEN(ints)] - 1);
    case TYPE_UINT: return value_uint(n);
    case TYPE_BOOL: return value_bool(n % 2 == 1);
    case TYPE_STRING:
        return text_value(TYPE_STRING, n % 8 < 4 ? generate_fields[n % 4] : more[n % 4]);
    default: return value_int(n);
    }
}

static struct value collection(struct generate *generate, const struct kind *kind, uint32_t depth) {
    uint32_t most = kind->kind == TYPE_OPTIONAL ? 2 : 5;
    uint32_t length = depth == 0 ? 0 : generate_below(generate, most);
    if (kind->kind == TYPE_LIST && depth > 1 && generate_chance(generate, 4)) length = 20;
    bool map = kind->kind == TYPE_MAP;
    if (map && kind->of[0]->kind == TYPE_BOOL && length > 2) length = 2;
    uint32_t total = map ? 2 * length : length;
    struct value *items = arena_array(generate->arena, total + 1, sizeof *items);
    uint32_t first = generate_below(generate, 8);
    struct value value = {.kind = kind->kind, .depth = 1, .as.items = items};
    for (uint32_t i = 0; items != NULL && i < length; i++) {
        struct value item = generate_value(generate, kind->of[map], depth - 1);
        if (map) items[2 * i] = key_value(kind->of[0], first + i);
        items[map ? 2 * i + 1 : i] = item;
        if (item.depth >= value.depth) value.depth = (uint8_t)(item.depth + 1);
        value.length++;
    }
    return value;
}

static struct value scalar(struct generate *generate, enum type kind) {
    uint32_t at;
    switch (kind) {
    case TYPE_BOOL: return value_bool(generate_chance(generate, 50));
    case TYPE_INT: return value_int(random_int(generate));
    case TYPE_UINT: return value_uint(uints[generate_below(generate, LEN(uints))]);
    case TYPE_DOUBLE: return value_double(doubles[generate_below(generate, LEN(doubles))].real);
    case TYPE_STRING: return text_value(kind, texts[generate_below(generate, LEN(texts))]);
    case TYPE_BYTES: return text_value(kind, bytes[generate_below(generate, LEN(bytes))]);
    case TYPE_DURATION:
        return value_duration(durations[generate_below(generate, LEN(durations))].nanoseconds);
    case TYPE_TIMESTAMP:
        at = generate_below(generate, LEN(timestamps));
        return value_timestamp(timestamps[at].seconds, timestamps[at].nanoseconds);
    case TYPE_TYPE:
        return value_type(
            slice_of(type_full_name((enum type)(TYPE_NULL + generate_below(generate, TYPE_MAP)))));
    case TYPE_IP:
        return (struct value){.kind = TYPE_IP, .length = 4, .as.text = "\x0a\x01\x02\x03"};
    case TYPE_CIDR:
        return (struct value){.kind = TYPE_CIDR, .length = 5, .as.text = "\x0a\x00\x00\x00\x08"};
    default: return value_null();
    }
}

struct value generate_value(struct generate *generate, const struct kind *kind, uint32_t depth) {
    kind = concrete(generate, kind, depth);
    bool holds = kind->kind == TYPE_LIST || kind->kind == TYPE_MAP || kind->kind == TYPE_OPTIONAL;
    if (!holds) return scalar(generate, (enum type)kind->kind);
    return collection(generate, kind, depth);
}

// ---- literals

void generate_quoted(struct generate *generate, slice text) {
    static const char hex[] = "0123456789abcdef";
    bool raw = generate_chance(generate, 10);
    for (uint32_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c < ' ' || c == '"' || c == '\\' || c == 0x7f) raw = false;
    }
    generate_put(generate, raw ? "r\"" : "\"");
    for (uint32_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.at[i];
        char code[] = {'\\', 'x', hex[c >> 4], hex[c & 15], '\0'};
        char one[] = {'\\', (char)c, '\0'};
        bool control = c < ' ' || c == 0x7f;
        if (control) {
            generate_put(generate, code);
        } else {
            generate_put(generate, c == '"' || c == '\\' ? one : one + 1);
        }
    }
    generate_put(generate, "\"");
}

static void bytes_literal(struct generate *generate, slice text) {
    generate_put(generate, "b\"");
    for (uint32_t i = 0; i < text.length; i++) {
        char code[8];
        unsigned char c = (unsigned char)text.at[i];
        bool plain = c >= ' ' && c < 0x7f && c != '"' && c != '\\';
        snprintf(code, sizeof code, plain ? "%c" : "\\x%02x", c);
        generate_put(generate, code);
    }
    generate_put(generate, "\"");
}

static void number_literal(struct generate *generate, struct value value) {
    char text[32];
    if (value.kind == TYPE_UINT) {
        snprintf(text, sizeof text, "%" PRIu64 "u", value.as.natural);
    } else if (value.as.integer > 0 && generate_chance(generate, 5)) {
        snprintf(text, sizeof text, "0x%" PRIx64, value.as.natural);
    } else {
        snprintf(text, sizeof text, "%" PRId64, value.as.integer);
    }
    generate_put(generate, text);
}

static void scalar_literal(struct generate *generate, struct value value) {
    switch ((enum type)value.kind) {
    case TYPE_BOOL: generate_put(generate, value.as.boolean ? "true" : "false"); break;
    case TYPE_INT:
    case TYPE_UINT: number_literal(generate, value); break;
    case TYPE_STRING: generate_quoted(generate, value_text(value)); break;
    case TYPE_BYTES: bytes_literal(generate, value_text(value)); break;
    case TYPE_TYPE: generate_bytes(generate, value_text(value)); break;
    case TYPE_IP: generate_put(generate, "ip(\"10.1.2.3\")"); break;
    case TYPE_CIDR: generate_put(generate, "cidr(\"10.0.0.0/8\")"); break;
    default: generate_put(generate, "null"); break;
    }
}

static void entries_literal(struct generate *generate, const struct kind *kind, uint32_t depth) {
    bool map = kind->kind == TYPE_MAP;
    uint32_t length = depth == 0 ? 0 : generate_below(generate, 5);
    uint32_t first = generate_below(generate, 8);
    generate_put(generate, map ? "{" : "[");
    for (uint32_t i = 0; i < length; i++) {
        if (i > 0) generate_put(generate, ", ");
        if (map) {
            scalar_literal(generate, key_value(kind->of[0], first + i));
            generate_put(generate, ": ");
        }
        generate_literal(generate, kind->of[map], depth - 1);
    }
    generate_put(generate, map ? "}" : "]");
}

void generate_literal(struct generate *generate, const struct kind *kind, uint32_t depth) {
    kind = concrete(generate, kind, depth);
    switch ((enum type)kind->kind) {
    case TYPE_LIST:
    case TYPE_MAP: entries_literal(generate, kind, depth); break;
    case TYPE_OPTIONAL:
        if (depth == 0 || generate_chance(generate, 30)) {
            generate_put(generate, "optional.none()");
            break;
        }
        generate_put(generate, "optional.of(");
        generate_literal(generate, kind->of[0], depth - 1);
        generate_put(generate, ")");
        break;
    case TYPE_DOUBLE:
        generate_put(generate, doubles[generate_below(generate, LEN(doubles))].text);
        break;
    case TYPE_DURATION:
        generate_put(generate, durations[generate_below(generate, LEN(durations))].text);
        break;
    case TYPE_TIMESTAMP:
        generate_put(generate, timestamps[generate_below(generate, LEN(timestamps))].text);
        break;
    default: scalar_literal(generate, scalar(generate, (enum type)kind->kind)); break;
    }
}

// ---- texts for functions

struct hint {
    const char *function; // its name begins so
    const char *texts[8];
};

static const struct hint hints[] = {
    {"timestamp",
     {"2026-03-01T12:30:15.250Z", "0001-01-01T00:00:00Z", "2024-02-29T23:59:59+05:30",
      "2023-02-29T00:00:00Z", "1969-07-20T20:17:40.123456789-04:00"}},
    {"duration", {"1h30m", "-1.5s", "0", "10ms", "2562047h47m16.854775807s", "abc"}},
    {"get", {"UTC", "+05:30", "-02:00", "Europe/Berlin", "Asia/Kolkata", "America/New_York"}},
    {"int", {"1", "-7", "9223372036854775808", "-9223372036854775808", "0x1", "1.5", "+3"}},
    {"uint", {"1", "18446744073709551615", "18446744073709551616", "-1", "7u"}},
    {"double", {"1.5", "-0", "1e400", "NaN", "Infinity", "-inf", "5e-324", "0x1p3"}},
    {"bool", {"true", "False", "t", "0", "yes"}},
    {"format", {"%s", "%d%%", "%.2f|%e", "%x %X %o %b", "%s and %s", "%.0f", "%5d"}},
    {"matches", {"a+b*", "^[a-z]+$", "(a|b)c?", "h.h", "\\d{2,}", "(?i)ABC", "^$"}},
    {"regex.", {"a+b*", "([a-z])([a-z])", "(a|b)c?", "h(.)h", "\\d+", "(?i)abc", "x*"}},
    {"base64", {"YWJj", "YQ==", "YQ", "_-8=", "a"}},
    {"url_", {"a%20b+c", "%zz", "a b/ä", "%C3%A4"}},
    {"url_host", {"http://example.com/a", "https://u@h:80", "x", ""}},
    {"unhex", {"00ff", "0", "zz", "ABcd"}},
    {"parse_json", {"{\"a\": [1, true]}", "[1.5, \"x\"]", "nul", "12", "{\"a\":1,\"a\":2}"}},
    {"ip", {"10.1.2.3", "::1", "1.2.3", "::ffff:1.2.3.4", "fe80::1%eth0"}},
    {"cidr", {"10.0.0.0/8", "::/0", "1.2.3.4/33", "10.1.2.3/8"}},
    {"isIP", {"10.1.2.3", "::1", "1.2.3"}},
    {"glob", {"a/*", "**", "[a-z]*", "*.example.com", "?b*"}},
    {"path_match", {"/a/{id}", "/a/b", "/**", "/{x}/b", "/a/"}},
    {"host_match", {"{t}.example.com", "a.example.com", "*.example.com"}},
    {"in_domain", {"example.com", "a.example.com", "b"}},
    {"split", {",", "", "b", "ab"}},
    {"join", {",", "", "--"}},
    {"replace", {"a", "", "b,", "ä", "X"}},
};

const char *const *generate_hints(slice function) {
    const struct hint *best = NULL;
    for (uint32_t i = 0; i < LEN(hints); i++) {
        if (slice_starts(function, slice_of(hints[i].function))) best = &hints[i];
    }
    return best == NULL ? NULL : best->texts;
}

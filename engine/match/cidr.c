// A set is an array of networks, sorted and none inside another, for each family: the only network
// that can hold an address is the last one that does not begin behind it.
#include "engine/match/cidr.h"

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// The value of a hexadecimal digit, or 16.
static uint32_t hex_value(char c) {
    char lower = ascii_lower(c);
    if (is_digit(c)) return (uint32_t)(c - '0');
    return lower >= 'a' && lower <= 'f' ? (uint32_t)(lower - 'a') + 10 : 16;
}

// Reads a decimal number without leading zeros, at most `most` (under 1000). The digits read, or 0.
static uint32_t read_decimal(slice text, uint32_t at, uint32_t most, uint32_t *out) {
    uint32_t start = at;
    *out = 0;
    while (at < text.length && at - start < 3 && is_digit(text.at[at])) {
        *out = *out * 10 + (uint32_t)(text.at[at++] - '0');
    }
    bool padded = at - start > 1 && text.at[start] == '0';
    return padded || *out > most ? 0 : at - start;
}

// Four numbers from `at` to the end of the text.
static bool read_dotted(slice text, uint32_t at, uint8_t *out) {
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t number;
        if (i > 0 && (at == text.length || text.at[at++] != '.')) return false;
        uint32_t digits = read_decimal(text, at, 255, &number);
        if (digits == 0) return false;
        at += digits;
        out[i] = (uint8_t)number;
    }
    return at == text.length;
}

// Up to four hexadecimal digits; their number, 0 when there is none.
static uint32_t read_group(slice text, uint32_t at, uint8_t *out) {
    uint32_t group = 0, digits = 0;
    while (at + digits < text.length && digits < 4) {
        uint32_t digit = hex_value(text.at[at + digits]);
        if (digit == 16) break;
        group = group << 4 | digit;
        digits++;
    }
    out[0] = (uint8_t)(group >> 8);
    out[1] = (uint8_t)group;
    return digits;
}

// What has been read of an IPv6 address.
struct groups {
    uint8_t *bytes;
    uint32_t used; // bytes
    uint32_t gap;  // where `::` stands, in bytes; above 16 for nowhere
};

// One group, or the dotted tail; the offset behind it and the colon after it, 0 when malformed.
static uint32_t take_group(slice text, uint32_t at, struct groups *groups) {
    if (groups->used == 16) return 0;
    uint32_t digits = read_group(text, at, groups->bytes + groups->used);
    uint32_t end = at + digits;
    if (digits == 0) return 0;
    if (end < text.length && text.at[end] == '.') {
        if (groups->used > 12 || !read_dotted(text, at, groups->bytes + groups->used)) return 0;
        groups->used += 4;
        return text.length;
    }
    groups->used += 2;
    if (end == text.length) return end;
    return text.at[end] == ':' && end + 1 < text.length ? end + 1 : 0;
}

static bool has_gap(slice text, uint32_t at) {
    return slice_starts(slice_cut(text, at, text.length), slice_of("::"));
}

static bool read_groups(slice text, struct groups *groups) {
    uint32_t at = 0;
    if (has_gap(text, 0)) {
        groups->gap = 0;
        at = 2;
    }
    while (at < text.length) {
        at = take_group(text, at, groups);
        if (at == 0) return false;
        if (at == text.length || text.at[at] != ':') continue;
        if (groups->gap <= 16) return false;
        groups->gap = groups->used;
        at++;
    }
    return groups->gap <= 16 ? groups->used < 16 : groups->used == 16;
}

static bool read_ipv6(slice text, uint8_t *out) {
    struct groups groups = {.bytes = out, .gap = UINT32_MAX};
    if (text.length == 0 || !read_groups(text, &groups)) return false;
    if (groups.gap <= 16) {
        uint32_t behind = groups.used - groups.gap;
        memmove(out + 16 - behind, out + groups.gap, behind);
        memset(out + groups.gap, 0, 16 - groups.used);
    }
    return true;
}

static bool is_mapped(const uint8_t *address) {
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    return memcmp(address, mapped, sizeof mapped) == 0;
}

static uint32_t read_address(slice text, uint8_t out[CIDR_ADDRESS]) {
    enum { LONGEST = 45 };
    if (text.length > LONGEST) return 0;
    if (text.length > 0 && memchr(text.at, ':', text.length) != NULL) {
        return read_ipv6(text, out) ? 16 : 0;
    }
    return read_dotted(text, 0, out) ? 4 : 0;
}

uint32_t cidr_parse_address(slice text, uint8_t out[CIDR_ADDRESS]) {
    uint32_t length = read_address(text, out);
    return length == 16 && is_mapped(out) ? 0 : length;
}

uint32_t cidr_parse_unmapped(slice text, uint8_t out[CIDR_ADDRESS]) {
    uint32_t length = read_address(text, out);
    if (length != 16 || !is_mapped(out)) return length;
    memmove(out, out + 12, 4);
    return 4;
}

uint32_t cidr_parse(slice text, uint8_t out[CIDR_BYTES]) {
    uint32_t slash = text.length, prefix;
    while (slash > 0 && text.at[slash - 1] != '/')
        slash--;
    if (slash == 0) return 0;
    uint32_t length = cidr_parse_address(slice_cut(text, 0, slash - 1), out);
    uint32_t digits = read_decimal(text, slash, length * 8, &prefix);
    if (length == 0 || digits == 0 || slash + digits != text.length) return 0;
    out[length] = (uint8_t)prefix;
    return length + 1;
}

static uint32_t print_number(uint32_t number, uint32_t base, char *out) {
    static const char digits[] = "0123456789abcdef";
    uint32_t length = 1;
    for (uint32_t rest = number / base; rest > 0; rest /= base)
        length++;
    for (uint32_t i = length; i > 0; i--) {
        out[i - 1] = digits[number % base];
        number /= base;
    }
    return length;
}

// The first longest run of at least two groups of zeros (RFC 5952 section 4.2); its groups.
static uint32_t find_zeros(const uint8_t *address, uint32_t *start) {
    uint32_t longest = 1, run = 0;
    for (uint32_t i = 0; i < 8; i++) {
        run = address[2 * i] == 0 && address[2 * i + 1] == 0 ? run + 1 : 0;
        if (run <= longest) continue;
        longest = run;
        *start = i + 1 - run;
    }
    return longest == 1 ? 0 : longest;
}

static uint32_t print_ipv6(const uint8_t *address, char *out) {
    uint32_t start = 8, length = 0;
    uint32_t zeros = find_zeros(address, &start);
    for (uint32_t i = 0; i < 8; i++) {
        if (i > 0 || zeros == 8 || start == 0) out[length++] = ':';
        if (i == start) {
            i += zeros - 1;
            if (i == 7) out[length++] = ':';
            continue;
        }
        uint32_t group = (uint32_t)address[2 * i] << 8 | address[2 * i + 1];
        length += print_number(group, 16, out + length);
    }
    return length;
}

uint32_t cidr_print_address(const uint8_t *address, uint32_t length, char out[CIDR_PRINTED]) {
    uint32_t used = 0;
    if (length == 16) return print_ipv6(address, out);
    for (uint32_t i = 0; i < 4; i++) {
        if (i > 0) out[used++] = '.';
        used += print_number(address[i], 10, out + used);
    }
    return used;
}

uint32_t cidr_print(const uint8_t *network, uint32_t length, char out[CIDR_PRINTED]) {
    uint32_t used = cidr_print_address(network, length - 1, out);
    out[used++] = '/';
    return used + print_number(network[length - 1], 10, out + used);
}

void cidr_mask(uint8_t *network, uint32_t length) {
    uint32_t prefix = network[length - 1];
    for (uint32_t i = prefix / 8; i < length - 1; i++) {
        network[i] &= i == prefix / 8 ? (uint8_t)(0xff00 >> prefix % 8) : 0;
    }
}

bool cidr_alike(const uint8_t *x, const uint8_t *y, uint32_t bits) {
    if (memcmp(x, y, bits / 8) != 0) return false;
    return bits % 8 == 0 || (x[bits / 8] ^ y[bits / 8]) >> (8 - bits % 8) == 0;
}

// Networks of one family, each `width` bytes of address and one of prefix length.
struct family {
    uint8_t *networks;
    uint32_t count;
    uint32_t width;
};

struct cidr_set {
    struct family families[2]; // IPv4, IPv6
};

static uint32_t load(const uint8_t *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static bool is_behind(const uint8_t *network, const uint8_t *address, uint32_t width) {
    uint32_t x = load(network), y = load(address);
    if (x != y) return x > y;
    return width > 4 && memcmp(network + 4, address + 4, width - 4) > 0;
}

static bool family_holds(const struct family *family, const uint8_t *address) {
    uint32_t width = family->width, low = 0, high = family->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        bool behind = is_behind(family->networks + (size_t)middle * (width + 1), address, width);
        if (behind)
            high = middle;
        else
            low = middle + 1;
    }
    if (low == 0) return false;
    const uint8_t *network = family->networks + (size_t)(low - 1) * (width + 1);
    return cidr_alike(network, address, network[width]);
}

bool cidr_set_holds(const struct cidr_set *set, const char *address, uint32_t length) {
    for (uint32_t i = 0; i < 2; i++) {
        const struct family *family = &set->families[i];
        if (family->width == length) return family_holds(family, (const uint8_t *)address);
    }
    return false;
}

// One pass of a radix sort, stable: from `from` to `to` by the byte at `key` of each entry.
static void sort_by(const struct family *family, const uint8_t *from, uint8_t *to, uint32_t key) {
    uint32_t starts[256] = {0}, size = family->width + 1, total = 0;
    for (uint32_t i = 0; i < family->count; i++)
        starts[from[(size_t)i * size + key]]++;
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t count = starts[i];
        starts[i] = total;
        total += count;
    }
    for (uint32_t i = 0; i < family->count; i++) {
        const uint8_t *entry = from + (size_t)i * size;
        memcpy(to + (size_t)starts[entry[key]]++ * size, entry, size);
    }
}

// By address, then by prefix length.
static void sort_family(struct family *family, uint8_t *scratch) {
    if (family->count < 2) return;
    for (uint32_t key = family->width + 1; key > 0; key--) {
        uint8_t *from = family->networks;
        sort_by(family, from, scratch, key - 1);
        family->networks = scratch;
        scratch = from;
    }
}

// Drops networks inside of others, which stand before them.
static void drop_covered(struct family *family) {
    uint32_t size = family->width + 1, kept = 0;
    for (uint32_t i = 0; i < family->count; i++) {
        const uint8_t *entry = family->networks + (size_t)i * size;
        const uint8_t *last = family->networks + (size_t)(kept - (kept > 0)) * size;
        if (kept > 0 && cidr_alike(last, entry, last[size - 1])) continue;
        memmove(family->networks + (size_t)kept++ * size, entry, size);
    }
    family->count = kept;
}

static bool add_entry(struct cidr_set *set, slice text) {
    uint8_t network[CIDR_BYTES];
    uint32_t length = cidr_parse(text, network);
    if (length == 0) {
        length = cidr_parse_address(text, network);
        if (length == 0) return false;
        network[length] = (uint8_t)(length * 8);
        length++;
    }
    struct family *family = &set->families[length == CIDR_BYTES];
    cidr_mask(network, length);
    memcpy(family->networks + (size_t)family->count++ * length, network, length);
    return true;
}

static bool is_ipv6(slice text) {
    return text.length > 0 && memchr(text.at, ':', text.length) != NULL;
}

// Room for the entries of each family. Scratch space comes to stand behind it.
static bool take_families(struct arena *arena, struct value list, struct cidr_set *set) {
    uint32_t counts[2] = {0, 0};
    for (uint32_t i = 0; i < list.length; i++)
        counts[is_ipv6(value_text(list.as.items[i]))]++;
    for (uint32_t i = 0; i < 2; i++) {
        struct family *family = &set->families[i];
        family->width = i == 0 ? 4 : 16;
        family->networks = arena_array(arena, counts[i], (family->width + 1) * 2);
        if (family->networks == NULL) return false;
    }
    return true;
}

static bool all_strings(struct value list, uint32_t *bad) {
    for (*bad = 0; *bad < list.length; (*bad)++) {
        if (list.as.items[*bad].kind != TYPE_STRING) return false;
    }
    return true;
}

enum failure cidr_set_build(struct arena *arena, struct value list, const struct cidr_set **out,
                            uint32_t *bad) {
    uint32_t ignored;
    if (bad == NULL) bad = &ignored;
    if (!all_strings(list, bad)) return FAILURE_ADDRESS;
    struct cidr_set *set = arena_take(arena, sizeof *set);
    if (set == NULL || !take_families(arena, list, set)) return FAILURE_NO_MEMORY;
    for (*bad = 0; *bad < list.length; (*bad)++) {
        if (!add_entry(set, value_text(list.as.items[*bad]))) return FAILURE_ADDRESS;
    }
    for (uint32_t i = 0; i < 2; i++) {
        struct family *family = &set->families[i];
        sort_family(family, family->networks + (size_t)family->count * (family->width + 1));
        drop_covered(family);
    }
    *out = set;
    return FAILURE_NONE;
}

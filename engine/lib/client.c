// Chains of x-forwarded-for are read from the right: each proxy appends whom it saw, and what
// stands further left than the trusted ones wrote is the client's own say.
#include "engine/lib/client.h"

#include "engine/base/number.h"

static slice trimmed(slice text) {
    uint32_t start = 0, end = text.length;
    while (start < end && (text.at[start] == ' ' || text.at[start] == '\t'))
        start++;
    while (end > start && (text.at[end - 1] == ' ' || text.at[end - 1] == '\t'))
        end--;
    return slice_cut(text, start, end);
}

// Where the last of these bytes stands, or -1.
static int64_t last_of(slice text, char c) {
    for (uint32_t at = text.length; at > 0; at--) {
        if (text.at[at - 1] == c) return at - 1;
    }
    return -1;
}

static bool read_port(slice text, uint32_t *port) {
    uint64_t number;
    bool good = text.length <= 5 && number_parse_uint(text, 10, &number) && number <= UINT16_MAX;
    if (good) *port = (uint32_t)number;
    return good;
}

// `[ADDRESS]` or `[ADDRESS]:PORT`; the text between the brackets, empty when malformed.
static slice unbracketed(slice text, uint32_t *port) {
    static const slice malformed = {NULL, 0};
    int64_t end = last_of(text, ']');
    if (end < 0) return malformed;
    slice behind = slice_cut(text, (uint32_t)end + 1, text.length);
    bool good = behind.length == 0 ||
                (behind.at[0] == ':' && read_port(slice_cut(behind, 1, behind.length), port));
    return good ? slice_cut(text, 1, (uint32_t)end) : malformed;
}

// The address without its port; more than one colon is IPv6, which has a port only behind brackets.
static slice without_port(slice text, uint32_t *port) {
    if (text.length > 0 && text.at[0] == '[') return unbracketed(text, port);
    int64_t colon = last_of(text, ':');
    if (colon < 0 || memchr(text.at, ':', (size_t)colon) != NULL) return text;
    bool good = read_port(slice_cut(text, (uint32_t)colon + 1, text.length), port);
    return good ? slice_cut(text, 0, (uint32_t)colon) : (slice){NULL, 0};
}

static struct address read_address(slice text) {
    struct address address = {.length = 0};
    address.length = cidr_parse_unmapped(without_port(text, &address.port), address.bytes);
    return address;
}

struct address client_peer(slice text) {
    struct address address = {.length = 0};
    slice host = without_port(text, &address.port);
    int64_t zone = last_of(host, '%');
    if (zone >= 0) host = slice_cut(host, 0, (uint32_t)zone);
    address.length = cidr_parse_unmapped(host, address.bytes);
    return address;
}

slice client_header(const struct trust *trust) {
    if (trust->header.length > 0) return trust->header;
    bool chain = trust->hops > 0 || trust->networks != NULL;
    return chain ? slice_of("x-forwarded-for") : (slice){NULL, 0};
}

// Takes the last entry off the chain; false when there is none left.
static bool take_last(slice *chain, bool *more, slice *entry) {
    if (!*more) return false;
    int64_t comma = last_of(*chain, ',');
    *more = comma >= 0;
    *entry = trimmed(slice_cut(*chain, (uint32_t)(comma + 1), chain->length));
    *chain = slice_cut(*chain, 0, comma < 0 ? 0 : (uint32_t)comma);
    return true;
}

static bool is_inside(const struct cidr_set *networks, const struct address *address) {
    return cidr_set_holds(networks, (const char *)address->bytes, address->length);
}

// How far the walk goes: so many entries, or while what was found is inside the networks.
static bool goes_on(const struct trust *trust, uint32_t walked, const struct address *found) {
    return trust->networks == NULL ? walked < trust->hops : is_inside(trust->networks, found);
}

static bool walk(const struct trust *trust, slice chain, struct address *found) {
    bool more = chain.length > 0;
    slice entry;
    for (uint32_t walked = 0; goes_on(trust, walked, found); walked++) {
        if (!take_last(&chain, &more, &entry)) return false;
        *found = read_address(entry);
        if (found->length == 0) return false;
    }
    return true;
}

struct address client_find(const struct trust *trust, struct address peer, slice chain,
                           bool *trusted) {
    struct address found = peer;
    if (trust->header.length > 0) {
        found = read_address(trimmed(chain));
        *trusted = found.length > 0;
    } else {
        *trusted = walk(trust, chain, &found) && found.length > 0;
    }
    return *trusted ? found : peer;
}

uint32_t client_prefix(struct address address, char out[CIDR_PRINTED]) {
    enum { IPV6_BITS = 64 };
    if (address.length == 4) return cidr_print_address(address.bytes, 4, out);
    uint8_t network[CIDR_BYTES];
    memcpy(network, address.bytes, CIDR_ADDRESS);
    network[CIDR_ADDRESS] = IPV6_BITS;
    cidr_mask(network, CIDR_BYTES);
    return cidr_print(network, CIDR_BYTES, out);
}

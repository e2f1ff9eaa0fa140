// IP addresses and networks, as Kubernetes' CEL libraries kubernetes.net.ip and
// kubernetes.net.cidr (and cel-go's network extension) define them, and sets of networks.
#include "engine/lib/network.h"

#include "engine/match/cidr.h"

static const uint8_t *bytes_of(struct value value) {
    return (const uint8_t *)value.as.text;
}

static enum failure keep(struct call *call, enum type kind, const uint8_t *bytes, uint32_t length,
                         struct value *out) {
    slice kept = arena_copy(call->arena, slice_from((const char *)bytes, length));
    if (kept.at == NULL) return FAILURE_NO_MEMORY;
    *out = (struct value){.kind = (uint8_t)kind, .length = length, .as.text = kept.at};
    return FAILURE_NONE;
}

enum failure network_ip(struct call *call, const struct value *arguments, struct value *out) {
    uint8_t address[CIDR_ADDRESS];
    uint32_t length = cidr_parse_address(value_text(arguments[0]), address);
    return length == 0 ? FAILURE_ADDRESS : keep(call, TYPE_IP, address, length, out);
}

enum failure network_is_ip(struct call *call, const struct value *arguments, struct value *out) {
    uint8_t address[CIDR_ADDRESS];
    (void)call;
    *out = value_bool(cidr_parse_address(value_text(arguments[0]), address) != 0);
    return FAILURE_NONE;
}

enum failure network_is_canonical(struct call *call, const struct value *arguments,
                                  struct value *out) {
    uint8_t address[CIDR_ADDRESS];
    char text[CIDR_PRINTED];
    (void)call;
    uint32_t length = cidr_parse_address(value_text(arguments[0]), address);
    if (length == 0) return FAILURE_ADDRESS;
    slice printed = slice_from(text, cidr_print_address(address, length, text));
    *out = value_bool(slice_equal(printed, value_text(arguments[0])));
    return FAILURE_NONE;
}

enum failure network_cidr(struct call *call, const struct value *arguments, struct value *out) {
    uint8_t network[CIDR_BYTES];
    uint32_t length = cidr_parse(value_text(arguments[0]), network);
    return length == 0 ? FAILURE_ADDRESS : keep(call, TYPE_CIDR, network, length, out);
}

enum failure network_is_cidr(struct call *call, const struct value *arguments, struct value *out) {
    uint8_t network[CIDR_BYTES];
    (void)call;
    *out = value_bool(cidr_parse(value_text(arguments[0]), network) != 0);
    return FAILURE_NONE;
}

// Of an ip or a cidr.
enum failure network_string(struct call *call, const struct value *arguments, struct value *out) {
    char *text = arena_take_raw(call->arena, CIDR_PRINTED);
    if (text == NULL) return FAILURE_NO_MEMORY;
    struct value of = arguments[0];
    uint32_t length = of.kind == TYPE_IP ? cidr_print_address(bytes_of(of), of.length, text)
                                         : cidr_print(bytes_of(of), of.length, text);
    *out = value_string(slice_from(text, length));
    return FAILURE_NONE;
}

enum failure network_family(struct call *call, const struct value *arguments, struct value *out) {
    (void)call;
    *out = value_int(arguments[0].length == 4 ? 4 : 6);
    return FAILURE_NONE;
}

// As Go's net/netip groups addresses.
struct kinds {
    bool unspecified, loopback, multicast, link_multicast, link_unicast, broadcast;
};

static struct kinds kinds_of(struct value ip) {
    static const uint8_t zeros[16] = {0}, ones[4] = {255, 255, 255, 255};
    const uint8_t *at = bytes_of(ip);
    bool zero = memcmp(at, zeros, ip.length - 1) == 0;
    if (ip.length == 4) {
        return (struct kinds){
            .unspecified = zero && at[3] == 0,
            .loopback = at[0] == 127,
            .multicast = at[0] >> 4 == 14,
            .link_multicast = at[0] == 224 && at[1] == 0 && at[2] == 0,
            .link_unicast = at[0] == 169 && at[1] == 254,
            .broadcast = memcmp(at, ones, 4) == 0,
        };
    }
    return (struct kinds){
        .unspecified = zero && at[15] == 0,
        .loopback = zero && at[15] == 1,
        .multicast = at[0] == 0xff,
        .link_multicast = at[0] == 0xff && (at[1] & 15) == 2,
        .link_unicast = at[0] == 0xfe && at[1] >> 6 == 2,
    };
}

enum failure network_is_unspecified(struct call *call, const struct value *arguments,
                                    struct value *out) {
    (void)call;
    *out = value_bool(kinds_of(arguments[0]).unspecified);
    return FAILURE_NONE;
}

enum failure network_is_loopback(struct call *call, const struct value *arguments,
                                 struct value *out) {
    (void)call;
    *out = value_bool(kinds_of(arguments[0]).loopback);
    return FAILURE_NONE;
}

enum failure network_is_link_multicast(struct call *call, const struct value *arguments,
                                       struct value *out) {
    (void)call;
    *out = value_bool(kinds_of(arguments[0]).link_multicast);
    return FAILURE_NONE;
}

enum failure network_is_link_unicast(struct call *call, const struct value *arguments,
                                     struct value *out) {
    (void)call;
    *out = value_bool(kinds_of(arguments[0]).link_unicast);
    return FAILURE_NONE;
}

enum failure network_is_global_unicast(struct call *call, const struct value *arguments,
                                       struct value *out) {
    (void)call;
    struct kinds kinds = kinds_of(arguments[0]);
    *out = value_bool(!kinds.unspecified && !kinds.loopback && !kinds.multicast &&
                      !kinds.link_unicast && !kinds.broadcast);
    return FAILURE_NONE;
}

// Whether a network has those addresses that begin with `bits` of these.
static bool covers(struct value cidr, const uint8_t *address, uint32_t length, uint32_t bits) {
    uint32_t prefix = bytes_of(cidr)[cidr.length - 1];
    return cidr.length == length + 1 && prefix <= bits &&
           cidr_alike(bytes_of(cidr), address, prefix);
}

enum failure network_contains_ip(struct call *call, const struct value *arguments,
                                 struct value *out) {
    uint8_t parsed[CIDR_ADDRESS];
    const uint8_t *address = bytes_of(arguments[1]);
    uint32_t length = arguments[1].length;
    (void)call;
    if (arguments[1].kind == TYPE_STRING) {
        length = cidr_parse_address(value_text(arguments[1]), parsed);
        address = parsed;
    }
    if (length == 0) return FAILURE_ADDRESS;
    *out = value_bool(covers(arguments[0], address, length, length * 8));
    return FAILURE_NONE;
}

enum failure network_contains_cidr(struct call *call, const struct value *arguments,
                                   struct value *out) {
    uint8_t parsed[CIDR_BYTES];
    const uint8_t *network = bytes_of(arguments[1]);
    uint32_t length = arguments[1].length;
    (void)call;
    if (arguments[1].kind == TYPE_STRING) {
        length = cidr_parse(value_text(arguments[1]), parsed);
        network = parsed;
    }
    if (length == 0) return FAILURE_ADDRESS;
    *out = value_bool(covers(arguments[0], network, length - 1, network[length - 1]));
    return FAILURE_NONE;
}

// The address as it was written, bits behind the prefix included.
enum failure network_address(struct call *call, const struct value *arguments, struct value *out) {
    (void)call;
    *out = arguments[0];
    out->kind = TYPE_IP;
    out->length--;
    return FAILURE_NONE;
}

enum failure network_masked(struct call *call, const struct value *arguments, struct value *out) {
    uint8_t network[CIDR_BYTES];
    memcpy(network, arguments[0].as.text, arguments[0].length);
    cidr_mask(network, arguments[0].length);
    return keep(call, TYPE_CIDR, network, arguments[0].length, out);
}

enum failure network_is_mask(struct call *call, const struct value *arguments, struct value *out) {
    uint8_t network[CIDR_BYTES];
    (void)call;
    memcpy(network, arguments[0].as.text, arguments[0].length);
    cidr_mask(network, arguments[0].length);
    *out = value_bool(memcmp(network, arguments[0].as.text, arguments[0].length) == 0);
    return FAILURE_NONE;
}

enum failure network_prefix_length(struct call *call, const struct value *arguments,
                                   struct value *out) {
    (void)call;
    *out = value_int(bytes_of(arguments[0])[arguments[0].length - 1]);
    return FAILURE_NONE;
}

enum failure network_make_set(struct arena *arena, struct value list, struct value *out,
                              uint32_t *bad) {
    const struct cidr_set *set;
    enum failure failure = cidr_set_build(arena, list, &set, bad);
    if (failure == FAILURE_NONE) *out = (struct value){.kind = TYPE_CIDRS, .as.object = set};
    return failure;
}

enum failure network_prepare_cidrs(struct arena *keep, struct value constant, struct value *out) {
    return network_make_set(keep, constant, out, NULL);
}

// Of a list, or of the set that was made of it when the rules were compiled.
enum failure network_cidrs(struct call *call, const struct value *arguments, struct value *out) {
    if (arguments[0].kind == TYPE_CIDRS) {
        *out = arguments[0];
        return FAILURE_NONE;
    }
    if (!call_charge(call, (uint64_t)arguments[0].length * 256)) return FAILURE_STEPS;
    return network_make_set(call->arena, arguments[0], out, NULL);
}

enum failure network_in(struct value address, struct value set, bool *out) {
    uint8_t parsed[CIDR_ADDRESS];
    slice bytes = value_text(address);
    if (address.kind == TYPE_STRING) {
        bytes = slice_from((const char *)parsed, cidr_parse_address(bytes, parsed));
        if (bytes.length == 0) return FAILURE_ADDRESS;
    }
    *out = cidr_set_holds(set.as.object, bytes.at, bytes.length);
    return FAILURE_NONE;
}

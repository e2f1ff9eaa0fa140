// Digests, keyed hashes, and the choices that are made by hash or by chance.
#include "engine/lib/hash.h"

#include <bearssl.h>

#include "engine/lib/keys.h"

static enum failure make_digest(struct call *call, const char digest[br_sha256_SIZE],
                                struct value *out) {
    char *bytes = arena_take_raw(call->arena, br_sha256_SIZE);
    if (bytes == NULL) return FAILURE_NO_MEMORY;
    memcpy(bytes, digest, br_sha256_SIZE);
    *out = value_bytes(slice_from(bytes, br_sha256_SIZE));
    return FAILURE_NONE;
}

enum failure hash_sha256(struct call *call, const struct value *arguments, struct value *out) {
    char digest[br_sha256_SIZE];
    br_sha256_context context;
    slice text = value_text(arguments[0]);
    if (!call_charge(call, text.length)) return FAILURE_STEPS;
    br_sha256_init(&context);
    if (text.length > 0) br_sha256_update(&context, text.at, text.length);
    br_sha256_out(&context, digest);
    return make_digest(call, digest, out);
}

// The key first (RFC 2104).
enum failure hash_hmac_sha256(struct call *call, const struct value *arguments, struct value *out) {
    char digest[br_sha256_SIZE];
    br_hmac_key_context prepared;
    br_hmac_context context;
    slice key = value_text(arguments[0]), text = value_text(arguments[1]);
    if (!call_charge(call, (uint64_t)key.length + text.length)) return FAILURE_STEPS;
    br_hmac_key_init(&prepared, &br_sha256_vtable, key.length > 0 ? key.at : "", key.length);
    br_hmac_init(&context, &prepared, 0);
    if (text.length > 0) br_hmac_update(&context, text.at, text.length);
    br_hmac_out(&context, digest);
    return make_digest(call, digest, out);
}

struct sip {
    uint64_t v[4];
    uint64_t tail;  // bytes that do not yet make eight, the first lowest
    uint64_t total; // bytes
};

static void sip_init(struct sip *sip, const char key[16]) {
    uint64_t low = eight_load(key), high = eight_load(key + 8);
    *sip = (struct sip){.v = {low ^ 0x736f6d6570736575, high ^ 0x646f72616e646f6d,
                              low ^ 0x6c7967656e657261, high ^ 0x7465646279746573}};
}

static void sip_rounds(uint64_t v[4], uint32_t count) {
    while (count-- > 0) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = word_rotated(v[1], 13) ^ v[0];
        v[3] = word_rotated(v[3], 16) ^ v[2];
        v[0] = word_rotated(v[0], 32);
        v[2] += v[1];
        v[0] += v[3];
        v[1] = word_rotated(v[1], 17) ^ v[2];
        v[3] = word_rotated(v[3], 21) ^ v[0];
        v[2] = word_rotated(v[2], 32);
    }
}

static void sip_word(struct sip *sip, uint64_t word) {
    sip->v[3] ^= word;
    sip_rounds(sip->v, 2);
    sip->v[0] ^= word;
}

// The lowest `bytes` of the number, one to eight; those above are zero.
static void sip_number(struct sip *sip, uint64_t number, uint32_t bytes) {
    uint32_t held = sip->total % 8;
    sip->tail |= number << held * 8;
    sip->total += bytes;
    if (held + bytes < 8) return;
    sip_word(sip, sip->tail);
    sip->tail = held == 0 ? 0 : number >> (8 - held) * 8;
}

static void sip_byte(struct sip *sip, uint8_t byte) {
    sip_number(sip, byte, 1);
}

static void sip_text(struct sip *sip, slice text) {
    uint32_t at = 0;
    for (; text.length - at >= 8; at += 8)
        sip_number(sip, eight_load(text.at + at), 8);
    for (; at < text.length; at++)
        sip_byte(sip, (uint8_t)text.at[at]);
}

static uint64_t sip_result(struct sip *sip) {
    sip_word(sip, sip->tail | sip->total << 56);
    sip->v[2] ^= 0xff;
    sip_rounds(sip->v, 4);
    return sip->v[0] ^ sip->v[1] ^ sip->v[2] ^ sip->v[3];
}

uint64_t hash_siphash(const char key[16], slice text) {
    struct sip sip;
    sip_init(&sip, key);
    sip_text(&sip, text);
    return sip_result(&sip);
}

static const char fixed_key[] = "weir hash, ver 1";

static void add_tagged(struct sip *sip, char tag, uint64_t number, uint32_t bytes) {
    sip_byte(sip, (uint8_t)tag);
    sip_number(sip, number, bytes);
}

static void add_natural(struct sip *sip, uint64_t number) {
    add_tagged(sip, number > INT64_MAX ? 'u' : 'i', number, 8);
}

static void add_double(struct sip *sip, double number) {
    uint64_t bits = UINT64_C(0x7ff8) << 48;
    if (number >= -0x1p63 && number < 0x1p63 && number == (double)(int64_t)number) {
        add_tagged(sip, 'i', (uint64_t)(int64_t)number, 8);
        return;
    }
    if (number >= 0x1p63 && number < 0x1p64) { // has no fraction
        add_natural(sip, (uint64_t)number);
        return;
    }
    if (number == number) memcpy(&bits, &number, sizeof bits);
    add_tagged(sip, 'd', bits, 8);
}

static enum failure add_value(struct call *call, struct sip *sip, struct value value);

static enum failure add_items(struct call *call, struct sip *sip, char tag, struct value list) {
    add_tagged(sip, tag, list.length, 4);
    for (uint32_t i = 0; i < list.length; i++) {
        enum failure failure = add_value(call, sip, list.as.items[i]);
        if (failure != FAILURE_NONE) return failure;
    }
    return FAILURE_NONE;
}

// A sum, so that the order of the entries does not matter.
static enum failure add_map(struct call *call, struct sip *sip, struct value map) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < map.length; i++) {
        struct sip entry;
        sip_init(&entry, fixed_key);
        enum failure failure = add_value(call, &entry, map.as.items[2 * i]);
        if (failure == FAILURE_NONE) failure = add_value(call, &entry, map.as.items[2 * i + 1]);
        if (failure != FAILURE_NONE) return failure;
        sum += sip_result(&entry);
    }
    add_tagged(sip, 'm', map.length, 4);
    sip_number(sip, sum, 8);
    return FAILURE_NONE;
}

static enum failure add_text(struct sip *sip, char tag, struct value value) {
    add_tagged(sip, tag, value.length, 4);
    sip_text(sip, value_text(value));
    return FAILURE_NONE;
}

// Recursion is bounded by the depth that values carry.
static enum failure add_value(struct call *call, struct sip *sip, struct value value) {
    // At least one for each value: a list may hold another many times over.
    call->steps--;
    if (!call_charge(call, value_is_text(value) ? value.length : 0)) return FAILURE_STEPS;
    switch ((enum type)value.kind) {
    case TYPE_NULL: sip_byte(sip, 'n'); return FAILURE_NONE;
    case TYPE_BOOL: add_tagged(sip, 'b', value.as.boolean, 1); return FAILURE_NONE;
    case TYPE_INT: add_tagged(sip, 'i', value.as.natural, 8); return FAILURE_NONE;
    case TYPE_UINT: add_natural(sip, value.as.natural); return FAILURE_NONE;
    case TYPE_DOUBLE: add_double(sip, value.as.real); return FAILURE_NONE;
    case TYPE_DURATION: add_tagged(sip, 'D', value.as.natural, 8); return FAILURE_NONE;
    case TYPE_TIMESTAMP:
        add_tagged(sip, 'T', value.as.natural, 8);
        sip_number(sip, value.length, 4);
        return FAILURE_NONE;
    case TYPE_STRING: return add_text(sip, 's', value);
    case TYPE_BYTES: return add_text(sip, 'y', value);
    case TYPE_TYPE: return add_text(sip, 't', value);
    case TYPE_IP: return add_text(sip, 'a', value);
    case TYPE_CIDR: return add_text(sip, 'c', value);
    case TYPE_LIST: return add_items(call, sip, 'l', value);
    case TYPE_OPTIONAL: return add_items(call, sip, 'o', value);
    case TYPE_MAP: return add_map(call, sip, value);
    default: return FAILURE_NO_OVERLOAD;
    }
}

enum failure hash_key(struct call *call, const char seed[16], const struct value *parts,
                      uint32_t count, uint64_t out[2]) {
    struct sip sip;
    sip_init(&sip, seed);
    sip.v[1] ^= 0xee;
    for (uint32_t i = 0; i < count; i++) {
        enum failure failure = add_value(call, &sip, parts[i]);
        if (failure != FAILURE_NONE) return failure;
    }
    sip_word(&sip, sip.tail | sip.total << 56);
    sip.v[2] ^= 0xee;
    sip_rounds(sip.v, 4);
    out[0] = sip.v[0] ^ sip.v[1] ^ sip.v[2] ^ sip.v[3];
    sip.v[1] ^= 0xdd;
    sip_rounds(sip.v, 4);
    out[1] = sip.v[0] ^ sip.v[1] ^ sip.v[2] ^ sip.v[3];
    return FAILURE_NONE;
}

enum failure hash_value(struct call *call, struct value value, slice salt, int64_t *out) {
    struct sip sip;
    sip_init(&sip, fixed_key);
    enum failure failure = add_value(call, &sip, value);
    if (failure != FAILURE_NONE) return failure;
    if (!call_charge(call, salt.length)) return FAILURE_STEPS;
    sip_text(&sip, salt);
    *out = (int64_t)(sip_result(&sip) & INT64_MAX);
    return FAILURE_NONE;
}

// The argument at `at`, or no salt.
static slice salt_at(const struct call *call, const struct value *arguments, uint32_t at) {
    return call->count > at ? value_text(arguments[at]) : slice_of("");
}

enum failure hash_of(struct call *call, const struct value *arguments, struct value *out) {
    int64_t hash;
    enum failure failure = hash_value(call, arguments[0], salt_at(call, arguments, 1), &hash);
    if (failure == FAILURE_NONE) *out = value_int(hash);
    return failure;
}

// 2^53: what a double holds exactly, and so what a weight of JSON can be.
static const uint64_t weights_most = UINT64_C(1) << 53;

static bool sum_weights(struct value map, uint64_t *sum) {
    *sum = 0;
    for (uint32_t i = 0; i < map.length; i++) {
        uint64_t weight;
        if (map.as.items[2 * i].kind != TYPE_STRING) return false;
        if (!value_whole(map.as.items[2 * i + 1], weights_most, &weight)) return false;
        *sum += weight;
        if (*sum > weights_most) return false;
    }
    return *sum > 0;
}

// hash(key, salt) modulo the sum of the weights, counted through the names in order.
enum failure hash_pick(struct call *call, const struct value *arguments, struct value *out) {
    struct value map = arguments[0];
    uint64_t sum, weight;
    int64_t hash;
    if (!call_charge(call, (uint64_t)map.length * 64)) return FAILURE_STEPS;
    if (!sum_weights(map, &sum)) return FAILURE_WEIGHTS;
    enum failure failure = hash_value(call, arguments[1], salt_at(call, arguments, 2), &hash);
    if (failure != FAILURE_NONE) return failure;
    const uint32_t *order = keys_sorted(call->arena, map);
    if (order == NULL) return FAILURE_NO_MEMORY;
    uint64_t point = (uint64_t)hash % sum;
    for (uint32_t i = 0;; i++) {
        const struct value *entry = map.as.items + (size_t)order[i] * 2;
        value_whole(entry[1], weights_most, &weight);
        if (point < weight) {
            *out = entry[0];
            return FAILURE_NONE;
        }
        point -= weight;
    }
}

enum failure hash_random(struct call *call, const struct value *arguments, struct value *out) {
    (void)arguments;
    if (call->random == NULL) return FAILURE_NO_RANDOM;
    *out = value_double((double)(call->random(call->self) >> 11) * 0x1p-53);
    return FAILURE_NONE;
}

// RFC 9562 section 5.4.
enum failure hash_uuid(struct call *call, const struct value *arguments, struct value *out) {
    enum { LENGTH = 36 };
    static const char digits[] = "0123456789abcdef",
                      form[] = "xxxxxxxx-xxxx-4xxx-vxxx-xxxxxxxxxxxx";
    (void)arguments;
    if (call->random == NULL) return FAILURE_NO_RANDOM;
    char *text = arena_take_raw(call->arena, LENGTH);
    if (text == NULL) return FAILURE_NO_MEMORY;
    uint64_t bits = 0;
    for (uint32_t i = 0; i < LENGTH; i++) {
        if (i == 0 || i == 18) bits = call->random(call->self);
        text[i] = form[i];
        if (form[i] == '-' || form[i] == '4') continue;
        text[i] = digits[form[i] == 'v' ? 8 | (bits & 3) : bits & 15];
        bits >>= 4;
    }
    *out = value_string(slice_from(text, LENGTH));
    return FAILURE_NONE;
}

// Values of the caller's fields, in the stream's arena; lib/client.c knows what they mean.
#include "engine/run/caller.h"

#include "engine/run/message.h"

static enum failure keep(struct run *run, const struct address *address, struct value *out) {
    if (address->length == 0) return FAILURE_ADDRESS;
    slice bytes = slice_from((const char *)address->bytes, address->length);
    slice kept = arena_copy(run->arena, bytes);
    if (kept.at == NULL) return FAILURE_NO_MEMORY;
    *out = (struct value){.kind = TYPE_IP, .length = kept.length, .as.text = kept.at};
    return FAILURE_NONE;
}

enum failure caller_peer(struct run *run, slice source, struct value *out) {
    struct address peer = client_peer(source);
    return keep(run, &peer, out);
}

// As received: what rules make of the header changes nobody's address.
enum failure caller_client(struct run *run, slice source, struct value *out) {
    const struct trust *trust = &run->program->trust;
    slice chain = {NULL, 0};
    slice header = client_header(trust);
    bool out_of_memory = false;
    if (header.length > 0) {
        message_find(run, MESSAGE_REQUEST, true, header, &chain, &out_of_memory);
    }
    if (out_of_memory) return FAILURE_NO_MEMORY;
    if (!call_charge(&run->call, chain.length)) return FAILURE_STEPS;
    struct address client = client_find(trust, client_peer(source), chain, &run->client_trusted);
    return keep(run, &client, out);
}

enum failure caller_prefix(struct run *run, struct value address, struct value *out) {
    struct address client = {.length = address.length};
    memcpy(client.bytes, address.as.text, address.length);
    char *text = arena_take_raw(run->arena, CIDR_PRINTED);
    if (text == NULL) return FAILURE_NO_MEMORY;
    *out = value_string(slice_from(text, client_prefix(client, text)));
    return FAILURE_NONE;
}

struct value caller_port(slice source) {
    return value_int((int64_t)client_peer(source).port);
}

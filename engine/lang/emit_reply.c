// Code of replies: their status and parts, each of which may fail without taking the reply along.
#include "engine/lang/emit.h"
#include "engine/run/redirect.h"

static void emit_part(struct emit *emit, const struct reply_part *part) {
    struct guard guard = emit_guard(emit);
    uint32_t value;
    switch (part->kind) {
    case REPLY_PART_BODY: emit_op(emit, OP_REPLY_BODY, emit_value(emit, part->value), 0, 0); break;
    case REPLY_PART_JSON: emit_op(emit, OP_REPLY_JSON, emit_value(emit, part->value), 0, 0); break;
    case REPLY_PART_HEADERS:
        emit_op(emit, OP_REPLY_HEADERS, emit_value(emit, part->value), 0, 0);
        break;
    case REPLY_PART_GRPC_STATUS:
        value = emit_value_of(emit, part->value, TYPE_INT);
        emit_op(emit, OP_REPLY_GRPC, value, 0, 0);
        break;
    default:
        value = emit_value_of(emit, part->value, TYPE_STRING);
        emit_op(emit, OP_REPLY_DETAILS, value, 0, 0);
        break;
    }
    emit_catch_error(emit, guard);
    emit_guarded(emit, guard);
}

// The headers come first: `json` adds a content type where they have none.
static void emit_parts(struct emit *emit, const struct reply_part *parts, bool headers) {
    for (const struct reply_part *part = parts; part != NULL; part = part->next) {
        if ((part->kind == REPLY_PART_HEADERS) == headers) emit_part(emit, part);
    }
}

void emit_send(struct emit *emit) {
    enum opcode op = emit->phase == PHASE_RESPONSE ? OP_REPLY_INSTEAD : OP_REPLY_SEND;
    if (emit->shadow) op = OP_REPLY_SHADOW;
    emit_op(emit, op, 0, 0, 0);
    if (op != OP_REPLY_SEND) emit_op(emit, OP_JUMP, 0, 0, emit->after);
}

// A status that fails is the usual one.
static void emit_begin(struct emit *emit, const struct action *action, enum reply_kind kind,
                       int64_t otherwise) {
    uint32_t usual = emit_constant(emit, value_int(otherwise));
    if (action->status == NULL) {
        emit_op(emit, OP_REPLY, kind, usual, 0);
        return;
    }
    struct guard guard = emit_guard(emit);
    uint32_t status = emit_value_of(emit, action->status, TYPE_INT);
    emit_op(emit, OP_REPLY, kind, status, 0);
    emit_catch_error(emit, guard);
    emit_op(emit, OP_REPLY, kind, usual, 0);
    emit_guarded(emit, guard);
}

// Null is the request's own.
static void emit_location_parts(struct emit *emit, const struct reply_part *parts) {
    uint32_t first = emit_registers(emit, REDIRECT_PARTS);
    uint32_t null = emit_constant(emit, value_null());
    emit_read(emit, MESSAGE_REQUEST);
    for (uint32_t i = 0; i < REDIRECT_PARTS; i++) {
        const struct reply_part *part = parts;
        while (part != NULL && part->kind - REPLY_PART_SCHEME != i)
            part = part->next;
        if (part == NULL) {
            emit_op(emit, OP_MOVE, first + i, null, 0);
        } else {
            emit_op(emit, OP_MOVE, first + i, emit_value(emit, part->value), 0);
        }
    }
    emit_op(emit, OP_REPLY_PARTS, first, 0, 0);
}

void emit_redirect(struct emit *emit, const struct action *action) {
    const struct reply_part *to = action->parts;
    struct guard guard = emit_guard(emit);
    emit_begin(emit, action, REPLY_REDIRECT, 302);
    if (to->kind == REPLY_PART_TO) {
        emit_op(emit, OP_REPLY_TO, emit_value_of(emit, to->value, TYPE_STRING), 0, 0);
    } else {
        emit_location_parts(emit, to);
    }
    emit_catch_error(emit, guard);
    emit_op(emit, OP_REPLY, REPLY_DENY, emit_constant(emit, value_int(403)), 0);
    emit_guarded(emit, guard);
    emit_send(emit);
}

void emit_reply(struct emit *emit, const struct action *action) {
    bool respond = action->kind == ACTION_RESPOND;
    emit_begin(emit, action, respond ? REPLY_RESPOND : REPLY_DENY, respond ? 200 : 403);
    emit_parts(emit, action->parts, true);
    emit_parts(emit, action->parts, false);
    emit_send(emit);
}

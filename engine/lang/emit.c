// Growing tables of the program under construction, and its blocks.
#include "engine/lang/emit.h"

#include "engine/lib/compare.h"

void emit_init(struct emit *emit, struct unit *unit, struct arena *arena) {
    *emit = (struct emit){.unit = unit, .arena = arena};
}

bool emit_reserve(struct emit *emit, void **rows, uint32_t count, uint32_t *capacity,
                  size_t bytes) {
    if (count < *capacity) return true;
    uint32_t grown = *capacity == 0 ? 32 : *capacity * 2;
    void *more = arena_array(emit->arena, grown, bytes);
    if (more == NULL) {
        emit->failed = true;
        return false;
    }
    if (count > 0) memcpy(more, *rows, count * bytes);
    *rows = more;
    *capacity = grown;
    return true;
}

bool emit_too_large(struct emit *emit, uint32_t most, const char *things) {
    if (!emit->too_large) {
        emit->over = things;
        emit->most = most;
    }
    emit->too_large = true;
    return false;
}

void emit_begin_block(struct emit *emit) {
    emit->block_start = emit->code_count;
    emit->block_handlers = emit->handler_count;
    emit->block_indexes = emit->index_count;
    emit->handler = NO_HANDLER;
    emit->next_register = 0;
    emit->label_count = 0;
    emit->placed = emit->code_count;
}

static bool has_target(uint16_t op) {
    switch ((enum opcode)op) {
    case OP_JUMP:
    case OP_IF:
    case OP_UNLESS:
    case OP_GROUP_KNOWN:
    case OP_GROUP_ENTER:
    case OP_RULE_INHERIT:
    case OP_RULE_ERROR:
    case OP_IF_FAILED:
    case OP_IF_EXEMPT:
    case OP_LIMIT:
    case OP_LIMIT_OTHER:
    case OP_CAP:
    case OP_EACH:
    case OP_EACH_PAIR:
    case OP_UNWRAP:
#define TEST(name, x, y, cost, condition, meaning)                                                 \
    case OP_IF_##name:                                                                             \
    case OP_UNLESS_##name:
#include "engine/tbl/tests.h"
#undef TEST
        return true;
    default: return false;
    }
}

void emit_end_block(struct emit *emit) {
    if (emit->failed || emit->too_large) return;
    for (uint32_t i = emit->block_start; i < emit->code_count; i++) {
        struct instruction *at = &emit->code[i];
        if (has_target(at->op)) at->c = (uint16_t)emit->labels[at->c];
    }
    for (uint32_t i = emit->block_handlers; i < emit->handler_count; i++) {
        emit->handlers[i].target = (uint16_t)emit->labels[emit->handlers[i].target];
    }
    for (uint32_t i = emit->block_indexes; i < emit->index_count; i++) {
        uint16_t *targets = emit->indexes[i].targets;
        for (uint32_t k = 0; k <= emit->indexes[i].count; k++)
            targets[k] = (uint16_t)emit->labels[targets[k]];
    }
}

uint32_t emit_here(const struct emit *emit) {
    return emit->code_count;
}

static bool reserve_code(struct emit *emit) {
    if (emit->code_count < emit->code_capacity) return true;
    uint32_t capacity = emit->code_capacity;
    void *rows = emit->code;
    if (!emit_reserve(emit, &rows, emit->code_count, &capacity, sizeof *emit->code)) return false;
    emit->code = rows;
    rows = emit->handler_of;
    if (!emit_reserve(emit, &rows, emit->code_count, &emit->code_capacity,
                      sizeof *emit->handler_of)) {
        return false;
    }
    emit->handler_of = rows;
    return true;
}

void emit_op(struct emit *emit, enum opcode op, uint32_t a, uint32_t b, uint32_t c) {
    if (emit->failed || emit->too_large) return;
    if (emit->code_count == LIMIT_INSTRUCTIONS) {
        emit_too_large(emit, LIMIT_INSTRUCTIONS, "instructions");
        return;
    }
    if (!reserve_code(emit)) return;
    emit->handler_of[emit->code_count] = emit->handler;
    emit->code[emit->code_count++] =
        (struct instruction){(uint16_t)op, (uint16_t)a, (uint16_t)b, (uint16_t)c};
}

uint32_t emit_label(struct emit *emit) {
    void *rows = emit->labels;
    if (emit->label_count > UINT16_MAX) {
        emit_too_large(emit, UINT16_MAX, "jumps in one phase");
        return 0;
    }
    if (!emit_reserve(emit, &rows, emit->label_count, &emit->label_capacity,
                      sizeof *emit->labels)) {
        return 0;
    }
    emit->labels = rows;
    emit->labels[emit->label_count] = LABEL_OPEN;
    return emit->label_count++;
}

void emit_place(struct emit *emit, uint32_t label) {
    if (emit->failed || emit->too_large) return;
    emit->labels[label] = emit->placed = emit->code_count;
}

uint16_t emit_handle(struct emit *emit, uint32_t label, uint32_t error_register) {
    uint16_t before = emit->handler;
    void *rows = emit->handlers;
    if (emit->handler_count == UINT16_MAX) {
        emit_too_large(emit, UINT16_MAX, "places where an error is handled");
        return before;
    }
    if (!emit_reserve(emit, &rows, emit->handler_count, &emit->handler_capacity,
                      sizeof *emit->handlers)) {
        return before;
    }
    emit->handlers = rows;
    emit->handlers[emit->handler_count++] =
        (struct handler){(uint16_t)label, (uint16_t)error_register};
    emit->handler = (uint16_t)emit->handler_count;
    return before;
}

void emit_restore(struct emit *emit, uint16_t handler) {
    emit->handler = handler;
}

uint32_t emit_register(struct emit *emit) {
    if (emit->next_register == LIMIT_REGISTERS) {
        emit_too_large(emit, LIMIT_REGISTERS, "values at once in one expression");
        return 0;
    }
    uint32_t taken = emit->next_register++;
    if (emit->next_register > emit->most_registers) emit->most_registers = emit->next_register;
    return taken;
}

static bool count_constant(struct emit *emit, struct value value) {
    emit->constant_bytes += value_is_text(value) ? value.length : 0;
    emit->constant_items += value_held(value);
    if (emit->constant_bytes > LIMIT_CONSTANT_BYTES) {
        return emit_too_large(emit, LIMIT_CONSTANT_BYTES, "bytes in constants");
    }
    return emit->constant_items <= LIMIT_CONSTANT_ITEMS ||
           emit_too_large(emit, LIMIT_CONSTANT_ITEMS, "items in constants");
}

// Texts and items move into the program's arena; depth is bounded by the value's own, size by what
// constants may hold together. Lists and maps get a table, so that `in` is one lookup.
static struct value keep_value(struct emit *emit, struct value value) {
    uint32_t count = value_held(value);
    if ((!value_is_text(value) && count == 0) || !count_constant(emit, value)) return value;
    if (count == 0) {
        slice copy = arena_copy(emit->arena, value_text(value));
        if (copy.at == NULL) emit->failed = true;
        value.as.text = copy.at;
        return value;
    }
    uint32_t table = index_bytes(value);
    struct value *items = arena_take(emit->arena, count * sizeof *items + table);
    if (items == NULL) emit->failed = true;
    for (uint32_t i = 0; i < count && !emit->failed && !emit->too_large; i++) {
        items[i] = keep_value(emit, value.as.items[i]);
    }
    value.as.items = items;
    value.spare = 0;
    if (table > 0 && !emit->failed && !emit->too_large)
        index_build(&value, 64 * (uint64_t)count + 4096);
    return value;
}

static uint32_t constant_hash(struct value value) {
    if (value_is_text(value)) return slice_hash_folded(value_text(value)) ^ value.kind;
    bool items = value_held(value) > 0;
    uint64_t bits = items ? (uintptr_t)value.as.items : value.as.natural;
    bits *= UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(bits >> 32) ^ value.kind;
}

// Of a constant that is there: lists and maps by where they came from.
static uint32_t emit_hash(const struct emit *emit, uint32_t index) {
    struct value value = emit->constants[index];
    if (emit->origins[index] != NULL) value.as.items = emit->origins[index];
    return constant_hash(value);
}

// Identical scalars and texts share a place, and so do uses of the same list or map: a large list
// of `config` is there once, however many rules ask it.
static bool same_constant(const struct emit *emit, uint32_t index, struct value b) {
    struct value a = emit->constants[index];
    if (a.kind != b.kind) return false;
    if (value_held(a) > 0) return a.length == b.length && emit->origins[index] == b.as.items;
    if (value_is_text(a)) return slice_equal(value_text(a), value_text(b));
    return a.as.natural == b.as.natural && a.length == b.length;
}

static bool grow_constants(struct emit *emit) {
    if (emit->constant_count < emit->constant_capacity) return true;
    uint32_t capacity = emit->constant_capacity;
    void *origins = emit->origins;
    if (!emit_reserve(emit, &origins, emit->constant_count, &capacity, sizeof *emit->origins)) {
        return false;
    }
    void *rows = emit->constants;
    if (!emit_reserve(emit, &rows, emit->constant_count, &emit->constant_capacity,
                      sizeof *emit->constants)) {
        return false;
    }
    emit->origins = origins;
    emit->constants = rows;
    uint32_t places = emit->constant_capacity * 2;
    emit->constant_table = arena_array(emit->arena, places, sizeof *emit->constant_table);
    if (emit->constant_table == NULL) {
        emit->failed = true;
        return false;
    }
    for (uint32_t i = 0; i < emit->constant_count; i++) {
        uint32_t at = emit_hash(emit, i) & (places - 1);
        while (emit->constant_table[at] != 0)
            at = (at + 1) & (places - 1);
        emit->constant_table[at] = i + 1;
    }
    return true;
}

uint32_t emit_constant(struct emit *emit, struct value value) {
    if (emit->failed || emit->too_large || !grow_constants(emit)) return OPERAND_CONSTANT;
    if (value.kind == TYPE_BOOL) value.as.natural = value.as.boolean ? 1 : 0;
    uint32_t mask = emit->constant_capacity * 2 - 1;
    uint32_t at = constant_hash(value) & mask;
    for (; emit->constant_table[at] != 0; at = (at + 1) & mask) {
        uint32_t index = emit->constant_table[at] - 1;
        if (same_constant(emit, index, value)) return OPERAND_CONSTANT | index;
    }
    if (emit->constant_count == LIMIT_CONSTANTS) {
        emit_too_large(emit, LIMIT_CONSTANTS, "constants");
        return OPERAND_CONSTANT;
    }
    bool items = value_held(value) > 0;
    emit->origins[emit->constant_count] = items ? value.as.items : NULL;
    emit->constants[emit->constant_count] = keep_value(emit, value);
    emit->constant_table[at] = emit->constant_count + 1;
    return OPERAND_CONSTANT | emit->constant_count++;
}

uint32_t emit_slot(struct emit *emit, enum message_kind message, slice name) {
    for (uint32_t i = 0; i < emit->slot_count; i++) {
        const struct slot_row *row = &emit->slots[i];
        bool same = row->message == message && row->original == emit->in_let;
        if (same && slice_equal(row->name, name)) return i;
    }
    if (emit->slot_count == LIMIT_HEADER_SLOTS) {
        emit_too_large(emit, LIMIT_HEADER_SLOTS, "header names");
        return 0;
    }
    void *rows = emit->slots;
    if (!emit_reserve(emit, &rows, emit->slot_count, &emit->slot_capacity, sizeof *emit->slots)) {
        return 0;
    }
    emit->slots = rows;
    slice copy = arena_copy(emit->arena, name);
    if (copy.at == NULL) emit->failed = true;
    emit->slots[emit->slot_count] =
        (struct slot_row){.name = copy, .message = (uint8_t)message, .original = emit->in_let};
    return emit->slot_count++;
}

static slice keep_text(struct emit *emit, slice text) {
    slice copy = arena_copy(emit->arena, text);
    if (copy.at == NULL) emit->failed = true;
    return copy;
}

// Nothing jumps in between the last instruction and this edit: they become one.
static bool extends_last(const struct emit *emit, enum message_kind message) {
    if (emit->code_count == emit->block_start || emit->placed == emit->code_count) return false;
    const struct instruction *last = &emit->code[emit->code_count - 1];
    return last->op == OP_HEADER_EDITS && last->b < UINT16_MAX &&
           emit->prepared[last->a].message == message &&
           emit->handler_of[emit->code_count - 1] == emit->handler;
}

void emit_prepared(struct emit *emit, enum effect_kind kind, enum message_kind message, slice name,
                   slice value) {
    void *rows = emit->prepared;
    if (emit->failed || emit->too_large) return;
    if (emit->prepared_count == UINT16_MAX) {
        emit_too_large(emit, UINT16_MAX, "header edits");
        return;
    }
    if (!emit_reserve(emit, &rows, emit->prepared_count, &emit->prepared_capacity,
                      sizeof *emit->prepared)) {
        return;
    }
    emit->prepared = rows;
    emit->prepared[emit->prepared_count] = (struct effect){.kind = (uint8_t)kind,
                                                           .message = (uint8_t)message,
                                                           .rule = NO_RULE,
                                                           .name = keep_text(emit, name),
                                                           .value = keep_text(emit, value)};
    if (extends_last(emit, message)) {
        emit->code[emit->code_count - 1].b++;
    } else {
        emit_op(emit, OP_HEADER_EDITS, emit->prepared_count, 1, 0);
    }
    emit->prepared_count++;
}

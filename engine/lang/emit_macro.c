// Code of macros: loops over lists and maps, variables, and choices between optionals.
#include "engine/lang/emit.h"

// A loop over a list or map: its registers and labels.
struct loop {
    uint32_t over; // operand
    uint32_t walk; // first of the walk's registers
    uint32_t head; // instruction
    uint32_t next; // label: the end of a round
    uint32_t done; // label: behind the last round
};

static uint32_t emit_range(struct emit *emit, const struct expr *range) {
    if (range->type != TYPE_HEADERS) return emit_value(emit, range);
    uint32_t names = emit_register(emit);
    emit_op(emit, OP_HEADER_NAMES, names, emit_value(emit, range), 0);
    return names;
}

static void set_place(struct emit *emit, const struct expr *variable, uint32_t place) {
    emit->unit->variables[variable->index].place = (uint16_t)place;
}

// The range is in `loop->over`; all registers that live on from round to round exist already.
static void open_loop(struct emit *emit, struct loop *loop, const struct expr *first,
                      const struct expr *second) {
    bool pair = second != NULL;
    loop->next = emit_label(emit);
    loop->done = emit_label(emit);
    loop->walk = emit_registers(emit, pair ? 3 : 2);
    set_place(emit, first, loop->walk + 1);
    if (pair) set_place(emit, second, loop->walk + 2);
    emit_op(emit, OP_MOVE, loop->walk, emit_constant(emit, value_int(0)), 0);
    loop->head = emit_here(emit);
    emit_op(emit, pair ? OP_EACH_PAIR : OP_EACH, loop->walk, loop->over, loop->done);
}

static void close_loop(struct emit *emit, const struct loop *loop) {
    emit_place(emit, loop->next);
    emit_op(emit, OP_LOOP, 0, 0, loop->head);
    emit_place(emit, loop->done);
}

struct parts {
    const struct expr *range;
    const struct expr *first;
    const struct expr *second; // or NULL
    const struct expr *filter; // or NULL
    const struct expr *body;
};

static struct parts parts_of(const struct expr *expr, bool two) {
    struct parts parts = {.range = expr->first, .first = expr->first->next};
    const struct expr *rest = parts.first->next;
    if (two) {
        parts.second = rest;
        rest = rest->next;
    }
    if (rest->next != NULL) {
        parts.filter = rest;
        rest = rest->next;
    }
    parts.body = rest;
    return parts;
}

// all and exists: as chains of && and ||, whose errors wait for an item that decides.
static void emit_quantifier(struct emit *emit, const struct expr *expr, uint32_t label, bool when) {
    bool decides = expr->index == MACRO_EXISTS;
    struct parts parts = parts_of(expr, expr->count == 4);
    bool waits = parts.body->type != TYPE_BOOL || expr_can_fail(parts.body);
    uint32_t decided = decides == when ? label : emit_label(emit);
    uint32_t error = waits ? emit_register(emit) : 0;
    struct loop loop = {.over = emit_range(emit, parts.range)};
    if (waits) emit_op(emit, OP_CLEAR, error, 0, 0);
    open_loop(emit, &loop, parts.first, parts.second);
    uint16_t before = emit->handler;
    if (waits) emit_handle(emit, loop.next, error);
    emit_branch(emit, parts.body, decided, decides);
    emit_restore(emit, before);
    close_loop(emit, &loop);
    if (waits) emit_op(emit, OP_RAISE, error, 0, 0);
    if (decides == when) return;
    emit_op(emit, OP_JUMP, 0, 0, label);
    emit_place(emit, decided);
}

static bool is_quantifier(const struct expr *expr) {
    bool macro = expr->kind == EXPR_CALL && expr->binding == BIND_MACRO;
    return macro && (expr->index == MACRO_ALL || expr->index == MACRO_EXISTS);
}

bool emit_macro_branch(struct emit *emit, const struct expr *expr, uint32_t label, bool when) {
    if (!is_quantifier(expr)) return false;
    emit_quantifier(emit, expr, label, when);
    return true;
}

static void emit_exists_one(struct emit *emit, const struct expr *expr, uint32_t into) {
    struct parts parts = parts_of(expr, expr->count == 4);
    uint32_t one = emit_constant(emit, value_int(1));
    uint32_t count = emit_register(emit);
    struct loop loop = {.over = emit_range(emit, parts.range)};
    emit_op(emit, OP_MOVE, count, emit_constant(emit, value_int(0)), 0);
    open_loop(emit, &loop, parts.first, parts.second);
    emit_branch(emit, parts.body, loop.next, false);
    emit_op(emit, OP_ADD_INT, count, count, one);
    close_loop(emit, &loop);
    uint32_t yes = emit_label(emit);
    emit_op(emit, OP_MOVE, into, emit_constant(emit, value_bool(true)), 0);
    emit_op(emit, OP_IF_EQ_INT, count, one, yes);
    emit_op(emit, OP_MOVE, into, emit_constant(emit, value_bool(false)), 0);
    emit_place(emit, yes);
}

// What one round adds to the list or map under construction.
static void emit_round(struct emit *emit, enum macro macro, const struct parts *parts,
                       const struct loop *loop, uint32_t builder) {
    uint32_t item = macro == MACRO_FILTER ? loop->walk + 1 : 0;
    switch (macro) {
    case MACRO_FILTER:
        emit_branch(emit, parts->body, loop->next, false);
        emit_op(emit, OP_APPEND, builder, item, 0);
        break;
    case MACRO_TRANSFORM_MAP:
        item = emit_value(emit, parts->body);
        emit_op(emit, OP_APPEND, builder, loop->walk + 1, 0);
        emit_op(emit, OP_APPEND, builder, item, 0);
        break;
    case MACRO_TRANSFORM_MAP_ENTRY:
        emit_op(emit, OP_APPEND_MAP, builder, emit_value(emit, parts->body), 0);
        break;
    default: emit_op(emit, OP_APPEND, builder, emit_value(emit, parts->body), 0); break;
    }
}

static void emit_building(struct emit *emit, const struct expr *expr, enum macro macro,
                          uint32_t over, uint32_t into) {
    bool two = macro == MACRO_TRANSFORM_LIST || macro == MACRO_TRANSFORM_MAP ||
               macro == MACRO_TRANSFORM_MAP_ENTRY;
    bool map = macro == MACRO_TRANSFORM_MAP || macro == MACRO_TRANSFORM_MAP_ENTRY;
    struct parts parts = parts_of(expr, two);
    struct loop loop = {.over = over};
    uint32_t builder = emit_register(emit);
    // A filter may keep few: it grows as it needs.
    uint32_t like = macro == MACRO_FILTER ? emit_constant(emit, value_null()) : over;
    emit_op(emit, OP_BUILD, builder, like, 0);
    open_loop(emit, &loop, parts.first, parts.second);
    if (parts.filter != NULL) emit_branch(emit, parts.filter, loop.next, false);
    emit_round(emit, macro, &parts, &loop, builder);
    close_loop(emit, &loop);
    emit_op(emit, map ? OP_BUILT_MAP : OP_BUILT_LIST, into, builder, 0);
}

static void emit_sort_by(struct emit *emit, const struct expr *expr, uint32_t into) {
    uint32_t list = emit_register(emit);
    uint32_t keys = emit_register(emit);
    uint32_t over = emit_range(emit, expr->first);
    if (expr->first->type != TYPE_LIST) {
        emit_op(emit, OP_CHECK, list, over, TYPE_LIST);
        over = list;
    }
    emit_building(emit, expr, MACRO_MAP, over, keys);
    emit_sort(emit, over, keys, into);
}

static struct value nothing_of(enum type type) {
    struct value nothing = {.kind = (uint8_t)(type == TYPE_DYN ? TYPE_NULL : type)};
    nothing.depth = type == TYPE_LIST || type == TYPE_MAP || type == TYPE_OPTIONAL;
    return nothing;
}

// A value with a name: where it fails, the error waits until the name is used.
static void emit_named(struct emit *emit, const struct expr *value, uint32_t number) {
    struct unit_variable *variable = &emit->unit->variables[number];
    uint32_t place = emit_register(emit);
    variable->place = (uint16_t)place;
    if (!variable->can_fail) {
        emit_to(emit, value, place);
        return;
    }
    uint32_t failed = emit_label(emit);
    uint32_t done = emit_label(emit);
    uint32_t error = emit_register(emit);
    variable->error = (uint16_t)error;
    emit_op(emit, OP_CLEAR, error, 0, 0);
    uint16_t before = emit_handle(emit, failed, error);
    emit_to(emit, value, place);
    emit_restore(emit, before);
    emit_op(emit, OP_JUMP, 0, 0, done);
    emit_place(emit, failed);
    emit_op(emit, OP_MOVE, place, emit_constant(emit, nothing_of((enum type)variable->type)), 0);
    emit_place(emit, done);
}

static void emit_bind(struct emit *emit, const struct expr *expr, uint32_t into) {
    const struct expr *name = expr->first;
    emit_named(emit, name->next, name->index);
    emit_to(emit, name->next->next, into);
}

static void emit_block(struct emit *emit, const struct expr *expr, uint32_t into) {
    const struct expr *list = expr->first;
    uint32_t number = 0;
    for (const struct expr *item = list->first; item != NULL; item = item->next)
        emit_named(emit, item, list->block[number++]);
    emit_to(emit, list->next, into);
}

static void emit_opt_map(struct emit *emit, const struct expr *expr, bool flat, uint32_t into) {
    const struct expr *name = expr->first->next;
    uint32_t none = emit_label(emit);
    uint32_t held = emit_register(emit);
    uint32_t from = emit_value_of(emit, expr->first, TYPE_OPTIONAL);
    emit_op(emit, OP_MOVE, into, emit_constant(emit, value_optional(NULL)), 0);
    emit_op(emit, OP_UNWRAP, held, from, none);
    set_place(emit, name, held);
    uint32_t value =
        flat ? emit_value_of(emit, name->next, TYPE_OPTIONAL) : emit_value(emit, name->next);
    emit_op(emit, flat ? OP_MOVE : OP_OPTIONAL_OF, into, value, 0);
    emit_place(emit, none);
}

static void emit_or(struct emit *emit, const struct expr *expr, bool value, uint32_t into) {
    uint32_t none = emit_label(emit);
    uint32_t done = emit_label(emit);
    uint32_t held = emit_register(emit);
    uint32_t from = emit_value_of(emit, expr->first, TYPE_OPTIONAL);
    emit_op(emit, OP_UNWRAP, held, from, none);
    emit_op(emit, OP_MOVE, into, value ? held : from, 0);
    emit_op(emit, OP_JUMP, 0, 0, done);
    emit_place(emit, none);
    const struct expr *other = expr->first->next;
    uint32_t instead = value ? emit_value(emit, other) : emit_value_of(emit, other, TYPE_OPTIONAL);
    emit_op(emit, OP_MOVE, into, instead, 0);
    emit_place(emit, done);
}

static void emit_has(struct emit *emit, const struct expr *expr, uint32_t into) {
    const struct expr *asked = expr->first;
    if (asked->binding == BIND_FIELD) {
        emit_read_field(emit, asked->index);
        emit_op(emit, OP_FIELD_THERE, into, asked->index, 0);
        return;
    }
    uint32_t from = emit_value(emit, asked->first);
    uint32_t name = emit_constant(emit, value_string(asked->name));
    emit_op(emit, asked->binding == BIND_HEADER ? OP_HEADER_IN : OP_HAS, into, from, name);
}

void emit_macro(struct emit *emit, const struct expr *expr, uint32_t into) {
    uint32_t slot;
    enum macro macro = (enum macro)expr->index;
    switch (macro) {
    case MACRO_HAS:
        if (emit_find_slot(emit, expr->first, &slot)) {
            emit_truth(emit, expr, into);
        } else {
            emit_has(emit, expr, into);
        }
        break;
    case MACRO_ALL:
    case MACRO_EXISTS: emit_truth(emit, expr, into); break;
    case MACRO_EXISTS_ONE:
    case MACRO_EXISTS_ONE_TOO: emit_exists_one(emit, expr, into); break;
    case MACRO_SORT_BY: emit_sort_by(emit, expr, into); break;
    case MACRO_BIND: emit_bind(emit, expr, into); break;
    case MACRO_BLOCK: emit_block(emit, expr, into); break;
    case MACRO_OPT_MAP:
    case MACRO_OPT_FLAT_MAP: emit_opt_map(emit, expr, macro == MACRO_OPT_FLAT_MAP, into); break;
    case MACRO_OR:
    case MACRO_OR_VALUE: emit_or(emit, expr, macro == MACRO_OR_VALUE, into); break;
    default: emit_building(emit, expr, macro, emit_range(emit, expr->first), into); break;
    }
}

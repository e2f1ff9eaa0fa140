// The charges of the interpreter and of comparisons, each with the largest sizes that its operands
// may have. Numbers are in 64ths of a step: what a byte takes that is walked over.
#include "engine/run/cost_weigh.h"

#include "engine/run/cost_call.h"
#include "engine/run/index.h"

void weigh_once(struct cost *cost, uint64_t parts) {
    cost_add_term(cost, COST_ONE, 0, parts);
}

// For each byte of a text.
void weigh_text(struct cost *cost, struct facts text, uint64_t parts) {
    if (text.length != FACT_NO_LENGTH) {
        weigh_once(cost, parts * text.length);
    } else {
        cost_add_term(cost, COST_S, 0, parts * COST_STEP);
    }
}

// For each byte of a text that nothing is known of.
void weigh_any_text(struct cost *cost, uint64_t parts) {
    cost_add_term(cost, COST_S, 0, parts * COST_STEP);
}

// Each item of a list or map: the length is its own.
void weigh_each(struct cost *cost, struct facts list) {
    if (list.length != FACT_NO_LENGTH) {
        cost_times(cost, list.length);
    } else {
        cost_times_items(cost);
    }
}

// Each item, those inside of items counted, too.
void weigh_each_inside(struct cost *cost, struct facts list) {
    if (facts_flat(list)) {
        weigh_each(cost, list);
    } else {
        cost_times_items(cost);
    }
}

// What value_steps takes for a result of these kinds.
void weigh_result(struct cost *cost, uint32_t kinds) {
    if (kinds & KINDS_TEXT) weigh_any_text(cost, 1);
    if (kinds & (KIND_BIT(LIST) | KIND_BIT(MAP))) cost_add_term(cost, COST_ONE, 1, 1);
}

// ---- comparisons

// Two values of which nothing is known but that both are lists, maps or optionals: a map's keys are
// looked for one by one in the other map.
static void add_nested(struct cost *cost) {
    cost_add_term(cost, COST_ONE, 1, 2 * ONCE);
    cost_add_term(cost, COST_S, 1, 3 * ONCE);
    cost_add_term(cost, COST_ONE, 2, ONCE);
    cost_add_term(cost, COST_S, 2, ONCE);
}

static struct facts shorter(struct facts x, struct facts y) {
    return x.length < y.length ? x : y; // no length is the largest
}

static void add_flat(struct cost *cost, struct facts x, struct facts y, uint32_t kinds) {
    struct facts least = shorter(x, y);
    struct cost each = {0};
    weigh_once(&each, ONCE);
    if (x.items & y.items & KINDS_TEXT) weigh_any_text(&each, 1);
    struct cost keys = each;
    weigh_each(&each, least);
    cost_add(cost, &each);
    if ((kinds & KIND_BIT(MAP)) == 0) return;
    weigh_each(&keys, least);
    weigh_each(&keys, least);
    cost_add(cost, &keys);
}

static void add_equal(struct cost *cost, struct facts x, struct facts y) {
    uint32_t kinds = x.kinds & y.kinds;
    if (kinds & KINDS_TEXT) weigh_text(cost, x, 1);
    if ((kinds & KINDS_NESTED) == 0) return;
    bool flat = (x.items & y.items & KINDS_NESTED) == 0;
    if (flat) {
        add_flat(cost, x, y, kinds);
    } else {
        add_nested(cost);
    }
}

static bool is_indexed(const struct program *program, struct facts list) {
    return list.constant > 0 && program->constants[list.constant - 1].spare != 0;
}

static void add_member(struct cost *cost, const struct program *program, struct facts item,
                       struct facts list) {
    if ((list.kinds & KIND_BIT(LIST)) == 0 || is_indexed(program, list)) return;
    uint32_t kinds = item.kinds & list.items;
    struct cost each = {0};
    weigh_once(&each, ONCE);
    if (kinds & KINDS_TEXT) weigh_any_text(&each, 1);
    weigh_each(&each, list);
    cost_add(cost, &each);
    if (kinds & KINDS_NESTED) add_nested(cost);
}

// Keys of maps are compared one by one; of an optional, those of the map that it may hold.
static void add_lookup(struct cost *cost, const struct program *program, struct facts key,
                       struct facts map) {
    if ((map.kinds & (KIND_BIT(MAP) | KIND_BIT(OPTIONAL))) == 0 || is_indexed(program, map)) return;
    struct cost each = {0};
    weigh_once(&each, ONCE);
    if (key.kinds & KINDS_TEXT) weigh_any_text(&each, 1);
    weigh_each(&each, map);
    cost_add(cost, &each);
}

// The column `cost` of a test, for operands of these lengths.
static uint64_t test_steps(uint16_t op, uint32_t x_length, uint32_t y_length) {
    const struct {
        uint32_t length;
    } x = {x_length}, y = {y_length};
    static const struct {
        int64_t spent;
    } nothing, *const run = &nothing;
    switch (op) {
#define TEST(name, x_type, y_type, cost, condition, meaning)                                       \
    case OP_IF_##name:                                                                             \
    case OP_UNLESS_##name: return (uint64_t)(cost);
#include "engine/tbl/tests.h"
#undef TEST
    default: break;
    }
    (void)x, (void)y, (void)run;
    return 0;
}

static void add_test(struct cost *cost, const struct facts_walk *walk, struct instruction i) {
    struct facts x = facts_of(walk, i.a), y = facts_of(walk, i.b);
    weigh_text(cost, x, test_steps(i.op, COST_STEP, 0));
    weigh_text(cost, y, test_steps(i.op, 0, COST_STEP));
    bool equality = i.op == OP_IF_EQ_ANY || i.op == OP_UNLESS_EQ_ANY;
    bool member = i.op == OP_IF_IN_LIST || i.op == OP_UNLESS_IN_LIST;
    if (equality) add_equal(cost, x, y);
    bool key = i.op == OP_IF_IN_MAP || i.op == OP_UNLESS_IN_MAP;
    if (member) add_member(cost, walk->program, x, y);
    if (key) add_lookup(cost, walk->program, x, y);
}

// ---- instructions

// Each line is compared with those before it.
static void add_names(struct cost *cost) {
    cost_add_term(cost, COST_HH, 0, 8);
    cost_add_term(cost, COST_H, 0, 8 + 1);
}

// Of two operands, b and c.
static void add_pair(struct cost *cost, const struct facts_walk *walk, struct instruction i) {
    struct facts x = facts_of(walk, i.b), y = facts_of(walk, i.c);
    if (i.op == OP_ADD_ANY) {
        weigh_result(cost, x.kinds & y.kinds);
        return;
    }
    if (i.op == OP_SELECT || i.op == OP_INDEX) weigh_result(cost, facts_result(walk, i).kinds);
    if (i.op == OP_HOLDS) add_member(cost, walk->program, y, x);
    add_lookup(cost, walk->program, y, x);
}

// A body is read as JSON once; a chain of addresses is walked, as are parts of headers.
static void add_field(struct cost *cost, struct facts result, uint32_t field) {
    bool reads = field == FIELD_REQUEST_JSON || field == FIELD_RESPONSE_JSON ||
                 field == FIELD_CLIENT_IP || field == FIELD_CLIENT_PREFIX ||
                 field == FIELD_CLIENT_TRUSTED || field == FIELD_REQUEST_SUSPICIOUS ||
                 field == FIELD_REQUEST_BASIC_USER || field == FIELD_REQUEST_BASIC_PASSWORD ||
                 field_rows[field].how == HOW_PARTS;
    weigh_result(cost, result.kinds);
    if (reads) weigh_any_text(cost, 1);
    uint8_t how = field_rows[field].how;
    bool message =
        field_rows[field].type == TYPE_DYN && (how == HOW_FETCHED || how == HOW_MEASURED);
    if (message || field == FIELD_JWT) weigh_any_text(cost, 4);
}

// A header is cut into pieces, of at least a byte with its separator, and they are compared twice;
// names and values are written.
static void weigh_place(struct cost *cost) {
    weigh_any_text(cost, 2 + 16);
    cost_add_term(cost, COST_S, 1, 2 * COST_STEP);
}

// All that may be looked up in a phase. Each link is one of an entry, or one of a byte of a value;
// the last chain may go on.
static void add_look(struct cost *cost, const struct index_row *row) {
    uint64_t once = (uint64_t)index_words(row->count) * INDEX_WORD_COST;
    once += (2 * (uint64_t)row->entry_count + 1) * INDEX_LINK_COST;
    for (uint32_t i = 0; i < row->probe_count; i++) {
        const struct index_probe *probe = &row->probes[i];
        bool contains = probe->way == INDEX_CONTAINS;
        uint64_t byte = INDEX_LINK_COST + (contains ? INDEX_WINDOW_COST : 1);
        once += INDEX_PROBE_COST;
        if (contains) weigh_any_text(cost, INDEX_LOOKS * byte);
        if (!contains) once += probe->longest * byte;
    }
    weigh_once(cost, INDEX_LOOKS * once);
}

static void add_operation(struct cost *cost, const struct facts_walk *walk, struct instruction i) {
    switch ((enum opcode)i.op) {
    case OP_CALL:
    case OP_CALL_ANY: weigh_call(cost, walk, i); break;
    case OP_LIST:
    case OP_MAP: weigh_once(cost, i.c); break;
    case OP_CHECK: weigh_result(cost, UINT32_C(1) << i.c & facts_of(walk, i.b).kinds); break;
    case OP_CONCAT:
    case OP_HEADER_NAMED: weigh_any_text(cost, 1); break;
    case OP_FIELD_THERE:
    case OP_FIELD: add_field(cost, facts_result(walk, i), i.b); break;
    case OP_SELECT:
    case OP_INDEX:
    case OP_HAS:
    case OP_OPTIONAL_SELECT:
    case OP_OPTIONAL_INDEX:
    case OP_ADD_ANY:
    case OP_HOLDS: add_pair(cost, walk, i); break;
    case OP_APPEND_MAP:
    case OP_BUILT_LIST:
    case OP_BUILT_MAP: cost_add_term(cost, COST_ONE, 1, 1); break;
    case OP_PLACE_SET:
    case OP_PLACE_ADD:
    case OP_PLACE_REMOVE: weigh_place(cost); break;
    case OP_HEADER_REMOVE_ALL: cost_add_term(cost, COST_H, 0, 8); break;
    case OP_HEADER_VALUES: cost_add_term(cost, COST_H, 0, 8 + 1); break;
    case OP_HEADER_NAMES:
    case OP_HEADER_MAP: add_names(cost); break;
    case OP_LIMIT: weigh_once(cost, ONCE); break; // again with the answer
    case OP_LOOK: add_look(cost, &walk->program->indexes[i.a]); break;
    default: break; // the step alone
    }
}

static bool is_test(uint16_t op) {
    return op > OP_END;
}

struct cost weigh_instruction(const struct facts_walk *walk, struct instruction i) {
    struct cost cost = {0};
    weigh_once(&cost, ONCE);
    if (is_test(i.op)) {
        add_test(&cost, walk, i);
    } else {
        add_operation(&cost, walk, i);
    }
    return cost;
}

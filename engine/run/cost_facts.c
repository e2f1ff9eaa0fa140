// A walk forward over the code of a block. Where ways meet, a register may hold whatever the block
// writes to it anywhere.
#include "engine/run/cost_facts.h"

#include "engine/base/arena.h"

enum { ANY = 0xffffffff };

static uint32_t bit_of(uint32_t type) {
    return type >= TYPE_DYN ? (uint32_t)ANY : UINT32_C(1) << type;
}

static struct facts facts_unknown(uint32_t kinds) {
    uint32_t items = kinds & KINDS_NESTED ? (uint32_t)ANY : 0;
    return (struct facts){kinds, items, FACT_NO_LENGTH, 0};
}

static struct facts facts_holding(enum type type, uint32_t items) {
    return (struct facts){UINT32_C(1) << type, items, FACT_NO_LENGTH, 0};
}

static struct facts facts_constant(struct value value, uint32_t number) {
    struct facts facts = {bit_of(value.kind), 0, FACT_NO_LENGTH, number + 1};
    bool sized = value_is_text(value) || value.kind == TYPE_LIST || value.kind == TYPE_MAP;
    if (sized) facts.length = value.length;
    for (uint32_t i = 0; i < value_held(value); i++)
        facts.items |= bit_of(value.as.items[i].kind);
    return facts;
}

bool facts_begin(struct facts_walk *walk, const struct program *program, struct arena *arena) {
    *walk = (struct facts_walk){.program = program};
    struct facts *constants = arena_array(arena, program->constant_count + 1, sizeof *constants);
    if (constants == NULL) return false;
    for (uint32_t i = 0; i < program->constant_count; i++)
        constants[i] = facts_constant(program->constants[i], i);
    walk->constants = constants;
    return true;
}

void facts_block(struct facts_walk *walk, bool expression, bool again) {
    walk->joins = again;
    facts_label(walk);
    if (again) return;
    memset(walk->joined, 0, sizeof walk->joined);
    for (uint32_t i = 0; expression && i < walk->program->input_count; i++)
        walk->joined[i] = facts_unknown(bit_of(walk->program->inputs[i]));
}

void facts_label(struct facts_walk *walk) {
    walk->straight++;
}

struct facts facts_of(const struct facts_walk *walk, uint16_t operand) {
    if (operand & OPERAND_CONSTANT) return walk->constants[operand & ~OPERAND_CONSTANT];
    if (operand & OPERAND_SLOT) return facts_unknown(KIND_BIT(STRING));
    if (walk->stamps[operand] == walk->straight) return walk->registers[operand];
    return walk->joins ? walk->joined[operand] : facts_unknown(ANY);
}

static void write(struct facts_walk *walk, uint32_t at, struct facts facts) {
    struct facts *joined = &walk->joined[at];
    walk->registers[at] = facts;
    walk->stamps[at] = walk->straight;
    if (walk->joins) return;
    bool first = joined->kinds == 0;
    if (first || joined->constant != facts.constant) joined->constant = first ? facts.constant : 0;
    if (first || joined->length != facts.length) {
        joined->length = first ? facts.length : FACT_NO_LENGTH;
    }
    joined->kinds |= facts.kinds;
    joined->items |= facts.items;
}

// Of `count` registers that become one list or map.
static struct facts collected(const struct facts_walk *walk, enum type type, uint32_t first,
                              uint32_t count) {
    struct facts facts = facts_holding(type, 0);
    for (uint32_t i = first; i < first + count; i++)
        facts.items |= facts_of(walk, (uint16_t)i).kinds;
    facts.length = type == TYPE_MAP ? count / 2 : count;
    return facts;
}

// What is in a value, taken out.
static struct facts item_of(struct facts from, uint32_t more) {
    return facts_unknown(from.items | more);
}

// Results whose items a signature tells.
static uint32_t told_items(slice signature) {
    static const struct {
        const char *end;
        enum type type;
    } ends[] = {{"list(string)", TYPE_STRING},
                {"optional(string)", TYPE_STRING},
                {"map(string, string)", TYPE_STRING},
                {"list(int)", TYPE_INT}};
    for (uint32_t i = 0; i < LEN(ends); i++) {
        if (slice_ends(signature, slice_of(ends[i].end))) return UINT32_C(1) << ends[i].type;
    }
    return ANY;
}

static struct facts called(const struct facts_walk *walk, struct instruction i) {
    const struct call_site *site = &walk->program->sites[i.b];
    struct facts facts = facts_unknown(bit_of(site->result));
    slice signature = slice_of(function_rows[site->candidates[0].function].signature);
    if (site->candidate_count > 1 || facts.items == 0) return facts;
    bool same = slice_starts(signature, slice_of("<list(A)>")) &&
                slice_ends(signature, slice_of(" list(A)"));
    facts.items = same ? facts_of(walk, i.c).items : told_items(signature);
    return facts;
}

// Of a map or list, what is asked for; of an optional, an optional.
static struct facts indexed(struct facts from) {
    bool plain = (from.kinds & ~(KIND_BIT(LIST) | KIND_BIT(MAP))) == 0;
    return plain ? item_of(from, 0) : facts_unknown(ANY);
}

static struct facts typed(const char *kind) {
    static const struct {
        const char *kind;
        enum type type;
    } types[] = {
        {"TO_BOOL", TYPE_BOOL},     {"TO_INT", TYPE_INT},           {"TO_DOUBLE", TYPE_DOUBLE},
        {"TO_STRING", TYPE_STRING}, {"TO_LIST", TYPE_LIST},         {"TO_MAP", TYPE_MAP},
        {"TO_ERROR", TYPE_ERROR},   {"TO_OPTIONAL", TYPE_OPTIONAL}, {"TO_BUILDER", TYPE_BUILDER}};
    for (uint32_t i = 0; i < LEN(types); i++) {
        if (strcmp(kind, types[i].kind) == 0) return facts_unknown(UINT32_C(1) << types[i].type);
    }
    return facts_unknown(ANY);
}

// The first operand's kind in the table of opcodes: `TO_…` where there is a result.
static const char *result_kind(uint16_t op) {
    static const char *const kinds[OP_TOTAL] = {
#define OP(name, a, b, c, meaning) [OP_##name] = #a,
#include "engine/tbl/opcodes.h"
#undef OP
    };
    return kinds[op] == NULL ? "" : kinds[op]; // tests have no row there
}

struct facts facts_result(const struct facts_walk *walk, struct instruction i) {
    struct facts facts;
    switch ((enum opcode)i.op) {
    case OP_MOVE: return facts_of(walk, i.b);
    case OP_CHECK:
        facts = facts_of(walk, i.b);
        facts.kinds = bit_of(i.c);
        return facts;
    case OP_LIST: return collected(walk, TYPE_LIST, i.b, i.c);
    case OP_MAP: return collected(walk, TYPE_MAP, i.b, 2u * i.c);
    case OP_CALL:
    case OP_CALL_ANY: return called(walk, i);
    case OP_SELECT:
    case OP_INDEX: return indexed(facts_of(walk, i.b));
    case OP_OPTIONAL_OF: return facts_holding(TYPE_OPTIONAL, facts_of(walk, i.b).kinds);
    case OP_UNWRAP: return item_of(facts_of(walk, i.b), KIND_BIT(NULL));
    case OP_FIELD: return facts_unknown(bit_of(field_rows[i.b].type));
    case OP_LET: return facts_unknown(bit_of(walk->program->lets[i.b].type));
    case OP_HEADER_OPTIONAL: return facts_holding(TYPE_OPTIONAL, KIND_BIT(STRING));
    case OP_HEADER_VALUES:
    case OP_HEADER_NAMES: return facts_holding(TYPE_LIST, KIND_BIT(STRING));
    case OP_HEADER_MAP: return facts_holding(TYPE_MAP, KIND_BIT(STRING));
    default: return typed(result_kind(i.op));
    }
}

// An index or key and an item or value, or one of them.
static void run_walk(struct facts_walk *walk, struct instruction i) {
    bool pair = i.op == OP_EACH_PAIR;
    struct facts item = item_of(facts_of(walk, i.b), pair ? KIND_BIT(INT) : 0);
    facts_label(walk); // every round comes here
    write(walk, i.a, facts_unknown(KIND_BIT(INT)));
    write(walk, i.a + 1u, item);
    if (pair) write(walk, i.a + 2u, item);
}

void facts_run(struct facts_walk *walk, struct instruction i) {
    if (i.op == OP_EACH || i.op == OP_EACH_PAIR) {
        run_walk(walk, i);
    } else if (strncmp(result_kind(i.op), "TO_", 3) == 0) {
        write(walk, i.a, facts_result(walk, i));
    }
}

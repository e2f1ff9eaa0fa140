// The charges of the interpreter, of comparisons and of functions, each with the largest sizes that
// its operands may have. Numbers are in 64ths of a step: what a byte takes that is walked over.
#include "engine/run/cost_weigh.h"

#include "engine/match/regex_program.h"

enum { ONCE = COST_STEP };

// What looking at an item, or comparing it, charges: sizeof(struct value) bytes.
enum { ITEM = 16 };

// Passes of sorting as many items as a request's memory can hold.
enum { SORT_PASSES = 20 };

static void add_once(struct cost *cost, uint64_t parts) {
    cost_add_term(cost, COST_ONE, 0, parts);
}

// For each byte of a text.
static void add_text(struct cost *cost, struct facts text, uint64_t parts) {
    if (text.length != FACT_NO_LENGTH) {
        add_once(cost, parts * text.length);
    } else {
        cost_add_term(cost, COST_S, 0, parts * COST_STEP);
    }
}

// For each byte of a text that nothing is known of.
static void add_any_text(struct cost *cost, uint64_t parts) {
    cost_add_term(cost, COST_S, 0, parts * COST_STEP);
}

// Each item of a list or map: the length is its own.
static void times_length(struct cost *cost, struct facts list) {
    if (list.length != FACT_NO_LENGTH) {
        cost_times(cost, list.length);
    } else {
        cost_times_items(cost);
    }
}

static bool is_flat(struct facts list) {
    return (list.items & KINDS_NESTED) == 0;
}

// Each item, those inside of items counted, too.
static void times_whole(struct cost *cost, struct facts list) {
    if (is_flat(list)) {
        times_length(cost, list);
    } else {
        cost_times_items(cost);
    }
}

// What value_steps takes for a result of these kinds.
static void add_result(struct cost *cost, uint32_t kinds) {
    if (kinds & KINDS_TEXT) add_any_text(cost, 1);
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
    add_once(&each, ONCE);
    if (x.items & y.items & KINDS_TEXT) add_any_text(&each, 1);
    struct cost keys = each;
    times_length(&each, least);
    cost_add(cost, &each);
    if ((kinds & KIND_BIT(MAP)) == 0) return;
    times_length(&keys, least);
    times_length(&keys, least);
    cost_add(cost, &keys);
}

static void add_equal(struct cost *cost, struct facts x, struct facts y) {
    uint32_t kinds = x.kinds & y.kinds;
    if (kinds & KINDS_TEXT) add_text(cost, x, 1);
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
    add_once(&each, ONCE);
    if (kinds & KINDS_TEXT) add_any_text(&each, 1);
    times_length(&each, list);
    cost_add(cost, &each);
    if (kinds & KINDS_NESTED) add_nested(cost);
}

// Keys of maps are compared one by one; of an optional, those of the map that it may hold.
static void add_lookup(struct cost *cost, const struct program *program, struct facts key,
                       struct facts map) {
    if ((map.kinds & (KIND_BIT(MAP) | KIND_BIT(OPTIONAL))) == 0 || is_indexed(program, map)) return;
    struct cost each = {0};
    add_once(&each, ONCE);
    if (key.kinds & KINDS_TEXT) add_any_text(&each, 1);
    times_length(&each, map);
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
    add_text(cost, x, test_steps(i.op, COST_STEP, 0));
    add_text(cost, y, test_steps(i.op, 0, COST_STEP));
    bool equality = i.op == OP_IF_EQ_ANY || i.op == OP_UNLESS_EQ_ANY;
    bool member = i.op == OP_IF_IN_LIST || i.op == OP_UNLESS_IN_LIST;
    if (equality) add_equal(cost, x, y);
    bool key = i.op == OP_IF_IN_MAP || i.op == OP_UNLESS_IN_MAP;
    if (member) add_member(cost, walk->program, x, y);
    if (key) add_lookup(cost, walk->program, x, y);
}

// ---- functions

enum rule {
    RULE_PLAIN,
    RULE_FORMAT,
    RULE_HASH,
    RULE_SORT,
    RULE_PAIRS,
    RULE_PAIRS_TWICE,
    RULE_PAIRS_OF_ONE,
    RULE_GLOB,
    RULE_REGEX_MATCHES,
    RULE_REGEX_SEARCH,
    RULE_REGEX_EACH,
};

struct charge {
    function_body *body;
    uint16_t once;
    uint16_t texts;
    uint16_t items;
    uint16_t made_text;
    uint16_t made_items;
    uint16_t rule;
};

static const struct charge charges[] = {
#define COST(body, once, texts, items, made_text, made_items, rule)                                \
    {body, once, texts, items, made_text, made_items, RULE_##rule},
#include "engine/tbl/costs.h"
#undef COST
};

static const struct charge *charge_of(function_body *body) {
    static const struct charge usual = {NULL, 0, 1, COST_STEP, 0, 0, RULE_PLAIN};
    for (uint32_t i = 0; i < LEN(charges); i++) {
        if (charges[i].body == body) return &charges[i];
    }
    return &usual;
}

// Each item of the one compared with each of the other, so many half times.
static void add_pairs(struct cost *cost, struct facts x, struct facts y, uint64_t halves) {
    struct cost pairs = {0};
    add_once(&pairs, halves * ITEM / 2);
    if (x.items & y.items & KINDS_TEXT) cost_add_term(&pairs, COST_S, 0, halves * COST_STEP / 2);
    times_whole(&pairs, x);
    times_whole(&pairs, y);
    cost_add(cost, &pairs);
}

static uint32_t passes_of(struct facts list) {
    uint32_t passes = 0;
    if (list.length == FACT_NO_LENGTH) return SORT_PASSES;
    while (passes < 31 && UINT32_C(1) << passes < list.length)
        passes++;
    return passes;
}

static void add_sort(struct cost *cost, struct facts keys) {
    struct cost sort = {0};
    add_once(&sort, ITEM);
    if (keys.items & KINDS_TEXT) add_any_text(&sort, 1);
    cost_times(&sort, passes_of(keys));
    times_length(&sort, keys);
    cost_add(cost, &sort);
}

// Numbers print to 448 bytes at most, texts as twice their bytes (`%x`); doubles charge apart, and
// the keys of maps are sorted.
static void add_format(struct cost *cost, struct facts values) {
    enum { DOUBLE = 512 * COST_STEP + 448, SCALAR = 80 };
    bool nested = !is_flat(values);
    bool doubles = nested || (values.items & KIND_BIT(DOUBLE)) != 0;
    bool texts = nested || (values.items & KINDS_TEXT) != 0;
    struct cost each = {0};
    add_once(&each, ITEM + SCALAR + (doubles ? DOUBLE : 0));
    if (texts) add_any_text(&each, 2);
    if (nested) {
        add_once(&each, ITEM + SORT_PASSES * ITEM);
        add_any_text(&each, SORT_PASSES);
    }
    times_whole(&each, values);
    cost_add(cost, &each);
}

// An item of a map is hashed with its key.
static void add_hash(struct cost *cost, struct facts value) {
    add_once(cost, ITEM);
    if (value.kinds & KINDS_TEXT) add_text(cost, value, 1);
    if ((value.kinds & KINDS_NESTED) == 0) return;
    struct cost each = {0};
    add_once(&each, 2 * ITEM + 2);
    if (value.items & (KINDS_TEXT | KINDS_NESTED)) add_any_text(&each, 2);
    times_whole(&each, value);
    cost_add(cost, &each);
}

// Each byte of the text may look at each of the pattern.
static void add_glob(struct cost *cost, struct facts text, struct facts pattern) {
    add_text(cost, pattern, 2);
    if (pattern.length != FACT_NO_LENGTH) {
        add_text(cost, text, pattern.length);
    } else if (text.length != FACT_NO_LENGTH) {
        add_text(cost, pattern, text.length);
    } else {
        cost_add_term(cost, COST_SS, 0, COST_STEP * COST_STEP);
    }
}

// ---- regular expressions

// Efforts are quarters of a step.
enum { EFFORT = COST_STEP / 4 };

// Of a transition that an automaton does not have yet, and of a byte in the simulation.
static uint64_t transition_effort(const struct regex_program *program) {
    uint64_t count = program->count;
    return count + count / 8 + count / 512 + 4;
}

static uint64_t simulation_effort(const struct regex_program *program) {
    uint64_t count = program->count;
    return count + count / 64 + 2;
}

// A text that needs a new transition for each byte until the automaton gives up, and then the
// simulation. With groups, the automata run both ways before it.
static uint64_t byte_effort(const struct regex *regex, bool groups) {
    uint64_t forward = transition_effort(&regex->programs[0]);
    uint64_t backward = transition_effort(&regex->programs[1]);
    uint64_t longer = forward > backward ? forward : backward;
    uint64_t automata = groups ? forward + backward : longer;
    return automata + simulation_effort(&regex->programs[0]) + 1;
}

// A pattern that comes with the request: reading it, at the most for each byte of it, and the
// simulation of the largest program.
enum { READ_EFFORT = 10000, LARGEST = LIMIT_REGEX_INSTRUCTIONS };

static uint64_t add_reading(struct cost *cost, struct facts pattern) {
    static const struct regex_program largest = {.count = LARGEST};
    add_once(cost, 2 * LARGEST * (uint64_t)EFFORT);
    add_text(cost, pattern, READ_EFFORT * (uint64_t)EFFORT);
    cost_add_term(cost, COST_SS, 0, (uint64_t)COST_STEP * COST_STEP * EFFORT);
    return simulation_effort(&largest) + 1;
}

// The pattern where it is constant, or NULL.
static const struct regex *constant_regex(const struct program *program, struct facts pattern) {
    if (pattern.constant == 0) return NULL;
    struct value value = program->constants[pattern.constant - 1];
    return value.kind == TYPE_REGEX ? value.as.object : NULL;
}

// One search behind another, each of which may read the rest of the text. The replacement is
// charged for each.
static void add_searches(struct cost *cost, uint64_t effort, const struct facts *replacement) {
    uint64_t parts = effort * EFFORT;
    cost_add_term(cost, COST_SS, 0, COST_STEP * COST_STEP * parts);
    cost_add_term(cost, COST_S, 0, COST_STEP * (4 * parts + ONCE));
    add_once(cost, 4 * parts + 2 * ONCE);
    if (replacement == NULL) return;
    if (replacement->length == FACT_NO_LENGTH) {
        cost_add_term(cost, COST_SS, 0, COST_STEP * COST_STEP);
        add_any_text(cost, 2);
    } else {
        cost_add_term(cost, COST_S, 0, (uint64_t)COST_STEP * replacement->length);
        add_once(cost, 2ull * replacement->length);
    }
}

static void add_regex(struct cost *cost, const struct program *program, const struct charge *charge,
                      const struct facts *arguments) {
    const struct regex *regex = constant_regex(program, arguments[1]);
    bool matches = charge->rule == RULE_REGEX_MATCHES;
    uint64_t effort;
    if (regex != NULL && regex->whole && matches) {
        add_text(cost, arguments[0], 1);
        return;
    }
    if (regex != NULL) {
        effort = byte_effort(regex, !matches);
    } else {
        effort = add_reading(cost, arguments[1]);
    }
    if (charge->rule == RULE_REGEX_EACH) {
        add_searches(cost, effort, charge->made_text > 0 ? &arguments[2] : NULL);
        return;
    }
    add_text(cost, arguments[0], effort * EFFORT);
    add_once(cost, (2 * effort + 4) * EFFORT);
}

static void add_rule(struct cost *cost, const struct program *program, const struct charge *charge,
                     const struct facts *arguments, uint32_t count) {
    function_body *body = charge->body;
    switch ((enum rule)charge->rule) {
    case RULE_PLAIN: break;
    case RULE_FORMAT: add_format(cost, arguments[1]); break;
    case RULE_HASH: add_hash(cost, arguments[body == hash_pick ? 1 : 0]); break;
    case RULE_SORT: add_sort(cost, arguments[count - 1]); break;
    case RULE_PAIRS: add_pairs(cost, arguments[0], arguments[1], 2); break;
    case RULE_PAIRS_TWICE: add_pairs(cost, arguments[0], arguments[1], 4); break;
    case RULE_PAIRS_OF_ONE: add_pairs(cost, arguments[0], arguments[0], 1); break;
    case RULE_GLOB: add_glob(cost, arguments[0], arguments[1]); break;
    case RULE_REGEX_MATCHES:
    case RULE_REGEX_SEARCH:
    case RULE_REGEX_EACH: add_regex(cost, program, charge, arguments); break;
    }
}

static struct cost cost_of_candidate(const struct program *program,
                                     const struct candidate *candidate,
                                     const struct facts *arguments, uint32_t count) {
    const struct charge *charge = charge_of(function_rows[candidate->function].body);
    struct cost cost = {0};
    add_once(&cost, charge->once);
    if (charge->made_text > 0) add_any_text(&cost, charge->made_text);
    cost_add_term(&cost, COST_ONE, 1, charge->made_items);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t kind = UINT32_C(1) << candidate->kinds[i];
        bool list = (kind & (KIND_BIT(LIST) | KIND_BIT(MAP))) != 0;
        struct cost items = {0};
        if (kind & (KINDS_TEXT | KIND_BIT(SECRET))) add_text(&cost, arguments[i], charge->texts);
        if (!list) continue;
        add_once(&items, charge->items);
        times_whole(&items, arguments[i]);
        cost_add(&cost, &items);
    }
    add_rule(&cost, program, charge, arguments, count);
    return cost;
}

static void add_call(struct cost *cost, const struct facts_walk *walk, struct instruction i) {
    const struct call_site *site = &walk->program->sites[i.b];
    struct facts arguments[FUNCTION_ARGUMENTS];
    struct cost most = {0};
    for (uint32_t k = 0; k < site->count; k++)
        arguments[k] = facts_of(walk, (uint16_t)(i.c + k));
    for (uint32_t k = 0; k < site->candidate_count; k++) {
        struct cost one =
            cost_of_candidate(walk->program, &site->candidates[k], arguments, site->count);
        cost_most(&most, &one);
    }
    cost_add(cost, &most);
    if (i.op == OP_CALL) return;
    add_result(cost, site->result >= TYPE_DYN ? UINT32_MAX : UINT32_C(1) << site->result);
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
        add_result(cost, x.kinds & y.kinds);
        return;
    }
    if (i.op == OP_SELECT || i.op == OP_INDEX) add_result(cost, facts_result(walk, i).kinds);
    if (i.op == OP_HOLDS) add_member(cost, walk->program, y, x);
    add_lookup(cost, walk->program, y, x);
}

static void add_operation(struct cost *cost, const struct facts_walk *walk, struct instruction i) {
    switch ((enum opcode)i.op) {
    case OP_CALL:
    case OP_CALL_ANY: add_call(cost, walk, i); break;
    case OP_LIST:
    case OP_MAP: add_once(cost, i.c); break;
    case OP_CHECK: add_result(cost, UINT32_C(1) << i.c & facts_of(walk, i.b).kinds); break;
    case OP_CONCAT:
    case OP_HEADER_NAMED: add_any_text(cost, 1); break;
    case OP_FIELD: add_result(cost, facts_result(walk, i).kinds); break;
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
    case OP_HEADER_VALUES: cost_add_term(cost, COST_H, 0, 8 + 1); break;
    case OP_HEADER_NAMES:
    case OP_HEADER_MAP: add_names(cost); break;
    case OP_LIMIT: add_once(cost, ONCE); break; // again with the answer
    default: break;                             // the step alone
    }
}

static bool is_test(uint16_t op) {
    return op > OP_END;
}

struct cost weigh_instruction(const struct facts_walk *walk, struct instruction i) {
    struct cost cost = {0};
    add_once(&cost, ONCE);
    if (is_test(i.op)) {
        add_test(&cost, walk, i);
    } else {
        add_operation(&cost, walk, i);
    }
    return cost;
}

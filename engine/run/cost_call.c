// What the bodies of functions charge, from their rows in tbl/costs.h. Numbers are in 64ths of a
// step.
#include "engine/run/cost_call.h"

#include "engine/match/regex_program.h"
#include "engine/run/cost_weigh.h"

// What looking at an item, or comparing it, charges: sizeof(struct value) bytes.
enum { ITEM = 16 };

// Passes of sorting as many items as a request's memory can hold.
enum { SORT_PASSES = 20 };

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
    weigh_once(&pairs, halves * ITEM / 2);
    if (x.items & y.items & KINDS_TEXT) cost_add_term(&pairs, COST_S, 0, halves * COST_STEP / 2);
    weigh_each_inside(&pairs, x);
    weigh_each_inside(&pairs, y);
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
    weigh_once(&sort, ITEM);
    if (keys.items & KINDS_TEXT) weigh_any_text(&sort, 1);
    cost_times(&sort, passes_of(keys));
    weigh_each(&sort, keys);
    cost_add(cost, &sort);
}

// Numbers print to 448 bytes at most, texts as twice their bytes (`%x`); doubles charge apart, and
// the keys of maps are sorted.
static void add_format(struct cost *cost, struct facts values) {
    enum { DOUBLE = 512 * COST_STEP + 448, SCALAR = 80 };
    bool nested = !facts_flat(values);
    bool doubles = nested || (values.items & KIND_BIT(DOUBLE)) != 0;
    bool texts = nested || (values.items & KINDS_TEXT) != 0;
    struct cost each = {0};
    weigh_once(&each, ITEM + SCALAR + (doubles ? DOUBLE : 0));
    if (texts) weigh_any_text(&each, 2);
    if (nested) {
        weigh_once(&each, ITEM + SORT_PASSES * ITEM);
        weigh_any_text(&each, SORT_PASSES);
    }
    weigh_each_inside(&each, values);
    cost_add(cost, &each);
}

// A step for each value, and its text; an item of a map is hashed with its key.
static void add_hash(struct cost *cost, struct facts value) {
    weigh_once(cost, COST_STEP);
    if (value.kinds & KINDS_TEXT) weigh_text(cost, value, 1);
    if ((value.kinds & KINDS_NESTED) == 0) return;
    struct cost each = {0};
    weigh_once(&each, 2 * COST_STEP);
    if (value.items & (KINDS_TEXT | KINDS_NESTED)) weigh_any_text(&each, 2);
    weigh_each_inside(&each, value);
    cost_add(cost, &each);
}

// Each byte of the text may look at each of the pattern.
static void add_glob(struct cost *cost, struct facts text, struct facts pattern) {
    weigh_text(cost, pattern, 2);
    if (pattern.length != FACT_NO_LENGTH) {
        weigh_text(cost, text, pattern.length);
    } else if (text.length != FACT_NO_LENGTH) {
        weigh_text(cost, pattern, text.length);
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
    weigh_once(cost, 2 * LARGEST * (uint64_t)EFFORT);
    weigh_text(cost, pattern, READ_EFFORT * (uint64_t)EFFORT);
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
    weigh_once(cost, 4 * parts + 2 * ONCE);
    if (replacement == NULL) return;
    if (replacement->length == FACT_NO_LENGTH) {
        cost_add_term(cost, COST_SS, 0, COST_STEP * COST_STEP);
        weigh_any_text(cost, 2);
    } else {
        cost_add_term(cost, COST_S, 0, (uint64_t)COST_STEP * replacement->length);
        weigh_once(cost, 2ull * replacement->length);
    }
}

static void add_regex(struct cost *cost, const struct program *program, const struct charge *charge,
                      const struct facts *arguments) {
    const struct regex *regex = constant_regex(program, arguments[1]);
    bool matches = charge->rule == RULE_REGEX_MATCHES;
    uint64_t effort;
    if (regex != NULL && regex->whole && matches) {
        weigh_text(cost, arguments[0], 1);
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
    weigh_text(cost, arguments[0], effort * EFFORT);
    weigh_once(cost, (2 * effort + 4) * EFFORT);
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
    weigh_once(&cost, charge->once);
    if (charge->made_text > 0) weigh_any_text(&cost, charge->made_text);
    cost_add_term(&cost, COST_ONE, 1, charge->made_items);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t kind = UINT32_C(1) << candidate->kinds[i];
        bool list = (kind & (KIND_BIT(LIST) | KIND_BIT(MAP))) != 0;
        struct cost items = {0};
        if (kind & (KINDS_TEXT | KIND_BIT(SECRET))) weigh_text(&cost, arguments[i], charge->texts);
        if (!list) continue;
        weigh_once(&items, charge->items);
        weigh_each_inside(&items, arguments[i]);
        cost_add(&cost, &items);
    }
    add_rule(&cost, program, charge, arguments, count);
    return cost;
}

void weigh_call(struct cost *cost, const struct facts_walk *walk, struct instruction i) {
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
    weigh_result(cost, site->result >= TYPE_DYN ? UINT32_MAX : UINT32_C(1) << site->result);
}

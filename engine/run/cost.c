// Two walks over each block of code: forward for the weight of each instruction, then backward for
// the most that may follow it. A loop counts its longest round for each item.
#include "engine/run/cost.h"

#include "engine/run/cost_weigh.h"
#include "engine/run/index.h"

// A round ends at the instruction `end`.
struct open_loop {
    uint32_t start;
    uint32_t end;
    struct cost exit; // the most that follows a jump out of it
};

enum { LOOPS_MOST = LIMIT_REGISTERS / 2 }; // each has two registers

struct costs {
    const struct program *program;
    struct facts_walk facts;
    bool *labels;         // per instruction: reached by a jump or by a failure
    bool *starts;         // per instruction: a block starts there
    struct cost *weights; // per instruction
    struct cost *rest;    // per instruction: the most from it to the end of the range
    uint32_t *rounds;     // per instruction that begins a loop: items, or FACT_NO_LENGTH
    struct open_loop loops[LOOPS_MOST];
    uint32_t depth;
};

static bool goes_to_c(uint16_t op) {
    static const char *const kinds[OP_TOTAL] = {
#define OP(name, a, b, c, meaning) [OP_##name] = #c,
#include "engine/tbl/opcodes.h"
#undef OP
#define TEST(name, x, y, cost, condition, meaning)                                                 \
    [OP_IF_##name] = "TARGET", [OP_UNLESS_##name] = "TARGET",
#include "engine/tbl/tests.h"
#undef TEST
    };
    return strcmp(kinds[op], "TARGET") == 0;
}

static bool ends_flow(uint16_t op) {
    return op == OP_JUMP || op == OP_LET_END || op == OP_LET_FAILED || op == OP_RESULT ||
           op == OP_END || op == OP_LOOP || op == OP_FAIL || op == OP_REPLY_SEND;
}

static bool is_walk(uint16_t op) {
    return op == OP_EACH || op == OP_EACH_PAIR;
}

// Where a failure at that instruction goes on; UINT32_MAX: it ends the run.
static uint32_t handler_at(const struct program *program, uint32_t pc) {
    uint32_t index = program->handler_of[pc];
    return index == 0 ? UINT32_MAX : program->handlers[index - 1].target;
}

static bool costs_begin(struct costs *costs, const struct program *program, struct arena *arena) {
    uint32_t count = program->code_count + 1;
    *costs = (struct costs){.program = program};
    costs->labels = arena_array(arena, count, sizeof *costs->labels);
    costs->starts = arena_array(arena, count, sizeof *costs->starts);
    costs->weights = arena_array(arena, count, sizeof *costs->weights);
    costs->rest = arena_array(arena, count, sizeof *costs->rest);
    costs->rounds = arena_array(arena, count, sizeof *costs->rounds);
    return facts_begin(&costs->facts, program, arena) && !arena->failed;
}

static void mark_labels(struct costs *costs) {
    const struct program *program = costs->program;
    for (uint32_t pc = 0; pc < program->code_count; pc++) {
        struct instruction i = program->code[pc];
        uint32_t handler = handler_at(program, pc);
        if (goes_to_c(i.op)) costs->labels[i.c] = true;
        if (handler < program->code_count) costs->labels[handler] = true;
    }
    for (uint32_t i = 0; i < program->index_count; i++) {
        const struct index_row *row = &program->indexes[i];
        for (uint32_t member = 0; member <= row->count; member++)
            costs->labels[row->targets[member]] = true;
    }
    for (uint32_t let = 0; let < program->let_count; let++)
        costs->starts[program->lets[let].entry] = true;
    for (uint32_t phase = 0; phase <= PHASE_TOTAL; phase++) {
        if (program->entry[phase] != NO_ENTRY) costs->starts[program->entry[phase]] = true;
    }
    for (uint32_t i = 0; i < BODY_TOTAL; i++) {
        if (program->body_gate[i] != NO_ENTRY) costs->starts[program->body_gate[i]] = true;
    }
    for (uint32_t i = 0; i < program->cap_count; i++)
        costs->starts[program->caps[i].entry] = true;
}

static uint32_t block_end(const struct costs *costs, uint32_t start) {
    uint32_t end = start + 1;
    while (end < costs->program->code_count && !costs->starts[end])
        end++;
    return end;
}

static void weigh(struct costs *costs, uint32_t pc) {
    struct instruction i = costs->program->code[pc];
    costs->weights[pc] = weigh_instruction(&costs->facts, i);
    if (is_walk(i.op)) costs->rounds[pc] = facts_of(&costs->facts, i.b).length;
}

// The first time only to learn what the registers get.
static void weigh_block(struct costs *costs, uint32_t start, uint32_t end) {
    bool expression = costs->program->entry[PHASE_TOTAL] == start;
    for (uint32_t again = 0; again <= 1; again++) {
        facts_block(&costs->facts, expression, again == 1);
        for (uint32_t pc = start; pc < end; pc++) {
            if (costs->labels[pc]) facts_label(&costs->facts);
            if (again == 1) weigh(costs, pc);
            facts_run(&costs->facts, costs->program->code[pc]);
        }
    }
}

// The most that follows a step to `target`. What follows behind open loops counts once, not for
// each round: the outermost of those that are left keeps it.
static void follow(struct costs *costs, uint32_t target, uint32_t end, struct cost *most) {
    uint32_t left = costs->depth;
    if (target >= end) return;
    while (left > 0 && target > costs->loops[left - 1].end)
        left--;
    cost_most(left == costs->depth ? most : &costs->loops[left].exit, &costs->rest[target]);
}

static struct cost most_behind(struct costs *costs, uint32_t pc, uint32_t end) {
    struct cost most = {0};
    uint16_t op = costs->program->code[pc].op;
    if (goes_to_c(op)) follow(costs, costs->program->code[pc].c, end, &most);
    if (!ends_flow(op)) follow(costs, pc + 1, end, &most);
    follow(costs, handler_at(costs->program, pc), end, &most);
    return most;
}

// All rounds, the look that finds no more items, and what follows any way out.
static struct cost rest_of_loop(struct costs *costs, uint32_t pc, uint32_t end) {
    const struct open_loop *loop = &costs->loops[--costs->depth];
    struct cost rounds = costs->weights[pc];
    struct cost most = loop->exit;
    cost_add(&rounds, &costs->rest[pc + 1]);
    if (costs->rounds[pc] == FACT_NO_LENGTH) {
        cost_times_items(&rounds);
    } else {
        cost_times(&rounds, costs->rounds[pc]);
    }
    follow(costs, costs->program->code[pc].c, end, &most);
    follow(costs, handler_at(costs->program, pc), end, &most);
    cost_add(&rounds, &costs->weights[pc]);
    cost_add(&rounds, &most);
    return rounds;
}

static bool opens_loop(const struct costs *costs, uint32_t pc) {
    struct instruction i = costs->program->code[pc];
    if (i.op != OP_LOOP || costs->depth == LOOPS_MOST) return false;
    return costs->depth == 0 || costs->loops[costs->depth - 1].start != i.c;
}

static bool closes_loop(const struct costs *costs, uint32_t pc) {
    return costs->depth > 0 && costs->loops[costs->depth - 1].start == pc;
}

// The most from the first instruction to the end of the range.
static struct cost sum_range(struct costs *costs, uint32_t start, uint32_t end) {
    costs->depth = 0;
    for (uint32_t pc = end; pc-- > start;) {
        if (opens_loop(costs, pc)) {
            uint32_t head = costs->program->code[pc].c;
            costs->loops[costs->depth++] = (struct open_loop){.start = head, .end = pc};
        }
        if (closes_loop(costs, pc)) {
            costs->rest[pc] = rest_of_loop(costs, pc, end);
            continue;
        }
        costs->rest[pc] = costs->weights[pc];
        struct cost most = most_behind(costs, pc, end);
        cost_add(&costs->rest[pc], &most);
    }
    return costs->rest[start];
}

// ---- rules, lets, phases

static bool is_border(uint16_t op) {
    return op == OP_RULE || op == OP_GROUP_KNOWN || op == OP_GROUP_ENTER || op == OP_END;
}

// The code of a phase falls into its rules, each with the conditions of the groups that begin
// before it.
static void sum_rules(struct costs *costs, uint32_t start, uint32_t end, struct cost *rules) {
    const struct instruction *code = costs->program->code;
    for (uint32_t pc = start; pc < end; pc++) {
        if (code[pc].op == OP_LOOK && pc == start) start++; // of all rules alike
        if (code[pc].op != OP_RULE) continue;
        uint32_t behind = pc + 1;
        while (behind < end && !is_border(code[behind].op))
            behind++;
        rules[code[pc].a] = sum_range(costs, start, behind);
        start = behind;
        pc = behind - 1;
    }
}

static void mark_lets(const struct costs *costs, uint32_t start, uint32_t end, bool *used) {
    for (uint32_t pc = start; pc < end; pc++) {
        if (costs->program->code[pc].op == OP_LET) used[costs->program->code[pc].b] = true;
    }
}

// Lets only ask for those before them.
static void add_lets(const struct costs *costs, const struct cost *lets, bool *used,
                     struct cost *sum) {
    for (uint32_t let = costs->program->let_count; let-- > 0;) {
        uint32_t start = costs->program->lets[let].entry;
        if (!used[let]) continue;
        used[let] = false;
        mark_lets(costs, start, block_end(costs, start), used);
        cost_add(sum, &lets[let]);
    }
}

static void sum_lets(struct costs *costs, struct cost *lets) {
    for (uint32_t let = 0; let < costs->program->let_count; let++) {
        uint32_t start = costs->program->lets[let].entry;
        uint32_t end = block_end(costs, start);
        weigh_block(costs, start, end);
        lets[let] = sum_range(costs, start, end);
        // Who asked for it asks again.
        cost_add_term(&lets[let], COST_ONE, 0, COST_STEP);
    }
}

static void sum_phase(struct costs *costs, uint32_t phase, struct cost *rules,
                      const struct cost *lets, bool *used, struct cost *out) {
    const struct program *program = costs->program;
    uint32_t start = program->entry[phase];
    if (start == NO_ENTRY) return;
    if (phase < PHASE_TOTAL && program->constant_effects[phase] != NULL) return; // not even run
    uint32_t end = block_end(costs, start);
    weigh_block(costs, start, end);
    sum_rules(costs, start, end, rules);
    *out = sum_range(costs, start, end);
    mark_lets(costs, start, end, used);
    add_lets(costs, lets, used, out);
}

// The rules of a gate are those of the bodies' phases, whose own cost is that of their phase.
static void sum_block(struct costs *costs, uint32_t start, const struct cost *lets, bool *used,
                      struct cost *out) {
    if (start == NO_ENTRY) return;
    uint32_t end = block_end(costs, start);
    weigh_block(costs, start, end);
    *out = sum_range(costs, start, end);
    mark_lets(costs, start, end, used);
    add_lets(costs, lets, used, out);
}

bool cost_of_program(const struct program *program, struct arena *arena, struct cost_table *out) {
    struct costs *costs = arena_take(arena, sizeof *costs);
    struct cost *rules = arena_array(arena, program->rule_count + 1, sizeof *rules);
    struct cost *lets = arena_array(arena, program->let_count + 1, sizeof *lets);
    bool *used = arena_array(arena, program->let_count + 1, sizeof *used);
    bool good = costs != NULL && rules != NULL && lets != NULL && used != NULL;
    if (!good || !costs_begin(costs, program, arena)) return false;
    *out = (struct cost_table){.rules = rules, .lets = lets};
    mark_labels(costs);
    sum_lets(costs, lets);
    for (uint32_t phase = 0; phase <= PHASE_TOTAL; phase++)
        sum_phase(costs, phase, rules, lets, used, &out->phases[phase]);
    for (uint32_t i = 0; i < BODY_TOTAL; i++)
        sum_block(costs, program->body_gate[i], lets, used, &out->gates[i]);
    return true;
}

// Runs one case all ways and judges.
#include "tests/differential/compare.h"

#include "engine/base/limits.h"
#include "grammar/parse.h"

enum { CASE_MEMORY = 64 << 20, INPUT_TYPE = 160 };

const char *const compare_way_names[COMPARE_WAYS] = {"checked", "dynamic", "unchecked"};

const char *const compare_verdict_names[COMPARE_VERDICTS] = {
    "agrees",
    "skipped",
    "another value",
    "fails unchecked for what only the checker may refuse",
    "fails, and should not",
    "gives a value, and should fail",
    "refused, though not checked",
    "compiled to broken code",
    "another result the second time",
    "a value deeper than it says",
};

bool compare_init(struct compare *compare, const struct allocator *heap) {
    arena_init(&compare->given, heap, 64 << 10, CASE_MEMORY);
    arena_init(&compare->opinion, heap, 256 << 10, CASE_MEMORY / 4);
    for (uint32_t i = 0; i < COMPARE_WAYS; i++) {
        arena_init(&compare->kept[i], heap, 256 << 10, CASE_MEMORY / 4);
        arena_init(&compare->request[i], heap, 16 << 10, LIMIT_MEMORY_DEFAULT);
    }
    return true;
}

void compare_free(struct compare *compare) {
    arena_free(&compare->given);
    arena_free(&compare->opinion);
    for (uint32_t i = 0; i < COMPARE_WAYS; i++) {
        arena_free(&compare->kept[i]);
        arena_free(&compare->request[i]);
    }
}

// ---- values

static bool same_bits(double x, double y) {
    uint64_t a;
    uint64_t b;
    memcpy(&a, &x, sizeof a);
    memcpy(&b, &y, sizeof b);
    return a == b || (x != x && y != y);
}

bool compare_same(struct value x, struct value y) {
    if (x.kind != y.kind) return false;
    switch ((enum type)x.kind) {
    case TYPE_NULL: return true;
    case TYPE_BOOL: return x.as.boolean == y.as.boolean;
    case TYPE_INT:
    case TYPE_UINT:
    case TYPE_DURATION: return x.as.natural == y.as.natural;
    case TYPE_TIMESTAMP: return x.as.integer == y.as.integer && x.length == y.length;
    case TYPE_DOUBLE: return same_bits(x.as.real, y.as.real);
    case TYPE_LIST:
    case TYPE_MAP:
    case TYPE_OPTIONAL:
        if (x.length != y.length) return false;
        for (uint32_t i = 0; i < value_held(x); i++) {
            if (!compare_same(x.as.items[i], y.as.items[i])) return false;
        }
        return true;
    default: return value_is_text(x) && slice_equal(value_text(x), value_text(y));
    }
}

// Whether everything in it carries enough depth for those who walk down.
static bool is_deep_enough(struct value value) {
    for (uint32_t i = 0; i < value_held(value); i++) {
        if (value.as.items[i].depth >= value.depth) return false;
        if (!is_deep_enough(value.as.items[i])) return false;
    }
    return value_held(value) == 0 || value.depth <= LIMIT_NESTING;
}

// ---- the evaluator

static void form_opinion(struct compare *compare, slice text, const struct generated_input *inputs,
                         uint32_t count) {
    struct diagnostics diagnostics;
    diag_init(&diagnostics, &compare->opinion);
    struct parse parse = {.arena = &compare->opinion, .diagnostics = &diagnostics};
    slice copy = arena_copy(&compare->opinion, text);
    uint32_t source = diag_source(&diagnostics, slice_of("expression"), copy);
    compare->parsed = parse_text(&parse, source, PARSE_EXPRESSION);
    if (!compare->parsed) return;
    for (uint32_t i = 0; i < count; i++) {
        compare->inputs[i] = (struct evaluate_input){slice_of(inputs[i].name), inputs[i].value};
    }
    memset(&compare->evaluation, 0, sizeof compare->evaluation);
    compare->evaluation.arena = &compare->opinion;
    compare->evaluation.source = copy;
    compare->evaluation.inputs = compare->inputs;
    compare->evaluation.input_count = count;
    compare->tree = parse.expression;
    compare->value = evaluate_expression(&compare->evaluation, parse.expression);
}

// ---- the engine

static bool is_used_up(const struct run *run, struct value value) {
    bool said = value.kind == TYPE_ERROR &&
                (value.as.integer == FAILURE_STEPS || value.as.integer == FAILURE_NO_MEMORY);
    return said || run->call.steps < 0 || run->arena->failed;
}

static enum compare_verdict judge(struct value opinion, struct value value) {
    bool fails = value.kind == TYPE_ERROR;
    if (opinion.kind == TYPE_ERROR) return fails ? COMPARE_AGREES : COMPARE_SUCCEEDS;
    if (fails) return COMPARE_FAILS;
    if (!is_deep_enough(value)) return COMPARE_SHALLOW;
    return compare_same(opinion, value) ? COMPARE_AGREES : COMPARE_DIFFERS;
}

static void count_opcodes(struct compare_counts *counts, const struct program *program) {
    bool seen[OP_TOTAL] = {false};
    for (uint32_t i = 0; i < program->code_count; i++)
        seen[program->code[i].op] = true;
    for (uint32_t i = 0; i < OP_TOTAL; i++)
        counts->opcodes[i] += seen[i];
}

static void evaluate(struct compare *compare, enum compare_way way,
                     const struct expression *expression) {
    struct compare_result *result = &compare->results[way];
    struct value inputs[GENERATE_INPUTS];
    struct run *run = arena_take(&compare->kept[way], sizeof *run);
    result->verdict = COMPARE_SKIPPED;
    if (run == NULL || !expression_begin(expression, &compare->request[way], run)) return;
    for (uint32_t i = 0; i < compare->evaluation.input_count; i++)
        inputs[i] = compare->inputs[i].value;
    expression_bind(run, inputs);
    result->value = expression_evaluate(run);
    if (is_used_up(run, result->value)) return;
    struct value again = expression_evaluate(run);
    if (is_used_up(run, again)) return;
    bool failed = result->value.kind == TYPE_ERROR;
    result->verdict = judge(compare->value, result->value);
    if (result->verdict == COMPARE_FAILS && compare->results[COMPARE_CHECKED].refused) {
        result->verdict = COMPARE_STRICT;
    }
    bool same = failed ? again.kind == TYPE_ERROR && again.as.integer == result->value.as.integer
                       : compare_same(again, result->value);
    if (!same) result->verdict = COMPARE_CHANGES;
    if (!failed && compare->counts != NULL) count_opcodes(compare->counts, expression->program);
}

static void refuse(struct compare *compare, enum compare_way way,
                   const struct diagnostics *diagnostics) {
    struct compare_result *result = &compare->results[way];
    bool valued = compare->value.kind != TYPE_ERROR;
    bool fits = way == COMPARE_CHECKED || !valued;
    if (diagnostics->out_of_memory || compare->kept[way].failed) {
        result->verdict = COMPARE_SKIPPED;
        return;
    }
    result->refused = true;
    result->value = value_error(FAILURE_NO_OVERLOAD);
    result->verdict = fits ? COMPARE_AGREES : COMPARE_REFUSES;
    if (diagnostics->first == NULL) {
        result->verdict = COMPARE_BROKEN;
    } else {
        result->message = diagnostics->first->message;
    }
}

static void ask(struct compare *compare, enum compare_way way, slice text,
                const struct generated_input *inputs, uint32_t count) {
    struct arena *arena = &compare->kept[way];
    struct expression_variable variables[GENERATE_INPUTS];
    struct diagnostics diagnostics;
    struct expression expression = {0};
    compare->results[way].asked = true;
    diag_init(&diagnostics, arena);
    for (uint32_t i = 0; i < count; i++) {
        char *type = arena_take(arena, INPUT_TYPE);
        bool dynamic = inputs[i].dynamic || way == COMPARE_DYNAMIC;
        if (type != NULL)
            kind_print(dynamic ? kind_of(TYPE_DYN) : inputs[i].kind, type, INPUT_TYPE);
        variables[i] = (struct expression_variable){slice_of(inputs[i].name), slice_of(type)};
    }
    struct expression_options options = {
        .variables = variables, .variable_count = count, .unchecked = way != COMPARE_CHECKED};
    if (expression_compile(arena, text, &options, &diagnostics, &expression)) {
        evaluate(compare, way, &expression);
    } else {
        refuse(compare, way, &diagnostics);
    }
}

static void count(struct compare *compare) {
    struct compare_counts *counts = compare->counts;
    counts->cases++;
    counts->values += compare->value.kind != TYPE_ERROR;
    counts->refused += compare->results[COMPARE_CHECKED].refused;
    for (uint32_t i = 0; i < COMPARE_WAYS; i++)
        counts->skipped += compare->results[i].verdict == COMPARE_SKIPPED;
    for (uint32_t i = 0; i < EVALUATE_MACROS; i++)
        counts->macros[i] += compare->evaluation.macros[i];
    for (uint32_t i = 0; i < FUNCTION_TOTAL; i++)
        counts->functions[i] += compare->evaluation.functions[i];
}

enum compare_verdict compare_case(struct compare *compare, slice text,
                                  const struct generated_input *inputs, uint32_t input_count) {
    enum compare_verdict worst = COMPARE_AGREES;
    arena_reset(&compare->opinion);
    memset(compare->results, 0, sizeof compare->results);
    compare->value = value_error(FAILURE_NONE);
    form_opinion(compare, text, inputs, input_count);
    if (!compare->parsed) return COMPARE_AGREES;
    for (uint32_t way = 0; way < COMPARE_WAYS; way++) {
        bool needed = way != COMPARE_UNCHECKED || compare->results[COMPARE_CHECKED].refused;
        if (!needed) continue;
        arena_reset(&compare->kept[way]);
        arena_reset(&compare->request[way]);
        ask(compare, (enum compare_way)way, text, inputs, input_count);
        if (compare->evaluation.exhausted) compare->results[way].verdict = COMPARE_SKIPPED;
        if (compare->results[way].verdict > worst) worst = compare->results[way].verdict;
    }
    if (compare->counts != NULL) count(compare);
    return worst;
}

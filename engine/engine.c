// Puts the stages together for hosts: configuration, unit, compiler.
#include "engine/engine.h"

#include "engine/conf/config.h"
#include "engine/lang/compile.h"
#include "engine/lib/metadata.h"

enum { COMPILE_BLOCK = 64 << 10, SCRATCH_BLOCK = 16 << 10 };

struct compilation {
    struct arena arena;
    struct arena scratch;
    struct diagnostics diagnostics;
    struct config config;
    struct unit unit;
    struct file_finder finder;
};

// Too large for the stack; NULL when the allocator refuses.
static struct compilation *compilation_begin(const struct engine_input *input,
                                             const struct allocator *allocator) {
    struct compilation *compilation = allocator->take(allocator->self, sizeof *compilation);
    if (compilation == NULL) return NULL;
    *compilation = (struct compilation){.finder = {input->finder, input->find}};
    arena_init(&compilation->arena, allocator, COMPILE_BLOCK, SIZE_MAX);
    arena_init(&compilation->scratch, allocator, SCRATCH_BLOCK, SIZE_MAX);
    diag_init(&compilation->diagnostics, &compilation->arena);
    unit_init(&compilation->unit, &compilation->arena, &compilation->scratch,
              &compilation->diagnostics, &compilation->config, &compilation->finder);
    compilation->unit.no_index = input->no_index;
    compilation->unit.secrets =
        (struct secret_finder){input->environment, input->secret, input->secrets_must_exist};
    diag_init(&compilation->unit.warnings, &compilation->arena);
    if (input->lints != NULL) compilation->unit.lints = input->lints->hooks;
    return compilation;
}

// Of what does not compile only the errors are told.
static void add_warnings(struct compilation *compilation, struct engine_lints *lints,
                         struct text *report) {
    struct diagnostics *warnings = &compilation->unit.warnings;
    warnings->sources = compilation->diagnostics.sources;
    warnings->source_count = compilation->diagnostics.source_count;
    lints->found += warnings->count;
    diag_render_all(warnings, report);
}

static enum engine_outcome compilation_end(struct compilation *compilation,
                                           const struct engine_input *input,
                                           const struct allocator *allocator,
                                           enum compile_outcome outcome, struct text *report) {
    diag_render_all(&compilation->diagnostics, report);
    if (input->lints != NULL && outcome == COMPILE_OK)
        add_warnings(compilation, input->lints, report);
    bool untold = compilation->unit.warnings.out_of_memory;
    arena_free(&compilation->arena);
    arena_free(&compilation->scratch);
    allocator->give(allocator->self, compilation);
    bool no_memory =
        outcome == COMPILE_NO_MEMORY || untold || (outcome != COMPILE_OK && report->failed);
    if (no_memory) return ENGINE_NO_MEMORY;
    return outcome == COMPILE_OK ? ENGINE_OK : ENGINE_REFUSED;
}

static enum compile_outcome outcome_of_config(const struct compilation *compilation) {
    bool no_memory = compilation->diagnostics.out_of_memory || compilation->arena.failed;
    return no_memory ? COMPILE_NO_MEMORY : COMPILE_REFUSED;
}

enum engine_outcome engine_compile(const struct engine_input *input,
                                   const struct allocator *allocator, struct arena *keep,
                                   struct text *report, struct program **program) {
    struct compilation *compilation = compilation_begin(input, allocator);
    *program = NULL;
    if (compilation == NULL) return ENGINE_NO_MEMORY;
    enum compile_outcome outcome;
    if (!config_read(&compilation->arena, &compilation->diagnostics, input->configuration,
                     &compilation->config)) {
        outcome = outcome_of_config(compilation);
    } else if (compilation->config.empty) {
        outcome = COMPILE_OK;
    } else {
        outcome = compile_program(&compilation->unit, input->name, keep, program);
    }
    return compilation_end(compilation, input, allocator, outcome, report);
}

enum engine_outcome engine_compile_rules(const struct engine_input *input, slice name, slice rules,
                                         const struct allocator *allocator, struct arena *keep,
                                         struct text *report, struct program **program) {
    struct compilation *compilation = compilation_begin(input, allocator);
    *program = NULL;
    if (compilation == NULL) return ENGINE_NO_MEMORY;
    enum compile_outcome outcome;
    if (!config_read_data(&compilation->arena, &compilation->diagnostics, input->configuration,
                          slice_of("config"), &compilation->config)) {
        outcome = outcome_of_config(compilation);
    } else {
        uint32_t source = diag_source(&compilation->diagnostics, name, rules);
        outcome = compile_rules(&compilation->unit, source, input->name, keep, program);
    }
    return compilation_end(compilation, input, allocator, outcome, report);
}

static slice rule_name(const struct program *program, uint32_t rule) {
    return rule == NO_RULE ? slice_of("-") : program->rules[rule].name;
}

bool engine_shorten_node(slice message, struct text *out) {
    return metadata_shorten_node(message, out);
}

void engine_log_line(struct text *out, const struct program *program, const struct effect *effect,
                     uint32_t left_out) {
    text_add_string(out, "weir ");
    text_add(out, program->name_space);
    text_add_char(out, ' ');
    text_add(out, rule_name(program, effect->rule));
    text_add_string(out, effect->kind == EFFECT_ERROR ? ": error: " : ": ");
    text_add_escaped(out, effect->value, LIMIT_LOG_LINE);
    if (left_out == 0) return;
    text_add_string(out, " (");
    text_add_uint(out, left_out);
    text_add_string(out, " more left out)");
}

static uint32_t rule_counters(const struct program *program) {
    return (program->rule_count + 1) * COUNTER_TOTAL;
}

static uint32_t first_named(const struct program *program) {
    return rule_counters(program) + program->limiter_count * LIMITER_COUNTER_TOTAL;
}

uint32_t engine_counters(const struct program *program) {
    return first_named(program) + program->counter_count;
}

uint32_t engine_counter(const struct program *program, const struct effect *effect) {
    if (effect->kind == EFFECT_NAMED_COUNT) return first_named(program) + effect->rule;
    if (effect->kind == EFFECT_LIMIT_COUNT) {
        return rule_counters(program) + effect->rule * LIMITER_COUNTER_TOTAL + effect->counter;
    }
    uint32_t rule = effect->rule == NO_RULE ? program->rule_count : effect->rule;
    return rule * COUNTER_TOTAL + effect->counter;
}

struct counter_name engine_label_name(const struct program *program, uint32_t named,
                                      const struct labels *labels, uint32_t label) {
    return (struct counter_name){"count", program->counters[named].name,
                                 labels_text(labels, label)};
}

struct counter_name engine_counter_name(const struct program *program, uint32_t counter) {
    static const char *const of_rules[COUNTER_TOTAL] = {
#define RULE_COUNTER(name, suffix) suffix,
#include "engine/tbl/rule_counters.h"
#undef RULE_COUNTER
    };
    static const char *const of_limiters[LIMITER_COUNTER_TOTAL] = {
#define LIMITER_COUNTER(name, suffix) suffix,
#include "engine/tbl/limiter_counters.h"
#undef LIMITER_COUNTER
    };
    struct counter_name name = {.suffix = of_rules[counter % COUNTER_TOTAL]};
    if (counter < rule_counters(program)) {
        uint32_t rule = counter / COUNTER_TOTAL;
        if (rule < program->rule_count) name.name = program->rules[rule].name;
        return name;
    }
    if (counter >= first_named(program)) {
        return (struct counter_name){"count",
                                     program->counters[counter - first_named(program)].name, NULL};
    }
    counter -= rule_counters(program);
    return (struct counter_name){.kind = "limiter",
                                 .name = program->limiters[counter / LIMITER_COUNTER_TOTAL].name,
                                 .suffix = of_limiters[counter % LIMITER_COUNTER_TOTAL]};
}

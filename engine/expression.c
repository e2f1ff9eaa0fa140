// Single expressions: the compiler's stages over one text, and its runs.
#include "engine/expression.h"

#include "engine/conf/config.h"
#include "engine/lang/check.h"
#include "engine/lang/compile.h"

enum { SCRATCH_BLOCK = 4 << 10 };

static bool declare(struct unit *unit, const struct expression_options *options) {
    for (uint32_t i = 0; i < options->variable_count; i++) {
        const struct shape *letters[26] = {NULL};
        slice text = options->variables[i].type;
        const struct shape *shape = shape_read(&unit->shapes, &text, letters);
        uint32_t number = NAME_NONE;
        if (shape != NULL) number = unit_add_variable(unit, options->variables[i].name, shape);
        if (number == NAME_NONE) return false;
        unit->variables[number].input = true;
        unit->variables[number].type = (uint8_t)shape_type(shape);
        unit->variables[number].place = (uint16_t)number;
    }
    unit->input_count = options->variable_count;
    unit->declared = options->functions;
    unit->declared_count = options->function_count;
    return true;
}

// A frame of its own: the unit is most of its caller's.
__attribute__((noinline)) static bool compile(struct unit *unit, slice text,
                                              const struct expression_options *options,
                                              struct expression *out) {
    uint32_t source =
        diag_source(unit->diagnostics, slice_of("expression"), arena_copy(unit->arena, text));
    if (!declare(unit, options)) return false;
    if (!parse_text(&unit->parse, source, PARSE_EXPRESSION)) return false;
    struct expr *expr = unit->parse.expression;
    if (compile_alone(unit, expr, options->container, options->unchecked, !options->fields,
                      unit->arena, &out->program) != COMPILE_OK) {
        return false;
    }
    struct text type;
    text_init(&type, unit->arena);
    shape_print(&type, shape_substitute(&unit->shapes, expr->shape, true), true);
    out->type = text_slice(&type);
    return !type.failed;
}

bool expression_compile(struct arena *arena, slice text, const struct expression_options *options,
                        struct diagnostics *diagnostics, struct expression *out) {
    struct arena scratch;
    struct unit *unit = arena_take(arena, sizeof *unit); // too large for a stack
    struct config *config = arena_take(arena, sizeof *config);
    if (unit == NULL || config == NULL || options->variable_count > LIMIT_REGISTERS / 2)
        return false;
    if (!config_read_data(arena, diagnostics, (slice){NULL, 0}, slice_of("config"), config)) {
        return false;
    }
    arena_init(&scratch, arena->source, SCRATCH_BLOCK, arena->limit);
    unit_init(unit, arena, &scratch, diagnostics, config, NULL);
    bool compiled = compile(unit, text, options, out);
    arena_free(&scratch);
    return compiled;
}

bool expression_begin(const struct expression *expression, struct arena *arena, struct run *run) {
    static const struct run_host no_host = {0};
    return run_begin(run, expression->program, &no_host, arena);
}

void expression_bind(struct run *run, const struct value *inputs) {
    if (run->program->input_count == 0) return;
    memcpy(run->registers, inputs, run->program->input_count * sizeof *inputs);
}

struct value expression_evaluate(struct run *run) {
    return run_expression(run);
}

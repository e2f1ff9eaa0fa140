// Lines in columns: the widest label decides.
#include "engine/run/cost_report.h"

const struct cost_sizes cost_example = {16, 100, 50};

enum { NUMBER_WIDTH = 12 };

static const char head[] = "at most";

struct report {
    struct text *out;
    const struct program *program;
    uint32_t width; // of labels; 0: it is only being found
    uint32_t widest;
};

static void add_blanks(struct text *out, uint32_t count) {
    while (count-- > 0)
        text_add_char(out, ' ');
}

static void add_count(struct text *out, uint32_t count, const char *thing) {
    text_add_uint(out, count);
    text_add_char(out, ' ');
    text_add_string(out, thing);
    if (count != 1) text_add_char(out, 's');
}

static uint32_t count_patterns(const struct program *program) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < program->constant_count; i++)
        count += program->constants[i].kind == TYPE_REGEX;
    return count;
}

static void add_size(struct text *out, slice name, const struct program *program) {
    text_add(out, name);
    text_add_string(out, ": ");
    add_count(out, program->code_count, "instruction");
    text_add_string(out, ", ");
    add_count(out, program->constant_count, "constant");
    text_add_string(out, ", ");
    add_count(out, program->slot_count, "header slot");
    text_add_string(out, ", ");
    add_count(out, count_patterns(program), "pattern");
    text_add_char(out, '\n');
}

// A number at the right end of its column.
static void add_steps(struct text *out, uint64_t steps) {
    static const slice beyond = {"beyond", 6};
    uint32_t length = 1;
    for (uint64_t rest = steps; rest >= 10; rest /= 10)
        length++;
    bool known = steps != UINT64_MAX;
    if (!known) length = beyond.length;
    add_blanks(out, length < NUMBER_WIDTH ? NUMBER_WIDTH - length : 0);
    if (known) {
        text_add_uint(out, steps);
    } else {
        text_add(out, beyond);
    }
}

static void add_label(struct report *report, const char *first, const char *second, slice name) {
    uint32_t before = report->out->length;
    text_add_string(report->out, "  ");
    text_add_string(report->out, first);
    text_add_string(report->out, second);
    text_add(report->out, name);
    uint32_t length = report->out->length - before;
    add_blanks(report->out, report->width > length ? report->width - length : 0);
}

static uint32_t label_length(const char *first, const char *second, slice name) {
    return 2 + (uint32_t)strlen(first) + (uint32_t)strlen(second) + name.length;
}

static void add_line(struct report *report, const char *first, const char *second, slice name,
                     const struct cost *cost) {
    if (report->width == 0) {
        uint32_t length = label_length(first, second, name);
        if (length > report->widest) report->widest = length;
        return;
    }
    uint64_t steps = cost_at(cost, &cost_example);
    add_label(report, first, second, name);
    add_steps(report->out, steps);
    text_add_string(report->out, "  ");
    cost_write(report->out, cost);
    if (steps > report->program->steps) {
        text_add_string(report->out, "  (more than weir.steps, ");
        text_add_uint(report->out, report->program->steps);
        text_add_char(report->out, ')');
    }
    text_add_char(report->out, '\n');
}

static void add_phase(struct report *report, const struct cost_table *costs, uint32_t phase) {
    const struct program *program = report->program;
    const char *word = phase_names[phase];
    for (uint32_t rule = 0; rule < program->rule_count; rule++) {
        if (program->rules[rule].phase != phase) continue;
        add_line(report, word, " rule ", program->rules[rule].name, &costs->rules[rule]);
    }
    add_line(report, word, "", slice_of(""), &costs->phases[phase]);
}

// A let that nobody wrote holds what a request gives of a limiter.
static bool is_of_limiter(const struct program *program, uint32_t let) {
    for (uint32_t i = 0; i < program->limiter_count; i++) {
        if (program->limiters[i].let == let) return true;
    }
    return false;
}

static void add_lines(struct report *report, const struct cost_table *costs) {
    const struct program *program = report->program;
    for (uint32_t let = 0; let < program->let_count; let++) {
        const char *word = is_of_limiter(program, let) ? "limiter " : "let ";
        add_line(report, word, "", program->lets[let].name, &costs->lets[let]);
    }
    for (uint32_t phase = 0; phase < PHASE_TOTAL; phase++) {
        if (program->entry[phase] == NO_ENTRY) continue;
        if (phase == PHASE_REQUEST_BODY)
            add_line(report, "body gate", "", slice_of(""), &costs->gates[MESSAGE_REQUEST]);
        if (phase == PHASE_RESPONSE_BODY)
            add_line(report, "body gate of responses", "", slice_of(""),
                     &costs->gates[MESSAGE_RESPONSE]);
        add_phase(report, costs, phase);
    }
}

static void add_head(struct report *report) {
    add_label(report, head, "", slice_of(""));
    add_blanks(report->out, NUMBER_WIDTH - 5);
    text_add_string(report->out, "steps  S=");
    text_add_uint(report->out, cost_example.texts);
    text_add_string(report->out, " L=");
    text_add_uint(report->out, cost_example.items);
    text_add_string(report->out, " H=");
    text_add_uint(report->out, cost_example.lines);
    text_add_char(report->out, '\n');
}

bool cost_report(struct text *out, slice name, const struct program *program, struct arena *arena) {
    struct cost_table costs;
    struct report report = {.out = out, .program = program};
    if (!cost_of_program(program, arena, &costs)) return false;
    add_size(out, name, program);
    if (program->code_count == 0) return !out->failed;
    report.widest = label_length(head, "", slice_of(""));
    add_lines(&report, &costs);
    report.width = report.widest;
    add_head(&report);
    add_lines(&report, &costs);
    return !out->failed;
}

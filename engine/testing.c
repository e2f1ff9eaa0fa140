// Test files over the compiler's own parts: the same parser, checker and interpreter as for rules.
#include "engine/testing.h"

#include "engine/conf/config.h"
#include "engine/lang/check.h"
#include "engine/lang/compile.h"
#include "engine/lang/lint.h"
#include "engine/lib/time.h"
#include "engine/run/cost_report.h"
#include "engine/run/message.h"

enum { TESTING_BLOCK = 64 << 10, SCRATCH_BLOCK = 16 << 10 };

struct testing {
    struct arena arena; // holds this struct as well
    struct arena scratch;
    struct diagnostics diagnostics;
    struct config config;
    struct unit unit;
    struct file_finder finder;
    struct program *program;
    const struct item **tests;
    uint32_t test_count;
    struct known_value *known;
    uint32_t known_count;
    uint32_t known_capacity;
};

static struct testing *testing_new(const struct engine_input *input,
                                   const struct allocator *allocator) {
    struct arena arena;
    arena_init(&arena, allocator, TESTING_BLOCK, SIZE_MAX);
    struct testing *testing = arena_take(&arena, sizeof *testing);
    if (testing == NULL) return NULL;
    testing->arena = arena;
    testing->finder = (struct file_finder){input->finder, input->find};
    arena_init(&testing->scratch, allocator, SCRATCH_BLOCK, SIZE_MAX);
    diag_init(&testing->diagnostics, &testing->arena);
    unit_init(&testing->unit, &testing->arena, &testing->scratch, &testing->diagnostics,
              &testing->config, &testing->finder);
    testing->unit.secrets =
        (struct secret_finder){input->environment, input->secret, input->secrets_must_exist};
    return testing;
}

void testing_close(struct testing *testing) {
    struct arena arena = testing->arena;
    arena_free(&testing->scratch);
    arena_free(&arena);
}

static bool has_no_memory(const struct testing *testing) {
    return testing->diagnostics.out_of_memory || testing->arena.failed;
}

// The JSON as the file has it, with what stands before it blanked: a diagnostic about it then
// names the file's own line and column.
static slice json_of(struct testing *testing, struct span span) {
    struct text json;
    slice text = testing->diagnostics.sources[span.source].text;
    uint32_t line = 0;
    text_init(&json, &testing->arena);
    for (uint32_t i = 0; i < span.start; i++) {
        if (text.at[i] != '\n') continue;
        text_add_char(&json, '\n');
        line = i + 1;
    }
    for (uint32_t i = line; i < span.start; i++) {
        bool inside = ((unsigned char)text.at[i] & 0xc0) == 0x80; // of a code point
        if (!inside) text_add_char(&json, ' ');
    }
    text_add(&json, slice_cut(text, span.start, span.end));
    return text_slice(&json);
}

static const struct item *find_config(struct testing *testing, const struct item *items) {
    const struct item *found = NULL;
    for (; items != NULL; items = items->next) {
        if (items->kind != ITEM_CONFIG) continue;
        if (found != NULL) {
            diag_report(&testing->diagnostics, ERROR_CLAUSE_TWICE, &items->span,
                        (slice[]){slice_of("config")});
            diag_other(&testing->diagnostics, &found->span, "first given here");
        }
        found = items;
    }
    return found;
}

static bool collect_tests(struct testing *testing, const struct item *items) {
    uint32_t count = 0;
    for (const struct item *item = items; item != NULL; item = item->next)
        count += item->kind == ITEM_TEST;
    testing->tests = arena_array(&testing->arena, count, sizeof(const struct item *));
    if (testing->tests == NULL) return false;
    for (; items != NULL; items = items->next) {
        if (items->kind == ITEM_TEST) testing->tests[testing->test_count++] = items;
    }
    return true;
}

static bool read_file(struct testing *testing, slice configuration, slice name, slice text) {
    struct unit *unit = &testing->unit;
    uint32_t source = diag_source(&testing->diagnostics, name, text);
    bool parsed = parse_text(&unit->parse, source, PARSE_TESTS);
    const struct item *items = unit->parse.items;
    const struct item *config = find_config(testing, items);
    if (configuration.length == 0 && config != NULL) {
        configuration = json_of(testing, config->value->span);
    }
    if (!config_read_data(&testing->arena, &testing->diagnostics, configuration, name,
                          &testing->config)) {
        return false;
    }
    if (!parsed || !collect_tests(testing, items)) return false;
    unit_add_items(unit, items, source);
    return true;
}

static enum engine_outcome outcome_of(struct testing *testing, enum compile_outcome outcome,
                                      struct text *report) {
    if (outcome == COMPILE_OK) return ENGINE_OK;
    diag_render_all(&testing->diagnostics, report);
    bool no_memory = outcome == COMPILE_NO_MEMORY || report->failed || has_no_memory(testing);
    return no_memory ? ENGINE_NO_MEMORY : ENGINE_REFUSED;
}

enum engine_outcome testing_open(const struct engine_input *input, slice name, slice text,
                                 const struct allocator *allocator, struct text *report,
                                 struct testing **out) {
    struct testing *testing = testing_new(input, allocator);
    if (testing == NULL) return ENGINE_NO_MEMORY;
    enum compile_outcome compiled = COMPILE_REFUSED;
    if (read_file(testing, input->configuration, name, text)) {
        compiled = compile_items(&testing->unit, input->name, &testing->arena, &testing->program);
    }
    enum engine_outcome outcome = outcome_of(testing, compiled, report);
    if (outcome == ENGINE_OK) {
        *out = testing;
    } else {
        testing_close(testing);
    }
    return outcome;
}

bool testing_costs(const struct program *program, slice name, const struct allocator *allocator,
                   struct text *report) {
    struct arena arena;
    if (program == NULL) return true;
    arena_init(&arena, allocator, TESTING_BLOCK, SIZE_MAX);
    bool good = cost_report(report, name, program, &arena);
    arena_free(&arena);
    return good;
}

struct program *testing_program(const struct testing *testing) {
    return testing->program;
}

uint32_t testing_count(const struct testing *testing) {
    return testing->test_count;
}

slice testing_title(const struct testing *testing, uint32_t test, struct span *span) {
    *span = testing->tests[test]->name_span;
    return testing->tests[test]->name;
}

static const struct step *find_step(const struct testing *testing, uint32_t test, uint32_t number) {
    const struct step *step = testing->tests[test]->steps;
    for (; step != NULL && number > 0; number--)
        step = step->next;
    return step;
}

static struct testing_send send_of(const struct step *step) {
    const struct exchange *exchange = &step->exchange;
    return (struct testing_send){.method = exchange->method,
                                 .worker = step->worker,
                                 .url = exchange->url,
                                 .headers = exchange->headers,
                                 .body = exchange->body,
                                 .trailers = exchange->trailers,
                                 .from = exchange->from,
                                 .with = exchange->with,
                                 .upstream_status = exchange->upstream_status,
                                 .upstream_headers = exchange->upstream_headers,
                                 .upstream_body = exchange->upstream_body,
                                 .upstream_trailers = exchange->upstream_trailers};
}

bool testing_step(struct testing *testing, uint32_t test, uint32_t number,
                  struct testing_step *out) {
    static const enum testing_step_kind kinds[] = {[STEP_SEND] = TESTING_SEND,
                                                   [STEP_CONFIG] = TESTING_CONFIG,
                                                   [STEP_LET] = TESTING_LET,
                                                   [STEP_EXPECT] = TESTING_EXPECT,
                                                   [STEP_WAIT] = TESTING_WAIT};
    const struct step *step = find_step(testing, test, number);
    if (step == NULL) return false;
    *out = (struct testing_step){.kind = kinds[step->kind],
                                 .span = step->span,
                                 .send = send_of(step),
                                 .name = step->name,
                                 .value = step->value};
    if (step->kind == STEP_CONFIG) out->configuration = json_of(testing, step->value->span);
    return true;
}

bool testing_bind(struct testing *testing, slice name, struct value value) {
    if (value.kind == TYPE_HEADERS || value.kind == TYPE_ERROR) return false;
    if (testing->known_count == testing->known_capacity) {
        uint32_t capacity = testing->known_capacity == 0 ? 8 : testing->known_capacity * 2;
        struct known_value *grown = arena_array(&testing->arena, capacity, sizeof *grown);
        if (grown == NULL) return false;
        if (testing->known_count > 0) {
            memcpy(grown, testing->known, testing->known_count * sizeof *grown);
        }
        testing->known = grown;
        testing->known_capacity = capacity;
    }
    testing->known[testing->known_count++] = (struct known_value){name, value};
    return true;
}

// Loads a message as it was received, then makes of it what rules made of it.
static bool load_message(struct run *run, enum message_kind kind,
                         const struct testing_message *message) {
    slice nothing = {NULL, 0};
    bool good = run_load(run, kind, message->received, message->received_count);
    if (message->lines == message->received) return good;
    for (uint32_t i = 0; good && i < message->received_count; i++) {
        good = message_edit(run, EFFECT_HEADER_REMOVE, kind, message->received[i].name, nothing);
    }
    for (uint32_t i = 0; good && i < message->count; i++) {
        good = message_edit(run, EFFECT_HEADER_ADD, kind, message->lines[i].name,
                            message->lines[i].value);
    }
    return good;
}

static bool run_view(const struct program *program, const struct testing_view *view,
                     struct arena *keep, struct value *out) {
    struct run *run = arena_take(keep, sizeof *run);
    if (run == NULL || !run_begin(run, program, view->host, keep)) return false;
    for (uint32_t kind = 0; kind <= MESSAGE_FORWARDED; kind++) {
        if (!load_message(run, (enum message_kind)kind, &view->messages[kind])) return false;
    }
    run_load_body(run, MESSAGE_REQUEST, view->request_body, false);
    run_load_body(run, MESSAGE_RESPONSE, view->response_body, false);
    run->decision_rule = view->decision_rule;
    run->decision_action = view->decision_action;
    run->decision_limiter = view->decision_limiter;
    run->decision_remaining = view->decision_remaining;
    *out = run_expression(run);
    return true;
}

enum engine_outcome testing_evaluate(struct testing *testing, struct expr *expr,
                                     const struct testing_view *view, struct arena *keep,
                                     struct text *report, struct value *out) {
    struct program *program;
    struct diag_mark mark = diag_mark(&testing->diagnostics);
    enum compile_outcome compiled = compile_expression(
        &testing->unit, expr, testing->known, testing->known_count, &testing->arena, &program);
    enum engine_outcome outcome = outcome_of(testing, compiled, report);
    diag_rewind(&testing->diagnostics, mark);
    if (outcome != ENGINE_OK) return outcome;
    return run_view(program, view, keep, out) ? ENGINE_OK : ENGINE_NO_MEMORY;
}

uint32_t testing_members(struct expr *expr, struct expr **members, uint32_t most) {
    bool chain = expr->kind == EXPR_OPERATOR && expr->operator== OPERATOR_AND;
    uint32_t count = 0;
    struct expr *member = chain ? expr->first : expr;
    for (; member != NULL && count < most; member = chain ? member->next : NULL) {
        members[count++] = member;
    }
    return count;
}

struct part_list {
    struct expr **parts;
    uint32_t count;
    uint32_t most;
};

static void add_part(struct part_list *list, struct expr *expr) {
    if (list->count < list->most) list->parts[list->count++] = expr;
}

// Recursion is bounded by the height of trees, LIMIT_NESTING.
static void add_parts(struct part_list *list, struct expr *expr) {
    enum expr_kind kind = (enum expr_kind)expr->kind;
    bool macro = kind == EXPR_CALL && slice_is(expr->name, "has");
    bool told = kind == EXPR_NAME || kind == EXPR_SELECT || kind == EXPR_INDEX || kind == EXPR_CALL;
    if (told) add_part(list, expr);
    if (kind == EXPR_NAME || kind == EXPR_SELECT || macro) return;
    struct expr *child = expr->first;
    if (kind == EXPR_INDEX) child = child->next;
    for (; child != NULL; child = child->next)
        add_parts(list, child);
}

uint32_t testing_parts(struct expr *expr, struct expr **parts, uint32_t most) {
    struct part_list list = {parts, 0, most};
    add_parts(&list, expr);
    return list.count;
}

struct span testing_span(const struct expr *expr) {
    return expr->span;
}

slice testing_source(const struct testing *testing, const struct expr *expr) {
    slice text = testing->diagnostics.sources[expr->span.source].text;
    return slice_cut(text, expr->span.start, expr->span.end);
}

void testing_place(const struct testing *testing, struct span span, struct text *out) {
    const struct source *source = &testing->diagnostics.sources[span.source];
    uint32_t line, column;
    diag_position(source->text, span.start, &line, &column);
    text_add(out, source->name);
    text_add_char(out, ':');
    text_add_uint(out, line);
    text_add_char(out, ':');
    text_add_uint(out, column);
}

// Checking the steps of tests. The value of a `let` is not known then, so its name stands for DYN.

static void check_part(struct testing *testing, struct expr *expr, enum type type,
                       const char *what) {
    if (expr == NULL) return;
    struct check check = {.unit = &testing->unit,
                          .ordinal = NAME_NONE,
                          .phases = IN_EXPECT,
                          .known = testing->known,
                          .known_count = testing->known_count};
    if (type == TYPE_DYN) {
        check_expr(&check, expr);
    } else {
        check_expr_is(&check, expr, type, what);
    }
}

static void check_send(struct testing *testing, const struct exchange *exchange) {
    check_part(testing, exchange->url, TYPE_STRING, "a URL");
    check_part(testing, exchange->headers, TYPE_MAP, "`headers`");
    check_part(testing, exchange->body, TYPE_DYN, "");
    check_part(testing, exchange->trailers, TYPE_MAP, "`trailers`");
    check_part(testing, exchange->from, TYPE_STRING, "an address");
    check_part(testing, exchange->with, TYPE_MAP, "`with`");
    check_part(testing, exchange->upstream_status, TYPE_INT, "a status");
    check_part(testing, exchange->upstream_headers, TYPE_MAP, "`headers`");
    check_part(testing, exchange->upstream_body, TYPE_DYN, "");
    check_part(testing, exchange->upstream_trailers, TYPE_MAP, "`trailers`");
}

static void check_step(struct testing *testing, const struct step *step) {
    switch (step->kind) {
    case STEP_SEND: check_send(testing, &step->exchange); break;
    case STEP_WAIT: check_part(testing, step->value, TYPE_DURATION, "a time"); break;
    case STEP_EXPECT: check_part(testing, step->value, TYPE_BOOL, "what is expected"); break;
    case STEP_LET:
        check_part(testing, step->value, TYPE_DYN, "");
        if (!testing_bind(testing, step->name, (struct value){.kind = TYPE_DYN})) {
            testing->diagnostics.out_of_memory = true;
        }
        break;
    case STEP_CONFIG: break; // all behind it is checked with that configuration
    }
}

static void check_steps(struct testing *testing, const struct step *step) {
    for (; step != NULL && step->kind != STEP_CONFIG; step = step->next)
        check_step(testing, step);
}

// Names from before the configuration stay known behind it.
static void check_behind(struct testing *testing, const struct step *steps, uint32_t number) {
    for (; number > 0; number--, steps = steps->next) {
        if (steps->kind != STEP_LET) continue;
        testing_bind(testing, steps->name, (struct value){.kind = TYPE_DYN});
    }
    check_steps(testing, steps->next);
}

static enum engine_outcome finish_check(struct testing *testing, struct text *report) {
    bool found = testing->diagnostics.count > 0 || has_no_memory(testing);
    enum engine_outcome outcome = outcome_of(testing, found ? COMPILE_REFUSED : COMPILE_OK, report);
    testing_close(testing);
    return outcome;
}

// Checks the rules, and the steps behind, with the configuration of one step.
static enum engine_outcome check_configured(const struct engine_input *input, struct testing *outer,
                                            uint32_t test, uint32_t number,
                                            const struct source *file,
                                            const struct allocator *allocator,
                                            struct text *report) {
    struct testing_step step;
    struct testing *inner;
    testing_step(outer, test, number, &step);
    struct engine_input configured = *input;
    configured.configuration = step.configuration;
    enum engine_outcome outcome =
        testing_open(&configured, file->name, file->text, allocator, report, &inner);
    if (outcome != ENGINE_OK) return outcome;
    check_behind(inner, inner->tests[test]->steps, number);
    return finish_check(inner, report);
}

static enum engine_outcome check_configs(const struct engine_input *input, struct testing *testing,
                                         uint32_t test, const struct source *file,
                                         const struct allocator *allocator, struct text *report) {
    uint32_t number = 0;
    const struct step *step = testing->tests[test]->steps;
    for (; step != NULL; step = step->next, number++) {
        if (step->kind != STEP_CONFIG) continue;
        enum engine_outcome outcome =
            check_configured(input, testing, test, number, file, allocator, report);
        if (outcome != ENGINE_OK) return outcome;
    }
    return ENGINE_OK;
}

enum engine_outcome testing_check(const struct engine_input *input, slice name, slice text,
                                  const struct allocator *allocator, struct text *report) {
    struct testing *testing;
    struct source file = {name, text};
    enum engine_outcome outcome = testing_open(input, name, text, allocator, report, &testing);
    if (outcome != ENGINE_OK) return outcome;
    for (uint32_t i = 0; i < testing->test_count; i++) {
        testing->known_count = 0;
        check_steps(testing, testing->tests[i]->steps);
    }
    if (testing->diagnostics.count == 0) {
        for (uint32_t i = 0; i < testing->test_count && outcome == ENGINE_OK; i++) {
            outcome = check_configs(input, testing, i, &file, allocator, report);
        }
        if (outcome != ENGINE_OK) {
            testing_close(testing);
            return outcome;
        }
    }
    return finish_check(testing, report);
}

const struct lint_hooks testing_lints = {lint_tree, lint_rules};

void testing_write_timestamp(struct text *out, struct value timestamp) {
    char printed[TIME_TEXT];
    text_add_char(out, '"');
    text_add(out, slice_from(printed, time_print(timestamp, printed)));
    text_add_char(out, '"');
}

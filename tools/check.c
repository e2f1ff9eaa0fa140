// `weir check`: compiles as the plugin does and prints what it would log, what it warns of, and on
// demand what the rules may cost.
#include <getopt.h>
#include <stdio.h>

#include "engine/engine.h"
#include "engine/testing.h"
#include "tools/commands.h"
#include "tools/environment.h"
#include "tools/files.h"
#include "tools/heap.h"

struct check {
    struct arena arena;
    struct files files;
    const struct file *config; // NULL without --config
    struct engine_lints lints;
    bool lint;
    bool strict; // warnings are findings
    bool verbose;
    int code;
};

static void worsen(struct check *check, int code) {
    if (code > check->code) check->code = code;
}

static bool is_plugin_config(slice text) {
    uint32_t at = 0;
    while (at < text.length && memchr(" \t\r\n", text.at[at], 4) != NULL)
        at++;
    return at < text.length && text.at[at] == '{';
}

// What every compilation of the tool is given; the namespace is only seen in metrics and logs.
static struct engine_input input_of(struct check *check, slice configuration) {
    return (struct engine_input){.configuration = configuration,
                                 .name = slice_of("weir"),
                                 .finder = &check->files,
                                 .find = files_find,
                                 .secret = environment_find,
                                 .lints = check->lint ? &check->lints : NULL};
}

static enum engine_outcome add_costs(const struct check *check, const struct file *file,
                                     const struct program *program, struct text *report) {
    if (!check->verbose) return ENGINE_OK;
    bool good = testing_costs(program, file->name, &heap, report);
    return good ? ENGINE_OK : ENGINE_NO_MEMORY;
}

// The costs of a test file are those of its rules with its own configuration.
static enum engine_outcome check_tests(const struct check *check, const struct engine_input *input,
                                       const struct file *file, struct text *report) {
    struct testing *testing;
    enum engine_outcome outcome = testing_check(input, file->name, file->text, &heap, report);
    if (outcome != ENGINE_OK || !check->verbose) return outcome;
    outcome = testing_open(input, file->name, file->text, &heap, report, &testing);
    if (outcome != ENGINE_OK) return outcome;
    outcome = add_costs(check, file, testing_program(testing), report);
    testing_close(testing);
    return outcome;
}

static enum engine_outcome compile_file(struct check *check, const struct file *file,
                                        struct arena *keep, struct text *report) {
    struct program *program;
    enum engine_outcome outcome;
    slice data = check->config == NULL ? (slice){NULL, 0} : check->config->text;
    bool whole = is_plugin_config(file->text);
    struct engine_input input = input_of(check, whole ? file->text : data);
    if (!whole && slice_ends(file->name, slice_of("_test.weir"))) {
        input.lints = NULL; // rules of a test show what they show
        return check_tests(check, &input, file, report);
    }
    if (whole) {
        outcome = engine_compile(&input, &heap, keep, report, &program);
    } else {
        outcome =
            engine_compile_rules(&input, file->name, file->text, &heap, keep, report, &program);
    }
    return outcome == ENGINE_OK ? add_costs(check, file, program, report) : outcome;
}

static void check_file(struct check *check, const char *path) {
    struct arena keep;
    struct text report;
    const struct file *file = files_read(&check->files, path);
    if (file == NULL) {
        worsen(check, EXIT_TROUBLE);
        return;
    }
    arena_init(&keep, &heap, HEAP_BLOCK, SIZE_MAX);
    text_init(&report, &check->arena);
    enum engine_outcome outcome = compile_file(check, file, &keep, &report);
    fwrite(report.at, 1, report.length, stdout);
    bool warned = check->strict && check->lints.found > 0;
    if (outcome == ENGINE_REFUSED || warned) worsen(check, EXIT_FINDINGS);
    if (outcome == ENGINE_NO_MEMORY) {
        fprintf(stderr, "weir: %s: out of memory\n", path);
        worsen(check, EXIT_TROUBLE);
    }
    arena_free(&keep);
}

enum { OPTION_CONFIG = 256, OPTION_FAIL_LEVEL, OPTION_NO_LINT };

// Which findings make the exit code 1.
static bool read_fail_level(struct check *check, const char *word) {
    check->strict = strcmp(word, "warning") == 0;
    if (check->strict || strcmp(word, "error") == 0) return true;
    fprintf(stderr, "weir check: --fail-level takes `error` or `warning`, not `%s`\n", word);
    return false;
}

static bool read_config(struct check *check, const char *path) {
    check->config = files_read(&check->files, path);
    return check->config != NULL;
}

// False after a complaint.
static bool read_option(struct check *check, int option, const char *argument) {
    switch (option) {
    case 'v': check->verbose = true; return true;
    case OPTION_NO_LINT: check->lint = false; return true;
    case OPTION_FAIL_LEVEL: return read_fail_level(check, argument);
    case OPTION_CONFIG: return read_config(check, argument);
    default: return false;
    }
}

// False when nothing is left to be done; check->code is then the exit code.
static bool read_options(struct check *check, int argc, char **argv) {
    static const struct option options[] = {
        {"config", required_argument, NULL, OPTION_CONFIG},
        {"fail-level", required_argument, NULL, OPTION_FAIL_LEVEL},
        {"no-lint", no_argument, NULL, OPTION_NO_LINT},
        {"verbose", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},
        {0}};
    int option;
    while ((option = getopt_long(argc, argv, "vh", options, NULL)) != -1) {
        if (option == 'h') {
            check->code = command_help("check");
            return false;
        }
        if (read_option(check, option, optarg)) continue;
        check->code = EXIT_TROUBLE;
        return false;
    }
    if (optind < argc) return true;
    fputs("weir check: no FILE given\n", stderr);
    check->code = EXIT_TROUBLE;
    return false;
}

int command_check(int argc, char **argv) {
    struct check check = {.lints = {.hooks = &testing_lints}, .lint = true, .code = EXIT_CLEAN};
    arena_init(&check.arena, &heap, HEAP_BLOCK, SIZE_MAX);
    files_init(&check.files, &check.arena);
    if (read_options(&check, argc, argv)) {
        for (int i = optind; i < argc; i++)
            check_file(&check, argv[i]);
    }
    arena_free(&check.arena);
    return check.code;
}

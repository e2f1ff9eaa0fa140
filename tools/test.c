// `weir test`: finds test files, runs every test of each, counts.
#include <getopt.h>
#include <stdio.h>

#include "engine/testing.h"
#include "tools/commands.h"
#include "tools/environment.h"
#include "tools/files.h"
#include "tools/heap.h"
#include "tools/test_case.h"

struct tests {
    struct arena arena;
    struct files files;
    bool verbose;
    uint32_t passed;
    uint32_t failed; // a file that does not compile counts as one
    uint32_t found;  // tests and unusable files of the PATH at hand
    int code;
};

static void worsen(struct tests *tests, int code) {
    if (code > tests->code) tests->code = code;
}

static void print(struct text *text) {
    fwrite(text->at, 1, text->length, stdout);
}

static void no_memory(struct tests *tests, slice name) {
    fprintf(stderr, "weir: %.*s: out of memory\n", (int)name.length, name.at);
    worsen(tests, EXIT_TROUBLE);
}

static void run_test(struct tests *tests, const struct engine_input *input, const struct file *file,
                     uint32_t number) {
    struct arena arena;
    struct text head, details;
    arena_init(&arena, &heap, HEAP_BLOCK, SIZE_MAX);
    text_init(&head, &arena);
    text_init(&details, &arena);
    enum test_verdict verdict = test_case_run(input, file, number, &head, &details);
    bool shown = verdict == TEST_FAILED || (verdict == TEST_PASSED && tests->verbose);
    if (shown) {
        fputs(verdict == TEST_FAILED ? "FAIL " : "ok   ", stdout);
        print(&head);
        putchar('\n');
        print(&details);
    }
    tests->passed += verdict == TEST_PASSED;
    tests->failed += verdict == TEST_FAILED;
    if (verdict == TEST_FAILED) worsen(tests, EXIT_FINDINGS);
    if (verdict == TEST_BROKEN || head.failed || details.failed) no_memory(tests, file->name);
    arena_free(&arena);
}

// How many tests the file holds; nothing is run when it does not compile.
static uint32_t count_tests(struct tests *tests, const struct engine_input *input,
                            const struct file *file) {
    struct text report;
    struct testing *testing;
    text_init(&report, &tests->arena);
    enum engine_outcome outcome = testing_check(input, file->name, file->text, &heap, &report);
    if (outcome == ENGINE_OK) {
        outcome = testing_open(input, file->name, file->text, &heap, &report, &testing);
    }
    if (outcome == ENGINE_OK) {
        uint32_t count = testing_count(testing);
        testing_close(testing);
        return count;
    }
    print(&report);
    tests->found++;
    tests->failed++;
    worsen(tests, EXIT_FINDINGS);
    if (outcome == ENGINE_NO_MEMORY) no_memory(tests, file->name);
    return 0;
}

static void run_file(void *self, const char *path) {
    struct tests *tests = self;
    const struct file *file = files_read(&tests->files, path);
    if (file == NULL) {
        tests->found++;
        worsen(tests, EXIT_TROUBLE);
        return;
    }
    struct engine_input input = {.name = slice_of("weir"),
                                 .finder = &tests->files,
                                 .find = files_find,
                                 .secret = environment_find};
    uint32_t count = count_tests(tests, &input, file);
    tests->found += count;
    for (uint32_t i = 0; i < count; i++)
        run_test(tests, &input, file, i);
}

static void run_path(struct tests *tests, const char *path) {
    tests->found = 0;
    if (!files_is_folder(path)) {
        run_file(tests, path);
    } else if (!files_walk(&tests->arena, path, "_test.weir", run_file, tests)) {
        worsen(tests, EXIT_TROUBLE);
    }
    if (tests->found > 0) return;
    fprintf(stderr, "weir: %s: no test in it\n", path);
    worsen(tests, EXIT_TROUBLE);
}

// False when nothing is left to be done; tests->code is then the exit code.
static bool read_options(struct tests *tests, int argc, char **argv) {
    static const struct option options[] = {
        {"verbose", no_argument, NULL, 'v'}, {"help", no_argument, NULL, 'h'}, {0}};
    int option;
    while ((option = getopt_long(argc, argv, "vh", options, NULL)) != -1) {
        if (option == 'v') {
            tests->verbose = true;
            continue;
        }
        tests->code = option == 'h' ? command_help("test") : EXIT_TROUBLE;
        return false;
    }
    if (optind < argc) return true;
    fputs("weir test: no PATH given\n", stderr);
    tests->code = EXIT_TROUBLE;
    return false;
}

int command_test(int argc, char **argv) {
    struct tests tests = {.code = EXIT_CLEAN};
    arena_init(&tests.arena, &heap, HEAP_BLOCK, SIZE_MAX);
    files_init(&tests.files, &tests.arena);
    if (read_options(&tests, argc, argv)) {
        for (int i = optind; i < argc; i++)
            run_path(&tests, argv[i]);
        printf("%u passed, %u failed\n", tests.passed, tests.failed);
    }
    arena_free(&tests.arena);
    return tests.code;
}

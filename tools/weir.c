// The native command: what stands before the commands themselves.
#include <stdio.h>

#include "engine/engine.h"
#include "tools/commands.h"

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
};

static const struct command commands[] = {
    {"check", command_check,
     "usage: weir check [-v] [--config FILE] [--fail-level LEVEL] [--no-lint] FILE...\n"
     "\n"
     "Compiles each FILE as the plugin would and says what is wrong with it; warns of what\n"
     "compiles and is hardly meant. A comment `// weir:ignore W0101` and a reason silences a\n"
     "warning of its line or, alone on a line, of the next. Test files get no warnings.\n"
     "FILE is a rule text (.weir), a test file (NAME_test.weir), or a pluginConfig: JSON that\n"
     "begins with `{`. `-` is standard input. Includes are looked for beside the including file,\n"
     "then among the bundled rule sets.\n"
     "\n"
     "  --config FILE  the user's data (`config`) for rule texts, as JSON; a whole pluginConfig\n"
     "                 will do, its `rules` and `weir` are passed over\n"
     "  --fail-level LEVEL  what makes the exit code 1: `error` (the default), or `warning`\n"
     "  --no-lint      no warnings\n"
     "  -v, --verbose  of a clean file the size of its program, and the most steps that each\n"
     "                 let, rule and phase may take: worked out for the sizes in the first\n"
     "                 line, and as a sum for all sizes: S, the longest text in units of 64\n"
     "                 bytes; L, the items of the largest list or map; H, the header lines.\n"
     "                 A phase is its rules and the lets they ask for; its budget is\n"
     "                 `weir.steps`\n"
     "  -h, --help     this text\n"
     "\n"
     "Silent when all is well. Exit code: 0 no errors, 1 findings (standard output), 2 trouble\n"
     "(standard error).\n"},
    {"test", command_test,
     "usage: weir test [-v] PATH...\n"
     "\n"
     "Runs the tests of each PATH: a file, or a folder with all NAME_test.weir below it.\n"
     "\n"
     "  -v, --verbose  a line for each test that passed, too\n"
     "  -h, --help     this text\n"
     "\n"
     "Exit code: 0 all passed, 1 a test failed or a file does not compile, 2 trouble: a file\n"
     "cannot be read, or a PATH holds no test.\n"},
};

static const char usage[] = "usage: weir COMMAND ...\n"
                            "\n"
                            "  check FILE...   finds the mistakes of rules and configurations\n"
                            "  test PATH...    runs the tests of rules\n"
                            "  help [COMMAND]  says more\n"
                            "  --version       the version\n";

static const struct command *find_command(const char *name) {
    for (uint32_t i = 0; i < LEN(commands); i++) {
        if (strcmp(commands[i].name, name) == 0) return &commands[i];
    }
    return NULL;
}

static int unknown_command(const char *name) {
    fprintf(stderr, "weir: unknown command `%s`\n%s", name, usage);
    return EXIT_TROUBLE;
}

int command_help(const char *name) {
    const struct command *command = name == NULL ? NULL : find_command(name);
    if (name != NULL && command == NULL) return unknown_command(name);
    fputs(command == NULL ? usage : command->help, stdout);
    return EXIT_CLEAN;
}

static int run_command(int argc, char **argv) {
    const char *word = argv[1];
    const struct command *command = find_command(word);
    if (command != NULL) {
        char name[32]; // what getopt's complaints begin with
        snprintf(name, sizeof name, "weir %s", command->name);
        argv[1] = name;
        return command->run(argc - 1, argv + 1);
    }
    if (strcmp(word, "help") == 0) return command_help(argc > 2 ? argv[2] : NULL);
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) return command_help(NULL);
    if (strcmp(word, "--version") != 0) return unknown_command(word);
    puts("weir " WEIR_VERSION);
    return EXIT_CLEAN;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fputs(usage, stderr);
        return EXIT_TROUBLE;
    }
    int code = run_command(argc, argv);
    bool written = fflush(stdout) == 0 && !ferror(stdout);
    if (written) return code;
    fputs("weir: standard output cannot be written\n", stderr);
    return EXIT_TROUBLE;
}

// The commands of `weir`. Each returns the exit code: EXIT_CLEAN, EXIT_FINDINGS or EXIT_TROUBLE.
#ifndef WEIR_TOOLS_COMMANDS_H
#define WEIR_TOOLS_COMMANDS_H

enum {
    EXIT_CLEAN,    // nothing found, every test passed
    EXIT_FINDINGS, // the answer is no: a diagnostic, a failed test; on standard output
    EXIT_TROUBLE,  // no answer: a bad flag, an unreadable file; on standard error
};

// argv[0] is the command's own word.
int command_check(int argc, char **argv);
int command_test(int argc, char **argv);

// The help of a command, NULL for that of all. EXIT_TROUBLE for an unknown one.
int command_help(const char *command);

#endif

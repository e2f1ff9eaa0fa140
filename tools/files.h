// Files of rules: reading them, finding includes, listing folders.
#ifndef WEIR_TOOLS_FILES_H
#define WEIR_TOOLS_FILES_H

#include "engine/base/arena.h"

// A text that was read. One file has one name, however it was reached.
struct file {
    slice name;
    slice text; // a NUL stands behind it
    uint64_t device;
    uint64_t number; // of its inode
    bool bundled;    // comes with weir: its includes do too
    struct file *next;
};

// All files of one command; everything lives in the arena.
struct files {
    struct arena *arena;
    struct file *first;
};

void files_init(struct files *files, struct arena *arena);

// The text of a file, `-` for standard input; at most FILES_MOST bytes. NULL after a line on
// standard error.
enum { FILES_MOST = 64 << 20 };
const struct file *files_read(struct files *files, const char *path);

// Finds an include (engine_find; `self` is the files): beside the including file, then among the
// bundled sets.
bool files_find(void *self, slice name, slice from, slice *found_name, slice *text);

// Calls `visit` for every file below the folder whose name ends in `suffix`, in the order of their
// names; links to folders are not followed. False after a line on standard error.
bool files_walk(struct arena *arena, const char *folder, const char *suffix,
                void (*visit)(void *self, const char *path), void *self);

bool files_is_folder(const char *path);

#endif

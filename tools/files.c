// Reading is by stdio, so that pipes and terminals do as well as files.
#define _POSIX_C_SOURCE 200809L // fstat, scandir: C11 has neither folders nor identities of files

#include "tools/files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "engine/base/text.h"
#include "engine/bundled.h"

void files_init(struct files *files, struct arena *arena) {
    *files = (struct files){.arena = arena};
}

static bool complain(const char *path, const char *why) {
    fprintf(stderr, "weir: %s: %s\n", path, why);
    return false;
}

// Grows by doubling; what was outgrown stays in the arena.
static bool read_stream(struct arena *arena, FILE *stream, slice *text, const char **why) {
    size_t capacity = 64 << 10;
    size_t length = 0;
    char *at = arena_take_raw(arena, capacity);
    while (at != NULL) {
        length += fread(at + length, 1, capacity - length - 1, stream);
        *why = "larger than 64 MiB";
        if (length > FILES_MOST) return false;
        if (length + 1 < capacity) break;
        char *more = arena_take_raw(arena, capacity *= 2);
        if (more != NULL) memcpy(more, at, length);
        at = more;
    }
    *why = "out of memory";
    if (at == NULL) return false;
    *why = strerror(errno);
    if (ferror(stream)) return false;
    at[length] = '\0';
    *text = slice_from(at, (uint32_t)length);
    return true;
}

static struct file *add_file(struct files *files, slice name, slice text) {
    struct file *file = arena_take(files->arena, sizeof *file);
    if (file == NULL) return NULL;
    file->name = arena_copy(files->arena, name);
    file->text = text;
    file->next = files->first;
    files->first = file;
    return file;
}

static const struct file *known_file(const struct files *files, const struct stat *status) {
    const struct file *file = files->first;
    for (; file != NULL; file = file->next) {
        bool same = file->number == status->st_ino && file->device == status->st_dev;
        if (same && !file->bundled) return file;
    }
    return NULL;
}

static const struct file *read_open(struct files *files, const char *path, FILE *stream,
                                    const char **why) {
    struct stat status;
    slice text;
    errno = 0;
    if (fstat(fileno(stream), &status) != 0) {
        *why = strerror(errno);
        return NULL;
    }
    const struct file *known = S_ISREG(status.st_mode) ? known_file(files, &status) : NULL;
    if (known != NULL) return known;
    if (!read_stream(files->arena, stream, &text, why)) return NULL;
    struct file *file = add_file(files, slice_of(path), text);
    *why = "out of memory";
    if (file == NULL) return NULL;
    file->device = S_ISREG(status.st_mode) ? status.st_dev : 0;
    file->number = S_ISREG(status.st_mode) ? status.st_ino : 0;
    return file;
}

const struct file *files_read(struct files *files, const char *path) {
    const char *why = "";
    bool standard = strcmp(path, "-") == 0;
    FILE *stream = standard ? stdin : fopen(path, "rb");
    if (stream == NULL) {
        complain(path, strerror(errno));
        return NULL;
    }
    const struct file *file = read_open(files, path, stream, &why);
    if (!standard) fclose(stream);
    if (file == NULL) complain(path, why);
    return file;
}

static bool is_bundled(const struct files *files, slice name) {
    const struct file *file = files->first;
    for (; file != NULL; file = file->next) {
        if (file->bundled && slice_equal(file->name, name)) return true;
    }
    return false;
}

// The include's path: beside the file `from`, unless it begins with `/`.
static slice path_beside(struct arena *arena, slice name, slice from) {
    struct text path;
    text_init(&path, arena);
    uint32_t folder = from.length;
    while (folder > 0 && from.at[folder - 1] != '/')
        folder--;
    if (!slice_starts(name, slice_of("/"))) text_add(&path, slice_cut(from, 0, folder));
    text_add(&path, name);
    text_add_char(&path, '\0');
    if (path.failed) return (slice){NULL, 0};
    return slice_cut(text_slice(&path), 0, path.length - 1);
}

static const struct file *find_beside(struct files *files, slice name, slice from) {
    const char *why;
    slice path = path_beside(files->arena, name, from);
    bool usable = path.at != NULL && memchr(path.at, '\0', path.length) == NULL;
    FILE *stream = usable && !files_is_folder(path.at) ? fopen(path.at, "rb") : NULL;
    if (stream == NULL) return NULL;
    const struct file *file = read_open(files, path.at, stream, &why);
    if (file == NULL) complain(path.at, why);
    fclose(stream);
    return file;
}

bool files_find(void *self, slice name, slice from, slice *found_name, slice *text) {
    struct files *files = self;
    if (!is_bundled(files, from)) {
        const struct file *file = find_beside(files, name, from);
        if (file != NULL) {
            *found_name = file->name;
            *text = file->text;
            return true;
        }
    }
    if (!bundled_find(NULL, name, from, found_name, text)) return false;
    if (is_bundled(files, *found_name)) return true;
    struct file *file = add_file(files, *found_name, *text);
    if (file != NULL) file->bundled = true;
    return file != NULL;
}

bool files_is_folder(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool visit_entry(struct arena *arena, const char *folder, const char *name,
                        const char *suffix, void (*visit)(void *self, const char *path),
                        void *self) {
    struct text path;
    struct stat status;
    text_init(&path, arena);
    text_add_string(&path, folder);
    if (!slice_ends(slice_of(folder), slice_of("/"))) text_add_char(&path, '/');
    text_add_string(&path, name);
    text_add_char(&path, '\0');
    if (path.failed) return complain(folder, "out of memory");
    if (lstat(path.at, &status) != 0) return complain(path.at, strerror(errno));
    if (S_ISDIR(status.st_mode)) return files_walk(arena, path.at, suffix, visit, self);
    if (slice_ends(slice_of(name), slice_of(suffix))) visit(self, path.at);
    return true;
}

bool files_walk(struct arena *arena, const char *folder, const char *suffix,
                void (*visit)(void *self, const char *path), void *self) {
    struct dirent **entries;
    int count = scandir(folder, &entries, NULL, alphasort);
    if (count < 0) return complain(folder, strerror(errno));
    bool good = true;
    for (int i = 0; i < count; i++) {
        bool hidden = entries[i]->d_name[0] == '.';
        if (!hidden && !visit_entry(arena, folder, entries[i]->d_name, suffix, visit, self)) {
            good = false;
        }
        free(entries[i]);
    }
    free(entries);
    return good;
}

// Diagnostics as data: a code of tbl/errors.h or tbl/lints.h, a place, the message, a hint.
// Rendered in one form for the log and the tool:
//     SOURCE:LINE:COL: error[ENNNN]: MESSAGE
// then the source line, a caret, and `help:` where there is one. Of a lint: `warning[WNNNN]`.
#ifndef WEIR_BASE_DIAG_H
#define WEIR_BASE_DIAG_H

#include "engine/base/text.h"

enum error {
#define ERROR(name, code, message) ERROR_##name,
#include "engine/tbl/errors.h"
#undef ERROR
    ERROR_TOTAL
};

// One text that diagnostics point into. Names: `rules`, `rules[2]`, `config`, or a file's name.
struct source {
    slice name;
    slice text;
};

struct span {
    uint32_t start; // bytes from the start of the source
    uint32_t end;
    uint32_t source; // index into diagnostics.sources
};

// A row of tbl/lints.h. Only the tool has them.
struct lint_row {
    uint16_t code;
    const char *message;
};

struct diagnostic {
    enum error error;
    const struct lint_row *lint; // NULL for an error
    struct span span;
    slice message;
    slice help; // empty where there is none
    bool has_other;
    struct span other; // a second place (`first defined here`), shown after the first
    slice other_label;
    struct diagnostic *next;
};

struct diagnostics {
    struct arena *arena;
    struct source *sources;
    uint32_t source_count;
    uint32_t source_capacity;
    struct diagnostic *first; // in order of report
    struct diagnostic *last;
    uint32_t count;     // all reported
    uint32_t kept;      // in the list, at most LIMIT_DIAGNOSTICS
    bool out_of_memory; // an arena refused: the run says nothing about the text
};

void diag_init(struct diagnostics *diagnostics, struct arena *arena);

// Adds a source, whose bytes must outlive the diagnostics; its index.
uint32_t diag_source(struct diagnostics *diagnostics, slice name, slice text);

// Reports an error; {0}, {1} … of the row's message become the arguments (copied; may be NULL).
void diag_report(struct diagnostics *diagnostics, enum error error, const struct span *span,
                 const slice *arguments);

// The same of a lint: to be kept in a list of its own, for a warning refuses nothing.
void diag_warn(struct diagnostics *warnings, const struct lint_row *lint, const struct span *span,
               const slice *arguments);

// What has been reported so far, to be gone back to: later reports are dropped then.
struct diag_mark {
    struct diagnostic *last;
    uint32_t count;
    uint32_t kept;
};

struct diag_mark diag_mark(const struct diagnostics *diagnostics);
void diag_rewind(struct diagnostics *diagnostics, struct diag_mark mark);

// Gives the error that was reported last a hint, in the same form.
void diag_help(struct diagnostics *diagnostics, const char *form, const slice *arguments);

// Gives the error that was reported last a second place.
void diag_other(struct diagnostics *diagnostics, const struct span *span, const char *label);

// Line and column, both from 1, of a byte offset; columns count code points.
void diag_position(slice text, uint32_t offset, uint32_t *line, uint32_t *column);

// Appends the rendered form, ending in a newline.
void diag_render(const struct diagnostics *diagnostics, const struct diagnostic *diagnostic,
                 struct text *out);

// Appends all kept ones and, where more were reported, how many are left out.
void diag_render_all(const struct diagnostics *diagnostics, struct text *out);

// The name among `count` names that is nearest to `wanted` (edit distance at most 2, and less than
// half its length), or the empty slice.
slice diag_nearest(slice wanted, const slice *names, uint32_t count);

#endif

// Keeping, placing and rendering diagnostics.
#include "engine/base/diag.h"

#include "engine/base/limits.h"
#include "engine/base/utf8.h"

struct error_row {
    uint16_t code;
    const char *message;
};

static const struct error_row error_rows[ERROR_TOTAL] = {
#define ERROR(name, code, message) [ERROR_##name] = {code, message},
#include "engine/tbl/errors.h"
#undef ERROR
};

void diag_init(struct diagnostics *diagnostics, struct arena *arena) {
    *diagnostics = (struct diagnostics){.arena = arena};
}

static bool grow_sources(struct diagnostics *diagnostics) {
    if (diagnostics->source_count < diagnostics->source_capacity) return true;
    uint32_t capacity = diagnostics->source_capacity == 0 ? 8 : diagnostics->source_capacity * 2;
    struct source *sources = arena_array(diagnostics->arena, capacity, sizeof *sources);
    if (sources == NULL) return false;
    if (diagnostics->source_count > 0) {
        memcpy(sources, diagnostics->sources, diagnostics->source_count * sizeof *sources);
    }
    diagnostics->sources = sources;
    diagnostics->source_capacity = capacity;
    return true;
}

uint32_t diag_source(struct diagnostics *diagnostics, slice name, slice text) {
    if (!grow_sources(diagnostics)) {
        diagnostics->out_of_memory = true;
        return 0;
    }
    diagnostics->sources[diagnostics->source_count] = (struct source){name, text};
    return diagnostics->source_count++;
}

static slice form_text(struct diagnostics *diagnostics, const char *form, const slice *arguments) {
    struct text text;
    text_init(&text, diagnostics->arena);
    text_add_form(&text, form, arguments);
    if (text.failed) diagnostics->out_of_memory = true;
    return text_slice(&text);
}

static struct diagnostic *add(struct diagnostics *diagnostics, const struct span *span,
                              const char *form, const slice *arguments) {
    diagnostics->count++;
    if (diagnostics->kept == LIMIT_DIAGNOSTICS) return NULL;
    struct diagnostic *diagnostic = arena_take(diagnostics->arena, sizeof *diagnostic);
    if (diagnostic == NULL) {
        diagnostics->out_of_memory = true;
        return NULL;
    }
    diagnostic->span = *span;
    diagnostic->message = form_text(diagnostics, form, arguments);
    diagnostics->kept++;
    if (diagnostics->last == NULL) {
        diagnostics->first = diagnostic;
    } else {
        diagnostics->last->next = diagnostic;
    }
    diagnostics->last = diagnostic;
    return diagnostic;
}

void diag_report(struct diagnostics *diagnostics, enum error error, const struct span *span,
                 const slice *arguments) {
    struct diagnostic *diagnostic = add(diagnostics, span, error_rows[error].message, arguments);
    if (diagnostic != NULL) diagnostic->error = error;
}

void diag_warn(struct diagnostics *warnings, const struct lint_row *lint, const struct span *span,
               const slice *arguments) {
    struct diagnostic *diagnostic = add(warnings, span, lint->message, arguments);
    if (diagnostic != NULL) diagnostic->lint = lint;
}

// The last report may have been over the cap: then its hint has no place either.
static struct diagnostic *latest(struct diagnostics *diagnostics) {
    return diagnostics->kept == diagnostics->count ? diagnostics->last : NULL;
}

struct diag_mark diag_mark(const struct diagnostics *diagnostics) {
    return (struct diag_mark){diagnostics->last, diagnostics->count, diagnostics->kept};
}

void diag_rewind(struct diagnostics *diagnostics, struct diag_mark mark) {
    if (mark.last == NULL) {
        diagnostics->first = NULL;
    } else {
        mark.last->next = NULL;
    }
    diagnostics->last = mark.last;
    diagnostics->count = mark.count;
    diagnostics->kept = mark.kept;
}

void diag_help(struct diagnostics *diagnostics, const char *form, const slice *arguments) {
    struct diagnostic *diagnostic = latest(diagnostics);
    if (diagnostic != NULL) diagnostic->help = form_text(diagnostics, form, arguments);
}

void diag_other(struct diagnostics *diagnostics, const struct span *span, const char *label) {
    struct diagnostic *diagnostic = latest(diagnostics);
    if (diagnostic == NULL) return;
    diagnostic->has_other = true;
    diagnostic->other = *span;
    diagnostic->other_label = slice_of(label);
}

void diag_position(slice text, uint32_t offset, uint32_t *line, uint32_t *column) {
    uint32_t start = 0;
    *line = 1;
    if (offset > text.length) offset = text.length;
    for (uint32_t i = 0; i < offset; i++) {
        if (text.at[i] != '\n') continue;
        (*line)++;
        start = i + 1;
    }
    *column = utf8_count(slice_cut(text, start, offset)) + 1;
}

static slice line_around(slice text, uint32_t offset) {
    uint32_t start = offset > text.length ? text.length : offset;
    while (start > 0 && text.at[start - 1] != '\n')
        start--;
    uint32_t end = start;
    while (end < text.length && text.at[end] != '\n')
        end++;
    return slice_cut(text, start, end);
}

static void add_place(struct text *out, const struct source *source, uint32_t offset) {
    uint32_t line, column;
    diag_position(source->text, offset, &line, &column);
    text_add(out, source->name);
    text_add_char(out, ':');
    text_add_uint(out, line);
    text_add_char(out, ':');
    text_add_uint(out, column);
    text_add_string(out, ": ");
}

enum { SHOWN_BEFORE = 60, SHOWN_AFTER = 100 }; // bytes of a line, around the caret

static bool is_continuation(char c) {
    return ((uint8_t)c & 0xc0) == 0x80;
}

// Both cuts fall between code points; in broken text they move by three bytes at most.
static slice window_of(slice line, uint32_t caret, uint32_t *start) {
    uint32_t from = caret > SHOWN_BEFORE ? caret - SHOWN_BEFORE : 0;
    for (uint32_t i = 0; i < 3 && from > 0 && is_continuation(line.at[from]); i++)
        from--;
    uint32_t to = line.length - caret > SHOWN_AFTER ? caret + SHOWN_AFTER : line.length;
    for (uint32_t i = 0; i < 3 && to < line.length && is_continuation(line.at[to]); i++)
        to++;
    *start = from;
    return slice_cut(line, from, to);
}

// Tabs, controls (U+0080 to U+009F too) and malformed bytes become one column each: the caret
// stands under its character, and the line cannot move a terminal.
static void add_line(struct text *out, slice shown) {
    for (uint32_t at = 0; at < shown.length;) {
        uint32_t point = 0;
        uint32_t bytes = utf8_decode(slice_cut(shown, at, shown.length), &point);
        bool control = point < 0x20 || (point >= 0x7f && point < 0xa0);
        slice piece = slice_cut(shown, at, at + bytes);
        text_add(out, bytes == 0 || control ? slice_from(" ", 1) : piece);
        at += bytes == 0 ? 1 : bytes;
    }
    text_add_char(out, '\n');
}

static uint32_t caret_width(slice shown, uint32_t caret, struct span span) {
    uint32_t bytes = span.end > span.start ? span.end - span.start : 1;
    uint32_t rest = shown.length > caret ? shown.length - caret : 0;
    uint32_t width = utf8_count(slice_cut(shown, caret, caret + (bytes < rest ? bytes : rest)));
    return width == 0 ? 1 : width;
}

static void add_excerpt(struct text *out, const struct source *source, struct span span) {
    uint32_t offset = span.start > source->text.length ? source->text.length : span.start;
    slice line = line_around(source->text, offset);
    uint32_t from;
    uint32_t caret = offset - (uint32_t)(line.at - source->text.at);
    slice shown = window_of(line, caret, &from);
    caret -= from;
    text_add_string(out, "    ");
    add_line(out, shown);
    text_add_string(out, "    ");
    uint32_t column = utf8_count(slice_cut(shown, 0, caret));
    for (uint32_t i = 0; i < column; i++)
        text_add_char(out, ' ');
    uint32_t width = caret_width(shown, caret, span);
    for (uint32_t i = 0; i < width; i++)
        text_add_char(out, '^');
    text_add_char(out, '\n');
}

static void add_code(struct text *out, const struct diagnostic *diagnostic) {
    const struct lint_row *lint = diagnostic->lint;
    uint32_t code = lint == NULL ? error_rows[diagnostic->error].code : lint->code;
    text_add_string(out, lint == NULL ? "error[E" : "warning[W");
    for (uint32_t unit = 1000; unit > 0; unit /= 10) {
        text_add_char(out, (char)('0' + code / unit % 10));
    }
    text_add_string(out, "]: ");
}

// An arena that refused the first source leaves none to point into.
static const struct source *source_of(const struct diagnostics *diagnostics, uint32_t index) {
    static const struct source none = {{"", 0}, {"", 0}};
    return index < diagnostics->source_count ? &diagnostics->sources[index] : &none;
}

void diag_render(const struct diagnostics *diagnostics, const struct diagnostic *diagnostic,
                 struct text *out) {
    const struct source *source = source_of(diagnostics, diagnostic->span.source);
    add_place(out, source, diagnostic->span.start);
    add_code(out, diagnostic);
    text_add_visible(out, diagnostic->message, LIMIT_LOG_LINE);
    text_add_char(out, '\n');
    add_excerpt(out, source, diagnostic->span);
    if (diagnostic->has_other) {
        const struct source *other = source_of(diagnostics, diagnostic->other.source);
        add_place(out, other, diagnostic->other.start);
        text_add(out, diagnostic->other_label);
        text_add_char(out, '\n');
        add_excerpt(out, other, diagnostic->other);
    }
    if (diagnostic->help.length == 0) return;
    text_add_string(out, "    help: ");
    text_add_visible(out, diagnostic->help, LIMIT_LOG_LINE);
    text_add_char(out, '\n');
}

static bool stands_before(const struct diagnostic *a, const struct diagnostic *b) {
    if (a->span.source != b->span.source) return a->span.source < b->span.source;
    return a->span.start < b->span.start;
}

// In the order of the text, whatever order the stages found them in.
static uint32_t sort_kept(const struct diagnostics *diagnostics,
                          const struct diagnostic *sorted[LIMIT_DIAGNOSTICS]) {
    uint32_t count = 0;
    const struct diagnostic *diagnostic = diagnostics->first;
    for (; diagnostic != NULL; diagnostic = diagnostic->next) {
        uint32_t at = count++;
        for (; at > 0 && stands_before(diagnostic, sorted[at - 1]); at--) {
            sorted[at] = sorted[at - 1];
        }
        sorted[at] = diagnostic;
    }
    return count;
}

void diag_render_all(const struct diagnostics *diagnostics, struct text *out) {
    const struct diagnostic *sorted[LIMIT_DIAGNOSTICS];
    uint32_t count = sort_kept(diagnostics, sorted);
    for (uint32_t i = 0; i < count; i++)
        diag_render(diagnostics, sorted[i], out);
    uint32_t left_out = diagnostics->count - diagnostics->kept;
    if (left_out == 0) return;
    text_add_uint(out, left_out);
    // Without memory none may have been kept.
    bool warnings = diagnostics->first != NULL && diagnostics->first->lint != NULL;
    text_add_string(out, warnings ? " more warning" : " more error");
    text_add_string(out, left_out == 1 ? " is left out\n" : "s are left out\n");
}

enum { NEAREST_LENGTH = 40, NEAREST_DISTANCE = 2 };

// Levenshtein's distance by rows; names longer than the row are no candidates.
static uint32_t edit_distance(slice a, slice b) {
    uint32_t row[NEAREST_LENGTH + 1];
    for (uint32_t j = 0; j <= b.length; j++)
        row[j] = j;
    for (uint32_t i = 1; i <= a.length; i++) {
        uint32_t diagonal = row[0];
        row[0] = i;
        for (uint32_t j = 1; j <= b.length; j++) {
            uint32_t replaced = diagonal + (a.at[i - 1] == b.at[j - 1] ? 0 : 1);
            uint32_t least = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
            diagonal = row[j];
            row[j] = replaced < least ? replaced : least;
        }
    }
    return row[b.length];
}

slice diag_nearest(slice wanted, const slice *names, uint32_t count) {
    slice nearest = {NULL, 0};
    uint32_t best = NEAREST_DISTANCE + 1;
    if (wanted.length > NEAREST_LENGTH) return nearest;
    for (uint32_t i = 0; i < count; i++) {
        if (names[i].length > NEAREST_LENGTH) continue;
        uint32_t distance = edit_distance(wanted, names[i]);
        if (distance >= best || distance * 2 >= wanted.length) continue;
        best = distance;
        nearest = names[i];
    }
    return nearest;
}

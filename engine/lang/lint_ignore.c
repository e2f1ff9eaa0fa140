// Comments that silence lints: `// weir:ignore W0101 W0201 and why`.
#include "engine/lang/lint.h"

struct ignore {
    struct span span; // of the code
    uint32_t from;    // the bytes of the source that it covers
    uint32_t to;
    slice code;
    bool used;
    struct ignore *next;
};

struct lint_ignores {
    struct ignore *first;
    struct ignore **last;
};

static uint32_t end_of_line(slice text, uint32_t at) {
    while (at < text.length && text.at[at] != '\n')
        at++;
    return at;
}

static uint32_t after_blanks(slice text, uint32_t at) {
    while (at < text.length && (text.at[at] == ' ' || text.at[at] == '\t'))
        at++;
    return at;
}

static bool is_comment_at(slice text, uint32_t at) {
    at = after_blanks(text, at);
    return slice_starts(slice_cut(text, at, text.length), slice_of("//"));
}

// A comment that stands alone is about the next line that is none.
static void cover(slice text, uint32_t comment, struct ignore *ignore) {
    uint32_t line = comment;
    while (line > 0 && text.at[line - 1] != '\n')
        line--;
    ignore->from = line;
    ignore->to = end_of_line(text, comment);
    if (after_blanks(text, line) != comment) return;
    do {
        ignore->from = ignore->to < text.length ? ignore->to + 1 : ignore->to;
        ignore->to = end_of_line(text, ignore->from);
    } while (ignore->to < text.length && is_comment_at(text, ignore->from));
}

static void add(struct unit *unit, uint32_t source, uint32_t comment, uint32_t from, uint32_t to) {
    slice text = unit->diagnostics->sources[source].text;
    struct ignore *ignore = arena_take(unit->arena, sizeof *ignore);
    if (ignore == NULL) {
        unit->warnings.out_of_memory = true;
        return;
    }
    ignore->span = (struct span){from, to, source};
    ignore->code = slice_cut(text, from, to);
    cover(text, comment, ignore);
    *unit->ignores->last = ignore;
    unit->ignores->last = &ignore->next;
}

static bool is_word(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// The codes come first; the first other word begins the reason.
static void read_codes(struct unit *unit, uint32_t source, uint32_t comment, uint32_t at) {
    slice text = unit->diagnostics->sources[source].text;
    for (bool first = true;; first = false) {
        while (at < text.length && (text.at[at] == ' ' || text.at[at] == ','))
            at++;
        uint32_t end = at;
        while (end < text.length && is_word(text.at[end]))
            end++;
        bool code = end - at == 5 && text.at[at] == 'W' && text.at[at + 1] <= '9';
        if (!code && !first) return;
        add(unit, source, comment, at, end);
        if (!code) return;
        at = end;
    }
}

static void read_source(struct unit *unit, uint32_t source) {
    static const slice mark = {"// weir:ignore", 14};
    slice text = unit->diagnostics->sources[source].text;
    for (uint32_t at = 0; at < text.length;) {
        int64_t found = slice_find(slice_cut(text, at, text.length), mark);
        if (found < 0) return;
        uint32_t comment = at + (uint32_t)found;
        at = comment + mark.length;
        read_codes(unit, source, comment, at);
    }
}

void lint_read_ignores(struct unit *unit) {
    unit->ignores = arena_take(unit->arena, sizeof *unit->ignores);
    if (unit->ignores == NULL) {
        unit->warnings.out_of_memory = true;
        return;
    }
    unit->ignores->last = &unit->ignores->first;
    for (uint32_t i = 0; i < unit->diagnostics->source_count; i++) {
        if (!slice_is(unit->diagnostics->sources[i].name, "config")) read_source(unit, i);
    }
}

static bool is_code(slice word, uint16_t code) {
    uint32_t number = 0;
    if (word.length != 5 || word.at[0] != 'W') return false;
    for (uint32_t i = 1; i < word.length; i++)
        number = number * 10 + (uint32_t)(word.at[i] - '0');
    return number == code;
}

bool lint_is_ignored(struct unit *unit, enum lint lint, const struct span *span) {
    if (unit->ignores == NULL) return false;
    bool ignored = false;
    for (struct ignore *at = unit->ignores->first; at != NULL; at = at->next) {
        bool covers = at->span.source == span->source && span->start >= at->from &&
                      span->start < at->to && is_code(at->code, lint_code(lint));
        if (covers) at->used = ignored = true;
    }
    return ignored;
}

void lint_unused_ignores(struct unit *unit) {
    struct ignore *at = unit->ignores == NULL ? NULL : unit->ignores->first;
    for (; at != NULL; at = at->next) {
        if (at->used || at->span.source > unit->own_source) continue;
        slice shown = at->code.length > 0 ? at->code : slice_of("code");
        lint_report(unit, LINT_IGNORES_NOTHING, &at->span, &shown);
    }
}

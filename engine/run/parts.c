// Queries by the WHATWG URL standard, cookies by RFC 6265 section 4.2 and RFC 6265bis: a cookie
// without `=` has an empty name.
#include "engine/run/parts.h"

#include "engine/lib/form.h"
#include "engine/run/places.h"

const char *parts_header(enum message_kind parts) {
    return field_rows[parts == MESSAGE_QUERY ? FIELD_REQUEST_QUERY_PARAMS : FIELD_REQUEST_COOKIES]
        .header;
}

// The piece before the next separator, which is cut off, with all its bytes.
static slice cut_piece(slice *text, bool query) {
    uint32_t end = 0;
    while (end < text->length && text->at[end] != (query ? '&' : ';'))
        end++;
    slice piece = slice_cut(*text, 0, end);
    *text = slice_cut(*text, end < text->length ? end + 1 : end, text->length);
    return piece;
}

// Blanks around cookies are no part of them.
static slice trim(slice piece) {
    uint32_t start = 0, end = piece.length;
    while (end > 0 && (piece.at[end - 1] == ' ' || piece.at[end - 1] == '\t'))
        end--;
    while (start < end && (piece.at[start] == ' ' || piece.at[start] == '\t'))
        start++;
    return slice_cut(piece, start, end);
}

static slice next_piece(slice *text, bool query) {
    slice piece = cut_piece(text, query);
    return query ? piece : trim(piece);
}

static uint32_t count_pieces(slice text, bool query) {
    uint32_t count = 0;
    while (text.length > 0)
        count += next_piece(&text, query).length > 0;
    return count;
}

static slice query_of(slice path) {
    const char *mark = path.length == 0 ? NULL : memchr(path.at, '?', path.length);
    if (mark == NULL) return (slice){NULL, 0};
    return slice_cut(path, (uint32_t)(mark - path.at) + 1, path.length);
}

static bool make_parameter(struct arena *arena, slice piece, struct header_line *line) {
    const char *sign = memchr(piece.at, '=', piece.length);
    uint32_t end = sign == NULL ? piece.length : (uint32_t)(sign - piece.at);
    slice value = sign == NULL ? slice_of("") : slice_cut(piece, end + 1, piece.length);
    return form_decode(arena, slice_cut(piece, 0, end), &line->name) &&
           form_decode(arena, value, &line->value);
}

static void make_cookie(slice piece, struct header_line *line) {
    const char *sign = memchr(piece.at, '=', piece.length);
    uint32_t end = sign == NULL ? 0 : (uint32_t)(sign - piece.at);
    line->name = trim(slice_cut(piece, 0, end));
    line->value = trim(slice_cut(piece, sign == NULL ? 0 : end + 1, piece.length));
    if (line->name.length == 0) line->name = slice_of("");
}

// Of all lines of the header; its text is that of the query, or of one line of cookies.
struct cutting {
    struct run *run;
    enum message_kind parts;
    const struct header_line *lines;
    uint32_t count;
};

// The text of the next line, from *at on; false behind the last one.
static bool next_text(const struct cutting *cutting, uint32_t *at, slice *text) {
    slice name = slice_of(parts_header(cutting->parts));
    for (; *at < cutting->count; ++*at) {
        if (!slice_equal_folded(cutting->lines[*at].name, name)) continue;
        *text = cutting->lines[(*at)++].value;
        if (cutting->parts == MESSAGE_QUERY) *text = query_of(*text);
        return true;
    }
    return false;
}

static enum failure cut(const struct cutting *cutting, struct message *out) {
    struct arena *arena = cutting->run->arena;
    bool query = cutting->parts == MESSAGE_QUERY;
    uint32_t most = 0;
    uint64_t bytes = 0;
    slice text;
    for (uint32_t at = 0; next_text(cutting, &at, &text);) {
        bytes += text.length;
        most += count_pieces(text, query);
    }
    if (!call_charge(&cutting->run->call, 2 * bytes)) return FAILURE_STEPS;
    struct header_line *lines = arena_raw_array(arena, most + 1, sizeof *lines);
    if (lines == NULL) return FAILURE_NO_MEMORY;
    out->lines = lines;
    out->count = 0;
    for (uint32_t at = 0; next_text(cutting, &at, &text);) {
        while (text.length > 0) {
            slice piece = next_piece(&text, query);
            struct header_line *line = &lines[out->count];
            if (piece.length == 0) continue;
            if (!query) make_cookie(piece, line);
            if (query && !make_parameter(arena, piece, line)) return FAILURE_NO_MEMORY;
            out->count++;
        }
    }
    return FAILURE_NONE;
}

enum failure parts_open(struct run *run, enum message_kind parts, bool original) {
    const struct message *request = &run->messages[MESSAGE_REQUEST];
    struct message *kept = &run->messages[parts];
    bool same = request->edited == NULL;
    struct message made = {0};
    if (original ? kept->received != NULL : kept->loaded) return FAILURE_NONE;
    struct cutting cutting = {run, parts, original ? request->received : request->lines,
                              original ? request->received_count : request->count};
    enum failure failure = cut(&cutting, &made);
    if (failure != FAILURE_NONE) return failure;
    if (original || same) {
        kept->received = made.lines;
        kept->received_count = made.count;
    }
    if (original && !same) return FAILURE_NONE;
    kept->lines = made.lines;
    kept->count = made.count;
    kept->loaded = true;
    return FAILURE_NONE;
}

uint32_t parts_count(struct parts_walk walk, uint64_t *bytes) {
    uint32_t count = 0;
    slice piece;
    *bytes = 0;
    for (; parts_next(&walk, &piece); count++)
        *bytes += piece.length;
    return count;
}

bool parts_next(struct parts_walk *walk, slice *piece) {
    struct cutting cutting = {NULL, walk->parts, walk->lines, walk->count};
    bool query = walk->parts == MESSAGE_QUERY;
    walk->begins = !walk->inside;
    while (!walk->inside) {
        if (!next_text(&cutting, &walk->at, &walk->rest)) return false;
        walk->inside = walk->rest.length > 0;
    }
    uint32_t before = walk->rest.length;
    *piece = cut_piece(&walk->rest, query);
    walk->inside = piece->length < before; // a separator stood behind it
    return true;
}

bool parts_name(struct arena *arena, enum message_kind parts, slice piece, slice *name) {
    struct header_line line;
    if (parts == MESSAGE_COOKIES) {
        make_cookie(trim(piece), &line);
    } else if (!make_parameter(arena, piece, &line)) {
        return false;
    }
    *name = line.name;
    return true;
}

void parts_forget(struct run *run, slice name) {
    places_forget(run, name);
    for (uint32_t parts = MESSAGE_QUERY; parts <= MESSAGE_COOKIES; parts++) {
        struct message *kept = &run->messages[parts];
        bool changed = kept->loaded &&
                       slice_equal_folded(name, slice_of(parts_header((enum message_kind)parts)));
        if (changed) kept->loaded = false;
    }
}

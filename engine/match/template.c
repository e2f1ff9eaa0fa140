// Nothing is tried twice: with one operator between two separators and one `**` in all, what stands
// behind an operator says where it ends.
#include "engine/match/template.h"

enum part { PART_BYTE, PART_STAR, PART_STARS, PART_OPEN, PART_CLOSE, PART_END, PART_BAD };

struct reader {
    slice text;
    uint32_t at;
    uint8_t pending; // parts of `{name}` still to give: its star and its end
    bool open;       // inside braces
    char byte;       // BYTE
    slice name;      // OPEN
};

static bool is_name_byte(char c) {
    char lower = ascii_lower(c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

static char peek(const struct reader *reader) {
    return reader->at < reader->text.length ? reader->text.at[reader->at] : '\0';
}

static enum part read_name(struct reader *reader) {
    uint32_t start = reader->at;
    bool digit = peek(reader) >= '0' && peek(reader) <= '9';
    while (is_name_byte(peek(reader)))
        reader->at++;
    reader->name = slice_cut(reader->text, start, reader->at);
    if (reader->open || digit || reader->name.length == 0) return PART_BAD;
    char c = peek(reader);
    if (c != '}' && c != '=') return PART_BAD;
    reader->at++;
    reader->open = true;
    reader->pending = c == '}' ? 2 : 0;
    return c == '=' && peek(reader) == '}' ? PART_BAD : PART_OPEN;
}

static enum part close(struct reader *reader) {
    if (!reader->open) return PART_BAD;
    reader->open = false;
    return PART_CLOSE;
}

static enum part read_part(struct reader *reader) {
    if (reader->pending > 0) return reader->pending-- == 2 ? PART_STAR : close(reader);
    if (reader->at == reader->text.length) return reader->open ? PART_BAD : PART_END;
    reader->byte = reader->text.at[reader->at++];
    switch (reader->byte) {
    case '{': return read_name(reader);
    case '}': return close(reader);
    case '*': break;
    default: return PART_BYTE;
    }
    if (peek(reader) != '*') return PART_STAR;
    reader->at++;
    return PART_STARS;
}

// What is known of a template that has been read so far.
struct census {
    slice names[TEMPLATE_NAMES];
    uint32_t count;
    uint32_t operators; // since the last separator
    uint32_t width;     // parts since then
    bool stars;         // `**` was seen
};

static bool add_name(struct census *census, slice name) {
    if (census->count == TEMPLATE_NAMES) return false;
    for (uint32_t i = 0; i < census->count; i++) {
        if (slice_equal(census->names[i], name)) return false;
    }
    census->names[census->count++] = name;
    return true;
}

static bool add_operator(struct census *census, bool stars) {
    if (census->stars && stars) return false;
    census->stars = census->stars || stars;
    census->width++;
    return census->operators++ == 0;
}

static char separator(enum template_kind kind) {
    return kind == TEMPLATE_PATH ? '/' : '.';
}

static bool add_byte(struct census *census, enum template_kind kind, char byte) {
    if (byte != separator(kind)) {
        census->width++;
        return true;
    }
    bool empty = census->width == 0;
    census->width = 0;
    census->operators = 0;
    return kind == TEMPLATE_PATH || !empty;
}

bool template_valid(enum template_kind kind, slice template) {
    struct reader reader = {.text = template};
    struct census census = {.count = 0};
    if (kind == TEMPLATE_PATH && peek(&reader) != '/') return false;
    for (bool valid = true; valid;) {
        enum part part = read_part(&reader);
        switch (part) {
        case PART_BYTE: valid = add_byte(&census, kind, reader.byte); break;
        case PART_OPEN: valid = add_name(&census, reader.name); break;
        case PART_STAR:
        case PART_STARS: valid = add_operator(&census, part == PART_STARS); break;
        case PART_CLOSE: break;
        case PART_END: return kind == TEMPLATE_PATH || census.width > 0;
        case PART_BAD: return false;
        }
    }
    return false;
}

// The literal bytes behind an operator up to the next separator, and the separators behind it; of
// these only the first counts unless `all` do.
static uint32_t count_rest(struct reader reader, char between, bool all, uint32_t *separators) {
    uint32_t suffix = 0;
    *separators = 0;
    for (;;) {
        enum part part = read_part(&reader);
        if (part == PART_END || part == PART_BAD) return suffix;
        if (part != PART_BYTE) continue;
        if (reader.byte == between) (*separators)++;
        if (*separators > 0 && !all) return suffix;
        suffix += *separators == 0;
    }
}

// Moves *at to where that which an operator stands for ends. `reader` is behind the operator.
static bool find_end(const struct reader *reader, char between, bool stars, slice text,
                     uint32_t *at) {
    uint32_t separators, start = *at, end = start;
    uint32_t suffix = count_rest(*reader, between, stars, &separators);
    if (stars) {
        for (end = text.length; separators > 0 && end > start;)
            separators -= text.at[--end] == between;
        if (separators > 0) return false;
    } else {
        while (end < text.length && text.at[end] != between)
            end++;
    }
    if (end - start < suffix + !stars) return false;
    *at = end - suffix;
    return true;
}

static bool same_byte(enum template_kind kind, char x, char y) {
    return kind == TEMPLATE_HOST ? ascii_lower(x) == ascii_lower(y) : x == y;
}

bool template_match(enum template_kind kind, slice template, slice text,
                    struct template_capture captures[TEMPLATE_NAMES], uint32_t *count) {
    struct reader reader = {.text = template};
    uint32_t at = 0;
    *count = 0;
    for (;;) {
        enum part part = read_part(&reader);
        switch (part) {
        case PART_BYTE:
            if (at == text.length || !same_byte(kind, reader.byte, text.at[at++])) return false;
            break;
        case PART_STAR:
        case PART_STARS:
            if (!find_end(&reader, separator(kind), part == PART_STARS, text, &at)) return false;
            break;
        case PART_OPEN:
            if (*count == TEMPLATE_NAMES) return false;
            captures[*count] = (struct template_capture){reader.name, at, at};
            break;
        case PART_CLOSE: captures[(*count)++].end = at; break;
        case PART_END: return at == text.length;
        case PART_BAD: return false;
        }
    }
}

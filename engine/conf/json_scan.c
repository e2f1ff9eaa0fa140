// One pass over the text with a stack of the objects and lists that are open; no recursion.
#include "engine/conf/json_scan.h"

#include "engine/base/limits.h"
#include "engine/base/number.h"
#include "engine/base/utf8.h"

struct scanner {
    struct arena *arena;
    struct diagnostics *diagnostics;
    struct json_index *index;
    slice text;
    uint32_t at;       // next byte
    uint32_t capacity; // of nodes, sorted and scratch
    uint32_t used;     // entries of index->sorted
    uint32_t *scratch;
    uint32_t open[LIMIT_NESTING]; // nodes, the outermost first
    uint32_t depth;
    bool duplicates; // a key was given twice: refused, but read to the end
};

struct key {
    uint32_t start, end; // quotes included; 0 and 0 for none
};

static void report(struct scanner *scanner, enum error error, uint32_t start, uint32_t end,
                   slice words) {
    slice arguments[2] = {words, {NULL, 0}};
    diag_report(scanner->diagnostics, error, &(struct span){start, end, scanner->index->source},
                arguments);
}

static bool refuse(struct scanner *scanner, enum error error, uint32_t at, const char *words) {
    report(scanner, error, at, at + 1, slice_of(words));
    return false;
}

static bool refuse_syntax(struct scanner *scanner, const char *words) {
    return refuse(scanner, ERROR_JSON_SYNTAX, scanner->at, words);
}

static bool out_of_memory(struct scanner *scanner) {
    scanner->diagnostics->out_of_memory = true;
    return false;
}

// A limit of which there is one error of its own, nesting, has no `what`.
static bool refuse_size(struct scanner *scanner, uint32_t at, uint32_t most, const char *what) {
    struct text number;
    text_init(&number, scanner->arena);
    text_add_uint(&number, most);
    if (number.failed) return out_of_memory(scanner);
    slice arguments[2] = {text_slice(&number), slice_of(what)};
    struct span span = {at, at + 1, scanner->index->source};
    enum error error = what == NULL ? ERROR_JSON_DEPTH : ERROR_CONFIG_SIZE;
    diag_report(scanner->diagnostics, error, &span, arguments);
    return false;
}

// The byte at `at`, or 0 behind the end: no byte that JSON knows.
static char peek(const struct scanner *scanner) {
    return scanner->at < scanner->text.length ? scanner->text.at[scanner->at] : '\0';
}

static bool at_end(const struct scanner *scanner) {
    return scanner->at == scanner->text.length;
}

static bool accept(struct scanner *scanner, char c) {
    if (peek(scanner) != c) return false;
    scanner->at++;
    return true;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static void skip_space(struct scanner *scanner) {
    for (;; scanner->at++) {
        char c = peek(scanner);
        if (c != ' ' && c != '\t' && c != '\n' && c != '\r') return;
    }
}

static uint32_t rest_length(const struct scanner *scanner, slice *rest) {
    *rest = slice_cut(scanner->text, scanner->at, scanner->text.length);
    return rest->length;
}

static bool refuse_escape(struct scanner *scanner) {
    slice rest;
    uint32_t length = rest_length(scanner, &rest);
    char kind = length > 1 ? rest.at[1] : '\0';
    if (kind != 'u') return refuse_syntax(scanner, "a backslash stands before one of \"\\/bfnrtu");
    for (uint32_t i = 2; i < 6; i++) {
        char c = i < length ? ascii_lower(rest.at[i]) : '\0';
        if (is_digit(c) || (c >= 'a' && c <= 'f')) continue;
        return refuse_syntax(scanner, "a `u` escape has four hexadecimal digits");
    }
    return refuse_syntax(scanner, "half of a surrogate pair");
}

static bool scan_escape(struct scanner *scanner) {
    uint32_t point = 0;
    uint32_t length = json_escape(scanner->text, scanner->at, &point);
    if (length == 0) return refuse_escape(scanner);
    if (point == 0) return refuse(scanner, ERROR_JSON_NUL, scanner->at, NULL);
    scanner->at += length;
    return true;
}

static bool scan_character(struct scanner *scanner) {
    slice rest;
    uint32_t point;
    uint8_t byte = (uint8_t)peek(scanner);
    if (byte == '\\') return scan_escape(scanner);
    if (byte < 0x20) {
        return refuse_syntax(scanner, "a control character in a string must be an escape");
    }
    uint32_t length = 1;
    if (byte >= 0x80) {
        rest_length(scanner, &rest);
        length = utf8_decode(rest, &point);
    }
    if (length == 0) return refuse(scanner, ERROR_JSON_UTF8, scanner->at, NULL);
    scanner->at += length;
    return true;
}

static bool scan_string(struct scanner *scanner) {
    uint32_t start = scanner->at++;
    while (!at_end(scanner)) {
        if (accept(scanner, '"')) return true;
        if (!scan_character(scanner)) return false;
    }
    refuse_syntax(scanner, "the text ends inside a string");
    diag_other(scanner->diagnostics, &(struct span){start, start + 1, scanner->index->source},
               "it starts here");
    return false;
}

static bool scan_digits(struct scanner *scanner) {
    if (!is_digit(peek(scanner))) return refuse_syntax(scanner, "a digit is missing here");
    while (is_digit(peek(scanner)))
        scanner->at++;
    return true;
}

enum { SHOWN_NUMBER = 40 }; // bytes of a literal in a message

static bool check_range(struct scanner *scanner, uint32_t start) {
    double ignored;
    slice literal = slice_cut(scanner->text, start, scanner->at);
    if (number_parse_double(literal, &ignored)) return true;
    if (literal.length > SHOWN_NUMBER) literal.length = SHOWN_NUMBER;
    report(scanner, ERROR_JSON_NUMBER, start, scanner->at, literal);
    return false;
}

static bool scan_number(struct scanner *scanner) {
    uint32_t start = scanner->at;
    accept(scanner, '-');
    if (accept(scanner, '0')) {
        if (is_digit(peek(scanner))) return refuse_syntax(scanner, "a number has no leading zero");
    } else if (!scan_digits(scanner)) {
        return false;
    }
    if (accept(scanner, '.') && !scan_digits(scanner)) return false;
    if (accept(scanner, 'e') || accept(scanner, 'E')) {
        if (!accept(scanner, '+')) accept(scanner, '-');
        if (!scan_digits(scanner)) return false;
    }
    return check_range(scanner, start);
}

static bool refuse_value(struct scanner *scanner) {
    slice rest;
    uint32_t point;
    if (rest_length(scanner, &rest) == 0) return refuse_syntax(scanner, "the text ends here");
    if (utf8_decode(rest, &point) == 0) return refuse(scanner, ERROR_JSON_UTF8, scanner->at, NULL);
    if (point == 0xfeff) return refuse_syntax(scanner, "a byte order mark cannot stand here");
    if (point == '\'') return refuse_syntax(scanner, "strings stand in double quotes");
    if (point == '/' || point == '#') return refuse_syntax(scanner, "there are no comments");
    if (point == '+') return refuse_syntax(scanner, "a number has no leading `+`");
    return refuse_syntax(scanner, "no value starts like this");
}

static bool scan_word(struct scanner *scanner, const char *word) {
    slice rest;
    rest_length(scanner, &rest);
    if (!slice_starts(rest, slice_of(word))) return refuse_value(scanner);
    scanner->at += (uint32_t)strlen(word);
    return true;
}

static bool scan_open(struct scanner *scanner, uint32_t node) {
    if (scanner->depth == LIMIT_NESTING) {
        return refuse_size(scanner, scanner->at, LIMIT_NESTING, NULL);
    }
    scanner->open[scanner->depth++] = node;
    scanner->at++;
    return true;
}

static enum json_kind kind_at(char c) {
    switch (c) {
    case '{': return JSON_OBJECT;
    case '[': return JSON_ARRAY;
    case '"': return JSON_STRING;
    case 't': return JSON_TRUE;
    case 'f': return JSON_FALSE;
    case 'n': return JSON_NULL;
    default: return JSON_NUMBER;
    }
}

static bool scan_body(struct scanner *scanner, uint32_t node, enum json_kind kind) {
    switch (kind) {
    case JSON_NULL: return scan_word(scanner, "null");
    case JSON_FALSE: return scan_word(scanner, "false");
    case JSON_TRUE: return scan_word(scanner, "true");
    case JSON_STRING: return scan_string(scanner);
    case JSON_ARRAY:
    case JSON_OBJECT: return scan_open(scanner, node);
    case JSON_NUMBER: break;
    }
    char c = peek(scanner);
    return c == '-' || is_digit(c) ? scan_number(scanner) : refuse_value(scanner);
}

// A value, of an object or list only its opening bracket.
static bool scan_value(struct scanner *scanner, struct key key) {
    struct json_index *index = scanner->index;
    skip_space(scanner);
    if (index->count == scanner->capacity) {
        return refuse_size(scanner, scanner->at, LIMIT_CONFIG_VALUES, "values");
    }
    uint32_t node = index->count++;
    enum json_kind kind = kind_at(peek(scanner));
    index->nodes[node] = (struct json_node){.start = scanner->at,
                                            .key_start = key.start,
                                            .key_end = key.end,
                                            .next = node + 1,
                                            .kind = kind};
    if (scanner->depth > 0) index->nodes[scanner->open[scanner->depth - 1]].count++;
    if (!scan_body(scanner, node, kind)) return false;
    index->nodes[node].end = scanner->at;
    return true;
}

static bool scan_member(struct scanner *scanner) {
    skip_space(scanner);
    struct key key = {.start = scanner->at};
    if (peek(scanner) != '"')
        return refuse_syntax(scanner, "a key in double quotes is missing here");
    if (!scan_string(scanner)) return false;
    key.end = scanner->at;
    skip_space(scanner);
    if (!accept(scanner, ':')) return refuse_syntax(scanner, "`:` is missing here");
    return scan_value(scanner, key);
}

static bool report_duplicate(struct scanner *scanner, uint32_t node, uint32_t first) {
    const struct json_node *nodes = scanner->index->nodes;
    scanner->duplicates = true;
    slice key = json_key(scanner->index, node, scanner->arena);
    if (key.at == NULL) return out_of_memory(scanner);
    report(scanner, ERROR_JSON_DUPLICATE, nodes[node].key_start, nodes[node].key_end, key);
    diag_other(scanner->diagnostics,
               &(struct span){nodes[first].key_start, nodes[first].key_end, scanner->index->source},
               "first given here");
    return true;
}

static bool close_object(struct scanner *scanner, uint32_t object) {
    struct json_index *index = scanner->index;
    const struct json_node *nodes = index->nodes;
    uint32_t count = nodes[object].count;
    uint32_t *members = index->sorted + scanner->used;
    index->nodes[object].sorted = scanner->used;
    for (uint32_t at = object + 1; at < nodes[object].next; at = nodes[at].next) {
        index->sorted[scanner->used++] = at;
    }
    json_sort_members(index, members, count, scanner->scratch);
    for (uint32_t i = 1; i < count; i++) {
        if (!json_same_key(index, members[i - 1], members[i])) continue;
        if (!report_duplicate(scanner, members[i], members[i - 1])) return false;
    }
    return true;
}

static bool close_top(struct scanner *scanner) {
    uint32_t node = scanner->open[--scanner->depth];
    scanner->index->nodes[node].end = scanner->at;
    scanner->index->nodes[node].next = scanner->index->count;
    return scanner->index->nodes[node].kind == JSON_ARRAY || close_object(scanner, node);
}

static bool refuse_unclosed(struct scanner *scanner, bool object, uint32_t start) {
    if (!at_end(scanner)) {
        return refuse_syntax(scanner,
                             object ? "`,` or `}` is missing here" : "`,` or `]` is missing here");
    }
    refuse_syntax(scanner,
                  object ? "the text ends inside an object" : "the text ends inside a list");
    diag_other(scanner->diagnostics, &(struct span){start, start + 1, scanner->index->source},
               "it starts here");
    return false;
}

// The next child of the innermost open value, or its closing bracket.
static bool scan_step(struct scanner *scanner) {
    const struct json_node *top = &scanner->index->nodes[scanner->open[scanner->depth - 1]];
    bool object = top->kind == JSON_OBJECT;
    char closing = object ? '}' : ']';
    skip_space(scanner);
    if (accept(scanner, closing)) return close_top(scanner);
    if (top->count > 0 || at_end(scanner)) {
        if (!accept(scanner, ',')) return refuse_unclosed(scanner, object, top->start);
        skip_space(scanner);
        if (peek(scanner) == closing)
            return refuse_syntax(scanner, "the comma before is one too many");
    }
    return object ? scan_member(scanner) : scan_value(scanner, (struct key){0, 0});
}

static bool scan_document(struct scanner *scanner) {
    if (!scan_value(scanner, (struct key){0, 0})) return false;
    while (scanner->depth > 0) {
        if (!scan_step(scanner)) return false;
    }
    skip_space(scanner);
    if (!at_end(scanner)) return refuse_syntax(scanner, "the value ends before this");
    return !scanner->duplicates;
}

// No text has more values than this: each but the first stands behind a bracket or comma.
static uint32_t most_values(slice text) {
    uint32_t count = 1;
    bool string = false;
    for (uint32_t at = 0; at < text.length && count < LIMIT_CONFIG_VALUES; at++) {
        char c = text.at[at];
        if (c == '"') string = !string;
        if (string && c == '\\') at++;
        if (!string && (c == ',' || c == '[' || c == '{')) count++;
    }
    return count;
}

static bool take_index(struct scanner *scanner) {
    struct json_index *index = scanner->index;
    scanner->capacity = most_values(scanner->text);
    index->nodes = arena_array(scanner->arena, scanner->capacity, sizeof *index->nodes);
    index->sorted = arena_array(scanner->arena, scanner->capacity, sizeof *index->sorted);
    scanner->scratch = arena_array(scanner->arena, scanner->capacity, sizeof *scanner->scratch);
    return index->nodes != NULL && index->sorted != NULL && scanner->scratch != NULL;
}

bool json_scan(struct arena *arena, struct diagnostics *diagnostics, uint32_t source, slice text,
               struct json_index *out) {
    struct scanner scanner = {
        .arena = arena, .diagnostics = diagnostics, .index = out, .text = text};
    *out = (struct json_index){.text = text, .source = source};
    if (text.length > LIMIT_CONFIG_TEXT) {
        return refuse_size(&scanner, LIMIT_CONFIG_TEXT, LIMIT_CONFIG_TEXT, "bytes");
    }
    if (!take_index(&scanner)) return out_of_memory(&scanner);
    return scan_document(&scanner);
}

// What lints know of expressions: what a test is about, and of the texts that it is held against.
#include "engine/lang/lint.h"

static enum subject_sort sort_of_field(uint32_t field) {
    switch (field) {
#define SUBJECT(name, sort)                                                                        \
    case FIELD_##name: return SORT_##sort;
#define SUBJECT_HEADER(name, sort)
#include "engine/tbl/lint_subjects.h"
#undef SUBJECT
#undef SUBJECT_HEADER
    default: return SORT_NONE;
    }
}

static enum subject_sort sort_of_header(slice name) {
#define SUBJECT(name, sort)
#define SUBJECT_HEADER(word, sort)                                                                 \
    if (slice_is(name, word)) return SORT_##sort;
#include "engine/tbl/lint_subjects.h"
#undef SUBJECT
#undef SUBJECT_HEADER
    return SORT_NONE;
}

// Methods that leave a text what it is about.
static bool is_same_text(const struct expr *expr) {
    bool method = expr->kind == EXPR_CALL && expr->receiver;
    return method && (slice_is(expr->name, "lowerAscii") || slice_is(expr->name, "trim"));
}

static bool is_request_headers(const struct expr *expr) {
    return expr->binding == BIND_FIELD && expr->index == FIELD_REQUEST_HEADERS;
}

// A field that is a header by another name.
static slice header_of_field(uint32_t field) {
    const struct field_row *row = &field_rows[field];
    bool plain = row->how == HOW_PSEUDO && row->header[0] != ':';
    return plain ? slice_of(row->header) : (slice){NULL, 0};
}

// Recursion of lets is bounded by LIMIT_LET_DEPTH.
struct subject lint_subject(const struct unit *unit, const struct expr *expr) {
    while (expr->binding == BIND_LET || is_same_text(expr))
        expr = expr->binding == BIND_LET ? unit->lets[expr->index].item->value : expr->first;
    struct subject subject = {.expr = expr, .field = FIELD_TOTAL, .optional = expr->optional};
    if (expr->binding == BIND_HEADER && is_request_headers(expr->first)) {
        subject.header = expr->name;
        subject.sort = sort_of_header(expr->name);
        return subject;
    }
    const struct expr *field = expr;
    bool member = expr->kind == EXPR_SELECT || expr->kind == EXPR_INDEX;
    if (member && expr->binding == BIND_NONE) field = expr->first; // peer.spiffe.namespace
    if (field == NULL || field->binding != BIND_FIELD) return subject;
    if (field != expr && field->index != FIELD_PEER_SPIFFE) return subject;
    subject.field = field->index;
    subject.header = header_of_field(field->index);
    subject.sort = sort_of_field(field->index);
    return subject;
}

// `(?i)` and the like in front.
static slice without_flags(slice pattern) {
    while (slice_starts(pattern, slice_of("(?"))) {
        uint32_t end = 2;
        while (end < pattern.length && pattern.at[end] >= 'A' && pattern.at[end] <= 'z')
            end++;
        if (end == pattern.length || pattern.at[end] != ')') return pattern;
        pattern = slice_cut(pattern, end + 1, pattern.length);
    }
    return pattern;
}

// Whether `|` stands outside of all parentheses: then an anchor holds one side only.
static bool has_choice(slice pattern) {
    uint32_t depth = 0;
    bool class = false;
    for (uint32_t i = 0; i < pattern.length; i++) {
        char c = pattern.at[i];
        if (c == '\\') {
            i++;
        } else if (class) {
            class = c != ']';
        } else if (c == '[') {
            class = true;
        } else if (c == '(') {
            depth++;
        } else if (c == ')' && depth > 0) {
            depth--;
        } else if (c == '|' && depth == 0) {
            return true;
        }
    }
    return false;
}

static bool is_escaped(slice pattern, uint32_t at) {
    uint32_t backslashes = 0;
    while (backslashes < at && pattern.at[at - backslashes - 1] == '\\')
        backslashes++;
    return backslashes % 2 == 1;
}

bool lint_anchored(slice pattern) {
    pattern = without_flags(pattern);
    bool begin = slice_starts(pattern, slice_of("^")) || slice_starts(pattern, slice_of("\\A"));
    bool dollar = slice_ends(pattern, slice_of("$")) && !is_escaped(pattern, pattern.length - 1);
    return begin && (dollar || slice_ends(pattern, slice_of("\\z"))) && !has_choice(pattern);
}

static bool is_name_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

bool lint_is_domain(slice text) {
    uint32_t dots = 0;
    for (uint32_t i = 0; i < text.length; i++) {
        bool dot = text.at[i] == '.';
        if (!dot && !is_name_byte(text.at[i])) return false;
        if (dot && (i == 0 || i + 1 == text.length)) return false;
        dots += dot;
    }
    return dots > 0;
}

static bool is_text(const struct expr *expr, slice text) {
    return expr->kind == EXPR_LITERAL && expr->literal.kind == TYPE_STRING &&
           slice_equal_folded(value_text(expr->literal), text);
}

static bool is_header(const struct expr *expr, slice header) {
    return expr->binding == BIND_HEADER && is_request_headers(expr->first) &&
           slice_equal_folded(expr->name, header);
}

static bool asks_presence(const struct expr *expr, slice header) {
    const struct expr *x = expr->first;
    if (expr->kind == EXPR_CALL && expr->binding == BIND_MACRO && slice_is(expr->name, "has"))
        return is_header(x, header);
    if (expr->kind != EXPR_OPERATOR || expr->count != 2) return false;
    if (expr->operator== OPERATOR_IN) return is_text(x, header) && is_request_headers(x->next);
    bool equality = expr->operator== OPERATOR_EQ || expr->operator== OPERATOR_NE;
    slice nothing = {"", 0};
    return equality && ((is_header(x, header) && is_text(x->next, nothing)) ||
                        (is_header(x->next, header) && is_text(x, nothing)));
}

static bool sees_values(const struct expr *expr, slice header) {
    return expr->kind == EXPR_CALL && expr->receiver && slice_is(expr->name, "values") &&
           expr->count == 2 && is_request_headers(expr->first) &&
           is_text(expr->first->next, header);
}

// A budget, as lets that use lets could be looked through very often.
static bool asks(const struct unit *unit, const struct expr *expr, slice header,
                 enum lint_question question, uint32_t *budget) {
    if (*budget == 0) return false;
    --*budget;
    if (question == ASKS_VALUES ? sees_values(expr, header) : asks_presence(expr, header))
        return true;
    if (expr->binding == BIND_LET)
        return asks(unit, unit->lets[expr->index].item->value, header, question, budget);
    for (const struct expr *child = expr->first; child != NULL; child = child->next) {
        if (asks(unit, child, header, question, budget)) return true;
    }
    return false;
}

bool lint_asks(const struct unit *unit, const struct expr *expr, slice header,
               enum lint_question question) {
    uint32_t budget = 2000;
    return expr != NULL && asks(unit, expr, header, question, &budget);
}

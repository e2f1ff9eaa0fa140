// The words for what was found, special hints, and the tokens at which lists go on.
#include "grammar/recovery.h"

#include "engine/base/limits.h"
#include "grammar/rules_parser.h"
#include "rules.h"

enum { SHOWN = 60 }; // bytes of a token in a message

static slice shown(const struct build *build, struct token token) {
    slice text = build_text(build, &token);
    if (text.length <= SHOWN) return text;
    uint32_t end = SHOWN;
    while (end > 0 && ((uint8_t)text.at[end] & 0xc0) == 0x80)
        end--;
    return slice_cut(text, 0, end);
}

static bool is_name(int kind) {
    return kind == T_ID || kind == T_QUOTED;
}

static const char *kind_form(int kind) {
    if (kind == T_STRING) return "a string";
    if (kind == T_BYTES) return "a bytes literal";
    if (kind == T_DURATION) return "the duration `{0}`";
    if (kind == T_INT || kind == T_UINT || kind == T_DOUBLE) return "the number `{0}`";
    return is_name(kind) ? "the name `{0}`" : "`{0}`";
}

static slice describe(struct build *build, int kind, struct token token) {
    slice arguments[] = {shown(build, token)};
    if (build_is_full(build)) return slice_of(NULL);
    if (kind == T_QUOTED) {
        arguments[0] = slice_cut(arguments[0], 1, arguments[0].length);
        if (slice_ends(arguments[0], slice_of("`"))) arguments[0].length--;
    }
    struct text text;
    text_init(&text, build->parse->arena);
    text_add_form(&text, kind_form(kind), arguments);
    return text_slice(&text);
}

static void help(struct build *build, const char *form, slice argument) {
    diag_help(build->parse->diagnostics, form, &argument);
}

struct character_hint {
    const char *character;
    const char *help;
};

static const struct character_hint character_hints[] = {
    {";", "statements need no end mark"},     {"&", "`&&` is the logical and"},
    {"|", "`||` is the logical or"},          {"#", "comments begin with `//`"},
    {"“", "strings stand in \"…\" or '…'"},   {"”", "strings stand in \"…\" or '…'"},
    {"‘", "strings stand in \"…\" or '…'"},   {"’", "strings stand in \"…\" or '…'"},
    {"\xc2\xa0", "this is a no-break space"},
};

// An unterminated string may reach over many lines: the place is its first.
static struct token first_line(const struct build *build, struct token token) {
    int64_t line_end = slice_find(build_text(build, &token), slice_of("\n"));
    if (line_end > 0) token.end = token.start + (uint32_t)line_end;
    return token;
}

static void report_lexical(struct build *build, struct token token) {
    slice text = shown(build, token);
    struct token line = first_line(build, token);
    struct span span = build_span(build, &line);
    build_report(build, build->lexer.error, &span, &text);
    if (build->lexer.error != ERROR_UNKNOWN_CHARACTER) return;
    for (uint32_t i = 0; i < LEN(character_hints); i++) {
        if (slice_is(text, character_hints[i].character)) {
            help(build, character_hints[i].help, text);
        }
    }
}

static const char *bracket_label(char open) {
    if (open == '(') return "`(` opened here";
    return open == '[' ? "`[` opened here" : "`{` opened here";
}

// Where the bracket began that is not closed.
static void point_at_open(struct build *build) {
    const struct brackets *brackets = &build->brackets;
    if (brackets->depth == 0) return;
    const struct bracket *bracket = &brackets->open[brackets->depth - 1];
    struct span span = build_span(build, &bracket->token);
    diag_other(build->parse->diagnostics, &span, bracket_label(bracket->open));
}

static void report_end(struct build *build, struct token token) {
    build_report_token(build, ERROR_UNEXPECTED_END, &token, NULL);
    point_at_open(build);
}

static void report_condition(struct build *build, struct token brace) {
    build_report_token(build, ERROR_CONDITION_MISSING, &brace, NULL);
    help(build, "write an expression behind `when`, or leave the word out", slice_of(NULL));
    build->retry = true;
    build->retry_at = brace.start;
}

static const char *named_kind(int previous) {
    if (previous == T_LET) return "let";
    if (previous == T_RULE) return "rule";
    if (previous == T_GROUP) return "group";
    if (previous == T_LIMITER) return "limiter";
    return previous == T_SERVICE ? "service" : NULL;
}

static bool is_reserved(int kind) {
    return kind == T_RESERVED || WeirFallback(kind) == T_RESERVED;
}

static void report_token(struct build *build, int kind, struct token token) {
    const char *named = named_kind(build->brackets.previous);
    struct span span = build_span(build, &token);
    if (is_reserved(kind) && named != NULL) {
        slice arguments[] = {shown(build, token), slice_of(named)};
        diag_report(build->parse->diagnostics, ERROR_RESERVED_NAME, &span, arguments);
        return;
    }
    build_report(build, ERROR_UNEXPECTED, &span, (slice[]){describe(build, kind, token)});
    bool word_of_cel = kind == T_RESERVED || kind == T_FOR;
    if (word_of_cel) help(build, "`{0}` is a reserved word of CEL", shown(build, token));
    if (kind == T_ASSIGN && named == NULL) help(build, "`==` compares", slice_of(NULL));
    if (recovery_item(build, kind, token)) point_at_open(build);
}

void recovery_report(struct build *build, int kind, struct token token) {
    const struct token *condition = brackets_condition(&build->brackets);
    bool closed = build->brackets.condition_closed;
    if (build->stopped) return;
    build->broken = true;
    if (kind == T_BROKEN) {
        report_lexical(build, token);
    } else if (condition != NULL && (kind != 0 || closed)) {
        report_condition(build, *condition);
    } else if (kind == 0) {
        report_end(build, token);
    } else {
        report_token(build, kind, token);
    }
}

void recovery_overflow(struct build *build) {
    uint32_t end = lexer_offset(&build->lexer);
    build_stop(build, ERROR_TOO_DEEP, &(struct token){end, end}, LIMIT_NESTING);
}

static bool begins_item(int kind) {
    switch (kind) {
    case T_INCLUDE:
    case T_LET:
    case T_LIMITER:
    case T_SERVICE:
    case T_GROUP:
    case T_RULE:
    case T_CONFIG:
    case T_TEST: return true;
    default: return false;
    }
}

static bool begins_clause(int kind) {
    switch (kind) {
#define CLAUSE(name, word) case T_##name:
#include "engine/tbl/clauses.h"
#undef CLAUSE
    case T_LBRACE: return true;
    default: return false;
    }
}

static bool begins_action(int kind) {
    switch (kind) {
#define ACTION(name, word, phases, restricts, final) case T_##name:
#include "engine/tbl/actions.h"
#undef ACTION
        return true;
    default: return false;
    }
}

static bool begins_step(int kind) {
    switch (kind) {
    case T_WORKER:
    case T_SEND:
    case T_CONFIG:
    case T_LET:
    case T_EXPECT:
    case T_WAIT: return true;
    default: return false;
    }
}

bool recovery_begins(enum recovery list, int kind) {
    if (list == RECOVERY_CLAUSES) return begins_clause(kind);
    if (kind == T_RBRACE) return true;
    if (list == RECOVERY_ITEMS) return begins_item(kind);
    if (list == RECOVERY_ACTIONS) return begins_action(kind);
    if (list == RECOVERY_STEPS) return begins_step(kind);
    return kind == T_ID || WeirFallback(kind) == T_ID;
}

bool recovery_first_on_line(const struct build *build, struct token token) {
    uint32_t at = token.start;
    while (at > 0 && (build->text.at[at - 1] == ' ' || build->text.at[at - 1] == '\t'))
        at--;
    return at == 0 || build->text.at[at - 1] == '\n';
}

// `config` begins a step as well.
bool recovery_item(const struct build *build, int kind, struct token token) {
    return begins_item(kind) && kind != T_CONFIG && recovery_first_on_line(build, token);
}

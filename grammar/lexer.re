// Bytes to tokens: the rules. Longest match; of equally long ones the rule that stands first.
#include "grammar/lexer.h"

#include "rules.h"

void lexer_init(struct lexer *lexer, slice text) {
    *lexer = (struct lexer){.text = text, .cursor = (const uint8_t *)text.at};
}

uint32_t lexer_offset(const struct lexer *lexer) {
    return (uint32_t)(lexer->cursor - (const uint8_t *)lexer->text.at);
}

void lexer_rewind(struct lexer *lexer, uint32_t offset) {
    lexer->cursor = (const uint8_t *)lexer->text.at + offset;
}

static const uint8_t *text_end(const struct lexer *lexer) {
    return (const uint8_t *)lexer->text.at + lexer->text.length;
}

static int at(struct lexer *lexer, const uint8_t *cursor, int kind) {
    lexer->cursor = cursor;
    return kind;
}

static int broken(struct lexer *lexer, const uint8_t *cursor, enum error error) {
    lexer->error = error;
    return at(lexer, cursor, T_BROKEN);
}

// The rest of the code point whose first byte was read: no token ends inside one.
static int unknown(struct lexer *lexer, const uint8_t *cursor) {
    while (cursor < text_end(lexer) && (*cursor & 0xc0) == 0x80) cursor++;
    return broken(lexer, cursor, ERROR_UNKNOWN_CHARACTER);
}

static int comment(struct lexer *lexer, uint32_t start, const uint8_t *cursor) {
    lexer->cursor = cursor;
    if (lexer->comment.end == 0) lexer->comment = (struct token){start, lexer_offset(lexer)};
    return 0;
}

struct word_row {
    const char *text;
    uint8_t length;
    uint8_t kind;
};

static const struct word_row word_rows[] = {
#define WORD(text, kind) {text, sizeof(text) - 1, T_##kind},
#include "engine/tbl/words.h"
#undef WORD
};

// A name, unless the table has it. As a table it is a fraction of the automaton's size.
static int word(struct lexer *lexer, uint32_t start, const uint8_t *cursor) {
    lexer->cursor = cursor;
    slice text = slice_cut(lexer->text, start, lexer_offset(lexer));
    for (uint32_t i = 0; i < LEN(word_rows); i++) {
        const struct word_row *row = &word_rows[i];
        if (row->length != text.length || row->text[0] != text.at[0]) continue;
        if (memcmp(row->text, text.at, text.length) == 0) return row->kind;
    }
    return T_ID;
}

static bool has_prefix(const uint8_t *start, const uint8_t *quote, char letter) {
    for (; start < quote; start++) {
        if (ascii_lower((char)*start) == letter) return true;
    }
    return false;
}

static bool is_newline(uint8_t byte) {
    return byte == '\n' || byte == '\r';
}

// Behind the opening quote. The NUL at the end makes it safe to look two bytes ahead of a quote.
static int string(struct lexer *lexer, uint32_t start, const uint8_t *cursor) {
    const uint8_t *first = (const uint8_t *)lexer->text.at + start;
    const uint8_t quote = cursor[-1];
    const bool raw = has_prefix(first, cursor - 1, 'r');
    const int kind = has_prefix(first, cursor - 1, 'b') ? T_BYTES : T_STRING;
    const bool triple = cursor[0] == quote && cursor[1] == quote;
    if (triple) cursor += 2;
    while (cursor < text_end(lexer) && (triple || !is_newline(*cursor))) {
        bool pair = *cursor == '\\' && !raw; // a backslash is never torn from what follows it
        bool closes = *cursor == quote && (!triple || (cursor[1] == quote && cursor[2] == quote));
        if (closes) return at(lexer, cursor + (triple ? 3 : 1), kind);
        cursor++;
        if (pair && cursor < text_end(lexer) && (triple || !is_newline(*cursor))) cursor++;
    }
    return broken(lexer, cursor, ERROR_UNTERMINATED_STRING);
}

// One token or one stretch of space or comment; `skipped` for the latter.
static int scan(struct lexer *lexer, bool *skipped) {
    const uint32_t start = lexer_offset(lexer);
    const uint8_t *limit = text_end(lexer);
    const uint8_t *cursor = lexer->cursor;
    const uint8_t *marker = cursor;
    *skipped = false;
    /*!re2c
    re2c:define:YYCTYPE = uint8_t;
    re2c:define:YYCURSOR = cursor;
    re2c:define:YYMARKER = marker;
    re2c:define:YYLIMIT = limit;
    re2c:yyfill:enable = 0;
    re2c:eof = 0;

    digit = [0-9];
    letter = [A-Za-z_];
    wordly = letter | digit;
    int = digit+ | "0x" [0-9A-Fa-f]+;
    exponent = [eE] [+-]? digit+;
    double = digit* "." digit+ exponent? | digit+ exponent;
    unit = "d" | "h" | "m" | "s" | "ms" | "us" | "ns";
    duration = (digit+ ("." digit+)? unit)+;
    number = int [uU]? | double | duration;
    touching = number wordly+ | "."? digit (wordly | "." digit)*;

    $ { return at(lexer, cursor, 0); }
    * { return unknown(lexer, cursor); }
    [ \t\r\n\f]+ { *skipped = true; return at(lexer, cursor, 0); }
    "//" [^\n\x00]* { *skipped = true; return comment(lexer, start, cursor); }

    int { return at(lexer, cursor, T_INT); }
    int [uU] { return at(lexer, cursor, T_UINT); }
    double { return at(lexer, cursor, T_DOUBLE); }
    duration { return at(lexer, cursor, T_DURATION); }
    touching { return broken(lexer, cursor, ERROR_NUMBER_TOUCHES); }

    [bB]? [rR]? ['"] { return string(lexer, start, cursor); }
    "`" [A-Za-z0-9_./ -]+ "`" { return at(lexer, cursor, T_QUOTED); }

    "||" { return at(lexer, cursor, T_OR); }
    "&&" { return at(lexer, cursor, T_AND); }
    "<" { return at(lexer, cursor, T_LT); }
    "<=" { return at(lexer, cursor, T_LE); }
    ">" { return at(lexer, cursor, T_GT); }
    ">=" { return at(lexer, cursor, T_GE); }
    "==" { return at(lexer, cursor, T_EQ); }
    "!=" { return at(lexer, cursor, T_NE); }
    "=" { return at(lexer, cursor, T_ASSIGN); }
    "+" { return at(lexer, cursor, T_PLUS); }
    "-" { return at(lexer, cursor, T_MINUS); }
    "*" { return at(lexer, cursor, T_STAR); }
    "/" { return at(lexer, cursor, T_SLASH); }
    "%" { return at(lexer, cursor, T_PERCENT); }
    "!" { return at(lexer, cursor, T_NOT); }
    "?" { return at(lexer, cursor, T_QUESTION); }
    ":" { return at(lexer, cursor, T_COLON); }
    "." { return at(lexer, cursor, T_DOT); }
    "," { return at(lexer, cursor, T_COMMA); }
    "(" { return at(lexer, cursor, T_LPAREN); }
    ")" { return at(lexer, cursor, T_RPAREN); }
    "[" { return at(lexer, cursor, T_LBRACK); }
    "]" { return at(lexer, cursor, T_RBRACK); }
    "{" { return at(lexer, cursor, T_LBRACE); }
    "}" { return at(lexer, cursor, T_RBRACE); }

    letter wordly* { return word(lexer, start, cursor); }
    */
}

int lexer_next(struct lexer *lexer, struct token *token) {
    bool skipped;
    int kind;
    do {
        token->start = lexer_offset(lexer);
        kind = scan(lexer, &skipped);
    } while (skipped);
    token->end = lexer_offset(lexer);
    return kind;
}

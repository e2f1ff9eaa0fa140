// Drives the lexer and Lemon's parser over one text, and gets on after errors: it passes over
// tokens until the list that Lemon fell back to can go on.
#include "grammar/parse.h"

#include "engine/base/limits.h"
#include "engine/base/utf8.h"
#include "grammar/recovery.h"
#include "grammar/rules_parser.h"
#include "rules.h"

struct driver {
    struct build *build;
    struct brackets *brackets;
    void *parser;
    enum recovery skipping; // the list that waits for its next element; NONE: tokens are parsed
};

static void note(struct driver *driver, int kind, struct token token) {
    if (!brackets_note(driver->brackets, kind, token)) {
        build_stop(driver->build, ERROR_TOO_DEEP, &token, LIMIT_NESTING);
    }
}

static void parse_token(struct driver *driver, int kind, struct token token) {
    if (driver->build->stopped) return;
    Weir(driver->parser, kind, token);
    note(driver, kind, token);
}

// Brackets that the broken element left open are forgotten.
static void forget_open(struct driver *driver) {
    driver->brackets->depth = brackets_block_depth(driver->brackets);
}

static bool in_plain_block(const struct driver *driver) {
    uint32_t depth = brackets_block_depth(driver->brackets);
    return depth > 0 && driver->brackets->open[depth - 1].role == BRACKET_BLOCK;
}

// Ends, before `next`, the rule or group whose header is broken.
static void close_header(struct driver *driver, struct token next) {
    struct token nothing = {next.start, next.start};
    if (driver->skipping != RECOVERY_CLAUSES) return;
    forget_open(driver);
    parse_token(driver, T_LBRACE, nothing);
    parse_token(driver, T_RBRACE, nothing);
    driver->skipping = RECOVERY_ITEMS;
}

// Ends, before `next`, every block in which items cannot stand.
static void close_blocks(struct driver *driver, struct token next) {
    struct token nothing = {next.start, next.start};
    close_header(driver, next);
    while (!driver->build->stopped && in_plain_block(driver)) {
        forget_open(driver);
        parse_token(driver, T_RBRACE, nothing);
    }
    driver->skipping = RECOVERY_ITEMS;
}

// True when the parser can go on with this token. The first word of a line is trusted more than
// brackets, which a mistake may have left open.
static bool goes_on(struct driver *driver, int kind, struct token token) {
    struct build *build = driver->build;
    bool first = recovery_first_on_line(build, token);
    bool outside = driver->brackets->depth == brackets_block_depth(driver->brackets);
    bool step = driver->skipping == RECOVERY_STEPS && recovery_begins(RECOVERY_STEPS, kind);
    if (kind == 0) return true;
    if (recovery_item(build, kind, token) && !step) {
        close_blocks(driver, token);
        return true;
    }
    if (kind == T_RBRACE || kind == T_RCURLY) {
        bool ends = brackets_in_block(driver->brackets);
        if (ends) close_header(driver, token);
        return ends;
    }
    return recovery_begins(driver->skipping, kind) && (outside || (first && kind != T_LBRACE));
}

// Lemon fell back to a list and has tried the token there: it was taken where it begins or ends
// an element, else dropped.
static bool was_taken(const struct driver *driver, int kind) {
    if (!recovery_begins(driver->skipping, kind)) return false;
    return kind != T_RBRACE || brackets_block_depth(driver->brackets) > 0;
}

// Back to the brace after a `when`, which is no condition: it begins the block then.
static void read_again(struct driver *driver, int kind) {
    struct build *build = driver->build;
    struct brackets *brackets = driver->brackets;
    struct token brace = {build->retry_at, build->retry_at + 1};
    bool taken = recovery_begins(RECOVERY_CLAUSES, kind);
    build->retry = false;
    driver->skipping = RECOVERY_NONE;
    brackets->not_condition = brace.start;
    while (brackets->depth > 0 && brackets->open[brackets->depth - 1].token.start >= brace.start)
        brackets->depth--;
    brackets->previous = 0;
    lexer_rewind(&build->lexer, kind == T_LBRACE ? brace.end : brace.start);
    if (kind == T_LBRACE) note(driver, kind, brace);
    if (!taken || kind == T_LBRACE) WeirSettled(driver->parser);
}

static void resume(struct driver *driver, struct token token) {
    driver->skipping = RECOVERY_NONE;
    forget_open(driver);
    if (recovery_first_on_line(driver->build, token)) WeirSettled(driver->parser);
}

static void take(struct driver *driver, int kind, struct token token);

static void recover(struct driver *driver, int kind, struct token token) {
    driver->skipping = driver->build->recovery;
    driver->build->recovery = RECOVERY_NONE;
    if (driver->build->retry) {
        read_again(driver, kind);
    } else if (was_taken(driver, kind)) {
        resume(driver, token);
        note(driver, kind, token);
    } else if (recovery_item(driver->build, kind, token) && driver->skipping != RECOVERY_ITEMS) {
        take(driver, kind, token);
    } else {
        note(driver, kind, token);
    }
}

// Parses the token, or passes over it while an element is broken.
static void take(struct driver *driver, int kind, struct token token) {
    if (driver->skipping != RECOVERY_NONE) {
        if (!goes_on(driver, kind, token)) {
            note(driver, kind, token);
            return;
        }
        resume(driver, token);
    }
    if (driver->build->stopped) return;
    Weir(driver->parser, kind, token);
    if (driver->build->recovery == RECOVERY_NONE) {
        note(driver, kind, token);
    } else {
        recover(driver, kind, token);
    }
}

// A text without a line break ends with its first comment, whatever was meant to stand behind it:
// line breaks are lost when a configuration is folded.
static bool comment_hides(const struct build *build) {
    return build->lexer.comment.end != 0 && build->goal != PARSE_EXPRESSION &&
           slice_find(build->text, slice_of("\n")) < 0;
}

static void run(struct driver *driver) {
    struct build *build = driver->build;
    struct token token = {0, 0};
    int kind = T_EXPRESSION;
    WeirInit(driver->parser, build);
    if (build->goal == PARSE_EXPRESSION) Weir(driver->parser, kind, token);
    while (kind != 0 && !build->stopped && !build->parse->diagnostics->out_of_memory) {
        kind = brackets_refine(driver->brackets, lexer_next(&build->lexer, &token));
        if (kind == 0 && comment_hides(build)) {
            struct span span = build_span(build, &build->lexer.comment);
            build_report(build, ERROR_COMMENT_ONE_LINE, &span, NULL);
            return;
        }
        take(driver, kind, token);
    }
}

// The lexer sees valid UTF-8.
static bool is_text(struct build *build) {
    int64_t invalid = utf8_find_invalid(build->text);
    // In an expression by itself a NUL may stand in a literal; the lexer refuses it elsewhere.
    bool alone = build->goal == PARSE_EXPRESSION;
    int64_t nul = alone ? -1 : slice_find(build->text, slice_from("", 1));
    if (invalid >= 0) {
        struct token byte = {(uint32_t)invalid, (uint32_t)invalid + 1};
        build_report_token(build, ERROR_BAD_UTF8, &byte, NULL);
    }
    if (nul >= 0) {
        struct token byte = {(uint32_t)nul, (uint32_t)nul + 1};
        build_report_token(build, ERROR_NUL_BYTE, &byte, NULL);
    }
    return invalid < 0 && nul < 0;
}

static bool prepare(struct driver *driver) {
    struct build *build = driver->build;
    struct arena *arena = build->parse->arena;
    build->brackets.capacity = LIMIT_PARSER_STACK;
    build->brackets.open = arena_array(arena, LIMIT_PARSER_STACK, sizeof *build->brackets.open);
    driver->brackets = &build->brackets;
    driver->parser = arena_take_raw(arena, WeirBytes());
    bool ready = build->brackets.open != NULL && driver->parser != NULL;
    if (!ready) build->parse->diagnostics->out_of_memory = true;
    return ready;
}

static bool is_clean(const struct build *build, uint32_t reported) {
    const struct diagnostics *diagnostics = build->parse->diagnostics;
    return diagnostics->count == reported && !build->stopped && !diagnostics->out_of_memory;
}

// Comments or space alone: a statement was meant, or the file is the wrong one.
static void require_statement(struct build *build) {
    struct token comment = build->lexer.comment;
    if (build->goal == PARSE_EXPRESSION || build->parse->items != NULL) return;
    if (build->lexer.text.length == 0) return;
    build_report_token(build, ERROR_NO_STATEMENT, &comment, NULL);
}

bool parse_text(struct parse *parse, uint32_t source, enum parse_goal goal) {
    uint32_t reported = parse->diagnostics->count;
    parse->items = NULL;
    parse->expression = NULL;
    if (parse->diagnostics->out_of_memory) return false;
    slice text = parse->diagnostics->sources[source].text;
    if (text.length == 0) text = slice_of("");
    struct build build = {.parse = parse, .source = source, .text = text, .goal = goal};
    struct driver driver = {.build = &build};
    lexer_init(&build.lexer, text);
    if (!is_text(&build) || !prepare(&driver)) return false;
    run(&driver);
    build_finish(&build);
    if (is_clean(&build, reported)) require_statement(&build);
    if (is_clean(&build, reported)) return true;
    parse->items = NULL;
    parse->expression = NULL;
    return false;
}

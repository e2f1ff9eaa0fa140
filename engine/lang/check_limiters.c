// Limiters: rates and options, all known when the rules are compiled.
#include "engine/lang/check_program.h"

enum option_argument { WORD, EXPRESSION, EXPRESSIONS };

enum limiter_option {
#define LIMITER_OPTION(name, word, argument, built) OPTION_##name,
#include "engine/tbl/limiter_options.h"
#undef LIMITER_OPTION
    OPTION_TOTAL
};

struct option_row {
    const char *word;
    bool built;
};

static const struct option_row option_rows[OPTION_TOTAL] = {
#define LIMITER_OPTION(name, word, argument, built) [OPTION_##name] = {word, built},
#include "engine/tbl/limiter_options.h"
#undef LIMITER_OPTION
};

struct word_row {
    const char *word;
    bool built;
    uint8_t value;
};

enum scope { SCOPE_PROXY, SCOPE_WORKER, SCOPE_CLUSTER };

static const struct word_row algorithm_words[] = {
#define ALGORITHM(name, word, is_built) {word, is_built, LIMIT_ALGORITHM_##name},
#include "engine/tbl/algorithms.h"
#undef ALGORITHM
};

static const struct word_row scope_words[] = {
#define SCOPE(name, word, is_built) {word, is_built, SCOPE_##name},
#include "engine/tbl/scopes.h"
#undef SCOPE
};

static const struct word_row header_words[] = {
#define LIMIT_HEADERS(name, word, is_built) {word, is_built, 0},
#include "engine/tbl/limit_headers.h"
#undef LIMIT_HEADERS
};

static slice list_words(struct check *check, const struct word_row *rows, uint32_t count) {
    struct text text;
    text_init(&text, check->unit->arena);
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) text_add_string(&text, ", ");
        text_add_string(&text, rows[i].word);
    }
    return text_slice(&text);
}

// The bare word of an option, `cluster` of `cluster(x)` too.
static const struct word_row *check_word(struct check *check, const struct option *option,
                                         const struct word_row *rows, uint32_t count) {
    const struct expr *value = option->values.first;
    bool word = value->kind == EXPR_NAME || value->kind == EXPR_CALL;
    for (uint32_t i = 0; i < count && word; i++) {
        if (!slice_is(value->name, rows[i].word)) continue;
        if (rows[i].built) return &rows[i];
        struct text text;
        text_init(&text, check->unit->arena);
        text_add_char(&text, '`');
        text_add(&text, option->name);
        text_add_char(&text, ' ');
        text_add_string(&text, rows[i].word);
        text_add_char(&text, '`');
        check_report(check, ERROR_NOT_BUILT, &value->span, (slice[]){text_slice(&text)});
        return NULL;
    }
    check_report(check, ERROR_UNKNOWN_WORD, &value->span,
                 (slice[]){check_source(check, value->span), list_words(check, rows, count)});
    slice names[8];
    for (uint32_t i = 0; i < count; i++)
        names[i] = slice_of(rows[i].word);
    slice nearest = diag_nearest(check_source(check, value->span), names, count);
    if (nearest.length > 0) {
        diag_help(check->unit->diagnostics, "did you mean `{0}`?", &nearest);
    }
    return NULL;
}

static bool not_constant(struct check *check, const struct expr *expr, const char *what) {
    check_report(check, ERROR_NOT_CONSTANT, &expr->span, (slice[]){slice_of(what)});
    diag_help(check->unit->diagnostics, "a literal, or a path of `config`", NULL);
    return false;
}

static void report_range(struct check *check, const struct expr *expr, const char *what,
                         const char *range) {
    check_report(check, ERROR_RATE_RANGE, &expr->span,
                 (slice[]){slice_of(what), slice_of(range), check_source(check, expr->span)});
}

// A count of tokens: an int, or an integral number of `config`.
static bool check_tokens(struct check *check, struct expr *expr, const char *what,
                         uint64_t *tokens) {
    static const char range[] = "a whole number from 1 to 9007199254740992";
    enum type type = check_expr(check, expr);
    if (type == TYPE_NONE) return false;
    if (expr->kind != EXPR_LITERAL) return not_constant(check, expr, what);
    double real = expr->literal.as.real;
    bool integral = type == TYPE_DOUBLE && real >= 1 && real <= (double)LIMIT_RATE &&
                    (double)(uint64_t)real == real;
    if (integral) {
        *tokens = (uint64_t)real;
        return true;
    }
    bool number = type == TYPE_INT || type == TYPE_UINT;
    bool positive = number && !(type == TYPE_INT && expr->literal.as.integer < 1);
    if (positive && expr->literal.as.natural >= 1 && expr->literal.as.natural <= LIMIT_RATE) {
        *tokens = expr->literal.as.natural;
        return true;
    }
    report_range(check, expr, what, range);
    return false;
}

static bool check_period(struct check *check, struct expr *expr, uint64_t *period) {
    enum type type = check_expr(check, expr);
    if (type == TYPE_NONE) return false;
    if (type != TYPE_DURATION && type != TYPE_DYN) {
        check_report(check, ERROR_WRONG_TYPE, &expr->span,
                     (slice[]){slice_of("a rate's period"), slice_of("a duration"),
                               slice_of(type_name(type))});
        diag_help(check->unit->diagnostics, "durations are written 1s, 250ms, 1h30m", NULL);
        return false;
    }
    if (expr->kind != EXPR_LITERAL) return not_constant(check, expr, "a rate's period");
    int64_t nanoseconds = expr->literal.as.integer;
    if (nanoseconds < 1 || (uint64_t)nanoseconds > LIMIT_PERIOD) {
        report_range(check, expr, "a rate's period", "between 1ns and 100 years");
        return false;
    }
    *period = (uint64_t)nanoseconds;
    return true;
}

static enum limiter_option find_option(struct check *check, const struct option *option) {
    slice names[OPTION_TOTAL];
    for (uint32_t i = 0; i < OPTION_TOTAL; i++) {
        names[i] = slice_of(option_rows[i].word);
        if (!slice_equal(names[i], option->name)) continue;
        if (option_rows[i].built) return (enum limiter_option)i;
        check_not_built(check, option->span, option_rows[i].word);
        return OPTION_TOTAL;
    }
    check_report(check, ERROR_UNKNOWN_OPTION, &option->span, &option->name);
    slice nearest = diag_nearest(option->name, names, OPTION_TOTAL);
    if (nearest.length > 0) {
        diag_help(check->unit->diagnostics, "did you mean `{0}`?", &nearest);
    }
    return OPTION_TOTAL;
}

struct options {
    const struct option *burst;
    const struct word_row *algorithm;
    const struct word_row *scope;
    const struct option *headers;
};

static bool check_options(struct check *check, const struct option *option, struct options *out) {
    bool good = true;
    for (; option != NULL; option = option->next) {
        enum limiter_option kind = find_option(check, option);
        if (kind != OPTION_TOTAL && option->values.count != 1) {
            check_report(check, ERROR_ARGUMENT_COUNT, &option->span,
                         (slice[]){option->name, slice_of("one value"),
                                   check_number(check, option->values.count)});
            kind = OPTION_TOTAL;
        }
        const struct word_row *row = NULL;
        switch (kind) {
        case OPTION_BURST: out->burst = option; continue;
        case OPTION_ALGORITHM:
            row = check_word(check, option, algorithm_words, LEN(algorithm_words));
            out->algorithm = row;
            break;
        case OPTION_SCOPE:
            row = check_word(check, option, scope_words, LEN(scope_words));
            out->scope = row;
            break;
        case OPTION_HEADERS:
            row = check_word(check, option, header_words, LEN(header_words));
            out->headers = option;
            break;
        default: break;
        }
        if (row == NULL) good = false;
    }
    return good;
}

static bool check_burst(struct check *check, const struct options *options,
                        struct limit_terms *terms) {
    terms->burst = terms->rate;
    if (options->burst == NULL) return true;
    if (terms->algorithm == LIMIT_ALGORITHM_FIXED_WINDOW) {
        check_report(check, ERROR_BURST_FIXED_WINDOW, &options->burst->span, NULL);
        return false;
    }
    return check_tokens(check, options->burst->values.first, "`burst`", &terms->burst);
}

void check_limiter(struct unit *unit, struct unit_limiter *limiter) {
    const struct item *item = limiter->item;
    struct check check = {
        .unit = unit, .prefix = limiter->prefix, .ordinal = limiter->ordinal, .phases = IN_REQUEST};
    struct options options = {0};
    if (item->period == NULL) {
        check_not_built(&check, item->rate->span, "concurrent");
        return;
    }
    bool good = check_options(&check, item->options, &options);
    bool rate = check_tokens(&check, item->rate, "a rate", &limiter->terms.rate);
    bool period = check_period(&check, item->period, &limiter->terms.period);
    limiter->terms.algorithm = LIMIT_ALGORITHM_TOKEN_BUCKET;
    if (options.algorithm != NULL) {
        limiter->terms.algorithm = (enum limit_algorithm)options.algorithm->value;
    }
    limiter->worker = options.scope != NULL && options.scope->value == SCOPE_WORKER;
    if (rate && period) check_burst(&check, &options, &limiter->terms);
    if (!good || options.headers != NULL) return;
    check_report(&check, ERROR_NOT_BUILT, &item->name_span,
                 (slice[]){slice_of("a limiter without `headers none`")});
    diag_help(unit->diagnostics, "add `headers none`", NULL);
}

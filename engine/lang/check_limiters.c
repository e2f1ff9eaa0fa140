// Limiters: rates, options and keys. What is known when the rules are compiled is checked now, the
// rest when a request gives it (run/limiter.c).
#include "engine/lang/check_program.h"

enum option_argument { WORD, SERVICE, TOKENS, TIME, KEYS, WHOLE };

struct option_row {
    const char *word;
    uint8_t argument;
    uint8_t algorithms; // bits
};

static const struct option_row option_rows[OPTION_TOTAL] = {
#define LIMITER_OPTION(name, word, argument, algorithms)                                           \
    [OPTION_##name] = {word, argument, algorithms},
#include "engine/tbl/limiter_options.h"
#undef LIMITER_OPTION
};

struct word_row {
    const char *word;
    uint8_t option;
};

static const struct word_row word_rows[LIMITER_WORD_TOTAL] = {
#define LIMITER_WORD(option, name, word) {word, OPTION_##option},
#include "engine/tbl/limiter_words.h"
#undef LIMITER_WORD
};

static const char *const algorithm_words[] = {
#define ALGORITHM(name, word, chosen) word,
#include "engine/tbl/algorithms.h"
#undef ALGORITHM
};

// The limiter that is checked.
struct reading {
    struct check check;
    struct unit_limiter *limiter;
    const struct option *options[OPTION_TOTAL];
    bool good;
};

static void report(struct reading *reading, enum error error, const struct span *span,
                   const slice *arguments) {
    reading->good = false;
    check_report(&reading->check, error, span, arguments);
}

static void help_nearest(struct check *check, slice word, const slice *names, uint32_t count) {
    slice nearest = diag_nearest(word, names, count);
    if (nearest.length > 0) {
        diag_help(check->unit->diagnostics, "did you mean `{0}`?", &nearest);
    }
}

// ---- words

static void report_word(struct reading *reading, const struct expr *value, const slice *words,
                        uint32_t count) {
    struct check *check = &reading->check;
    slice word = check_source(check, value->span);
    struct text text;
    text_init(&text, check->unit->arena);
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) text_add_string(&text, ", ");
        text_add(&text, words[i]);
    }
    report(reading, ERROR_UNKNOWN_WORD, &value->span, (slice[]){word, text_slice(&text)});
    help_nearest(check, word, words, count);
}

// A bare word; `cluster` of `cluster(x)` too.
static bool is_word(const struct expr *value, bool called) {
    return value->kind == EXPR_NAME || (called && value->kind == EXPR_CALL && !value->receiver);
}

static void read_word(struct reading *reading, enum limiter_option kind) {
    const struct expr *value = reading->options[kind]->values.first;
    slice words[LIMITER_WORD_TOTAL];
    uint32_t count = 0;
    bool word = is_word(value, option_rows[kind].argument == SERVICE);
    for (uint32_t i = 0; i < LIMITER_WORD_TOTAL; i++) {
        if (word_rows[i].option != kind) continue;
        words[count++] = slice_of(word_rows[i].word);
        if (!word || !slice_equal(value->name, words[count - 1])) continue;
        reading->limiter->words[kind] = (uint8_t)i;
        return;
    }
    report_word(reading, value, words, count);
}

static void read_algorithm(struct reading *reading) {
    const struct option *option = reading->options[OPTION_ALGORITHM];
    struct limit_terms *terms = &reading->limiter->terms;
    slice words[LIMIT_ALGORITHM_CONCURRENT]; // which is no choice
    if (reading->limiter->item->period == NULL) {
        terms->algorithm = LIMIT_ALGORITHM_CONCURRENT;
    } else if (option != NULL) {
        const struct expr *value = option->values.first;
        for (uint32_t i = 0; i < LEN(words); i++) {
            words[i] = slice_of(algorithm_words[i]);
            if (!is_word(value, false) || !slice_equal(value->name, words[i])) continue;
            terms->algorithm = (enum limit_algorithm)i;
            return;
        }
        report_word(reading, value, words, LEN(words));
    }
}

// ---- numbers

static void report_range(struct reading *reading, const struct expr *expr, const char *what,
                         const char *range) {
    reading->good = false;
    check_report_range(&reading->check, expr, what, range);
}

static bool is_number(enum type type) {
    return type == TYPE_INT || type == TYPE_UINT || type == TYPE_DOUBLE || type == TYPE_DYN;
}

static bool read_whole(struct value value, uint64_t most, uint64_t *whole) {
    return value_whole(value, most, whole) && *whole >= 1;
}

// What neither is a constant nor depends on the request could not be computed.
static void give(struct reading *reading, struct expr *expr, const char *what,
                 struct expr **given) {
    *given = expr;
    if (expr->varies) return;
    report(reading, ERROR_NOT_CONSTANT, &expr->span, (slice[]){slice_of(what)});
    diag_help(reading->check.unit->diagnostics, "it depends on no request, and computing it fails",
              NULL);
}

// A count of tokens: 0 in *tokens where requests give it.
static void check_tokens(struct reading *reading, struct expr *expr, const char *what,
                         struct expr **given, uint64_t *tokens) {
    bool concurrent = reading->limiter->terms.algorithm == LIMIT_ALGORITHM_CONCURRENT;
    enum type type = check_expr(&reading->check, expr);
    if (type == TYPE_NONE) {
        reading->good = false;
    } else if (!is_number(type)) {
        report(reading, ERROR_WRONG_TYPE, &expr->span,
               (slice[]){slice_of(what), slice_of("an int"), slice_of(type_name(type))});
    } else if (expr->kind != EXPR_LITERAL) {
        give(reading, expr, what, given);
    } else if (!read_whole(expr->literal, concurrent ? LIMIT_CONCURRENT : LIMIT_RATE, tokens)) {
        report_range(reading, expr, what,
                     concurrent ? "a whole number from 1 to 1073741824"
                                : "a whole number from 1 to 9007199254740992");
    }
}

static void check_time(struct reading *reading, struct expr *expr, const char *what,
                       struct expr **given, uint64_t *time) {
    enum type type = check_expr(&reading->check, expr);
    if (type == TYPE_NONE) {
        reading->good = false;
    } else if (type != TYPE_DURATION && type != TYPE_DYN) {
        report(reading, ERROR_WRONG_TYPE, &expr->span,
               (slice[]){slice_of(what), slice_of("a duration"), slice_of(type_name(type))});
        diag_help(reading->check.unit->diagnostics, "durations are written 1s, 250ms, 1h30m", NULL);
    } else if (expr->kind != EXPR_LITERAL) {
        give(reading, expr, what, given);
    } else if (expr->literal.kind != TYPE_DURATION || expr->literal.as.integer < 1 ||
               expr->literal.as.natural > LIMIT_PERIOD) {
        report_range(reading, expr, what, "between 1ns and 100 years");
    } else {
        *time = expr->literal.as.natural;
    }
}

static void check_max_keys(struct reading *reading) {
    const struct option *option = reading->options[OPTION_MAX_KEYS];
    struct unit_limiter *limiter = reading->limiter;
    limiter->max_keys = reading->check.unit->config->settings.max_keys;
    if (option == NULL) return;
    struct expr *value = option->values.first;
    if (check_expr(&reading->check, value) == TYPE_NONE) {
        reading->good = false;
    } else if (value->kind != EXPR_LITERAL) {
        report(reading, ERROR_NOT_CONSTANT, &value->span, (slice[]){slice_of("`max_keys`")});
        diag_help(reading->check.unit->diagnostics, "a literal, or a path of `config`", NULL);
    } else if (!read_whole(value->literal, LIMIT_KEYS_MOST, &limiter->max_keys)) {
        report_range(reading, value, "`max_keys`", "a whole number from 1 to 4194304");
    }
}

// What is written, else `usual`.
static void read_time(struct reading *reading, enum limiter_option kind, struct expr **given,
                      uint64_t usual, uint64_t *time) {
    const struct option *option = reading->options[kind];
    *time = usual;
    if (option == NULL) return;
    check_time(reading, option->values.first, kind == OPTION_LEASE ? "`lease`" : "`penalty`", given,
               time);
}

static void check_numbers(struct reading *reading) {
    enum { RATE, PERIOD, BURST, PENALTY };
    static const uint64_t hour = UINT64_C(3600) * 1000000000;
    struct unit_limiter *limiter = reading->limiter;
    const struct item *item = limiter->item;
    struct limit_terms *terms = &limiter->terms;
    check_tokens(reading, item->rate, "a rate", &limiter->given[RATE], &terms->rate);
    if (item->period == NULL) {
        read_time(reading, OPTION_LEASE, &limiter->given[PERIOD], hour, &terms->period);
    } else {
        check_time(reading, item->period, "a rate's period", &limiter->given[PERIOD],
                   &terms->period);
    }
    terms->burst = terms->rate;
    if (reading->options[OPTION_BURST] != NULL) {
        check_tokens(reading, reading->options[OPTION_BURST]->values.first, "`burst`",
                     &limiter->given[BURST], &terms->burst);
        if (limiter->given[BURST] != NULL) terms->burst = 0;
    }
    read_time(reading, OPTION_PENALTY, &limiter->given[PENALTY], 0, &limiter->penalty);
}

// ---- keys

// Fields that are never empty in a request that reached the rules.
static bool is_always_there(const struct expr *part) {
    static const enum field fields[] = {
        FIELD_REQUEST_METHOD, FIELD_REQUEST_PATH,      FIELD_REQUEST_URL_PATH,
        FIELD_REQUEST_HOST,   FIELD_REQUEST_HOST_NAME, FIELD_REQUEST_CLEAN_PATH,
        FIELD_REQUEST_SCHEME, FIELD_CLIENT_PREFIX,     FIELD_SOURCE_ADDRESS,
    };
    for (uint32_t i = 0; i < LEN(fields); i++) {
        if (part->binding == BIND_FIELD && part->index == fields[i]) return true;
    }
    return false;
}

// Whether computing it may come upon a key or a value that is missing; other failures refuse.
static bool may_miss(const struct expr *expr) {
    if (!expr_can_fail(expr)) return false;
    bool step = expr->kind == EXPR_SELECT || expr->kind == EXPR_INDEX;
    if (step && expr->binding == BIND_FIELD) return false;
    bool value = expr->kind == EXPR_CALL && slice_is(expr->name, "value");
    if (step || value || expr->binding == BIND_LET || expr->binding == BIND_MACRO) return true;
    for (const struct expr *child = expr->first; child != NULL; child = child->next) {
        if (may_miss(child)) return true;
    }
    return false;
}

static bool can_be_absent(const struct expr *part) {
    if (may_miss(part)) return true;
    switch ((enum type)part->type) {
    case TYPE_BOOL:
    case TYPE_INT:
    case TYPE_UINT:
    case TYPE_DOUBLE:
    case TYPE_DURATION:
    case TYPE_TIMESTAMP:
    case TYPE_IP:
    case TYPE_CIDR: return false;
    case TYPE_STRING:
    case TYPE_BYTES:
        if (part->kind == EXPR_LITERAL) return part->literal.length == 0;
        return !is_always_there(part);
    default: return true;
    }
}

static void check_part(struct reading *reading, struct expr *part, bool *absent) {
    enum type type = check_expr(&reading->check, part);
    if (type == TYPE_NONE) {
        reading->good = false;
    } else if (type == TYPE_HEADERS || type == TYPE_SECRET || type == TYPE_REGEX) {
        report(
            reading, ERROR_WRONG_TYPE, &part->span,
            (slice[]){slice_of("a part of a key"), slice_of("a value"), slice_of(type_name(type))});
    } else if (!*absent && can_be_absent(part) && reading->options[OPTION_ON_ABSENT] == NULL) {
        report(reading, ERROR_ON_ABSENT_MISSING, &part->span,
               (slice[]){check_source(&reading->check, part->span)});
        diag_help(reading->check.unit->diagnostics,
                  "`on_absent deny` refuses such requests, `on_absent skip` does not count them",
                  NULL);
        *absent = true;
    }
}

static void check_key(struct reading *reading) {
    const struct option *by = reading->options[OPTION_BY];
    struct unit_limiter *limiter = reading->limiter;
    bool absent = false;
    if (by == NULL) return;
    limiter->parts = by->values.first;
    limiter->part_count = by->values.count;
    if (by->values.count > LIMIT_KEY_PARTS) {
        report(reading, ERROR_RATE_RANGE, &by->span,
               (slice[]){slice_of("a key"), slice_of("of at most 16 parts"),
                         check_number(&reading->check, by->values.count)});
        return;
    }
    for (struct expr *part = limiter->parts; part != NULL; part = part->next)
        check_part(reading, part, &absent);
}

// ---- options

static enum limiter_option find_option(struct reading *reading, const struct option *option) {
    slice names[OPTION_TOTAL];
    for (uint32_t i = 0; i < OPTION_TOTAL; i++) {
        names[i] = slice_of(option_rows[i].word);
        if (slice_equal(names[i], option->name)) return (enum limiter_option)i;
    }
    report(reading, ERROR_UNKNOWN_OPTION, &option->span, &option->name);
    help_nearest(&reading->check, option->name, names, OPTION_TOTAL);
    return OPTION_TOTAL;
}

static void find_options(struct reading *reading) {
    const struct option *option = reading->limiter->item->options;
    for (; option != NULL; option = option->next) {
        enum limiter_option kind = find_option(reading, option);
        if (kind == OPTION_TOTAL) continue;
        if (option->values.count != 1 && kind != OPTION_BY) {
            report(reading, ERROR_ARGUMENT_COUNT, &option->span,
                   (slice[]){option->name, slice_of("one value"),
                             check_number(&reading->check, option->values.count)});
            continue;
        }
        reading->options[kind] = option;
    }
}

static void read_words(struct reading *reading) {
    for (uint32_t i = LIMITER_WORD_TOTAL; i-- > 0;)
        reading->limiter->words[word_rows[i].option] = (uint8_t)i;
    for (uint32_t i = 0; i < OPTION_TOTAL; i++) {
        bool word = option_rows[i].argument == WORD || option_rows[i].argument == SERVICE;
        if (word && i != OPTION_ALGORITHM && reading->options[i] != NULL) {
            read_word(reading, (enum limiter_option)i);
        }
    }
    bool cluster = reading->limiter->words[OPTION_SCOPE] == LIMITER_SCOPE_CLUSTER;
    if (cluster && reading->options[OPTION_ON_ERROR] == NULL) {
        reading->limiter->words[OPTION_ON_ERROR] = LIMITER_ON_ERROR_LOCAL;
    }
}

static void report_meaningless(struct reading *reading, enum limiter_option kind,
                               const char *for_) {
    report(reading, ERROR_OPTION_MEANINGLESS, &reading->options[kind]->span,
           (slice[]){slice_of(option_rows[kind].word), slice_of(for_)});
}

// Options that say nothing beside others are mistakes.
static void check_meanings(struct reading *reading) {
    static const enum limiter_option of_keys[] = {OPTION_ON_ABSENT, OPTION_MAX_KEYS,
                                                  OPTION_ON_FULL};
    const struct unit_limiter *limiter = reading->limiter;
    enum limit_algorithm algorithm = limiter->terms.algorithm;
    for (uint32_t i = 0; i < OPTION_TOTAL; i++) {
        if (reading->options[i] == NULL || option_rows[i].algorithms >> algorithm & 1) continue;
        report_meaningless(reading, (enum limiter_option)i, limit_algorithm_name(algorithm));
    }
    for (uint32_t i = 0; i < LEN(of_keys) && reading->options[OPTION_BY] == NULL; i++) {
        if (reading->options[of_keys[i]] == NULL) continue;
        report_meaningless(reading, of_keys[i], "a limiter without `by`");
    }
    bool cluster = limiter->words[OPTION_SCOPE] == LIMITER_SCOPE_CLUSTER;
    if (cluster && reading->options[OPTION_PENALTY] != NULL) {
        report_meaningless(reading, OPTION_PENALTY, "scope cluster");
    }
    if (!cluster && limiter->words[OPTION_ON_ERROR] == LIMITER_ON_ERROR_LOCAL) {
        reading->good = false;
        check_report(&reading->check, ERROR_OPTION_MEANINGLESS,
                     &reading->options[OPTION_ON_ERROR]->span,
                     (slice[]){slice_of("on_error local"), slice_of("a limiter of the proxy")});
    }
}

// `proxy(x)`: only a service has a name.
static void report_scope(struct reading *reading, const struct expr *value) {
    report(reading, ERROR_ARGUMENT_COUNT, &value->span,
           (slice[]){value->name, slice_of("no argument"),
                     check_number(&reading->check, value->count)});
    diag_help(reading->check.unit->diagnostics, "only `cluster(SERVICE)` takes one", NULL);
}

static void check_scope(struct reading *reading) {
    const struct option *option = reading->options[OPTION_SCOPE];
    struct unit_limiter *limiter = reading->limiter;
    struct unit *unit = reading->check.unit;
    if (option == NULL || limiter->words[OPTION_SCOPE] != LIMITER_SCOPE_CLUSTER) {
        bool called = option != NULL && option->values.first->kind == EXPR_CALL &&
                      is_word(option->values.first, true);
        if (called && reading->good) report_scope(reading, option->values.first);
        return;
    }
    const struct expr *value = option->values.first;
    const struct expr *service = value->kind == EXPR_CALL ? value->first : NULL;
    slice name = {NULL, 0};
    if (service != NULL && value->count == 1) name = check_dotted(&reading->check, service, name);
    if (name.length == 0) {
        report(reading, ERROR_OPTION_MISSING, &value->span,
               (slice[]){slice_of("scope cluster"), slice_of("cluster(SERVICE)")});
        return;
    }
    if (limiter->terms.algorithm == LIMIT_ALGORITHM_CONCURRENT) {
        report(reading, ERROR_OPTION_MEANINGLESS, &value->span,
               (slice[]){slice_of("scope cluster"), slice_of("concurrent")});
    }
    limiter->service = names_resolve(&unit->service_names, limiter->prefix, name);
    if (limiter->service != NAME_NONE) return;
    report(reading, ERROR_UNKNOWN_SERVICE, &service->span, &name);
    help_nearest(&reading->check, name, unit->service_names.list, unit->service_names.count);
}

void check_limiter(struct unit *unit, struct unit_limiter *limiter, uint32_t *numbered) {
    struct unit_let *let = &limiter->let;
    *let = (struct unit_let){.item = limiter->item, .phases = IN_ALL, .type = TYPE_LIST};
    struct reading reading = {
        .check = {.unit = unit, .prefix = limiter->prefix, .ordinal = limiter->ordinal, .let = let},
        .limiter = limiter,
        .good = true};
    find_options(&reading);
    read_words(&reading);
    read_algorithm(&reading);
    check_meanings(&reading);
    check_scope(&reading);
    check_numbers(&reading);
    check_max_keys(&reading);
    check_key(&reading);
    if (limiter_let(limiter)) let->number = (*numbered)++;
}

bool limiter_let(const struct unit_limiter *limiter) {
    for (uint32_t i = 0; i < LEN(limiter->given); i++) {
        if (limiter->given[i] != NULL) return true;
    }
    return limiter->part_count > 0;
}

uint32_t limiter_slots(const struct unit_limiter *limiter) {
    uint32_t slots = 1;
    if (limiter->part_count == 0) return 1;
    while ((uint64_t)slots * LIMIT_WAYS < limiter->max_keys)
        slots *= 2;
    return slots;
}

static uint64_t worker_bytes(const struct unit_limiter *limiter) {
    if (limiter->words[OPTION_SCOPE] != LIMITER_SCOPE_WORKER) return 0;
    uint32_t ways = limiter->part_count > 0 ? LIMIT_WAYS : 1;
    uint64_t bytes = (uint64_t)limiter_slots(limiter) * limit_slot_bytes(ways);
    return limiter->shadows ? 2 * bytes : bytes;
}

void check_worker_memory(struct unit *unit) {
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < unit->limiter_names.count; i++) {
        const struct unit_limiter *limiter = &unit->limiters[i];
        uint64_t before = bytes;
        bytes += worker_bytes(limiter);
        if (bytes <= LIMIT_WORKER_BYTES || before > LIMIT_WORKER_BYTES) continue;
        struct check check = {.unit = unit};
        check_report(
            &check, ERROR_WORKER_MEMORY, &limiter->item->name_span,
            (slice[]){check_number(&check, bytes), check_number(&check, LIMIT_WORKER_BYTES)});
        diag_help(unit->diagnostics, "a smaller `max_keys`: each key takes some 70 bytes", NULL);
    }
}

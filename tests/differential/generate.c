// Expressions of a wanted type: most of them right, a few wrong on purpose.
#include "tests/differential/generate.h"

#include <stdio.h>

enum { NODES = 40, DEPTH = 5, WRONG_PERCENT = 2 };

static void make(struct generate *generate, const struct kind *kind, uint32_t depth);

// ---- chance and text

// splitmix64: any number is a good state.
static uint64_t next(struct generate *generate) {
    uint64_t z = generate->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

uint32_t generate_below(struct generate *generate, uint32_t bound) {
    return (uint32_t)((next(generate) >> 32) * bound >> 32);
}

bool generate_chance(struct generate *generate, uint32_t percent) {
    return generate_below(generate, 100) < percent;
}

void generate_bytes(struct generate *generate, slice text) {
    if (generate->length + text.length >= GENERATE_TEXT) {
        generate->overflowed = true;
        return;
    }
    memcpy(generate->text + generate->length, text.at, text.length);
    generate->length += text.length;
    generate->text[generate->length] = '\0';
}

void generate_put(struct generate *generate, const char *text) {
    generate_bytes(generate, slice_of(text));
}

static void put_number(struct generate *generate, const char *form, uint32_t number) {
    char text[48];
    snprintf(text, sizeof text, form, number);
    generate_put(generate, text);
}

static const struct kind *list_of(struct generate *generate, const struct kind *item) {
    return kind_make(generate->arena, TYPE_LIST, item, NULL);
}

static const struct kind *map_of(struct generate *generate, const struct kind *key,
                                 const struct kind *value) {
    return kind_make(generate->arena, TYPE_MAP, key, value);
}

static const struct kind *hold(struct generate *generate, const struct kind *held) {
    return kind_make(generate->arena, TYPE_OPTIONAL, held, NULL);
}

static const struct kind *random_key(struct generate *generate) {
    static const enum type types[] = {TYPE_STRING, TYPE_STRING, TYPE_INT, TYPE_UINT, TYPE_BOOL};
    return kind_of(types[generate_below(generate, LEN(types))]);
}

// ---- names

static struct generated_input *add_input(struct generate *generate, const struct kind *kind) {
    uint32_t number = generate->input_count;
    if (number == GENERATE_INPUTS) return NULL;
    struct generated_input *input = &generate->inputs[generate->input_count++];
    *input = (struct generated_input){.kind = kind, .dynamic = generate_chance(generate, 12)};
    bool dotted = generate_chance(generate, 4);
    snprintf(input->name, sizeof input->name, dotted ? "p.v%u" : "v%u", number % 100);
    return input;
}

static bool put_input(struct generate *generate, const struct kind *kind) {
    uint32_t first = generate_below(generate, GENERATE_INPUTS);
    if (generate_chance(generate, 60)) {
        for (uint32_t i = 0; i < generate->input_count; i++) {
            struct generated_input *input = &generate->inputs[(first + i) % generate->input_count];
            if (input->text != NULL || !kind_same(input->kind, kind)) continue;
            generate_put(generate, input->name);
            return true;
        }
    }
    struct generated_input *input = add_input(generate, kind);
    if (input == NULL) return false;
    generate_put(generate, input->name);
    return true;
}

static bool is_shadowed(const struct generate *generate, uint32_t local) {
    for (uint32_t i = local + 1; i < generate->local_count; i++) {
        if (strcmp(generate->locals[i].name, generate->locals[local].name) == 0) return true;
    }
    return false;
}

static bool put_local(struct generate *generate, const struct kind *kind) {
    for (uint32_t i = generate->local_count; i-- > 0;) {
        const struct generated_local *local = &generate->locals[i];
        bool fits = kind == NULL || kind_same(local->kind, kind);
        if (!fits || is_shadowed(generate, i) || generate_chance(generate, 20)) continue;
        generate_put(generate, local->name);
        return true;
    }
    return false;
}

// A name for a macro's variable; not `other`.
static const char *local_name(struct generate *generate, const char *other) {
    static const char *const names[] = {
        "x", "y", "k", "e", "v0", "cel.iterVar(0, 0)", "cel.accuVar(0, 0)"};
    const char *name;
    do {
        name = names[generate_below(generate, generate_chance(generate, 80) ? 4 : LEN(names))];
    } while (other != NULL && strcmp(name, other) == 0);
    return name;
}

static void open_local(struct generate *generate, const char *name, const struct kind *kind) {
    if (generate->local_count == GENERATE_LOCALS) return;
    generate->locals[generate->local_count++] = (struct generated_local){name, kind};
}

// ---- leaves, and expressions that stand as operands

static void leaf(struct generate *generate, const struct kind *kind) {
    if (generate_chance(generate, 60) && put_local(generate, kind)) return;
    if (generate_chance(generate, 55) && put_input(generate, kind)) return;
    generate_literal(generate, kind, 2);
}

static void closed(struct generate *generate, const struct kind *kind, uint32_t depth) {
    generate_put(generate, "(");
    make(generate, kind, depth);
    generate_put(generate, ")");
}

// What stands before a dot or a bracket.
static void receiver(struct generate *generate, const struct kind *kind, uint32_t depth) {
    if (generate_chance(generate, 40)) {
        if (put_local(generate, kind) || put_input(generate, kind)) return;
    }
    closed(generate, kind, depth);
}

static void operand(struct generate *generate, const struct kind *kind, uint32_t depth) {
    if (generate_chance(generate, 70)) {
        closed(generate, kind, depth);
    } else {
        make(generate, kind, depth);
    }
}

static void chain(struct generate *generate, const char *word, const struct kind *kind,
                  uint32_t depth) {
    uint32_t more = generate_chance(generate, 70) ? 1 : 1 + generate_below(generate, 3);
    operand(generate, kind, depth);
    for (uint32_t i = 0; i < more; i++) {
        generate_put(generate, word);
        operand(generate, kind, depth);
    }
}

static void pair(struct generate *generate, const char *word, const struct kind *x,
                 const struct kind *y, uint32_t depth) {
    operand(generate, x, depth);
    generate_put(generate, word);
    operand(generate, y, depth);
}

// ---- conditions without parts

static const struct kind *ordered_kind(struct generate *generate) {
    static const enum type types[] = {TYPE_INT,       TYPE_INT,    TYPE_UINT,  TYPE_DOUBLE,
                                      TYPE_STRING,    TYPE_STRING, TYPE_BYTES, TYPE_DURATION,
                                      TYPE_TIMESTAMP, TYPE_BOOL,   TYPE_DYN};
    return kind_of(types[generate_below(generate, LEN(types))]);
}

static void plain_operand(struct generate *generate, const struct kind *kind) {
    bool put = generate_chance(generate, 70) && put_input(generate, kind);
    if (!put) leaf(generate, kind);
}

// Two operands without parts, whose types are known: what the machine has tests for.
static void plain_test(struct generate *generate) {
    static const char *const words[] = {" < ", " <= ", " > ", " >= ", " == ", " != "};
    static const char *const methods[] = {".startsWith(", ".endsWith(", ".contains("};
    const struct kind *kind = ordered_kind(generate);
    if (generate_chance(generate, 10)) {
        plain_operand(generate, kind);
        generate_put(generate, " in ");
        plain_operand(generate, list_of(generate, kind));
        return;
    }
    bool method = kind->kind == TYPE_STRING && generate_chance(generate, 40);
    if (method) {
        receiver(generate, kind, 0);
        generate_put(generate, methods[generate_below(generate, LEN(methods))]);
    } else {
        plain_operand(generate, kind);
        generate_put(generate, words[generate_below(generate, LEN(words))]);
    }
    plain_operand(generate, kind);
    if (method) generate_put(generate, ")");
}

// A chain of `&&` or `||`, or a negation, of such.
static void plain_logic(struct generate *generate) {
    const char *word = generate_chance(generate, 60) ? " || " : " && ";
    uint32_t more = generate_below(generate, 3);
    if (generate_chance(generate, 20)) generate_put(generate, "!");
    generate_put(generate, "(");
    plain_test(generate);
    for (uint32_t i = 0; i < more; i++) {
        generate_put(generate, word);
        plain_test(generate);
    }
    generate_put(generate, ")");
}

// ---- functions

static void text_argument(struct generate *generate, const char *const *hints) {
    uint32_t count = 0;
    while (count < 8 && hints[count] != NULL)
        count++;
    const char *text = hints[generate_below(generate, count)];
    struct generated_input *input = NULL;
    if (generate_chance(generate, 50)) input = add_input(generate, kind_of(TYPE_STRING));
    if (input == NULL) {
        generate_quoted(generate, slice_of(text));
        return;
    }
    input->text = text;
    generate_put(generate, input->name);
}

static void argument(struct generate *generate, const struct kind_function *function,
                     const struct kind *kind, bool before_dot, uint32_t depth) {
    const char *const *hints = generate_hints(function->name);
    bool hinted = kind->kind == TYPE_STRING && hints != NULL && generate_chance(generate, 75);
    if (hinted) {
        text_argument(generate, hints);
    } else if (before_dot) {
        receiver(generate, kind, depth);
    } else {
        make(generate, kind, depth);
    }
}

static void put_call(struct generate *generate, const struct kind_function *function,
                     const struct kind *letters[KIND_LETTERS], uint32_t depth) {
    uint32_t more = function->many ? generate_below(generate, 4) : 0;
    for (uint32_t i = 0; i < KIND_LETTERS; i++) {
        if (letters[i] == NULL) letters[i] = generate_kind(generate, 1);
    }
    if (!function->method) {
        generate_bytes(generate, function->name);
        generate_put(generate, "(");
    }
    for (uint32_t i = 0; i < function->count + more; i++) {
        uint32_t at = i < function->count ? i : function->count - 1;
        bool before_dot = function->method && i == 0;
        if (i > function->method) generate_put(generate, ", ");
        argument(generate, function, kind_bind(generate->arena, function->parameters[at], letters),
                 before_dot, depth);
        if (!before_dot) continue;
        generate_put(generate, ".");
        generate_bytes(generate, function->name);
        generate_put(generate, "(");
    }
    generate_put(generate, ")");
}

// A call that gives that type; false when there is none.
static bool call(struct generate *generate, const struct kind *kind, uint32_t depth) {
    uint32_t first = generate_below(generate, FUNCTION_TOTAL);
    for (uint32_t i = 0; i < 2 * FUNCTION_TOTAL; i++) {
        const struct kind_function *function = &generate->functions[(first + i) % FUNCTION_TOTAL];
        const struct kind *letters[KIND_LETTERS] = {NULL};
        if (!function->usable || generate_chance(generate, 60)) continue;
        if (!kind_match(function->result, kind, letters)) continue;
        put_call(generate, function, letters, depth);
        return true;
    }
    return false;
}

// ---- macros

struct over {
    const struct kind *range;
    const struct kind *first; // of the variables
    const struct kind *second;
    bool two;
};

// Any list or map to go over; its items are of `item` where that is not NULL.
static struct over any_range(struct generate *generate, const struct kind *item, bool two) {
    struct over over = {.two = two};
    const struct kind *held = item != NULL ? item : generate_kind(generate, 1);
    if (generate_chance(generate, 70)) {
        over.range = list_of(generate, held);
        over.first = two ? kind_of(TYPE_INT) : held;
        over.second = held;
        return over;
    }
    const struct kind *key = random_key(generate);
    over.range = map_of(generate, key, held);
    over.first = key;
    over.second = held;
    return over;
}

// `range.name(x, ` or `range.name(k, v, `; the variables are in sight until close_over.
static void open_over(struct generate *generate, const struct over *over, const char *name,
                      uint32_t depth) {
    const char *first = local_name(generate, NULL);
    const char *second = local_name(generate, first);
    receiver(generate, over->range, depth);
    generate_put(generate, ".");
    generate_put(generate, name);
    generate_put(generate, "(");
    generate_put(generate, first);
    generate_put(generate, ", ");
    open_local(generate, first, over->first);
    if (!over->two) return;
    generate_put(generate, second);
    generate_put(generate, ", ");
    open_local(generate, second, over->second);
}

static void close_over(struct generate *generate, uint32_t locals) {
    generate_put(generate, ")");
    generate->local_count = locals;
}

static void quantifier(struct generate *generate, uint32_t depth) {
    static const char *const names[] = {"all", "exists", "exists_one", "existsOne"};
    struct over over = any_range(generate, NULL, generate_chance(generate, 40));
    uint32_t locals = generate->local_count;
    open_over(generate, &over, names[generate_below(generate, LEN(names))], depth);
    make(generate, kind_of(TYPE_BOOL), depth);
    close_over(generate, locals);
}

static void maybe_filter(struct generate *generate, uint32_t depth) {
    if (!generate_chance(generate, 40)) return;
    make(generate, kind_of(TYPE_BOOL), depth);
    generate_put(generate, ", ");
}

// A list of `item` by map or transformList.
static void mapping(struct generate *generate, const struct kind *item, uint32_t depth) {
    struct over over = any_range(generate, NULL, generate_chance(generate, 40));
    uint32_t locals = generate->local_count;
    open_over(generate, &over, over.two ? "transformList" : "map", depth);
    maybe_filter(generate, depth);
    make(generate, item, depth);
    close_over(generate, locals);
}

static void filtering(struct generate *generate, const struct kind *item, uint32_t depth) {
    bool sort = generate_chance(generate, 40);
    struct over over = {.range = list_of(generate, item), .first = item};
    uint32_t locals = generate->local_count;
    open_over(generate, &over, sort ? "sortBy" : "filter", depth);
    make(generate, kind_of(sort ? TYPE_INT : TYPE_BOOL), depth);
    close_over(generate, locals);
}

static void map_macro(struct generate *generate, const struct kind *kind, uint32_t depth) {
    bool entry = generate_chance(generate, 40);
    struct over over = any_range(generate, NULL, true);
    if (!entry) {
        over.range = map_of(generate, kind->of[0], over.second);
        over.first = kind->of[0];
    }
    uint32_t locals = generate->local_count;
    open_over(generate, &over, entry ? "transformMapEntry" : "transformMap", depth);
    maybe_filter(generate, depth);
    if (entry) {
        generate_put(generate, "{");
        bool own = kind_same(over.first, kind->of[0]) && put_local(generate, over.first);
        if (!own) make(generate, kind->of[0], depth);
        generate_put(generate, ": ");
    }
    make(generate, kind->of[1], depth);
    if (entry) generate_put(generate, "}");
    close_over(generate, locals);
}

static void opt_map(struct generate *generate, const struct kind *kind, uint32_t depth) {
    bool flat = generate_chance(generate, 50);
    const struct kind *held = generate_kind(generate, 1);
    struct over over = {.range = hold(generate, held), .first = held};
    uint32_t locals = generate->local_count;
    open_over(generate, &over, flat ? "optFlatMap" : "optMap", depth);
    make(generate, flat ? kind : kind->of[0], depth);
    close_over(generate, locals);
}

static void bind(struct generate *generate, const struct kind *kind, uint32_t depth) {
    const char *name = local_name(generate, NULL);
    const struct kind *bound = generate_kind(generate, 1);
    uint32_t locals = generate->local_count;
    generate_put(generate, "cel.bind(");
    generate_put(generate, name);
    generate_put(generate, ", ");
    make(generate, bound, depth);
    generate_put(generate, ", ");
    open_local(generate, name, bound);
    make(generate, kind, depth);
    close_over(generate, locals);
}

static const char *const indexes[] = {"cel.index(0)", "cel.index(1)", "cel.index(2)"};

static void block(struct generate *generate, const struct kind *kind, uint32_t depth) {
    uint32_t count = 1 + generate_below(generate, LEN(indexes));
    uint32_t locals = generate->local_count;
    generate_put(generate, "cel.block([");
    for (uint32_t i = 0; i < count; i++) {
        const struct kind *item = generate_kind(generate, 1);
        if (i > 0) generate_put(generate, ", ");
        make(generate, item, depth);
        open_local(generate, indexes[i], item);
    }
    generate_put(generate, "], ");
    make(generate, kind, depth);
    close_over(generate, locals);
}

// ---- what gives any type

static void choice(struct generate *generate, const struct kind *kind, uint32_t depth) {
    closed(generate, kind_of(TYPE_BOOL), depth);
    generate_put(generate, " ? ");
    closed(generate, kind, depth);
    generate_put(generate, " : ");
    operand(generate, kind, depth);
}

static void put_index(struct generate *generate, const struct kind *key, bool optional,
                      uint32_t depth) {
    generate_put(generate, optional ? "[?" : "[");
    if (key->kind == TYPE_INT && generate_chance(generate, 60)) {
        put_number(generate, "%u", generate_below(generate, 3));
    } else {
        make(generate, key, depth);
    }
    generate_put(generate, "]");
}

static void put_field(struct generate *generate, bool optional) {
    const char *name = generate_fields[generate_below(generate, LEN(generate_fields))];
    bool quoted = strchr(name, '-') != NULL || generate_chance(generate, 10);
    generate_put(generate, optional ? ".?" : ".");
    if (quoted) generate_put(generate, "`");
    generate_put(generate, name);
    if (quoted) generate_put(generate, "`");
}

// Out of a list or a map; `optional`: what comes is an optional of `kind`.
static void element(struct generate *generate, const struct kind *kind, bool optional,
                    uint32_t depth) {
    const struct kind *key = random_key(generate);
    bool wrapped = optional && generate_chance(generate, 25);
    uint32_t form = generate_below(generate, 3);
    const struct kind *from = form == 0
                                  ? list_of(generate, kind)
                                  : map_of(generate, form == 1 ? kind_of(TYPE_STRING) : key, kind);
    receiver(generate, wrapped ? hold(generate, from) : from, depth);
    bool mark = optional && !wrapped;
    if (form == 1) {
        put_field(generate, mark);
    } else {
        put_index(generate, form == 0 ? kind_of(TYPE_INT) : key, mark, depth);
    }
}

static void held(struct generate *generate, const struct kind *kind, uint32_t depth) {
    receiver(generate, hold(generate, kind), depth);
    generate_put(generate, ".orValue(");
    make(generate, kind, depth);
    generate_put(generate, ")");
}

static void dynamic(struct generate *generate, const struct kind *kind, uint32_t depth) {
    generate_put(generate, "dyn(");
    make(generate, kind, depth);
    generate_put(generate, ")");
}

static void any_form(struct generate *generate, const struct kind *kind, uint32_t depth) {
    switch (generate_below(generate, 12)) {
    case 0:
    case 1: choice(generate, kind, depth); break;
    case 2:
    case 3:
    case 4: element(generate, kind, false, depth); break;
    case 5:
    case 6: held(generate, kind, depth); break;
    case 7: bind(generate, kind, depth); break;
    case 8: block(generate, kind, depth); break;
    case 9:
    case 10: dynamic(generate, kind, depth); break;
    default: closed(generate, kind, depth); break;
    }
}

// ---- what gives one type

static const struct kind *number_kind(struct generate *generate) {
    static const enum type types[] = {TYPE_INT, TYPE_UINT, TYPE_DOUBLE};
    return kind_of(types[generate_below(generate, LEN(types))]);
}

static void comparison(struct generate *generate, uint32_t depth) {
    static const char *const words[] = {" < ", " <= ", " > ", " >= "};
    const char *word = words[generate_below(generate, LEN(words))];
    const struct kind *x = ordered_kind(generate);
    const struct kind *y = x;
    if (generate_chance(generate, 20)) {
        x = number_kind(generate);
        y = number_kind(generate);
    }
    pair(generate, word, x, y, depth);
}

static void equality(struct generate *generate, uint32_t depth) {
    const struct kind *x = generate_kind(generate, 2);
    const struct kind *y = x;
    if (generate_chance(generate, 20)) {
        x = number_kind(generate);
        y = number_kind(generate);
    }
    pair(generate, generate_chance(generate, 70) ? " == " : " != ", x, y, depth);
}

static void membership(struct generate *generate, uint32_t depth) {
    if (generate_chance(generate, 50)) {
        const struct kind *item = generate_kind(generate, 1);
        pair(generate, " in ", item, list_of(generate, item), depth);
    } else {
        const struct kind *key = random_key(generate);
        pair(generate, " in ", key, map_of(generate, key, generate_kind(generate, 0)), depth);
    }
}

static void presence(struct generate *generate, uint32_t depth) {
    const struct kind *name = kind_of(TYPE_STRING);
    const struct kind *map = map_of(generate, name, generate_kind(generate, 0));
    bool nested = generate_chance(generate, 30);
    bool wrapped = generate_chance(generate, 20);
    const struct kind *from = nested ? map_of(generate, name, map) : map;
    generate_put(generate, "has(");
    receiver(generate, wrapped ? hold(generate, from) : from, depth);
    if (nested) put_field(generate, false);
    put_field(generate, false);
    generate_put(generate, ")");
}

static void negated(struct generate *generate, const char *sign, const struct kind *kind,
                    uint32_t depth) {
    generate_put(generate, sign);
    closed(generate, kind, depth);
}

static void boolean(struct generate *generate, const struct kind *kind, uint32_t depth) {
    switch (generate_below(generate, 16)) {
    case 10:
    case 11: plain_logic(generate); break;
    case 12: plain_test(generate); break;
    case 0: negated(generate, "!", kind, depth); break;
    case 1:
    case 2: chain(generate, generate_chance(generate, 50) ? " && " : " || ", kind, depth); break;
    case 3:
    case 4: comparison(generate, depth); break;
    case 5:
    case 6: equality(generate, depth); break;
    case 7: membership(generate, depth); break;
    case 8: presence(generate, depth); break;
    default: quantifier(generate, depth); break;
    }
}

static void number(struct generate *generate, const struct kind *kind, uint32_t depth) {
    static const char *const words[] = {" - ", " * ", " / ", " % "};
    uint32_t form = generate_below(generate, 7);
    if (form == 0 && kind->kind != TYPE_UINT) {
        negated(generate, "-", kind, depth);
    } else if (form < 3) {
        chain(generate, " + ", kind, depth);
    } else {
        pair(generate, words[form % LEN(words)], kind, kind, depth);
    }
}

static void duration(struct generate *generate, const struct kind *kind, uint32_t depth) {
    const struct kind *moment = kind_of(TYPE_TIMESTAMP);
    switch (generate_below(generate, 4)) {
    case 0: chain(generate, " + ", kind, depth); break;
    case 1: pair(generate, " - ", kind, kind, depth); break;
    case 2: pair(generate, " - ", moment, moment, depth); break;
    default: negated(generate, "-", kind, depth); break;
    }
}

static void timestamp(struct generate *generate, const struct kind *kind, uint32_t depth) {
    const struct kind *time = kind_of(TYPE_DURATION);
    switch (generate_below(generate, 3)) {
    case 0: pair(generate, " + ", kind, time, depth); break;
    case 1: pair(generate, " + ", time, kind, depth); break;
    default: pair(generate, " - ", kind, time, depth); break;
    }
}

// `[a, ?b]`, `{k: v, ?k: v}`.
static void display(struct generate *generate, const struct kind *kind, uint32_t depth) {
    bool map = kind->kind == TYPE_MAP;
    const struct kind *item = kind->of[map];
    uint32_t count = generate_below(generate, 4);
    generate_put(generate, map ? "{" : "[");
    for (uint32_t i = 0; i < count; i++) {
        bool optional = generate_chance(generate, 30);
        if (i > 0) generate_put(generate, ", ");
        if (optional) generate_put(generate, "?");
        if (map) {
            make(generate, kind->of[0], depth);
            generate_put(generate, ": ");
        }
        make(generate, optional ? hold(generate, item) : item, depth);
    }
    generate_put(generate, map ? "}" : "]");
}

static void list(struct generate *generate, const struct kind *kind, uint32_t depth) {
    switch (generate_below(generate, 6)) {
    case 0:
    case 1: display(generate, kind, depth); break;
    case 2: chain(generate, " + ", kind, depth); break;
    case 3: filtering(generate, kind->of[0], depth); break;
    default: mapping(generate, kind->of[0], depth); break;
    }
}

static void map(struct generate *generate, const struct kind *kind, uint32_t depth) {
    if (generate_chance(generate, 60)) {
        display(generate, kind, depth);
    } else {
        map_macro(generate, kind, depth);
    }
}

static void optional(struct generate *generate, const struct kind *kind, uint32_t depth) {
    switch (generate_below(generate, 5)) {
    case 0:
    case 1: element(generate, kind->of[0], true, depth); break;
    case 2: opt_map(generate, kind, depth); break;
    case 3:
        receiver(generate, kind, depth);
        generate_put(generate, ".or(");
        make(generate, kind, depth);
        generate_put(generate, ")");
        break;
    default:
        generate_put(generate, "optional.of(");
        make(generate, kind->of[0], depth);
        generate_put(generate, ")");
        break;
    }
}

static void own_form(struct generate *generate, const struct kind *kind, uint32_t depth) {
    switch ((enum type)kind->kind) {
    case TYPE_BOOL: boolean(generate, kind, depth); break;
    case TYPE_INT:
    case TYPE_UINT:
    case TYPE_DOUBLE: number(generate, kind, depth); break;
    case TYPE_STRING:
    case TYPE_BYTES: chain(generate, " + ", kind, depth); break;
    case TYPE_DURATION: duration(generate, kind, depth); break;
    case TYPE_TIMESTAMP: timestamp(generate, kind, depth); break;
    case TYPE_LIST: list(generate, kind, depth); break;
    case TYPE_MAP: map(generate, kind, depth); break;
    case TYPE_OPTIONAL: optional(generate, kind, depth); break;
    case TYPE_TYPE:
        generate_put(generate, "type(");
        make(generate, generate_kind(generate, 1), depth);
        generate_put(generate, ")");
        break;
    default: leaf(generate, kind); break;
    }
}

// dyn: any type, and sometimes no type is known.
static void unknown(struct generate *generate, uint32_t depth) {
    const struct kind *kind = generate_kind(generate, 1);
    bool hidden = kind->kind != TYPE_DYN && generate_chance(generate, 40);
    if (hidden) {
        dynamic(generate, kind, depth);
    } else {
        make(generate, kind, depth);
    }
}

static void make(struct generate *generate, const struct kind *kind, uint32_t depth) {
    if (generate_chance(generate, WRONG_PERCENT)) kind = generate_kind(generate, 1);
    if (generate->left == 0 || depth == 0 || generate->overflowed) {
        leaf(generate, kind);
        return;
    }
    generate->left--;
    uint32_t roll = generate_below(generate, 100);
    bool done = roll >= 62 && call(generate, kind, depth - 1);
    if (done) return;
    if (roll < 6) {
        leaf(generate, kind);
    } else if (kind->kind == TYPE_DYN) {
        unknown(generate, depth - 1);
    } else if (roll < 30) {
        any_form(generate, kind, depth - 1);
    } else {
        own_form(generate, kind, depth - 1);
    }
}

bool generate_case(struct generate *generate, struct arena *arena,
                   const struct kind_function *functions, uint64_t seed, uint64_t number) {
    generate->arena = arena;
    generate->functions = functions;
    generate->state = seed * UINT64_C(0xd1342543de82ef95) + number;
    generate->overflowed = false;
    generate->length = generate->input_count = generate->local_count = 0;
    next(generate);
    generate->left = 4 + generate_below(generate, NODES);
    bool condition = generate_chance(generate, 35);
    const struct kind *kind = condition ? kind_of(TYPE_BOOL) : generate_kind(generate, 2);
    make(generate, kind, 2 + generate_below(generate, DEPTH));
    for (uint32_t i = 0; i < generate->input_count; i++) {
        struct generated_input *input = &generate->inputs[i];
        input->value = input->text != NULL ? value_string(slice_of(input->text))
                                           : generate_value(generate, input->kind, 2);
    }
    return !generate->overflowed && !arena->failed;
}

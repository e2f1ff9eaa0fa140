// Compiles patterns, and chooses for each search what answers it: a literal, an automaton, the
// simulation.
#include "engine/match/regex.h"

#include "engine/match/regex_dfa.h"
#include "engine/match/regex_filter.h"
#include "engine/match/regex_nfa.h"
#include "engine/match/regex_parse.h"

const char *regex_problem_words(enum regex_problem problem) {
    static const char *const words[] = {
#define PROBLEM(name, words) words,
#include "engine/match/regex_problems.h"
#undef PROBLEM
    };
    return words[problem];
}

// Bytes after which a new class begins, as bits.
struct boundaries {
    uint32_t bits[8];
};

static void cut(struct boundaries *boundaries, uint32_t low, uint32_t high) {
    if (low > 0) boundaries->bits[(low - 1) / 32] |= 1u << (low - 1) % 32;
    boundaries->bits[high / 32] |= 1u << high % 32;
}

static void cut_assert(struct regex *regex, struct boundaries *boundaries, uint32_t bits) {
    if (bits & (REGEX_BEGIN_LINE | REGEX_END_LINE)) {
        cut(boundaries, '\n', '\n');
        regex->context |= REGEX_AFTER_NEWLINE | REGEX_AT_BEGIN;
    }
    if (bits & (REGEX_WORD_EDGE | REGEX_NO_WORD_EDGE)) {
        cut(boundaries, '0', '9');
        cut(boundaries, 'A', 'Z');
        cut(boundaries, '_', '_');
        cut(boundaries, 'a', 'z');
        regex->context |= REGEX_AFTER_WORD;
    }
    if (bits & REGEX_BEGIN_TEXT) regex->context |= REGEX_AT_BEGIN;
}

static void cut_program(struct regex *regex, struct boundaries *boundaries,
                        const struct regex_program *program) {
    for (uint32_t i = 0; i < program->count; i++) {
        const struct regex_inst *inst = &program->code[i];
        if (inst->op == REGEX_BYTE) cut(boundaries, inst->low, inst->high);
        if (inst->op == REGEX_ASSERT) cut_assert(regex, boundaries, inst->other);
    }
}

static void make_classes(struct regex *regex) {
    struct boundaries boundaries = {{0}};
    cut_program(regex, &boundaries, &regex->programs[0]);
    cut_program(regex, &boundaries, &regex->programs[1]);
    uint16_t class = 0;
    for (uint32_t byte = 0; byte < 256; byte++) {
        regex->classes_of[byte] = (uint8_t)class;
        if (byte < 255) class += boundaries.bits[byte / 32] >> byte % 32 & 1;
    }
    regex->classes = (uint16_t)(class + 1);
}

static bool compile(struct arena *keep, struct arena *scratch, slice pattern, int64_t *effort,
                    struct regex *regex, struct regex_error *error) {
    if (!regex_parse(keep, scratch, pattern, effort, regex, error)) return false;
    make_classes(regex);
    bool good = regex_filter_make(regex, keep, scratch);
    if (!good) *error = (struct regex_error){REGEX_NO_MEMORY, 0};
    return good;
}

bool regex_compile(struct arena *arena, slice pattern, int64_t *effort, struct regex **out,
                   struct regex_error *error) {
    struct arena scratch;
    arena_init(&scratch, arena->source, 8192, arena->limit - arena->held);
    *out = arena_take(arena, sizeof(**out));
    *error = (struct regex_error){REGEX_NO_MEMORY, 0};
    bool good = *out != NULL && compile(arena, &scratch, pattern, effort, *out, error);
    arena_free(&scratch);
    return good;
}

uint32_t regex_group_count(const struct regex *regex) {
    return regex->groups;
}

slice regex_group_name(const struct regex *regex, uint32_t group) {
    return regex->names[group];
}

// Whether the text lacks what every match holds; only asked where it is not looked for anyway.
static bool lacks_required(const struct regex *regex, struct regex_work *work, slice text,
                           uint32_t start) {
    if (regex->anchored_end) return false;
    if (regex->required.length <= regex->prefix.length) return false;
    uint32_t found = regex_literal_find(&regex->required, text, start);
    work->effort -= (found - start) / 16;
    return found > text.length;
}

// One range of the text that an automaton may be asked about.
static enum regex_dfa_outcome ask(const struct regex *regex, struct regex_pool *pool,
                                  struct regex_work *work, slice text, uint32_t start,
                                  bool earliest, struct regex_span *span) {
    *span = (struct regex_span){start, text.length};
    if (regex->anchored_end && !regex->anchored)
        return regex_dfa_run(regex, pool, work, REGEX_DFA_REVERSE, text, text.length, start,
                             earliest, &span->start);
    enum regex_dfa_kind kind = regex->anchored ? REGEX_DFA_ANCHORED : REGEX_DFA_SEARCH;
    enum regex_dfa_outcome outcome =
        regex_dfa_run(regex, pool, work, kind, text, start, text.length, earliest, &span->end);
    if (outcome != REGEX_DFA_YES || earliest || regex->anchored) return outcome;
    if (regex->programs[1].count == 0) return REGEX_DFA_GAVE_UP;
    return regex_dfa_run(regex, pool, work, REGEX_DFA_REVERSE, text, span->end, start, false,
                         &span->start);
}

static bool begins_with(const struct regex_literal *prefix, slice text) {
    if (text.length < prefix->length) return false;
    uint32_t same = 0;
    while (same < prefix->length && text.at[same] == prefix->bytes[same])
        same++;
    return same == prefix->length;
}

// False when it is clear that there is no match.
static bool prepare(const struct regex *regex, struct regex_work *work, slice text,
                    uint32_t start) {
    if (regex->anchored) return start == 0 && begins_with(&regex->prefix, text);
    return !lacks_required(regex, work, text, start);
}

enum regex_outcome regex_matches(const struct regex *regex, struct regex_pool *pool,
                                 struct regex_work *work, slice text) {
    struct regex_span span;
    if (text.at == NULL) text.at = "";
    if (!prepare(regex, work, text, 0)) return REGEX_NO;
    if (regex->whole && !regex->anchored) {
        uint32_t found = regex_literal_find(&regex->prefix, text, 0);
        work->effort -= found / 16;
        return found <= text.length ? REGEX_YES : REGEX_NO;
    }
    if (regex->whole) return REGEX_YES;
    if (pool != NULL) {
        enum regex_dfa_outcome outcome = ask(regex, pool, work, text, 0, true, &span);
        if (outcome != REGEX_DFA_GAVE_UP) return outcome == REGEX_DFA_YES ? REGEX_YES : REGEX_NO;
    }
    struct regex_nfa_query query = {.text = text, .anchored = regex->anchored};
    return regex_nfa_search(regex, work, &query);
}

enum regex_outcome regex_search(const struct regex *regex, struct regex_pool *pool,
                                struct regex_work *work, slice text, uint32_t start,
                                struct regex_span *groups, uint32_t count) {
    if (text.at == NULL) text.at = "";
    struct regex_nfa_query query = {.text = text, .start = start, .anchored = regex->anchored};
    if (!prepare(regex, work, text, start)) return REGEX_NO;
    if (pool != NULL) {
        struct regex_span span;
        enum regex_dfa_outcome outcome = ask(regex, pool, work, text, start, false, &span);
        if (outcome == REGEX_DFA_NO) return REGEX_NO;
        if (outcome == REGEX_DFA_YES) {
            if (count > 0) groups[0] = span;
            if (count <= 1) return REGEX_YES;
            query.start = span.start;
            query.anchored = query.ends = true;
            query.end = span.end;
        }
    }
    query.slot_count = 2 * count;
    query.slots = (uint32_t *)(void *)groups;
    return regex_nfa_search(regex, work, &query);
}

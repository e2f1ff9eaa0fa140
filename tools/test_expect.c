// What is not true is shown with the values of its parts.
#include "tools/test_expect.h"

#include "tools/literal.h"

enum { MEMBERS_MOST = 64, PARTS_MOST = 64 };

// One operand of `&&`, with the parts to explain it: found before anything is evaluated.
struct member {
    struct expr *expr;
    struct expr *parts[PARTS_MOST];
    uint32_t part_count;
};

static bool shown_before(const struct test_state *state, struct expr *const *parts,
                         uint32_t number) {
    slice source = testing_source(state->testing, parts[number]);
    for (uint32_t i = 0; i < number; i++) {
        if (slice_equal(source, testing_source(state->testing, parts[i]))) return true;
    }
    return false;
}

static void show_part(struct test_state *state, struct expr *part) {
    struct value value;
    if (!test_state_part(state, part, &value)) return;
    text_add_string(state->details, "    ");
    text_add(state->details, testing_source(state->testing, part));
    text_add_string(state->details, " is ");
    literal_write(state->details, value, &state->view);
    text_add_char(state->details, '\n');
}

static bool is_true(struct value value) {
    return value.kind == TYPE_BOOL && value.as.boolean;
}

static void explain(struct test_state *state, struct member *member) {
    struct value value;
    if (!test_state_value(state, member->expr, &value) || is_true(value)) return;
    test_state_fail(state, testing_span(member->expr), "expect ", member->expr);
    if (value.kind == TYPE_ERROR) {
        text_add_string(state->details, "    fails: ");
        text_add_string(state->details, failure_words((enum failure)value.as.integer));
        text_add_char(state->details, '\n');
    } else if (value.kind != TYPE_BOOL) {
        text_add_string(state->details, "    is no bool: ");
        literal_write(state->details, value, &state->view);
        text_add_char(state->details, '\n');
    }
    for (uint32_t i = 0; i < member->part_count && !state->stopped; i++) {
        if (!shown_before(state, member->parts, i)) show_part(state, member->parts[i]);
    }
}

void test_expect(struct test_state *state, const struct testing_step *step) {
    struct expr *exprs[MEMBERS_MOST];
    struct value value;
    uint32_t count = testing_members(step->value, exprs, MEMBERS_MOST);
    struct member *members = arena_array(&state->arena, count, sizeof *members);
    if (members == NULL) {
        test_state_no_memory(state);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        members[i].expr = exprs[i];
        members[i].part_count = testing_parts(exprs[i], members[i].parts, PARTS_MOST);
    }
    if (!test_state_value(state, step->value, &value) || is_true(value)) return;
    bool failed = state->failed;
    state->failed = false;
    for (uint32_t i = 0; i < count && !state->stopped; i++)
        explain(state, &members[i]);
    // More operands than are looked at.
    if (!state->failed) test_state_fail(state, testing_span(step->value), "expect ", step->value);
    state->failed = state->failed || failed;
}

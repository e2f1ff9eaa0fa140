// Indexes: tables that the verifier must refuse, and where their instructions may stand.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine/run/index.h"
#include "tests/unit/verifying.h"

enum { MEMBERS = 2, END = 5 };

// Two members, of which the second waits for "x" in a header.
static const struct instruction code[] = {{OP_LOOK, 0, 0, 0},       {OP_RULE, 0, 0, 0},
                                          {OP_NEXT, 0, 1, 0},       {OP_RULE, 0, 0, 0},
                                          {OP_RULE_MATCH, 0, 0, 0}, {OP_END, 0, 0, 0}};

// One index and all that it is made of.
struct tables {
    struct program program;
    struct instruction code[LEN(code)];
    struct slot_row slot;
    struct index_row row;
    struct index_probe probe;
    struct index_entry entries[MEMBERS];
    uint16_t targets[MEMBERS + 1];
    uint64_t always;
    uint32_t heads[1];
};

static void make(struct tables *tables) {
    *tables = (struct tables){
        .program = verifying_program(code, LEN(code)),
        .slot = {{"x", 1}, MESSAGE_REQUEST, false, true},
        .probe = {.field = FIELD_TOTAL, .longest = 1, .window = 1, .lengths = 2},
        .entries = {{.text = {"x", 1}, .member = 1}, {.text = {"y", 1}, .next = 1, .member = 1}},
        .targets = {1, 3, END},
        .always = 1,
        .heads = {2}};
    memcpy(tables->code, code, sizeof code);
    tables->probe.heads = tables->heads;
    tables->row = (struct index_row){.targets = tables->targets,
                                     .always = &tables->always,
                                     .count = MEMBERS,
                                     .probes = &tables->probe,
                                     .probe_count = 1,
                                     .entries = tables->entries,
                                     .entry_count = MEMBERS};
    tables->program.code = tables->code;
    tables->program.slots = &tables->slot;
    tables->program.indexes = &tables->row;
    tables->program.index_count = 1;
    tables->program.index_words = 1;
    tables->program.entry[PHASE_REQUEST] = 0;
}

static void a_good_one_runs(void **unused) {
    struct tables tables;
    (void)unused;
    make(&tables);
    verifying_assert("good", &tables.program, NULL);
    verifying_run(&tables.program, PHASE_REQUEST);
}

#define REFUSED(reason, place, value)                                                              \
    do {                                                                                           \
        struct tables tables;                                                                      \
        make(&tables);                                                                             \
        tables.place = value;                                                                      \
        verifying_assert(#place " = " #value, &tables.program, reason);                            \
    } while (false)

static void tables_must_fit(void **unused) {
    (void)unused;
    REFUSED("index", targets[0], 3);                // not ascending
    REFUSED("index", targets[1], END);              // one place for two
    REFUSED("index", targets[0], END + 1);          // nor this
    REFUSED("index", heads[0], MEMBERS + 1);        // no such entry
    REFUSED("index", entries[1].next, 2);           // a chain without an end
    REFUSED("index", entries[0].next, 1);           // the same
    REFUSED("index", entries[0].member, MEMBERS);   // bits of others
    REFUSED("index", row.first_word, 1);            // bits of nobody
    REFUSED("index", row.first_word, UINT32_MAX);   // by overflow
    REFUSED("index", program.index_words, 0);       // no bits
    REFUSED("index", program.index_words, 1 << 20); // more than streams could hold
    REFUSED("index", probe.mask, 2);                // no power of two less one
    REFUSED("index", probe.way, INDEX_WAYS);
    REFUSED("index", probe.slot, 1);
    REFUSED("index", probe.field, FIELD_TOTAL + 1);
    REFUSED("index", probe.field, FIELD_REQUEST_PATH);    // of another header
    REFUSED("index", probe.field, FIELD_REQUEST_HEADERS); // no string
    REFUSED("index", slot.indexed, false);                // edits would not be seen
    REFUSED("index", slot.original, true);                // nor these
}

static void windows_hold_a_byte(void **unused) {
    struct tables tables;
    (void)unused;
    make(&tables);
    tables.probe.way = INDEX_CONTAINS;
    verifying_assert("contains", &tables.program, NULL);
    verifying_run(&tables.program, PHASE_REQUEST);
    tables.probe.window = 0;
    verifying_assert("contains nothing", &tables.program, "index");
}

static void fields_are_made_of_their_header(void **unused) {
    struct tables tables;
    (void)unused;
    make(&tables);
    tables.slot.name = slice_of(":path");
    tables.probe.field = FIELD_REQUEST_CLEAN_PATH;
    verifying_assert("field", &tables.program, NULL);
    verifying_run(&tables.program, PHASE_REQUEST);
    tables.slot.message = MESSAGE_RESPONSE;
    verifying_assert("field of another message", &tables.program, "index");
}

static void code_must_fit(void **unused) {
    (void)unused;
    REFUSED("number", code[0].a, 1); // no such index
    REFUSED("unused operand", code[0].b, 1);
    REFUSED("number", code[2].a, 1);              // the same
    REFUSED("index", code[2].b, MEMBERS + 1);     // no such member
    REFUSED("index", code[2].b, 0);               // one that is behind
    REFUSED("index", code[0].op, OP_RULE);        // nobody looked
    REFUSED("index", code[1].op, OP_LOOK);        // looked twice
    REFUSED("target", targets[MEMBERS], END + 1); // out of the block
    REFUSED("target", targets[0], 0);             // back
    REFUSED("no rule", targets[1], 4);            // nothing is known at a target
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_one_runs),     cmocka_unit_test(tables_must_fit),
        cmocka_unit_test(windows_hold_a_byte), cmocka_unit_test(fields_are_made_of_their_header),
        cmocka_unit_test(code_must_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

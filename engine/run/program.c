// Tables of names that the program's numbers stand for.
#include "engine/run/program.h"

enum { MESSAGE_NONE = MESSAGE_TOTAL };

#define MEMO_HEADERS(name) 0
#define MEMO_PARTS(name) 0
#define MEMO_PSEUDO(name) 0
#define MEMO_OWN(name) 0
#define MEMO_STATE(name) 0
#define MEMO_ABSENT(name) 0
#define MEMO_COMPUTED(name) COMPUTED_##name
#define MEMO_FETCHED(name) FETCHED_##name
#define MEMO_MEASURED(name) FETCHED_##name

const struct field_row field_rows[FIELD_TOTAL] = {
#define FIELD(name, path, type, phases, how, origin, header, meaning)                              \
    [FIELD_##name] = {path,      header,           TYPE_##type,     phases,                        \
                      HOW_##how, MESSAGE_##origin, MEMO_##how(name)},
#include "engine/tbl/fields.h"
#undef FIELD
};

const char *const phase_names[PHASE_TOTAL + 1] = {
#define PHASE(name, word) [PHASE_##name] = word,
#include "engine/tbl/phases.h"
#undef PHASE
    [PHASE_TOTAL] = "expect",
};

const char *const level_names[LEVEL_TOTAL] = {
#define LEVEL(name, text) [LEVEL_##name] = text,
#include "engine/tbl/levels.h"
#undef LEVEL
};

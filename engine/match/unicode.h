// What Unicode says of code points, for the regex engine: general categories, scripts and simple
// case folding. The tables are generated (tools/unicode_tables.py).
#ifndef WEIR_MATCH_UNICODE_H
#define WEIR_MATCH_UNICODE_H

#include "engine/base/slice.h"

enum { UNICODE_END = 0x110000, UNICODE_ANY_SCRIPT = -1 };

// The forms are described where they are written.
extern const uint8_t unicode_category_runs[];
extern const uint8_t unicode_script_runs[];
extern const uint8_t unicode_fold_ranges[];
extern const char unicode_script_names[]; // each ends in NUL, the last in two

// The categories that a name such as `L` or `Lu` stands for, as bits; 0 for an unknown name. `Cn`
// has no name, as in RE2.
uint32_t unicode_categories(slice name);

// The bits of every category of what is assigned.
uint32_t unicode_assigned(void);

// The number of a script's name as Unicode writes it (`Old_Italic`), or -1.
int unicode_script(slice name);

struct unicode_run {
    uint32_t length;
    uint8_t category;
};

// A walk over all code points in runs of one category, and of one script if one is given.
struct unicode_walk {
    const uint8_t *categories;
    const uint8_t *scripts;
    uint32_t point; // where the next run begins
    uint32_t category_left;
    uint32_t script_left;
    uint32_t repeats; // how often the two last runs come again, in runs
    struct unicode_run now;
    struct unicode_run before;
    uint8_t script;
};

void unicode_walk_init(struct unicode_walk *walk);

// The next run [*low, *high] of the categories (bits) and the script; false after the last.
bool unicode_walk_next(struct unicode_walk *walk, uint32_t categories, int script, uint32_t *low,
                       uint32_t *high);

// A walk over the ranges that have other cases, in order.
struct unicode_folds {
    const uint8_t *at;
    uint32_t low;
    uint32_t high;
    int32_t delta; // to the next case of the same letter, which after the last is the first;
                   // 0: low and low + 1 are cases of one letter, low + 2 and low + 3 of another …
};

void unicode_folds_init(struct unicode_folds *folds);
bool unicode_folds_next(struct unicode_folds *folds);

// The next case of a letter, after the last the first; the code point itself when it has no other.
uint32_t unicode_next_case(uint32_t point);

#endif

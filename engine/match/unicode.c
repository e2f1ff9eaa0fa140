// Reads the tables run by run: they are small, not fast, and only patterns ask.
#include "engine/match/unicode.h"

static const char category_names[] = "LuLlLtLmLoMnMcMeNdNlNoPcPdPsPePiPfPoSmScSkSoZsZlZpCcCfCsCo";

enum { CATEGORIES = (sizeof(category_names) - 1) / 2 };

static uint32_t read_varint(const uint8_t **at) {
    uint32_t number = 0;
    uint32_t shift = 0;
    for (; **at & 0x80; (*at)++, shift += 7)
        number |= (uint32_t)(**at & 0x7f) << shift;
    return number | (uint32_t)*(*at)++ << shift;
}

uint32_t unicode_categories(slice name) {
    uint32_t found = 0;
    if (name.length == 0 || name.length > 2) return 0;
    for (uint32_t i = 0; i < CATEGORIES; i++)
        if (memcmp(name.at, category_names + 2 * i, name.length) == 0) found |= 1u << i;
    return found;
}

uint32_t unicode_assigned(void) {
    return (1u << CATEGORIES) - 1;
}

int unicode_script(slice name) {
    int number = 0;
    for (const char *at = unicode_script_names; *at != 0; number++) {
        slice known = slice_of(at);
        if (slice_equal(name, known)) return number;
        at += known.length + 1;
    }
    return -1;
}

void unicode_walk_init(struct unicode_walk *walk) {
    *walk =
        (struct unicode_walk){.categories = unicode_category_runs, .scripts = unicode_script_runs};
}

static uint32_t read_token(struct unicode_walk *walk, uint32_t *low) {
    uint8_t head = *walk->categories++;
    *low = head & 0x1f;
    return (head >> 5) + 1u + (head >> 5 == 7 ? read_varint(&walk->categories) : 0);
}

static void next_category(struct unicode_walk *walk) {
    enum { AGAIN = 31 };
    struct unicode_run run = walk->before;
    if (walk->repeats == 0) {
        uint32_t low;
        uint32_t length = read_token(walk, &low);
        if (low == AGAIN)
            walk->repeats = 2 * length;
        else
            run = (struct unicode_run){length, (uint8_t)low};
    }
    if (walk->repeats > 0) walk->repeats--;
    walk->before = walk->now;
    walk->now = run;
    walk->category_left = run.length;
}

static void refill(struct unicode_walk *walk) {
    if (walk->category_left == 0) next_category(walk);
    if (walk->script_left == 0) {
        walk->script = *walk->scripts++;
        walk->script_left = read_varint(&walk->scripts) + 1;
    }
}

bool unicode_walk_next(struct unicode_walk *walk, uint32_t categories, int script, uint32_t *low,
                       uint32_t *high) {
    while (walk->point < UNICODE_END) {
        refill(walk);
        uint32_t length = walk->category_left;
        if (script >= 0 && walk->script_left < length) length = walk->script_left;
        bool wanted = (categories >> walk->now.category & 1) != 0 &&
                      (script == UNICODE_ANY_SCRIPT || walk->script == script);
        *low = walk->point;
        *high = walk->point + length - 1;
        walk->point += length;
        walk->category_left -= length;
        if (script >= 0) walk->script_left -= length;
        if (wanted) return true;
    }
    return false;
}

void unicode_folds_init(struct unicode_folds *folds) {
    *folds = (struct unicode_folds){.at = unicode_fold_ranges, .high = UINT32_MAX};
}

bool unicode_folds_next(struct unicode_folds *folds) {
    if (*folds->at == 0) return false; // the end of the table
    folds->low = folds->high + read_varint(&folds->at);
    folds->high = folds->low + read_varint(&folds->at);
    uint32_t zigzag = read_varint(&folds->at);
    folds->delta = (int32_t)(zigzag >> 1) ^ -(int32_t)(zigzag & 1);
    return true;
}

uint32_t unicode_next_case(uint32_t point) {
    struct unicode_folds folds;
    unicode_folds_init(&folds);
    while (unicode_folds_next(&folds)) {
        if (folds.low > point) break;
        if (folds.high < point) continue;
        if (folds.delta != 0) return point + (uint32_t)folds.delta;
        return ((point - folds.low) ^ 1) + folds.low;
    }
    return point;
}

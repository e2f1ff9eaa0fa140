// Looks names up in the table of zones, and applies their rules to moments.
#include "engine/lib/zone.h"

#include "engine/lib/time.h"

// NAME_MOST: bytes of the longest name; tools/zones.py refuses longer ones. RULE_FIRST: the zone
// number of the first row of zone_rules, above any offset in minutes.
enum { NAME_MOST = 40, HOUR_MINUTES = 60, DAY_MINUTES = 1440, RULE_FIRST = 4096 };

struct name_reader {
    const uint8_t *next;
    uint32_t length;
    uint8_t rule;
    char name[NAME_MOST];
};

static slice read_name(struct name_reader *reader) {
    reader->length = *reader->next++;
    reader->rule = *reader->next++;
    bool last = false;
    while (!last && reader->length < NAME_MOST) {
        uint8_t byte = *reader->next++;
        last = byte >= 0x80;
        reader->name[reader->length++] = (char)(byte & 0x7f);
    }
    return slice_from(reader->name, reader->length);
}

// The last block whose first name is not above `name`, or the first one.
static uint32_t find_block(slice name) {
    uint32_t low = 0, high = zone_block_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        struct name_reader reader = {.next = zone_names + zone_blocks[middle]};
        if (slice_compare(read_name(&reader), name) <= 0) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool find_rule(slice name, uint8_t *rule) {
    uint32_t block = find_block(name);
    struct name_reader reader = {.next = zone_names + zone_blocks[block]};
    const uint8_t *end = zone_names + zone_blocks[block + 1];
    while (reader.next < end) {
        if (!slice_equal(read_name(&reader), name)) continue;
        *rule = reader.rule;
        return true;
    }
    return false;
}

static bool read_number(slice digits, int64_t *number) {
    *number = 0;
    for (uint32_t i = 0; i < digits.length; i++) {
        if (digits.at[i] < '0' || digits.at[i] > '9') return false;
        *number = *number * 10 + (digits.at[i] - '0');
    }
    return true;
}

bool zone_parse_offset(slice text, int64_t *minutes) {
    bool negative = text.length > 0 && text.at[0] == '-';
    bool sign = negative || (text.length > 0 && text.at[0] == '+');
    slice rest = slice_cut(text, sign, text.length);
    if (rest.length < 4 || rest.length > 5 || rest.at[rest.length - 3] != ':') return false;
    int64_t hour, minute;
    if (!read_number(slice_cut(rest, 0, rest.length - 3), &hour)) return false;
    if (!read_number(slice_cut(rest, rest.length - 2, rest.length), &minute)) return false;
    if (hour > 23 || minute > 59) return false;
    *minutes = hour * HOUR_MINUTES + minute;
    if (negative) *minutes = -*minutes;
    return true;
}

bool zone_find(slice name, int64_t *zone) {
    uint8_t rule;
    if (name.length == 0) {
        *zone = 0;
        return true;
    }
    if (zone_parse_offset(name, zone)) return true;
    if (!find_rule(name, &rule)) return false;
    if (rule < zone_fixed_count) {
        *zone = zone_fixed[rule];
    } else {
        *zone = RULE_FIRST + rule - (int64_t)zone_fixed_count;
    }
    return true;
}

// Minutes from 1970 to the change in that year, by the clock that it ends.
static int64_t change_in(int32_t year, const struct zone_change *change) {
    int64_t first = time_days(year, change->month, 1);
    int64_t after = change->month == 12 ? time_days(year + 1, 1, 1)
                                        : time_days(year, (uint32_t)change->month + 1, 1);
    int64_t day = first + (change->weekday + 7 - time_weekday(first)) % 7 + (change->week - 1) * 7;
    if (day >= after) day -= 7;
    return day * DAY_MINUTES + change->minute;
}

static int64_t offset_by_rule(const struct zone_rule *rule, int64_t seconds) {
    int32_t parts[TIME_PARTS];
    time_split(seconds + rule->standard * 60, parts);
    int64_t begin = change_in(parts[TIME_YEAR], &rule->begin) - rule->standard;
    int64_t end = change_in(parts[TIME_YEAR], &rule->end) - rule->summer;
    bool behind_begin = seconds >= begin * 60;
    bool before_end = seconds < end * 60;
    bool summer = begin < end ? behind_begin && before_end : behind_begin || before_end;
    return (summer ? rule->summer : rule->standard) * 60;
}

int64_t zone_offset(int64_t zone, int64_t seconds) {
    if (zone > -DAY_MINUTES && zone < DAY_MINUTES) return zone * 60;
    bool ruled = zone >= RULE_FIRST && zone < RULE_FIRST + (int64_t)zone_rule_count;
    return ruled ? offset_by_rule(&zone_rules[zone - RULE_FIRST], seconds) : 0;
}

// Time zones: from the name that a rule gives to the distance from UTC at a moment.
//
// A zone is an offset (`+01:00`, `-08:30`, `5:30`) or a name of the tz database, links included, in
// its exact spelling; the empty name is UTC, as CEL's implementations have it. The table of names
// holds the rule of each zone that is in force from its last recorded change on (the POSIX rule of
// RFC 9636 section 3.3.1), and that rule is taken for all times. So it is right for the present and
// for the past as far as the rule reaches back; it knows no earlier laws, and no changes that are
// listed date by date: Africa/Casablanca, Africa/El_Aaiun, Asia/Gaza and Asia/Hebron are off by an
// hour around Ramadan.
#ifndef WEIR_LIB_ZONE_H
#define WEIR_LIB_ZONE_H

#include "engine/base/slice.h"

// Sets *zone to what zone_offset takes: a number that needs no storage. False: no such zone.
bool zone_find(slice name, int64_t *zone);

// [+-]hours:minutes with one or two digits and two, below 24 hours; a missing sign is a plus.
bool zone_parse_offset(slice text, int64_t *minutes);

// Seconds east of UTC in that zone at that moment (seconds since 1970 UTC, of the range of
// timestamps). 0 for a number that is no zone.
int64_t zone_offset(int64_t zone, int64_t seconds);

// The table, made at build time by tools/zones.py: 6 KB for 600 names.
// zone_names: the names in byte order, in blocks of 16, each name as the number of bytes that it
// shares with the one before it (0 for the first of a block), the number of its rule, and the rest
// of its bytes, the last of them with the top bit set. Rules below zone_fixed_count are offsets in
// minutes east, the others rows of zone_rules.
struct zone_change {
    uint8_t month;   // 1 to 12
    uint8_t week;    // 1 to 4, or 5 for the last
    uint8_t weekday; // 0: Sunday
    int16_t minute;  // of the clock before the change, from that day's midnight; may leave the day
};

struct zone_rule {
    int16_t standard; // minutes east
    int16_t summer;   // minutes east between `begin` and `end`; may be the lesser of the two
    struct zone_change begin;
    struct zone_change end;
};

extern const uint8_t zone_names[];
extern const uint16_t zone_blocks[]; // where the blocks begin, and where the last one ends
extern const uint32_t zone_block_count;
extern const int16_t zone_fixed[];
extern const uint32_t zone_fixed_count;
extern const struct zone_rule zone_rules[];
extern const uint32_t zone_rule_count;

#endif

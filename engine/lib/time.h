// Timestamps and durations: the calendar, their texts, sums and differences, and the functions of
// expressions over them (CEL language definition, "Timestamp" and "Duration", and the standard
// definitions). Days have 86400 seconds; the calendar is the Gregorian one at all times.
#ifndef WEIR_LIB_TIME_H
#define WEIR_LIB_TIME_H

#include "engine/base/value.h"
#include "engine/lib/call.h"

// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z: no timestamp is outside of them.
#define TIME_FIRST INT64_C(-62135596800)
#define TIME_LAST INT64_C(253402300799)

enum { TIME_TEXT = 32 }; // bytes that the longest printed timestamp or duration needs

enum time_part {
    TIME_YEAR,
    TIME_MONTH, // 1 to 12
    TIME_DAY,   // 1 to 31
    TIME_HOUR,
    TIME_MINUTE,
    TIME_SECOND,
    TIME_PARTS
};

// Days from 1970-01-01 to a date. year: -400 to 10400; month: 1 to 12; a day outside of its month
// counts on into its neighbours.
int64_t time_days(int32_t year, uint32_t month, uint32_t day);

// 0: Sunday. Of a day that time_days gives.
int32_t time_weekday(int64_t days);

// The date and the clock of those seconds since 1970, without a zone. At most a year outside of
// the range of timestamps.
void time_split(int64_t seconds, int32_t parts[TIME_PARTS]);

// FAILURE_TIME_RANGE for seconds (since 1970) outside of the range. nanoseconds: below a second.
enum failure time_make(int64_t seconds, uint32_t nanoseconds, struct value *out);

// RFC 3339, as Go reads it: `T` and `Z` in upper case, no leap second; of a fraction nine digits
// count, further ones are dropped. FAILURE_CONVERSION, or FAILURE_TIME_RANGE.
enum failure time_parse(slice text, struct value *out);

// RFC 3339 in UTC, with as many digits of a fraction as it takes; the number of bytes written.
uint32_t time_print(struct value timestamp, char out[TIME_TEXT]);

// What Go's time.ParseDuration reads: [+-] then numbers with a fraction, each with its unit, of
// h m s ms us µs ns (`1h30m`, `-1.5s`), or `0`. FAILURE_CONVERSION, or FAILURE_TIME_RANGE beyond
// 64 bits of nanoseconds.
enum failure time_parse_duration(slice text, int64_t *nanoseconds);

// Seconds with as many digits as it takes, and `s`: 90s, -0.25s; the number of bytes written.
uint32_t time_print_duration(int64_t nanoseconds, char out[TIME_TEXT]);

// The timestamp that many nanoseconds later, or earlier. FAILURE_TIME_RANGE.
enum failure time_add(struct value timestamp, int64_t nanoseconds, struct value *out);
enum failure time_subtract(struct value timestamp, int64_t nanoseconds, struct value *out);

// later - earlier. FAILURE_TIME_RANGE beyond 64 bits, which is 292 years.
enum failure time_between(struct value later, struct value earlier, int64_t *nanoseconds);

// Of two timestamps: -1, 0 or 1.
int time_order(struct value x, struct value y);

// timestamp() of an int (seconds since 1970) or a string, duration() of a string; string() and
// int() of a timestamp or a duration. int(): whole seconds since 1970 towards the past, of a
// duration its nanoseconds.
function_body time_to_timestamp;
function_body time_to_duration;
function_body time_to_string;
function_body time_to_int;

// Parts of a timestamp, in UTC or in the zone that is the second argument: a string as zone_find
// takes it, or what time_prepare_zone made of one. Months and days are numbered from 0, those of
// getDate from 1; weeks begin on Sunday, which is 0.
function_body time_get_year;
function_body time_get_month;
function_body time_get_date;
function_body time_get_day_of_month;
function_body time_get_day_of_week;
function_body time_get_day_of_year;

// The same; and of a duration the whole of it in hours, minutes or seconds, towards zero, but of
// milliseconds only those of its last second, as CEL's conformance suite has it.
function_body time_get_hours;
function_body time_get_minutes;
function_body time_get_seconds;
function_body time_get_milliseconds;

// start timestamp, over duration, now timestamp: 0 until the start, 1 from its end on, between
// them the part that has passed. A duration that is not positive is a step.
function_body time_ramp;

// A constant zone becomes a TYPE_ZONE (as.integer: what zone_find gives), which the bodies above
// take in its place. FAILURE_TIME_ZONE.
enum failure time_prepare_zone(struct arena *keep, struct value constant, struct value *out);

#endif

// Computes with timestamps and durations; zones are zone.c's.
#include "engine/lib/time.h"

#include "engine/lib/zone.h"

// CLOCK: bytes of 2026-01-31T23:59:59.
enum { CLOCK = 19 };
enum { SECOND = 1000000000, MILLISECOND = 1000000, DAY = 86400, HOUR = 3600, MINUTE = 60 };

// Years are counted from March, 400 years before the year 0, so that leap days end them and
// nothing is negative: that many days before 1970-01-01, a Wednesday.
enum { EARLY_YEARS = 400, EARLY_DAYS = 865565, EARLY_WEEKDAY = 3 };
enum { DAYS_4_YEARS = 1461, DAYS_400_YEARS = 146097, DAYS_5_MONTHS = 153 };

int64_t time_days(int32_t year, uint32_t month, uint32_t day) {
    bool before_march = month < 3;
    uint32_t years = (uint32_t)(year + EARLY_YEARS) - before_march;
    uint32_t months = before_march ? month + 9 : month - 3;
    uint32_t leap_days = years / 4 - years / 100 + years / 400;
    uint32_t days = 365 * years + leap_days + (DAYS_5_MONTHS * months + 2) / 5 + day;
    return (int64_t)days - 1 - EARLY_DAYS;
}

int32_t time_weekday(int64_t days) {
    return (int32_t)((days + EARLY_DAYS + EARLY_WEEKDAY) % 7);
}

// Each step takes the whole centuries, years or months off by a multiplication that makes their
// mean length a whole number.
static void split_days(uint32_t days, int32_t parts[TIME_PARTS]) {
    uint32_t quarters = 4 * days + 3;
    uint32_t century = quarters / DAYS_400_YEARS;
    quarters = quarters % DAYS_400_YEARS / 4 * 4 + 3;
    uint32_t year = 100 * century + quarters / DAYS_4_YEARS;
    uint32_t fifths = 5 * (quarters % DAYS_4_YEARS / 4) + 2;
    uint32_t month = fifths / DAYS_5_MONTHS;
    bool before_march = month > 9;
    parts[TIME_YEAR] = (int32_t)(year + before_march) - EARLY_YEARS;
    parts[TIME_MONTH] = (int32_t)(before_march ? month - 9 : month + 3);
    parts[TIME_DAY] = (int32_t)(fifths % DAYS_5_MONTHS / 5 + 1);
}

void time_split(int64_t seconds, int32_t parts[TIME_PARTS]) {
    uint64_t early = (uint64_t)(seconds + (int64_t)EARLY_DAYS * DAY);
    uint32_t rest = (uint32_t)(early % DAY);
    split_days((uint32_t)(early / DAY), parts);
    parts[TIME_HOUR] = (int32_t)(rest / HOUR);
    parts[TIME_MINUTE] = (int32_t)(rest % HOUR / MINUTE);
    parts[TIME_SECOND] = (int32_t)(rest % MINUTE);
}

enum failure time_make(int64_t seconds, uint32_t nanoseconds, struct value *out) {
    if (seconds < TIME_FIRST || seconds > TIME_LAST) return FAILURE_TIME_RANGE;
    *out = value_timestamp(seconds, nanoseconds);
    return FAILURE_NONE;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Whether `text` begins with `shape`, in which 0 stands for any digit.
static bool has_shape(slice text, slice shape) {
    if (text.length < shape.length) return false;
    for (uint32_t i = 0; i < shape.length; i++) {
        bool fits = shape.at[i] == '0' ? is_digit(text.at[i]) : text.at[i] == shape.at[i];
        if (!fits) return false;
    }
    return true;
}

// Of digits that are known to be there.
static uint32_t read_digits(slice text, uint32_t at, uint32_t count) {
    uint32_t number = 0;
    for (uint32_t i = 0; i < count; i++)
        number = number * 10 + (uint32_t)(text.at[at + i] - '0');
    return number;
}

// `.` and digits at the beginning of *rest, which then begins behind them.
static bool read_fraction(slice *rest, uint32_t *nanoseconds) {
    *nanoseconds = 0;
    if (rest->length == 0 || rest->at[0] != '.') return true;
    uint32_t at = 1;
    for (uint32_t unit = SECOND / 10; at < rest->length && is_digit(rest->at[at]); at++) {
        *nanoseconds += (uint32_t)(rest->at[at] - '0') * unit;
        unit /= 10;
    }
    *rest = slice_cut(*rest, at, rest->length);
    return at > 1;
}

static bool read_offset(slice text, int64_t *minutes) {
    *minutes = 0;
    if (slice_is(text, "Z")) return true;
    return text.length == 6 && zone_parse_offset(text, minutes);
}

// The date and clock that `text` begins with, in seconds since 1970 in its own zone.
static bool read_clock(slice text, int64_t *seconds) {
    if (!has_shape(text, slice_of("0000-00-00T00:00:00"))) return false;
    uint32_t year = read_digits(text, 0, 4);
    uint32_t month = read_digits(text, 5, 2);
    uint32_t day = read_digits(text, 8, 2);
    uint32_t hour = read_digits(text, 11, 2);
    uint32_t minute = read_digits(text, 14, 2);
    uint32_t second = read_digits(text, 17, 2);
    if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59) return false;
    *seconds = time_days((int32_t)year, month, day) * DAY + hour * HOUR + minute * MINUTE + second;
    int32_t parts[TIME_PARTS];
    time_split(*seconds, parts);
    return parts[TIME_DAY] == (int32_t)day; // another one: the month has no such day
}

enum failure time_parse(slice text, struct value *out) {
    int64_t seconds, minutes;
    uint32_t nanoseconds;
    if (!read_clock(text, &seconds)) return FAILURE_CONVERSION;
    slice rest = slice_cut(text, CLOCK, text.length);
    if (!read_fraction(&rest, &nanoseconds)) return FAILURE_CONVERSION;
    if (!read_offset(rest, &minutes)) return FAILURE_CONVERSION;
    return time_make(seconds - minutes * MINUTE, nanoseconds, out);
}

static void print_digits(char *out, uint32_t number, uint32_t count) {
    while (count > 0) {
        out[--count] = (char)('0' + number % 10);
        number /= 10;
    }
}

// Nothing, or a point and digits up to the last that is not 0; the number of bytes.
static uint32_t print_fraction(char *out, uint32_t nanoseconds) {
    uint32_t length = 10;
    if (nanoseconds == 0) return 0;
    out[0] = '.';
    print_digits(out + 1, nanoseconds, 9);
    while (out[length - 1] == '0')
        length--;
    return length;
}

uint32_t time_print(struct value timestamp, char out[TIME_TEXT]) {
    static const struct {
        uint8_t at;
        uint8_t count;
        char after;
    } places[TIME_PARTS] = {{0, 4, '-'},  {5, 2, '-'},  {8, 2, 'T'},
                            {11, 2, ':'}, {14, 2, ':'}, {17, 2, 'Z'}};
    int32_t parts[TIME_PARTS];
    time_split(timestamp.as.integer, parts);
    for (uint32_t i = 0; i < TIME_PARTS; i++) {
        print_digits(out + places[i].at, (uint32_t)parts[i], places[i].count);
        out[places[i].at + places[i].count] = places[i].after;
    }
    uint32_t length = CLOCK + print_fraction(out + CLOCK, timestamp.length);
    out[length] = 'Z';
    return length + 1;
}

uint32_t time_print_duration(int64_t nanoseconds, char out[TIME_TEXT]) {
    bool negative = nanoseconds < 0;
    uint64_t size = negative ? 0 - (uint64_t)nanoseconds : (uint64_t)nanoseconds;
    uint64_t seconds = size / SECOND;
    uint32_t digits = 1;
    for (uint64_t rest = seconds / 10; rest > 0; rest /= 10)
        digits++;
    uint32_t length = negative;
    if (negative) out[0] = '-';
    for (uint32_t i = digits; i > 0; i--) {
        out[length + i - 1] = (char)('0' + seconds % 10);
        seconds /= 10;
    }
    length += digits;
    length += print_fraction(out + length, (uint32_t)(size % SECOND));
    out[length] = 's';
    return length + 1;
}

// The size of the least duration, -2^63 ns; of a duration that is read, the most.
#define DURATION_MOST (UINT64_C(1) << 63)

// The digits that *rest begins with, which then begins behind them; a number that is too large
// stays above DURATION_MOST.
static uint64_t read_whole(slice *rest) {
    uint64_t number = 0;
    uint32_t at = 0;
    for (; at < rest->length && is_digit(rest->at[at]); at++) {
        uint64_t digit = (uint64_t)(rest->at[at] - '0');
        number = number > DURATION_MOST / 10 ? UINT64_MAX : number * 10 + digit;
    }
    *rest = slice_cut(*rest, at, rest->length);
    return number;
}

// The same of digits behind a point, as digits and the power of ten below them. Digits that an
// int64 cannot hold are dropped, and the division is one of doubles: that is what Go does, to the
// last nanosecond.
static void read_part(slice *rest, double *digits, double *scale) {
    uint64_t number = 0;
    bool full = false;
    uint32_t at = 0;
    *scale = 1;
    for (; at < rest->length && is_digit(rest->at[at]); at++) {
        uint64_t longer = number * 10 + (uint64_t)(rest->at[at] - '0');
        full = full || number > INT64_MAX / 10 || longer > DURATION_MOST;
        if (full) continue;
        number = longer;
        *scale *= 10;
    }
    *digits = (double)number;
    *rest = slice_cut(*rest, at, rest->length);
}

// All up to the next number; 0 when it is no unit.
static uint64_t read_unit(slice *rest) {
    static const struct {
        char name[4];
        uint64_t nanoseconds;
    } units[] = {
        {"ns", 1},
        {"us", 1000},
        {"\xc2\xb5s", 1000},
        {"\xce\xbcs", 1000},
        {"ms", MILLISECOND},
        {"s", SECOND},
        {"m", UINT64_C(60) * SECOND},
        {"h", UINT64_C(3600) * SECOND},
    };
    uint32_t length = 0;
    while (length < rest->length && rest->at[length] != '.' && !is_digit(rest->at[length]))
        length++;
    slice name = slice_cut(*rest, 0, length);
    *rest = slice_cut(*rest, length, rest->length);
    for (uint32_t i = 0; i < LEN(units); i++) {
        if (slice_is(name, units[i].name)) return units[i].nanoseconds;
    }
    return 0;
}

// One number and its unit.
static enum failure add_term(slice *rest, uint64_t *total) {
    uint32_t before = rest->length;
    uint64_t whole = read_whole(rest);
    uint32_t digits = before - rest->length;
    double part = 0, scale = 1;
    if (rest->length > 0 && rest->at[0] == '.') {
        *rest = slice_cut(*rest, 1, rest->length);
        before = rest->length;
        read_part(rest, &part, &scale);
        digits += before - rest->length;
    }
    uint64_t unit = read_unit(rest);
    if (digits == 0 || unit == 0) return FAILURE_CONVERSION;
    if (whole > DURATION_MOST / unit) return FAILURE_TIME_RANGE;
    uint64_t nanoseconds = whole * unit + (uint64_t)(part * ((double)unit / scale));
    if (nanoseconds > DURATION_MOST - *total) return FAILURE_TIME_RANGE;
    *total += nanoseconds;
    return FAILURE_NONE;
}

enum failure time_parse_duration(slice text, int64_t *nanoseconds) {
    bool negative = text.length > 0 && text.at[0] == '-';
    bool sign = negative || (text.length > 0 && text.at[0] == '+');
    slice rest = slice_cut(text, sign, text.length);
    if (rest.length == 0) return FAILURE_CONVERSION;
    uint64_t total = 0;
    if (slice_is(rest, "0")) rest.length = 0;
    while (rest.length > 0) {
        enum failure failure = add_term(&rest, &total);
        if (failure != FAILURE_NONE) return failure;
    }
    if (total == DURATION_MOST && !negative) return FAILURE_TIME_RANGE;
    *nanoseconds = (int64_t)(negative ? 0 - total : total);
    return FAILURE_NONE;
}

// Both of them with the same sign, and less than a second of nanoseconds.
static enum failure shift(struct value timestamp, int64_t seconds, int64_t nanoseconds,
                          struct value *out) {
    seconds += timestamp.as.integer;
    nanoseconds += timestamp.length;
    if (nanoseconds < 0) {
        nanoseconds += SECOND;
        seconds--;
    }
    if (nanoseconds >= SECOND) {
        nanoseconds -= SECOND;
        seconds++;
    }
    return time_make(seconds, (uint32_t)nanoseconds, out);
}

enum failure time_add(struct value timestamp, int64_t nanoseconds, struct value *out) {
    return shift(timestamp, nanoseconds / SECOND, nanoseconds % SECOND, out);
}

enum failure time_subtract(struct value timestamp, int64_t nanoseconds, struct value *out) {
    return shift(timestamp, -(nanoseconds / SECOND), -(nanoseconds % SECOND), out);
}

enum failure time_between(struct value later, struct value earlier, int64_t *nanoseconds) {
    int64_t seconds = later.as.integer - earlier.as.integer;
    int64_t rest = (int64_t)later.length - earlier.length;
    int64_t sum;
    // Of one sign, so that the sum is nowhere nearer to 0 than a part of it.
    if (seconds < 0 && rest > 0) {
        seconds++;
        rest -= SECOND;
    } else if (seconds > 0 && rest < 0) {
        seconds--;
        rest += SECOND;
    }
    if (__builtin_mul_overflow(seconds, (int64_t)SECOND, &sum)) return FAILURE_TIME_RANGE;
    if (__builtin_add_overflow(sum, rest, &sum)) return FAILURE_TIME_RANGE;
    *nanoseconds = sum;
    return FAILURE_NONE;
}

int time_order(struct value x, struct value y) {
    if (x.as.integer != y.as.integer) return x.as.integer < y.as.integer ? -1 : 1;
    return (x.length > y.length) - (x.length < y.length);
}

enum failure time_to_timestamp(struct call *call, const struct value *arguments,
                               struct value *out) {
    struct value from = arguments[0];
    if (from.kind == TYPE_INT) return time_make(from.as.integer, 0, out);
    if (!call_charge(call, from.length)) return FAILURE_STEPS;
    return time_parse(value_text(from), out);
}

enum failure time_to_duration(struct call *call, const struct value *arguments, struct value *out) {
    struct value from = arguments[0];
    int64_t nanoseconds;
    if (!call_charge(call, from.length)) return FAILURE_STEPS;
    enum failure failure = time_parse_duration(value_text(from), &nanoseconds);
    if (failure == FAILURE_NONE) *out = value_duration(nanoseconds);
    return failure;
}

enum failure time_to_string(struct call *call, const struct value *arguments, struct value *out) {
    char text[TIME_TEXT];
    struct value from = arguments[0];
    uint32_t length = from.kind == TYPE_TIMESTAMP ? time_print(from, text)
                                                  : time_print_duration(from.as.integer, text);
    slice copy = arena_copy(call->arena, slice_from(text, length));
    if (copy.at == NULL) return FAILURE_NO_MEMORY;
    *out = value_string(copy);
    return FAILURE_NONE;
}

enum failure time_to_int(struct call *call, const struct value *arguments, struct value *out) {
    (void)call;
    *out = value_int(arguments[0].as.integer);
    return FAILURE_NONE;
}

enum failure time_prepare_zone(struct arena *keep, struct value constant, struct value *out) {
    int64_t zone;
    (void)keep;
    if (!zone_find(value_text(constant), &zone)) return FAILURE_TIME_ZONE;
    *out = (struct value){.kind = TYPE_ZONE, .as.integer = zone};
    return FAILURE_NONE;
}

// The seconds of a timestamp by the clock of the zone that the call may name.
static enum failure local_seconds(const struct call *call, const struct value *arguments,
                                  int64_t *seconds) {
    int64_t zone = 0;
    if (call->count > 1) {
        if (arguments[1].kind == TYPE_ZONE) {
            zone = arguments[1].as.integer;
        } else if (!zone_find(value_text(arguments[1]), &zone)) {
            return FAILURE_TIME_ZONE;
        }
    }
    *seconds = arguments[0].as.integer;
    *seconds += zone_offset(zone, *seconds);
    return FAILURE_NONE;
}

// Less what the function counts from.
static enum failure get_part(const struct call *call, const struct value *arguments,
                             enum time_part part, int32_t first, struct value *out) {
    int64_t seconds;
    int32_t parts[TIME_PARTS];
    enum failure failure = local_seconds(call, arguments, &seconds);
    if (failure != FAILURE_NONE) return failure;
    time_split(seconds, parts);
    *out = value_int(parts[part] - first);
    return FAILURE_NONE;
}

enum failure time_get_year(struct call *call, const struct value *arguments, struct value *out) {
    return get_part(call, arguments, TIME_YEAR, 0, out);
}

enum failure time_get_month(struct call *call, const struct value *arguments, struct value *out) {
    return get_part(call, arguments, TIME_MONTH, 1, out);
}

enum failure time_get_date(struct call *call, const struct value *arguments, struct value *out) {
    return get_part(call, arguments, TIME_DAY, 0, out);
}

enum failure time_get_day_of_month(struct call *call, const struct value *arguments,
                                   struct value *out) {
    return get_part(call, arguments, TIME_DAY, 1, out);
}

// Days since 1970 by the local clock.
static enum failure local_days(const struct call *call, const struct value *arguments,
                               int32_t parts[TIME_PARTS], int64_t *days) {
    int64_t seconds;
    enum failure failure = local_seconds(call, arguments, &seconds);
    if (failure != FAILURE_NONE) return failure;
    time_split(seconds, parts);
    *days = time_days(parts[TIME_YEAR], (uint32_t)parts[TIME_MONTH], (uint32_t)parts[TIME_DAY]);
    return FAILURE_NONE;
}

enum failure time_get_day_of_week(struct call *call, const struct value *arguments,
                                  struct value *out) {
    int32_t parts[TIME_PARTS];
    int64_t days;
    enum failure failure = local_days(call, arguments, parts, &days);
    if (failure == FAILURE_NONE) *out = value_int(time_weekday(days));
    return failure;
}

enum failure time_get_day_of_year(struct call *call, const struct value *arguments,
                                  struct value *out) {
    int32_t parts[TIME_PARTS];
    int64_t days;
    enum failure failure = local_days(call, arguments, parts, &days);
    if (failure == FAILURE_NONE) *out = value_int(days - time_days(parts[TIME_YEAR], 1, 1));
    return failure;
}

// Of a duration the whole of it in that unit.
static enum failure get_clock(const struct call *call, const struct value *arguments,
                              enum time_part part, int64_t seconds, struct value *out) {
    if (arguments[0].kind != TYPE_DURATION) return get_part(call, arguments, part, 0, out);
    *out = value_int(arguments[0].as.integer / (seconds * SECOND));
    return FAILURE_NONE;
}

enum failure time_get_hours(struct call *call, const struct value *arguments, struct value *out) {
    return get_clock(call, arguments, TIME_HOUR, HOUR, out);
}

enum failure time_get_minutes(struct call *call, const struct value *arguments, struct value *out) {
    return get_clock(call, arguments, TIME_MINUTE, MINUTE, out);
}

enum failure time_get_seconds(struct call *call, const struct value *arguments, struct value *out) {
    return get_clock(call, arguments, TIME_SECOND, 1, out);
}

enum failure time_get_milliseconds(struct call *call, const struct value *arguments,
                                   struct value *out) {
    int64_t unused;
    bool duration = arguments[0].kind == TYPE_DURATION;
    if (!duration) { // the zone changes nothing, but it must be one
        enum failure failure = local_seconds(call, arguments, &unused);
        if (failure != FAILURE_NONE) return failure;
    }
    int64_t nanoseconds = duration ? arguments[0].as.integer % SECOND : arguments[0].length;
    *out = value_int(nanoseconds / MILLISECOND);
    return FAILURE_NONE;
}

enum failure time_ramp(struct call *call, const struct value *arguments, struct value *out) {
    int64_t over = arguments[1].as.integer, passed;
    double part = 1;
    (void)call;
    if (time_order(arguments[2], arguments[0]) < 0) {
        part = 0;
    } else if (time_between(arguments[2], arguments[0], &passed) == FAILURE_NONE && passed < over) {
        part = (double)passed / (double)over;
    }
    *out = value_double(part);
    return FAILURE_NONE;
}

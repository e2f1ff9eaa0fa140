// Timestamps, durations and zones: texts, sums, parts and their errors. tests/time compares far
// more of the calendar and all zones with another implementation.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/lib/time.h"
#include "engine/lib/zone.h"

static void *take(void *self, size_t bytes) {
    (void)self;
    return malloc(bytes);
}

static void give(void *self, void *block) {
    (void)self;
    free(block);
}

static const struct allocator heap = {take, give, NULL};

static void expect_text(slice got, const char *wanted) {
    if (slice_is(got, wanted)) return;
    print_error("got `%.*s`, wanted `%s`\n", (int)got.length, got.at, wanted);
    fail();
}

static struct value stamp(const char *text) {
    struct value value = value_null();
    if (time_parse(slice_of(text), &value) != FAILURE_NONE) fail_msg("%s is refused", text);
    return value;
}

static slice printed(struct value value, char out[TIME_TEXT]) {
    return slice_from(out, value.kind == TYPE_TIMESTAMP
                               ? time_print(value, out)
                               : time_print_duration(value.as.integer, out));
}

static void expect_stamp(struct value value, const char *wanted) {
    char out[TIME_TEXT];
    assert_int_equal(value.kind, TYPE_TIMESTAMP);
    expect_text(printed(value, out), wanted);
}

static void test_timestamps_that_are_read(void **state) {
    static const struct {
        const char *text;
        int64_t seconds;
        uint32_t nanoseconds;
        const char *again; // NULL: as it came
    } rows[] = {
        {"1970-01-01T00:00:00Z", 0, 0, NULL},
        {"2009-02-13T23:31:30Z", 1234567890, 0, NULL},
        {"2004-09-16T23:59:59Z", 1095379199, 0, NULL},
        {"1969-12-31T23:59:59.5Z", -1, 500000000, NULL},
        {"0001-01-01T00:00:00Z", TIME_FIRST, 0, NULL},
        {"9999-12-31T23:59:59.999999999Z", TIME_LAST, 999999999, NULL},
        {"2000-02-29T12:00:00.000000001Z", 951825600, 1, NULL},
        {"2000-02-29T12:00:00.120Z", 951825600, 120000000, "2000-02-29T12:00:00.12Z"},
        {"2000-02-29T12:00:00.1234567899Z", 951825600, 123456789, "2000-02-29T12:00:00.123456789Z"},
        {"2000-02-29T12:00:00.0Z", 951825600, 0, "2000-02-29T12:00:00Z"},
        {"2023-02-03T23:31:20+00:00", 1675467080, 0, "2023-02-03T23:31:20Z"},
        {"2023-02-04T00:31:20+01:00", 1675467080, 0, "2023-02-03T23:31:20Z"},
        {"2023-02-03T15:01:20-08:30", 1675467080, 0, "2023-02-03T23:31:20Z"},
        {"0000-12-31T23:00:00-01:00", TIME_FIRST, 0, "0001-01-01T00:00:00Z"},
        {"9999-12-31T23:59:59+00:01", TIME_LAST - 60, 0, "9999-12-31T23:58:59Z"},
    };
    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct value value = stamp(rows[i].text);
        assert_int_equal(value.as.integer, rows[i].seconds);
        assert_int_equal(value.length, rows[i].nanoseconds);
        expect_stamp(value, rows[i].again != NULL ? rows[i].again : rows[i].text);
    }
}

static void test_timestamps_that_are_refused(void **state) {
    static const struct {
        const char *text;
        enum failure failure;
    } rows[] = {
        {"0000-01-01T00:00:00Z", FAILURE_TIME_RANGE},
        {"0000-12-31T23:59:59.999999999Z", FAILURE_TIME_RANGE},
        {"0001-01-01T00:00:00+00:01", FAILURE_TIME_RANGE},
        {"9999-12-31T23:59:59-00:01", FAILURE_TIME_RANGE},
        {"10000-01-01T00:00:00Z", FAILURE_CONVERSION},
        {"-001-01-01T00:00:00Z", FAILURE_CONVERSION},
        {"", FAILURE_CONVERSION},
        {"2026", FAILURE_CONVERSION},
        {"2026-01-01", FAILURE_CONVERSION},
        {"2026-01-01T00:00:00", FAILURE_CONVERSION},
        {"2026-01-01T00:00Z", FAILURE_CONVERSION},
        {"2026-01-01t00:00:00Z", FAILURE_CONVERSION},
        {"2026-01-01T00:00:00z", FAILURE_CONVERSION},
        {"2026-01-01 00:00:00Z", FAILURE_CONVERSION},
        {" 2026-01-01T00:00:00Z", FAILURE_CONVERSION},
        {"2026-01-01T00:00:00Z ", FAILURE_CONVERSION},
        {"2026-01-01T00:00:00.Z", FAILURE_CONVERSION},
        {"2026-01-01T00:00:00,5Z", FAILURE_CONVERSION},
        {"2026-01-01T0:00:00Z", FAILURE_CONVERSION},
        {"2026-1-01T00:00:00Z", FAILURE_CONVERSION},
        {"2026-00-01T00:00:00Z", FAILURE_CONVERSION},
        {"2026-13-01T00:00:00Z", FAILURE_CONVERSION},
        {"2026-01-00T00:00:00Z", FAILURE_CONVERSION},
        {"2026-01-32T00:00:00Z", FAILURE_CONVERSION},
        {"2026-01-99T00:00:00Z", FAILURE_CONVERSION},
        {"2026-02-29T00:00:00Z", FAILURE_CONVERSION},
        {"1900-02-29T00:00:00Z", FAILURE_CONVERSION},
        {"2024-02-30T00:00:00Z", FAILURE_CONVERSION},
        {"2026-04-31T00:00:00Z", FAILURE_CONVERSION},
        {"2026-01-01T24:00:00Z", FAILURE_CONVERSION},
        {"2026-01-01T23:60:00Z", FAILURE_CONVERSION},
        {"2026-06-30T23:59:60Z", FAILURE_CONVERSION},
        {"2026-01-01T00:00:00+0100", FAILURE_CONVERSION},
        {"2026-01-01T00:00:00+1:00", FAILURE_CONVERSION},
        {"2026-01-01T00:00:00+24:00", FAILURE_CONVERSION},
        {"2026-01-01T00:00:00+01:60", FAILURE_CONVERSION},
        {"2026-01-01T00:00:0001:00", FAILURE_CONVERSION},
        {"2026-01-01T00:00:00001:00", FAILURE_CONVERSION},
        {"2026-01-01T00:00:00UTC", FAILURE_CONVERSION},
    };
    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct value value = value_null();
        if (time_parse(slice_of(rows[i].text), &value) != rows[i].failure) {
            fail_msg("%s is not refused as it should be", rows[i].text);
        }
        assert_int_equal(value.kind, TYPE_NULL);
    }
    struct value value;
    assert_int_equal(time_parse((slice){NULL, 0}, &value), FAILURE_CONVERSION);
}

static void test_timestamps_cut_short(void **state) {
    static const char text[] = "2026-01-01T00:00:00.123456789+01:00";
    (void)state;
    for (uint32_t length = 0; length < sizeof text - 1; length++) {
        char *copy = malloc(length + 1); // so that the sanitizer sees a byte read too far
        struct value value;
        assert_non_null(copy);
        memcpy(copy, text, length);
        char *exact = realloc(copy, length > 0 ? length : 1);
        assert_non_null(exact);
        assert_int_equal(time_parse(slice_from(exact, length), &value), FAILURE_CONVERSION);
        free(exact);
    }
}

static void test_seconds_out_of_range(void **state) {
    static const int64_t refused[] = {TIME_FIRST - 1, TIME_LAST + 1, INT64_MIN, INT64_MAX};
    struct value value = value_null();
    (void)state;
    for (size_t i = 0; i < LEN(refused); i++) {
        assert_int_equal(time_make(refused[i], 0, &value), FAILURE_TIME_RANGE);
    }
    assert_int_equal(value.kind, TYPE_NULL);
    assert_int_equal(time_make(TIME_FIRST, 0, &value), FAILURE_NONE);
    assert_int_equal(time_make(TIME_LAST, 999999999, &value), FAILURE_NONE);
}

static void test_durations_that_are_read(void **state) {
    static const struct {
        const char *text;
        int64_t nanoseconds;
        const char *printed;
    } rows[] = {
        {"0", 0, "0s"},
        {"-0", 0, "0s"},
        {"+0", 0, "0s"},
        {"0s", 0, "0s"},
        {"5s", 5000000000, "5s"},
        {"+5s", 5000000000, "5s"},
        {"-5s", -5000000000, "-5s"},
        {"1478s", 1478000000000, "1478s"},
        {"5.0s", 5000000000, "5s"},
        {"5.s", 5000000000, "5s"},
        {".5s", 500000000, "0.5s"},
        {"1.5s", 1500000000, "1.5s"},
        {"-1.004s", -1004000000, "-1.004s"},
        {"-.5s", -500000000, "-0.5s"},
        {"10ns", 10, "0.00000001s"},
        {"11us", 11000, "0.000011s"},
        {"12\xc2\xb5s", 12000, "0.000012s"},
        {"12\xce\xbcs", 12000, "0.000012s"},
        {"13ms", 13000000, "0.013s"},
        {"15m", 900000000000, "900s"},
        {"16h", 57600000000000, "57600s"},
        {"3h30m", 12600000000000, "12600s"},
        {"30m3h", 12600000000000, "12600s"},
        {"10.5s4m", 250500000000, "250.5s"},
        {"-2m3.4s", -123400000000, "-123.4s"},
        {"1h2m3s4ms5us6ns", 3723004005006, "3723.004005006s"},
        {"1s1s", 2000000000, "2s"},
        {"52763797000ns", 52763797000, "52.763797s"},
        {"0.3333333333333333333h", 1200000000000, "1200s"},
        {"0.100000000000000000000h", 360000000000, "360s"},
        {"0.830103483285477580700h", 2988372539827, "2988.372539827s"},
        {"0.9223372036854775807h", 3320413933267, "3320.413933267s"},
        {"0.9223372036854775808h", 3320413933267, "3320.413933267s"},
        {"0.12345678901234567890123456789s", 123456789, "0.123456789s"},
        {"9007199254740993ns", 9007199254740993, "9007199.254740993s"},
        {"9223372036854775807ns", INT64_MAX, "9223372036.854775807s"},
        {"9223372036854775.807us", INT64_MAX, "9223372036.854775807s"},
        {"9223372036s854ms775us807ns", INT64_MAX, "9223372036.854775807s"},
        {"-9223372036854775808ns", INT64_MIN, "-9223372036.854775808s"},
        {"-9223372036s854ms775us808ns", INT64_MIN, "-9223372036.854775808s"},
        {"-2562047h47m16.854775808s", INT64_MIN, "-9223372036.854775808s"},
        {"1000000s", 1000000000000000, "1000000s"},
    };
    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        int64_t nanoseconds = -7;
        char out[TIME_TEXT];
        assert_int_equal(time_parse_duration(slice_of(rows[i].text), &nanoseconds), FAILURE_NONE);
        if (nanoseconds != rows[i].nanoseconds) {
            fail_msg("%s is %lld", rows[i].text, (long long)nanoseconds);
        }
        expect_text(printed(value_duration(nanoseconds), out), rows[i].printed);
    }
}

static void test_durations_that_are_refused(void **state) {
    static const struct {
        const char *text;
        enum failure failure;
    } rows[] = {
        {"", FAILURE_CONVERSION},
        {"3", FAILURE_CONVERSION},
        {"00", FAILURE_CONVERSION},
        {"-", FAILURE_CONVERSION},
        {"+", FAILURE_CONVERSION},
        {"s", FAILURE_CONVERSION},
        {".", FAILURE_CONVERSION},
        {"-.", FAILURE_CONVERSION},
        {".s", FAILURE_CONVERSION},
        {"+.s", FAILURE_CONVERSION},
        {"--5s", FAILURE_CONVERSION},
        {"1h-5m", FAILURE_CONVERSION},
        {"1d", FAILURE_CONVERSION},
        {"1S", FAILURE_CONVERSION},
        {" 1s", FAILURE_CONVERSION},
        {"1s ", FAILURE_CONVERSION},
        {"1 s", FAILURE_CONVERSION},
        {"1..5s", FAILURE_CONVERSION},
        {"1.5", FAILURE_CONVERSION},
        {"1s1", FAILURE_CONVERSION},
        {"1e3s", FAILURE_CONVERSION},
        {"1\xc2\xb5", FAILURE_CONVERSION},
        {"320000000000s", FAILURE_TIME_RANGE},
        {"-320000000000s", FAILURE_TIME_RANGE},
        {"200000000000s", FAILURE_TIME_RANGE},
        {"9223372036854775808ns", FAILURE_TIME_RANGE},
        {"9223372036854775.808us", FAILURE_TIME_RANGE},
        {"9223372036854ms775us808ns", FAILURE_TIME_RANGE},
        {"-9223372036854775809ns", FAILURE_TIME_RANGE},
        {"-9223372036854775808ns9223372036854775808ns", FAILURE_TIME_RANGE},
        {"3000000h", FAILURE_TIME_RANGE},
        {"18446744073709551617ns", FAILURE_TIME_RANGE},
        {"99999999999999999999999999999999999999999s", FAILURE_TIME_RANGE},
    };
    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        int64_t nanoseconds = -7;
        enum failure failure = time_parse_duration(slice_of(rows[i].text), &nanoseconds);
        if (failure != rows[i].failure) fail_msg("%s gives %d", rows[i].text, (int)failure);
        assert_int_equal(nanoseconds, -7);
    }
    int64_t nanoseconds;
    assert_int_equal(time_parse_duration((slice){NULL, 0}, &nanoseconds), FAILURE_CONVERSION);
}

static void test_sums(void **state) {
    static const struct {
        const char *stamp;
        int64_t nanoseconds;
        const char *sum; // NULL: out of range
        const char *difference;
    } rows[] = {
        {"2009-02-13T23:00:00Z", 240000000000, "2009-02-13T23:04:00Z", "2009-02-13T22:56:00Z"},
        {"2009-02-13T23:00:00.5Z", 500000000, "2009-02-13T23:00:01Z", "2009-02-13T23:00:00Z"},
        {"2009-02-13T23:00:00.5Z", -500000000, "2009-02-13T23:00:00Z", "2009-02-13T23:00:01Z"},
        {"1969-12-31T23:59:59.9Z", 200000000, "1970-01-01T00:00:00.1Z", "1969-12-31T23:59:59.7Z"},
        {"0001-01-01T00:00:01.000000001Z", -999999999, "0001-01-01T00:00:00.000000002Z",
         "0001-01-01T00:00:02Z"},
        {"0001-01-01T00:00:01.999999999Z", 999999999, "0001-01-01T00:00:02.999999998Z",
         "0001-01-01T00:00:01Z"},
        {"0001-01-01T00:00:00Z", 0, "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"},
        {"0001-01-01T00:00:00Z", 1, "0001-01-01T00:00:00.000000001Z", NULL},
        {"0001-01-01T00:00:00Z", -1, NULL, "0001-01-01T00:00:00.000000001Z"},
        {"0001-01-01T00:00:00Z", -1000000000, NULL, "0001-01-01T00:00:01Z"},
        {"9999-12-31T23:59:59Z", 1000000000, NULL, "9999-12-31T23:59:58Z"},
        {"9999-12-31T23:59:59.999999999Z", 1, NULL, "9999-12-31T23:59:59.999999998Z"},
        {"9999-12-31T23:59:59.999999999Z", -1, "9999-12-31T23:59:59.999999998Z", NULL},
        {"1970-01-01T00:00:00Z", INT64_MAX, "2262-04-11T23:47:16.854775807Z",
         "1677-09-21T00:12:43.145224193Z"},
        {"1970-01-01T00:00:00Z", INT64_MIN, "1677-09-21T00:12:43.145224192Z",
         "2262-04-11T23:47:16.854775808Z"},
    };
    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct value from = stamp(rows[i].stamp), out = value_null();
        bool fits = rows[i].sum != NULL;
        assert_int_equal(time_add(from, rows[i].nanoseconds, &out),
                         fits ? FAILURE_NONE : FAILURE_TIME_RANGE);
        if (fits) expect_stamp(out, rows[i].sum);
        fits = rows[i].difference != NULL;
        assert_int_equal(time_subtract(from, rows[i].nanoseconds, &out),
                         fits ? FAILURE_NONE : FAILURE_TIME_RANGE);
        if (fits) expect_stamp(out, rows[i].difference);
    }
}

static void test_differences(void **state) {
    static const struct {
        const char *later, *earlier;
        int64_t nanoseconds;
        enum failure failure;
    } rows[] = {
        {"2009-02-13T23:31:00Z", "2009-02-13T23:29:00Z", 120000000000, FAILURE_NONE},
        {"2009-02-13T23:29:00Z", "2009-02-13T23:31:00Z", -120000000000, FAILURE_NONE},
        {"2009-02-13T23:29:00.25Z", "2009-02-13T23:28:59.75Z", 500000000, FAILURE_NONE},
        {"2009-02-13T23:28:59.75Z", "2009-02-13T23:29:00.25Z", -500000000, FAILURE_NONE},
        {"2009-02-13T23:29:00Z", "2009-02-13T23:29:00Z", 0, FAILURE_NONE},
        {"2262-04-11T23:47:16.854775807Z", "1970-01-01T00:00:00Z", INT64_MAX, FAILURE_NONE},
        {"2262-04-11T23:47:17.854775806Z", "1970-01-01T00:00:00.999999999Z", INT64_MAX,
         FAILURE_NONE},
        {"2262-04-11T23:47:16.854775808Z", "1970-01-01T00:00:00Z", 0, FAILURE_TIME_RANGE},
        {"1677-09-21T00:12:43.145224192Z", "1970-01-01T00:00:00Z", INT64_MIN, FAILURE_NONE},
        {"1677-09-21T00:12:43.145224191Z", "1970-01-01T00:00:00Z", 0, FAILURE_TIME_RANGE},
        {"9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", 0, FAILURE_TIME_RANGE},
        {"0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", 0, FAILURE_TIME_RANGE},
    };
    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct value later = stamp(rows[i].later), earlier = stamp(rows[i].earlier);
        int64_t nanoseconds = 0;
        assert_int_equal(time_between(later, earlier, &nanoseconds), rows[i].failure);
        assert_int_equal(nanoseconds, rows[i].nanoseconds);
    }
}

static void test_order(void **state) {
    static const char *const sorted[] = {
        "0001-01-01T00:00:00Z", "1969-12-31T23:59:59.000000001Z", "1969-12-31T23:59:59.9Z",
        "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000001Z", "1970-01-01T00:00:00.5Z",
        "2009-02-13T23:00:00Z", "2009-02-13T22:00:01-01:00",      "9999-12-31T23:59:59Z",
    };
    (void)state;
    for (size_t i = 0; i < LEN(sorted); i++) {
        for (size_t j = 0; j < LEN(sorted); j++) {
            assert_int_equal(time_order(stamp(sorted[i]), stamp(sorted[j])), (i > j) - (i < j));
        }
    }
}

static void test_offsets(void **state) {
    static const struct {
        const char *text;
        int64_t minutes;
    } rows[] = {
        {"", 0},          {"+00:00", 0},    {"-00:00", 0},     {"+01:00", 60},
        {"-08:00", -480}, {"-02:30", -150}, {"02:00", 120},    {"5:30", 330},
        {"-0:30", -30},   {"+23:59", 1439}, {"-23:59", -1439}, {"23:15", 1395},
    };
    static const char *const refused[] = {
        ":",      "1:",    ":30",    "+:30",    "+1:3",   "+24:00", "+01:60", "+05:-30",
        "+0100",  "01:0",  "001:00", "+001:00", "1:000",  "++1:00", "+ 1:00", "a:00",
        "-a1:00", "01:0a", ":xx",    "01:00 ",  " 01:00", "-",      "+",      "01:00:00",
    };
    int64_t zone;
    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        if (!zone_find(slice_of(rows[i].text), &zone)) fail_msg("%s", rows[i].text);
        assert_int_equal(zone_offset(zone, 0), rows[i].minutes * 60);
    }
    for (size_t i = 0; i < LEN(refused); i++) {
        if (zone_find(slice_of(refused[i]), &zone)) fail_msg("%s is taken", refused[i]);
    }
}

static void test_names(void **state) {
    static const char *const refused[] = {
        "A",
        "Z",
        "Zulus",
        "zulu",
        "utc",
        "Local",
        "Europe",
        "Europe/",
        "Europe/Berli",
        "Europe/Berlin ",
        "Europe/Berlin/",
        "europe/berlin",
        "Africa/Abidja",
        "Africa/Abidjaa",
        "posix/UTC",
        "../UTC",
        "America/Argentina/ComodRivadavia_of_which_there_is_more_than_fits",
        "\xff",
        "UT\xc3",
    };
    int64_t zone;
    (void)state;
    for (size_t i = 0; i < LEN(refused); i++) {
        if (zone_find(slice_of(refused[i]), &zone)) fail_msg("%s is taken", refused[i]);
    }
    assert_true(zone_find(slice_of("Africa/Abidjan"), &zone));
    assert_true(zone_find(slice_of("Zulu"), &zone));
    assert_true(zone_find(slice_of("America/Argentina/ComodRivadavia"), &zone));
}

// Each side of a change, in zones whose rules differ in kind.
static void test_changes(void **state) {
    static const struct {
        const char *zone;
        const char *last; // the second before the change
        int64_t before;   // minutes
        int64_t after;
    } rows[] = {
        {"Europe/Berlin", "2026-03-29T00:59:59Z", 60, 120},
        {"Europe/Berlin", "2026-10-25T00:59:59Z", 120, 60},
        {"America/New_York", "2026-03-08T06:59:59Z", -300, -240},
        {"America/New_York", "2026-11-01T05:59:59Z", -240, -300},
        {"Australia/Sydney", "2026-04-04T15:59:59Z", 660, 600},
        {"Australia/Sydney", "2026-10-03T15:59:59Z", 600, 660},
        {"Australia/Lord_Howe", "2026-10-03T15:29:59Z", 630, 660},
        {"Pacific/Chatham", "2026-09-26T13:59:59Z", 765, 825},
        {"Europe/Dublin", "2026-03-29T00:59:59Z", 0, 60},
        {"Europe/Dublin", "2026-10-25T00:59:59Z", 60, 0},
        {"America/Nuuk", "2026-03-29T00:59:59Z", -120, -60},
        {"America/Santiago", "2026-04-05T02:59:59Z", -180, -240},
        {"Antarctica/Troll", "2026-03-29T00:59:59Z", 0, 120},
        {"Asia/Jerusalem", "2026-03-26T23:59:59Z", 120, 180},
        {"Africa/Cairo", "2026-10-29T20:59:59Z", 180, 120},
        {"America/St_Johns", "2026-03-08T05:29:59Z", -210, -150},
    };
    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        int64_t zone, last = stamp(rows[i].last).as.integer;
        assert_true(zone_find(slice_of(rows[i].zone), &zone));
        int64_t before = zone_offset(zone, last), after = zone_offset(zone, last + 1);
        if (before != rows[i].before * 60 || after != rows[i].after * 60) {
            fail_msg("%s %s: %lld, %lld", rows[i].zone, rows[i].last, (long long)before,
                     (long long)after);
        }
    }
}

static void test_numbers_that_are_no_zones(void **state) {
    static const int64_t numbers[] = {1440, -1440, 4095, 4351, INT64_MAX, INT64_MIN};
    (void)state;
    for (size_t i = 0; i < LEN(numbers); i++) {
        assert_int_equal(zone_offset(numbers[i], 0), 0);
    }
}

static struct value string_value(const char *text) {
    return value_string(slice_of(text));
}

static void test_parts(void **state) {
    static const struct {
        function_body *body;
        const char *stamp;
        const char *zone; // NULL: none
        int64_t part;
    } rows[] = {
        {time_get_year, "2009-02-13T23:31:30Z", NULL, 2009},
        {time_get_month, "2009-02-13T23:31:30Z", NULL, 1},
        {time_get_date, "2009-02-13T23:31:30Z", NULL, 13},
        {time_get_day_of_month, "2009-02-13T23:31:30Z", NULL, 12},
        {time_get_day_of_week, "2009-02-13T23:31:30Z", NULL, 5},
        {time_get_day_of_year, "2009-02-13T23:31:30Z", NULL, 43},
        {time_get_hours, "2009-02-13T23:31:30Z", NULL, 23},
        {time_get_minutes, "2009-02-13T23:31:30Z", NULL, 31},
        {time_get_seconds, "2009-02-13T23:31:30Z", NULL, 30},
        {time_get_milliseconds, "2009-02-13T23:31:20.123456789Z", NULL, 123},
        {time_get_milliseconds, "1969-12-31T23:59:59.999Z", NULL, 999},
        {time_get_day_of_year, "2024-12-31T00:00:00Z", NULL, 365},
        {time_get_day_of_year, "2023-12-31T00:00:00Z", NULL, 364},
        {time_get_day_of_year, "2024-03-01T00:00:00Z", NULL, 60},
        {time_get_day_of_week, "1969-12-28T00:00:00Z", NULL, 0},
        {time_get_seconds, "1969-12-31T23:59:59.5Z", NULL, 59},
        {time_get_date, "2009-02-13T23:31:30Z", "Australia/Sydney", 14},
        {time_get_day_of_month, "2009-02-13T23:31:30Z", "US/Central", 12},
        {time_get_day_of_month, "2009-02-13T02:00:00Z", "-02:30", 11},
        {time_get_day_of_month, "2009-02-13T02:00:00Z", "America/St_Johns", 11},
        {time_get_hours, "2009-02-13T23:31:30Z", "02:00", 1},
        {time_get_minutes, "2009-02-13T23:31:30Z", "Asia/Kathmandu", 16},
        {time_get_seconds, "2009-02-13T23:31:30Z", "-00:00", 30},
        {time_get_milliseconds, "2009-02-13T23:31:30.25Z", "Asia/Kathmandu", 250},
        // a zone may lead out of the years of timestamps
        {time_get_year, "0001-01-01T00:00:00Z", "-00:01", 0},
        {time_get_month, "0001-01-01T00:00:00Z", "-23:59", 11},
        {time_get_day_of_year, "0001-01-01T00:00:00Z", "-00:01", 365},
        {time_get_day_of_week, "0001-01-01T00:00:00Z", "America/New_York", 0},
        {time_get_year, "9999-12-31T23:59:59Z", "+23:59", 10000},
        {time_get_day_of_year, "9999-12-31T23:59:59Z", "Australia/Sydney", 0},
        {time_get_day_of_week, "9999-12-31T23:59:59Z", "Europe/Berlin", 6},
    };
    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct call call = {.count = rows[i].zone != NULL ? 2 : 1};
        struct value arguments[2] = {stamp(rows[i].stamp), string_value(rows[i].zone)};
        struct value out = value_null();
        assert_int_equal(rows[i].body(&call, arguments, &out), FAILURE_NONE);
        assert_int_equal(out.kind, TYPE_INT);
        if (out.as.integer != rows[i].part) {
            fail_msg("row %zu: %lld", i, (long long)out.as.integer);
        }
        if (rows[i].zone == NULL) continue;
        assert_int_equal(time_prepare_zone(NULL, arguments[1], &arguments[1]), FAILURE_NONE);
        assert_int_equal(arguments[1].kind, TYPE_ZONE);
        assert_int_equal(rows[i].body(&call, arguments, &out), FAILURE_NONE);
        assert_int_equal(out.as.integer, rows[i].part);
    }
}

static void test_parts_in_no_zone(void **state) {
    static function_body *const bodies[] = {
        time_get_year,         time_get_month,       time_get_date,  time_get_day_of_month,
        time_get_day_of_week,  time_get_day_of_year, time_get_hours, time_get_minutes,
        time_get_milliseconds, time_get_seconds,
    };
    struct call call = {.count = 2};
    struct value arguments[2] = {value_timestamp(0, 0), string_value("Am/Ph")};
    struct value out = value_null();
    (void)state;
    for (size_t i = 0; i < LEN(bodies); i++) {
        assert_int_equal(bodies[i](&call, arguments, &out), FAILURE_TIME_ZONE);
        assert_int_equal(out.kind, TYPE_NULL);
    }
    assert_int_equal(time_prepare_zone(NULL, arguments[1], &out), FAILURE_TIME_ZONE);
    assert_int_equal(out.kind, TYPE_NULL);
}

static void test_parts_of_durations(void **state) {
    static const struct {
        function_body *body;
        int64_t nanoseconds;
        int64_t part;
    } rows[] = {
        {time_get_hours, 10000000000000, 2},        {time_get_minutes, 3730000000000, 62},
        {time_get_seconds, 3730000000000, 3730},    {time_get_milliseconds, 123321456789, 321},
        {time_get_hours, -5400000000000, -1},       {time_get_minutes, -59999999999, 0},
        {time_get_seconds, -1999999999, -1},        {time_get_milliseconds, -1999999999, -999},
        {time_get_hours, INT64_MAX, 2562047},       {time_get_hours, INT64_MIN, -2562047},
        {time_get_seconds, INT64_MIN, -9223372036}, {time_get_milliseconds, INT64_MIN, -854},
    };
    struct call call = {.count = 1};
    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct value argument = value_duration(rows[i].nanoseconds), out = value_null();
        assert_int_equal(rows[i].body(&call, &argument, &out), FAILURE_NONE);
        assert_int_equal(out.as.integer, rows[i].part);
    }
}

static void test_conversions(void **state) {
    struct arena arena;
    arena_init(&arena, &heap, 4096, SIZE_MAX);
    struct call call = {.arena = &arena, .steps = 0, .count = 1};
    struct value argument = string_value("2009-02-13T23:31:30.5Z"), out = value_null();
    (void)state;
    assert_int_equal(time_to_timestamp(&call, &argument, &argument), FAILURE_NONE);
    assert_int_equal(time_to_int(&call, &argument, &out), FAILURE_NONE);
    assert_int_equal(out.as.integer, 1234567890);
    assert_int_equal(time_to_timestamp(&call, &out, &out), FAILURE_NONE);
    expect_stamp(out, "2009-02-13T23:31:30Z");
    assert_int_equal(time_to_string(&call, &argument, &out), FAILURE_NONE);
    expect_text(value_text(out), "2009-02-13T23:31:30.5Z");
    argument = string_value("1h");
    assert_int_equal(time_to_duration(&call, &argument, &argument), FAILURE_NONE);
    assert_int_equal(time_to_int(&call, &argument, &out), FAILURE_NONE);
    assert_int_equal(out.as.integer, 3600000000000);
    assert_int_equal(time_to_string(&call, &argument, &out), FAILURE_NONE);
    expect_text(value_text(out), "3600s");
    argument = value_int(TIME_LAST + 1);
    assert_int_equal(time_to_timestamp(&call, &argument, &out), FAILURE_TIME_RANGE);
    argument = string_value("1d");
    assert_int_equal(time_to_duration(&call, &argument, &out), FAILURE_CONVERSION);
    expect_text(value_text(out), "3600s");
    arena_free(&arena);
}

static void test_what_a_request_lacks(void **state) {
    enum { LENGTH = 6400 };
    struct arena arena;
    arena_init(&arena, &heap, 4096, 0);
    struct call call = {.arena = &arena, .steps = 1000, .count = 1};
    struct value argument = value_timestamp(0, 0), out = value_null();
    (void)state;
    assert_int_equal(time_to_string(&call, &argument, &out), FAILURE_NO_MEMORY);
    assert_int_equal(out.kind, TYPE_NULL);
    char *text = malloc(LENGTH);
    assert_non_null(text);
    memset(text, '0', LENGTH);
    text[LENGTH - 1] = 's';
    argument = value_string(slice_from(text, LENGTH));
    assert_int_equal(time_to_duration(&call, &argument, &out), FAILURE_NONE);
    assert_int_equal(call.steps, 1000 - LENGTH / 64);
    call.steps = LENGTH / 64 - 1;
    assert_int_equal(time_to_duration(&call, &argument, &out), FAILURE_STEPS);
    call.steps = LENGTH / 64 - 1;
    assert_int_equal(time_to_timestamp(&call, &argument, &out), FAILURE_STEPS);
    free(text);
    arena_free(&arena);
}

static void test_ramp(void **state) {
    static const struct {
        const char *start;
        int64_t over;
        const char *now;
        double part;
    } rows[] = {
        {"2026-01-01T00:00:00Z", 10000000000, "2025-12-31T23:59:59.999999999Z", 0},
        {"2026-01-01T00:00:00Z", 10000000000, "2026-01-01T00:00:00Z", 0},
        {"2026-01-01T00:00:00Z", 10000000000, "2026-01-01T00:00:02.5Z", 0.25},
        {"2026-01-01T00:00:00Z", 10000000000, "2026-01-01T00:00:10Z", 1},
        {"2026-01-01T00:00:00Z", 10000000000, "2026-01-01T00:00:11Z", 1},
        {"2026-01-01T00:00:00Z", 0, "2025-12-31T23:59:59Z", 0},
        {"2026-01-01T00:00:00Z", 0, "2026-01-01T00:00:00Z", 1},
        {"2026-01-01T00:00:00Z", INT64_MIN, "2026-01-01T00:00:00Z", 1},
        {"0001-01-01T00:00:00Z", INT64_MAX, "9999-12-31T23:59:59Z", 1},
        {"9999-12-31T23:59:59Z", INT64_MAX, "0001-01-01T00:00:00Z", 0},
    };
    struct call call = {.count = 3};
    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct value arguments[3] = {stamp(rows[i].start), value_duration(rows[i].over),
                                     stamp(rows[i].now)};
        struct value out = value_null();
        assert_int_equal(time_ramp(&call, arguments, &out), FAILURE_NONE);
        assert_int_equal(out.kind, TYPE_DOUBLE);
        assert_true(out.as.real == rows[i].part);
    }
}

// Each day of ten thousand years: it follows the day before, and its parts lead back to it.
static void test_every_day(void **state) {
    int32_t before[TIME_PARTS];
    (void)state;
    time_split(TIME_FIRST - 86400, before);
    assert_int_equal(before[TIME_YEAR], 0);
    for (int64_t day = TIME_FIRST / 86400; day <= TIME_LAST / 86400; day++) {
        int32_t parts[TIME_PARTS];
        time_split(day * 86400, parts);
        bool same_year = parts[TIME_YEAR] == before[TIME_YEAR];
        bool same_month = same_year && parts[TIME_MONTH] == before[TIME_MONTH];
        int32_t month = same_year ? before[TIME_MONTH] + !same_month : 1;
        if (!same_year) assert_int_equal(before[TIME_MONTH] * 100 + before[TIME_DAY], 1231);
        assert_int_equal(parts[TIME_YEAR], before[TIME_YEAR] + !same_year);
        assert_int_equal(parts[TIME_MONTH], month);
        assert_int_equal(parts[TIME_DAY], same_month ? before[TIME_DAY] + 1 : 1);
        assert_int_equal(time_days(parts[TIME_YEAR], (uint32_t)month, (uint32_t)parts[TIME_DAY]),
                         day);
        memcpy(before, parts, sizeof before);
    }
    assert_int_equal(before[TIME_YEAR], 9999);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_timestamps_that_are_read),
        cmocka_unit_test(test_timestamps_that_are_refused),
        cmocka_unit_test(test_timestamps_cut_short),
        cmocka_unit_test(test_seconds_out_of_range),
        cmocka_unit_test(test_durations_that_are_read),
        cmocka_unit_test(test_durations_that_are_refused),
        cmocka_unit_test(test_sums),
        cmocka_unit_test(test_differences),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_offsets),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_numbers_that_are_no_zones),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_parts_in_no_zone),
        cmocka_unit_test(test_parts_of_durations),
        cmocka_unit_test(test_conversions),
        cmocka_unit_test(test_what_a_request_lacks),
        cmocka_unit_test(test_ramp),
        cmocka_unit_test(test_every_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

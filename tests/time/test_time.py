"""Timestamps, durations and time zones against another implementation: Python's datetime and zoneinfo.

The program calls.c is built with the sanitizers, around a table of zones that is made of the same installed zones
that zoneinfo reads.
"""
import io
import itertools
import random
import re
import struct
import subprocess
import sys
import zoneinfo
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ["tests/time/calls.c", "engine/lib/time.c", "engine/lib/zone.c", "engine/base/slice.c", "engine/base/arena.c"]
SANITIZE = ["-fsanitize=address,undefined,float-cast-overflow", "-fno-sanitize-recover=all"]
SECOND = 10**9
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
FIRST, LAST = -62135596800, 253402300799
# Their laws list changes date by date, which no rule tells: engine/lib/zone.h.
LISTED = {"Africa/Casablanca", "Africa/El_Aaiun", "Asia/Gaza", "Asia/Hebron"}
TABLE_MOST = 8192  # bytes


@pytest.fixture(scope="session")
def table(tmp_path_factory):
    """the C source of the table"""
    path = tmp_path_factory.mktemp("time") / "zones.c"
    with open(path, "w") as file:
        subprocess.run([sys.executable, ROOT / "tools/zones.py"], stdout=file, check=True)
    return path


@pytest.fixture(scope="session")
def calls(table):
    """list of (name, argument...) -> list of results, None for a failure"""
    program = table.parent / "calls"
    subprocess.run(
        ["clang-19", "-std=c11", "-O1", "-g", "-I.", *SANITIZE, "-o", program, *SOURCES, table], cwd=ROOT, check=True
    )

    def run(lines):
        text = "".join("\t".join(line) + "\n" for line in lines)
        done = subprocess.run([program], input=text, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        results = [None if line == "failed" else line[2:] for line in done.stdout.splitlines()]
        assert len(results) == len(lines)
        return results

    return run


def seconds_of(moment):
    """exact, where datetime.timestamp() is a float"""
    since = moment - EPOCH
    return since.days * 86400 + since.seconds


def stamp(seconds, nanoseconds=0):
    return f"t {seconds} {nanoseconds}"


def wrong(pairs, results):
    """the first few of ((call, wanted), got) that differ"""
    return list(itertools.islice(((*pair, got) for pair, got in zip(pairs, results) if pair[1] != got), 5))


def check(calls, pairs):
    pairs = list(pairs)
    assert wrong(pairs, calls([line for line, _ in pairs])) == []


def parts_of(local):
    """(function, value) of a local datetime, as CEL numbers them"""
    return [
        ("getFullYear", local.year),
        ("getMonth", local.month - 1),
        ("getDate", local.day),
        ("getDayOfMonth", local.day - 1),
        ("getDayOfWeek", local.isoweekday() % 7),
        ("getDayOfYear", local.timetuple().tm_yday - 1),
        ("getHours", local.hour),
        ("getMinutes", local.minute),
        ("getSeconds", local.second),
    ]


def month_ends(years):
    """the last second of each month, and the first of the next"""
    for year, month in itertools.product(years, range(1, 13)):
        first = datetime(year, month, 1, tzinfo=timezone.utc)
        yield first
        if first > datetime(1, 1, 1, tzinfo=timezone.utc):
            yield first - timedelta(seconds=1)
    yield datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone.utc)


def test_texts_of_every_month_end(calls):
    def pairs():
        for moment in month_ends(range(1, 10000)):
            text = f"{moment:%m-%dT%H:%M:%SZ}"
            text = f"{moment.year:04}-{text}"
            yield ("timestamp", f"s {text}"), f"{seconds_of(moment)} 0"
            yield ("string", stamp(seconds_of(moment))), text

    check(calls, pairs())


def test_parts_of_month_ends(calls):
    years = [1, 2, 3, 4, 5, 99, 100, 101, 399, 400, 401, *range(1896, 2106), 2399, 2400, 9996, 9999]
    check(
        calls,
        (
            ((name, stamp(seconds_of(moment), 999999999)), str(part))
            for moment in month_ends(years)
            for name, part in parts_of(moment)
        ),
    )


def test_days_that_months_lack(calls):
    def exists(year, month, day):
        try:
            return date(year, month, day) is not None
        except ValueError:
            return False

    lines = [
        (year, month, day)
        for year in [1, 4, 100, 400, 1900, 1999, 2000, 2023, 2024, 2100, 9999]
        for month in range(0, 15)
        for day in [0, 1, *range(28, 34), 60, 99]
    ]
    results = calls([("timestamp", f"s {y:04}-{m:02}-{d:02}T00:00:00Z") for y, m, d in lines])
    assert [line for line, got in zip(lines, results) if exists(*line) != (got is not None)] == []


def test_random_texts_with_offsets(calls):
    """fractions of any length, offsets, and what leaves the range"""
    source = random.Random(1)

    def pairs():
        for _ in range(20000):
            seconds = source.choice(
                [source.randint(FIRST, LAST), source.randint(0, 2**32), FIRST + source.randint(0, 90000),
                 LAST - source.randint(0, 90000)]
            )
            offset = source.randint(-1439, 1439)
            moment = EPOCH + timedelta(seconds=seconds)
            digits = "".join(source.choices("0123456789", k=source.randint(0, 12)))
            text = f"{moment.year:04}-{moment:%m-%dT%H:%M:%S}" + (digits and "." + digits)
            text += f"{'+' if offset >= 0 else '-'}{abs(offset) // 60:02}:{abs(offset) % 60:02}"
            utc = seconds - offset * 60
            nanoseconds = int(digits[:9].ljust(9, "0"))
            yield ("timestamp", f"s {text}"), f"{utc} {nanoseconds}" if FIRST <= utc <= LAST else None

    check(calls, pairs())


def test_random_sums_and_differences(calls):
    source = random.Random(2)

    def checked(total):
        inside = FIRST * SECOND <= total < (LAST + 1) * SECOND
        return f"{total // SECOND} {total % SECOND}" if inside else None

    def pairs():
        for _ in range(20000):
            x = source.choice([source.randint(FIRST, LAST), FIRST, LAST, 0]), source.choice([0, 1, 999999999])
            span = source.choice([2**63 - 1, 2 * 10**9])
            nanoseconds = source.choice([source.randint(-span - 1, span), -(2**63), 2**63 - 1, -1, 1])
            whole = x[0] * SECOND + x[1]
            yield ("add", stamp(*x), f"d {nanoseconds}"), checked(whole + nanoseconds)
            yield ("subtract", stamp(*x), f"d {nanoseconds}"), checked(whole - nanoseconds)
            other = min(max(whole + nanoseconds + source.randint(-1, 1), FIRST * SECOND), LAST * SECOND)
            y = divmod(other, SECOND)
            between = whole - other
            inside = -(2**63) <= between < 2**63
            yield ("between", stamp(*x), stamp(*y)), str(between) if inside else None
            yield ("order", stamp(*x), stamp(*y)), str((between > 0) - (between < 0))

    check(calls, pairs())


UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": SECOND, "m": 60 * SECOND}
UNITS["h"] = 60 * UNITS["m"]


def test_random_durations(calls):
    """terms whose value is a whole number of nanoseconds, so that no rounding is in question"""
    source = random.Random(3)
    places = {"ns": 0, "us": 3, "µs": 3, "μs": 3, "ms": 6, "s": 9, "m": 10, "h": 11}

    def pairs():
        for _ in range(20000):
            text, total = source.choice(["", "+", "-"]), Fraction(0)
            negative = text == "-"
            for unit in source.choices(list(UNITS), k=source.randint(1, 4)):
                number = str(source.randint(0, 10 ** source.randint(0, 12)))
                digits = "".join(source.choices("0123456789", k=source.randint(0, min(6, places[unit]))))
                number += source.choice(["", "."]) if not digits else "." + digits
                text += number + unit
                total += Fraction(number.rstrip(".")) * UNITS[unit]
            assert total.denominator == 1
            total = -int(total) if negative else int(total)
            yield ("duration", f"s {text}"), str(total) if -(2**63) <= total < 2**63 else None

    check(calls, pairs())


def test_texts_of_durations(calls):
    source = random.Random(4)

    def text_of(nanoseconds):
        seconds, rest = divmod(abs(nanoseconds), SECOND)
        digits = f"{rest:09}".rstrip("0")
        return ("-" if nanoseconds < 0 else "") + str(seconds) + (digits and "." + digits) + "s"

    def pairs():
        for _ in range(5000):
            size = 10 ** source.randint(0, 18)
            nanoseconds = source.randint(-size, size) // source.choice([1, 10**3, 10**6]) * source.choice([1, 10**3])
            nanoseconds = source.choice([nanoseconds, 2**63 - 1, -(2**63)])
            if abs(nanoseconds) <= 2**63:
                text = text_of(nanoseconds)
                yield ("string", f"d {nanoseconds}"), text
                yield ("duration", f"s {text}"), str(nanoseconds)

    check(calls, pairs())


def names():
    return sorted(zoneinfo.available_timezones() - {"localtime", "Factory"})


def law(name):
    """the zone as its last law has it, for all times: a file of the rule that ends it alone"""
    path = next(path for path in (Path(folder, name) for folder in zoneinfo.TZPATH) if path.is_file())
    rule = path.read_bytes().rsplit(b"\n", 2)[-2]
    block = b"TZif2" + bytes(15) + struct.pack(">6l", 0, 0, 0, 0, 1, 4) + struct.pack(">lbb", 0, 0, 0) + b"UTC\0"
    return zoneinfo.ZoneInfo.from_file(io.BytesIO(block + block + b"\n" + rule + b"\n"), name)


def changes(zone, year):
    """the seconds at which the zone's offset changes in that year"""
    def offset(seconds):
        return (EPOCH + timedelta(seconds=seconds)).astimezone(zone).utcoffset()

    start = seconds_of(datetime(year, 1, 1, tzinfo=timezone.utc))
    for low in range(start, start + 366 * 86400, 86400):
        high = low + 86400
        if offset(low) == offset(high):
            continue
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if offset(middle) == offset(low) else (low, middle)
        yield high


def zone_pairs(zone, seconds):
    name = zone.key
    local = (EPOCH + timedelta(seconds=seconds)).astimezone(zone)
    for kind in "sz":
        for function, part in parts_of(local):
            if function in {"getDate", "getHours", "getMinutes"}:
                yield (function, stamp(seconds), f"{kind} {name}"), str(part)


def test_every_zone_at_its_changes(calls):
    """of this year and the next by its last law, and of a year that no zone lists changes for by the zone itself"""
    this = date.today().year

    def pairs():
        for name in names():
            for zone, year in (law(name), this), (law(name), this + 1), (zoneinfo.ZoneInfo(name), 2100):
                for change in changes(zone, year):
                    for seconds in (change - 1, change):
                        yield from zone_pairs(zone, seconds)

    pairs = list(pairs())
    assert len(pairs) > 10000
    check(calls, pairs)


def days(zone):
    """the offsets of two years from now on"""
    today = datetime.now(timezone.utc)
    return [(today + timedelta(days=day)).astimezone(zone).utcoffset() for day in range(0, 730, 9)]


def test_every_zone_through_two_years(calls):
    """as the zone itself has it, but for the few whose laws change within, or list their changes"""
    start = seconds_of(datetime.now(timezone.utc).replace(microsecond=0))
    zones = [zoneinfo.ZoneInfo(name) for name in names()]
    settled = [zone for zone in zones if days(zone) == days(law(zone.key))]
    assert len(settled) > 0.95 * len(zones)
    check(calls, (pair for zone in settled for day in range(0, 730, 9) for pair in zone_pairs(zone, start + day * 86400)))


def test_zones_with_listed_changes_are_known(calls):
    found = calls([("getHours", stamp(0), f"z {name}") for name in sorted(LISTED)])
    assert None not in found


def test_the_table_is_small(table):
    size = re.search(r"(\d+) names, (\d+) bytes", table.read_text())
    assert int(size[1]) >= len(names())
    assert int(size[2]) <= TABLE_MOST

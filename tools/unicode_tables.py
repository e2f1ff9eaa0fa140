#!/usr/bin/env python3
"""Writes the Unicode tables of the regex engine as C: categories, scripts, case folding.

The data is that of the installed Perl, which carries the whole Unicode Character Database; Python
has no scripts. The forms are those that engine/match/unicode.c reads.
"""

import subprocess

POINTS = 0x110000
CATEGORIES = ("Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So "
              "Zs Zl Zp Cc Cf Cs Co Cn").split()
ASK = """
use strict;
use Unicode::UCD qw(prop_invmap);
print Unicode::UCD::UnicodeVersion(), "\\n";
for my $name ("General_Category", "Script", "Simple_Case_Folding") {
    my ($starts, $values, $format) = prop_invmap($name);
    for my $i (0 .. $#$starts) {
        print join(" ", $name, $starts->[$i], $values->[$i]), "\\n";
    }
}
"""


def ask_perl():
    lines = subprocess.run(["perl", "-e", ASK], check=True, capture_output=True,
                           text=True).stdout.splitlines()
    maps = {"General_Category": [], "Script": [], "Simple_Case_Folding": []}
    for line in lines[1:]:
        name, start, value = line.split()
        maps[name].append((int(start), value))
    return lines[0], maps


def runs_of(starts):
    """(length, value) over all code points."""
    ends = [start for start, _ in starts[1:]] + [POINTS]
    return [(min(end, POINTS) - start, value)
            for (start, value), end in zip(starts, ends) if start < POINTS]


def varint(number):
    out = []
    while number >= 0x80:
        out.append(number & 0x7f | 0x80)
        number >>= 7
    return out + [number]


def token(low, length):
    """A byte: `low` in five bits and, above it, the length less 1, or 7 and a varint of the length
    less 8."""
    return [low | (length - 1) << 5] if length < 8 else [low | 7 << 5] + varint(length - 8)


def category_bytes(runs):
    """Tokens of a category and a length; after two runs that come again and again, such as capital
    and small letters in turn, a token of 31 says how many times more."""
    out, i = [], 0
    while i < len(runs):
        times = 0
        while i >= 2 and runs[i + 2 * times:i + 2 * times + 2] == runs[i - 2:i]:
            times += 1
        if times > 0:
            out += token(31, times)
            i += 2 * times
        else:
            out += token(CATEGORIES.index(runs[i][1]), runs[i][0])
            i += 1
    return out


def script_bytes(runs, unassigned):
    """The number of the script and a varint of the length less 1. What is not assigned belongs to
    the run around it; readers ask the category."""
    names = sorted({value for _, value in runs if value != "Unknown"})
    merged, point = [], 0
    for length, value in runs:
        free = value == "Unknown" and all(p in unassigned for p in range(point, point + length))
        if merged and (free or merged[-1][1] == value):
            merged[-1][0] += length
        else:
            merged.append([length, value])
        point += length
    out = []
    for length, value in merged:
        out += [names.index(value) if value != "Unknown" else 255] + varint(length - 1)
    return names, out


def next_in_orbit(starts):
    orbits = {}
    point = 0
    for length, value in runs_of(starts):
        for i in range(length if value != "0" else 0):
            orbits.setdefault(int(value) + i, {int(value) + i}).add(point + i)
        point += length
    after = {}
    for orbit in orbits.values():
        ordered = sorted(orbit)
        after.update(zip(ordered, ordered[1:] + ordered[:1]))
    return after


def fold_bytes(after):
    """Ranges: varints of one more than the gap since the last one, the length less 1, and the
    distance to the next letter of the orbit (zigzag), where 0 says that neighbours are pairs. A
    gap of 0 ends them."""
    points, ranges = sorted(after), []
    i = 0
    while i < len(points):
        point = points[i]
        pairs = same = 0
        while after.get(point + 2 * pairs) == point + 2 * pairs + 1 and \
                after.get(point + 2 * pairs + 1) == point + 2 * pairs:
            pairs += 1
        while after.get(point + same, point + same) - point - same == after[point] - point:
            same += 1
        length = max(2 * pairs, same)
        ranges.append((point, length, 0 if 2 * pairs >= same else after[point] - point))
        i += length
    out, end = [], 0
    for point, length, delta in ranges:
        zigzag = -2 * delta - 1 if delta < 0 else 2 * delta
        out += varint(point - end + 1) + varint(length - 1) + varint(zigzag)
        end = point + length
    return out + [0]


def print_bytes(name, numbers):
    print(f"\nconst uint8_t {name}[{len(numbers)}] = {{")
    for i in range(0, len(numbers), 20):
        print("    " + " ".join(f"{n}," for n in numbers[i:i + 20]))
    print("};")


def main():
    version, maps = ask_perl()
    categories = [(length, value) for length, value in runs_of(maps["General_Category"])]
    short = {"Unassigned": "Cn"}
    categories = [(length, short.get(value, value)) for length, value in categories]
    unassigned, point = set(), 0
    for length, value in categories:
        if value == "Cn":
            unassigned.update(range(point, point + length))
        point += length
    names, scripts = script_bytes(runs_of(maps["Script"]), unassigned)
    print(f"// Unicode {version}: written by tools/unicode_tables.py.")
    print('#include "engine/match/unicode.h"')
    print_bytes("unicode_category_runs", category_bytes(categories))
    print_bytes("unicode_script_runs", scripts)
    print_bytes("unicode_fold_ranges", fold_bytes(next_in_orbit(maps["Simple_Case_Folding"])))
    print("\nconst char unicode_script_names[] =")
    for name in names:
        print(f'    "{name}\\0"')
    print("    ;")


main()

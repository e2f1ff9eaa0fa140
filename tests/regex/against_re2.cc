// Compares weir's regex engine with RE2: which patterns are accepted, whether and where they match,
// and what the groups hold; by the automata with a usual and with a tiny pool, and by simulation.
//     against_re2 random COUNT [SEED]    random patterns and texts
//     against_re2 short STEP             every STEP-th pattern of up to five symbols, every text of
//                                        up to six letters of {a, b}
//     against_re2 classes                every named class and case folding, over all code points
#include <re2/re2.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <vector>

extern "C" {
#include "engine/match/regex.h"
#include "engine/match/unicode.h"
}

namespace {

void *take(void *, size_t bytes) {
    return malloc(bytes);
}

void give(void *, void *block) {
    free(block);
}

const allocator heap = {take, give, nullptr};

uint64_t compared = 0;
uint64_t patterns = 0;
uint64_t refused = 0;
uint64_t beyond_limits = 0;
uint64_t known = 0;
int failures = 0;

slice slice_of_string(const std::string &text) {
    return slice{text.data(), static_cast<uint32_t>(text.size())};
}

std::string shown(const std::string &text) {
    std::string out;
    char hex[8];
    for (unsigned char c : text) {
        snprintf(hex, sizeof hex, c < 0x20 || c > 0x7e ? "\\x%02x" : "%c", c);
        out += hex;
    }
    return out;
}

void report(const std::string &pattern, const std::string &text, const char *what,
            const std::string &detail) {
    if (++failures <= 30)
        printf("%s: /%s/ on \"%s\": %s\n", what, shown(pattern).c_str(), shown(text).c_str(),
               detail.c_str());
}

std::string spans(const std::vector<regex_span> &groups) {
    std::string out;
    for (const regex_span &group : groups)
        out += " " + std::to_string(static_cast<int>(group.start)) + "-" +
               std::to_string(static_cast<int>(group.end));
    return out;
}

// One pattern in both engines.
struct Pair {
    std::string pattern;
    RE2 *re2 = nullptr;
    struct arena arena;
    struct regex *weir = nullptr;
    struct regex_pool *pools[3] = {nullptr, nullptr, nullptr};
    uint32_t groups = 0;

    explicit Pair(const std::string &source) : pattern(source) {
        RE2::Options options;
        options.set_log_errors(false);
        re2 = new RE2(source, options);
        arena_init(&arena, &heap, 4096, SIZE_MAX);
        patterns++;
    }

    ~Pair() {
        arena_free(&arena);
        delete re2;
    }

    Pair(const Pair &) = delete;
    Pair &operator=(const Pair &) = delete;

    bool compile() {
        regex_error error;
        int64_t effort = INT64_MAX;
        bool good = regex_compile(&arena, slice_of_string(pattern), &effort, &weir, &error);
        bool limit = error.problem == REGEX_TOO_LARGE || error.problem == REGEX_TOO_DEEP ||
                     error.problem == REGEX_TOO_MANY_GROUPS;
        if (!good && limit) {
            beyond_limits++;
            return false;
        }
        if (good != re2->ok()) {
            // RE2 of 2022 does not know (?<name>, later RE2 does.
            // RE2 takes two groups of one name; Go refuses them, and so do we.
            bool twice = !good && error.problem == REGEX_NAME_TWICE;
            if (twice || (good && pattern.find("(?<") != std::string::npos)) {
                known++;
                return false;
            }
            report(pattern, "", "acceptance",
                   good ? re2->error() : regex_problem_words(error.problem));
            return false;
        }
        if (!good) {
            refused++;
            return false;
        }
        groups = regex_group_count(weir);
        if (static_cast<int>(groups) != re2->NumberOfCapturingGroups())
            report(pattern, "", "groups", std::to_string(groups));
        for (const auto &name : re2->NamedCapturingGroups()) {
            slice own = regex_group_name(weir, static_cast<uint32_t>(name.second));
            if (std::string(own.at ? own.at : "", own.length) != name.first)
                report(pattern, "", "name", name.first);
        }
        pools[0] = regex_pool_make(&arena, REGEX_POOL_BYTES);
        pools[1] = regex_pool_make(&arena, 1200);
        return true;
    }

    void compare(const std::string &text, uint32_t start) {
        std::vector<re2::StringPiece> theirs(groups + 1);
        bool expected = re2->Match(text, start, text.size(), RE2::UNANCHORED, theirs.data(),
                                   static_cast<int>(groups + 1));
        std::vector<regex_span> wanted;
        for (const re2::StringPiece &piece : theirs) {
            if (!expected || piece.data() == nullptr)
                wanted.push_back({UINT32_MAX, UINT32_MAX});
            else
                wanted.push_back(
                    {static_cast<uint32_t>(piece.data() - text.data()),
                     static_cast<uint32_t>(piece.data() - text.data() + piece.size())});
        }
        static const char *const names[] = {"pool", "tiny pool", "simulation"};
        for (int i = 0; i < 3; i++)
            compare_one(text, start, expected, wanted, pools[i], names[i]);
    }

    void compare_one(const std::string &text, uint32_t start, bool expected,
                     const std::vector<regex_span> &wanted, regex_pool *pool, const char *name) {
        struct arena scratch;
        arena_init(&scratch, &heap, 4096, SIZE_MAX);
        regex_work work = {&scratch, INT64_MAX, nullptr, 0};
        compared++;
        if (start == 0 && regex_matches(weir, pool, &work, slice_of_string(text)) !=
                              (expected ? REGEX_YES : REGEX_NO))
            report(pattern, text, name, expected ? "should match" : "should not match");
        for (uint32_t count = 1; count <= groups + 1; count += groups > 0 ? groups : 1) {
            std::vector<regex_span> found(count, {UINT32_MAX, UINT32_MAX});
            regex_outcome outcome =
                regex_search(weir, pool, &work, slice_of_string(text), start, found.data(), count);
            std::vector<regex_span> part(wanted.begin(), wanted.begin() + count);
            if (outcome != (expected ? REGEX_YES : REGEX_NO))
                report(pattern, text, name, "search: outcome " + std::to_string(outcome));
            else if (expected && spans(found) != spans(part))
                report(pattern, text, name, "is" + spans(found) + ", should be" + spans(part));
        }
        arena_free(&scratch);
    }
};

std::mt19937_64 generator;

uint32_t draw(uint32_t below) {
    return static_cast<uint32_t>(generator() % below);
}

const std::vector<std::string> atoms = {"a",
                                        "b",
                                        "c",
                                        "ab",
                                        "abc",
                                        ".",
                                        "[ab]",
                                        "[^a]",
                                        "[a-c]",
                                        "[^\\n]",
                                        "\\d",
                                        "\\w",
                                        "\\s",
                                        "\\D",
                                        "\\W",
                                        "\\S",
                                        "\\b",
                                        "\\B",
                                        "^",
                                        "$",
                                        "\\A",
                                        "\\z",
                                        "x",
                                        "K",
                                        "s",
                                        "\xc3\xa9",
                                        "\xc3\x9f",
                                        "\xe2\x84\xaa",
                                        "[\xc3\xa0-\xc3\xbf]",
                                        "\\pL",
                                        "\\p{Lu}",
                                        "\\p{^Lu}",
                                        "\\P{Greek}",
                                        "\\C",
                                        "[[:alpha:]]",
                                        "[[:^digit:]]",
                                        "[[:word:]-]",
                                        "\\x41",
                                        "\\x{3b1}",
                                        "\\101",
                                        "\\n",
                                        "\\.",
                                        "1",
                                        "-",
                                        "_",
                                        "\\Q.*\\E",
                                        "[^\\x00-\\x{10FFFF}]",
                                        "[\\d\\pLu]",
                                        "[]a]",
                                        "[a\\]]",
                                        "[^\\W]",
                                        "\xf0\x9f\x98\x80",
                                        "[\xf0\x9f\x98\x80-\xf0\x9f\x99\x8f]",
                                        "foo",
                                        "bar",
                                        "\xce\xb1",
                                        " ",
                                        "",
                                        "(?i)",
                                        "(?s)",
                                        "(?m)",
                                        "(?U)",
                                        "(?-i)",
                                        "[[:foo:]]",
                                        "\\8",
                                        "\\",
                                        "[",
                                        "{",
                                        "}",
                                        "{1",
                                        "(?P<x>",
                                        ")",
                                        "(",
                                        "\\p{Foo}",
                                        "[b-a]",
                                        "\\Z",
                                        "\xff",
                                        "*",
                                        "(?x)",
                                        "\\1",
                                        "\\07",
                                        "\\x{110000}",
                                        "\\x4",
                                        "]",
                                        "[a",
                                        "\\pN",
                                        "[\\PL]",
                                        "(?<n>a)",
                                        "(?P<n>b)"};

std::string quantifier() {
    static const char *const all[] = {"*",     "+",      "?",      "*?",    "+?",   "??",
                                      "{2}",   "{1,3}",  "{0,2}",  "{2,}",  "{0}",  "{1}",
                                      "{,2}",  "{3}?",   "{1,2}?", "{0,1}", "{1,}", "{0,}?",
                                      "{2,1}", "{1001}", "{02}",   "**",    "{40}"};
    return all[draw(draw(4) ? 9 : LEN(all))];
}

// An alternation of short words, many with common beginnings.
std::string random_words() {
    std::string out = draw(2) ? "(?:" : "(";
    uint32_t count = 2 + draw(8);
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) out += "|";
        for (uint32_t length = draw(5); length > 0; length--)
            out += draw(8) ? std::string(1, static_cast<char>('a' + draw(2))) : atoms[draw(10)];
        if (draw(8) == 0) out += quantifier();
        if (draw(12) == 0) out += "(?:ab|a)";
    }
    return out + ")";
}

std::string random_pattern(uint32_t depth) {
    std::string out;
    uint32_t parts = 1 + draw(4);
    for (uint32_t i = 0; i < parts; i++) {
        uint32_t kind = draw(12);
        if (kind == 11)
            out += random_words();
        else if (depth > 0 && kind < 4) {
            static const char *const opens[] = {"(",    "(?:",  "(",    "(?i:",  "(?P<n>",
                                                "(?s:", "(?m:", "(?U:", "(?-i:", "(?is-m:"};
            out += opens[draw(draw(3) ? 3 : LEN(opens))] + random_pattern(depth - 1) + ")";
        } else if (depth > 0 && kind < 6) {
            out += random_pattern(depth - 1) + "|" + random_pattern(depth - 1);
        } else {
            out += atoms[draw(draw(3) ? 62 : static_cast<uint32_t>(atoms.size()))];
        }
        if (draw(5) < 2) out += quantifier();
    }
    return out;
}

std::string random_text() {
    static const std::vector<std::string> pieces = {"a",
                                                    "b",
                                                    "c",
                                                    "ab",
                                                    "abc",
                                                    "x",
                                                    "K",
                                                    "k",
                                                    "s",
                                                    "S",
                                                    "\xc5\xbf",
                                                    "\xe2\x84\xaa",
                                                    "\xc3\xa9",
                                                    "\xc3\x89",
                                                    "\xc3\x9f",
                                                    "\xe1\xba\x9e",
                                                    "\n",
                                                    " ",
                                                    "1",
                                                    "-",
                                                    "_",
                                                    "A",
                                                    ".",
                                                    "*",
                                                    "foo",
                                                    "bar",
                                                    "\xce\xb1",
                                                    "\xce\x91",
                                                    "\xf0\x9f\x98\x80",
                                                    "\xff",
                                                    "\xc3",
                                                    "\x80",
                                                    "FOO",
                                                    "B",
                                                    "a",
                                                    "b"};
    std::string out;
    uint32_t count = draw(draw(10) ? 12 : 60);
    for (uint32_t i = 0; i < count; i++)
        out += pieces[draw(draw(2) ? 8 : static_cast<uint32_t>(pieces.size()))];
    return out;
}

void run_random(uint64_t count, uint64_t seed) {
    generator.seed(seed);
    for (uint64_t done = 0; done < count;) {
        Pair pair(random_pattern(draw(4)));
        if (!pair.compile()) {
            done++;
            continue;
        }
        for (int i = 0; i < 6; i++, done++) {
            std::string text = random_text();
            pair.compare(text, 0);
            if (draw(4) == 0) pair.compare(text, draw(static_cast<uint32_t>(text.size()) + 1));
        }
    }
}

void run_short(uint64_t step) {
    static const char *const symbols[] = {"a", "b", ".", "*", "+",    "?",  "|",
                                          "(", ")", "^", "$", "[ab]", "\\b"};
    std::vector<std::string> texts = {""};
    for (size_t from = 0, length = 0; length < 6; length++) {
        size_t end = texts.size();
        for (; from < end; from++) {
            texts.push_back(texts[from] + "a");
            texts.push_back(texts[from] + "b");
        }
    }
    uint64_t number = 0;
    for (uint32_t length = 0, all = 1; length <= 5; length++, all *= LEN(symbols)) {
        for (uint32_t which = 0; which < all; which++) {
            if (number++ % step != 0) continue;
            std::string pattern;
            for (uint32_t i = 0, rest = which; i < length; i++, rest /= LEN(symbols))
                pattern += symbols[rest % LEN(symbols)];
            Pair pair(pattern);
            if (!pair.compile()) continue;
            for (const std::string &text : texts)
                pair.compare(text, 0);
        }
    }
}

std::string encoded(uint32_t point) {
    std::string out;
    if (point < 0x80) {
        out += static_cast<char>(point);
    } else if (point < 0x800) {
        out += static_cast<char>(0xc0 | point >> 6);
        out += static_cast<char>(0x80 | (point & 0x3f));
    } else {
        if (point < 0x10000) {
            out += static_cast<char>(0xe0 | point >> 12);
        } else {
            out += static_cast<char>(0xf0 | point >> 18);
            out += static_cast<char>(0x80 | (point >> 12 & 0x3f));
        }
        out += static_cast<char>(0x80 | (point >> 6 & 0x3f));
        out += static_cast<char>(0x80 | (point & 0x3f));
    }
    return out;
}

std::vector<bool> assigned(0x110000);
uint64_t newer = 0; // differences at code points that our Unicode does not assign

void find_assigned() {
    unicode_walk walk;
    uint32_t low, high;
    unicode_walk_init(&walk);
    while (unicode_walk_next(&walk, unicode_assigned(), UNICODE_ANY_SCRIPT, &low, &high))
        std::fill(assigned.begin() + low, assigned.begin() + high + 1, true);
}

// Over all code points, and in the other direction too.
void compare_class(const std::string &pattern) {
    Pair pair(pattern);
    if (!pair.compile()) {
        if (pair.re2->ok()) report(pattern, "", "class", "not compiled");
        return;
    }
    Pair whole("^" + pattern + "$"), end("x" + pattern + "$");
    whole.compile();
    end.compile();
    struct arena scratch;
    arena_init(&scratch, &heap, 4096, SIZE_MAX);
    regex_work work = {&scratch, INT64_MAX, nullptr, 0};
    uint32_t different = 0;
    std::string first;
    for (uint32_t point = 0; point < 0x110000; point++) {
        if (point >= 0xd800 && point < 0xe000) continue;
        std::string text = encoded(point);
        bool expected = RE2::FullMatch(text, *pair.re2);
        bool own =
            regex_matches(whole.weir, whole.pools[0], &work, slice_of_string(text)) == REGEX_YES;
        std::string longer = "x" + text;
        bool back =
            regex_matches(end.weir, end.pools[0], &work, slice_of_string(longer)) == REGEX_YES;
        if (own != back) report(pattern, text, "class", "differs from its end to its beginning");
        if (own == expected) continue;
        if (!assigned[point]) { // their Unicode may be newer than ours
            newer++;
            continue;
        }
        different++;
        if (different <= 3) {
            char hex[16];
            snprintf(hex, sizeof hex, " U+%04X", point);
            first += hex;
        }
    }
    compared += 0x110000;
    arena_free(&scratch);
    if (different > 0)
        report(pattern, "", "class", std::to_string(different) + " code points differ:" + first);
}

void run_classes() {
    find_assigned();
    std::vector<std::string> names;
    for (const char *category :
         {"L",  "Lu", "Ll", "Lt", "Lm",  "Lo", "M",       "Mn",   "Mc",   "Me", "N",
          "Nd", "Nl", "No", "P",  "Pc",  "Pd", "Ps",      "Pe",   "Pi",   "Pf", "Po",
          "S",  "Sm", "Sc", "Sk", "So",  "Z",  "Zs",      "Zl",   "Zp",   "C",  "Cc",
          "Cf", "Cs", "Co", "Cn", "Any", "LC", "Unknown", "Zzzz", "latin"})
        names.push_back(category);
    for (const char *at = unicode_script_names; *at != 0; at += strlen(at) + 1)
        names.push_back(at);
    for (const std::string &name : names) {
        compare_class("\\p{" + name + "}");
        compare_class("(?i)\\P{" + name + "}");
    }
    for (const char *pattern : {"\\d",
                                "\\W",
                                "(?i)\\w",
                                "(?i)\\W",
                                "(?i)[^\\W]",
                                "(?i)[a-z]",
                                "(?i)[^k]",
                                "(?i)\\pL",
                                "(?i)\\p{Lu}",
                                "(?i)\\p{Ll}",
                                "(?i)[\\x{100}-\\x{500}]",
                                "(?i)[\\x{80}-\\x{10FFFF}]",
                                ".",
                                "(?s).",
                                "[^a]",
                                "[[:^alpha:]]",
                                "(?i)[[:^upper:]]",
                                "(?i)\\p{Greek}",
                                "(?i)[^\\p{Lt}]",
                                "[\\x{7f}-\\x{801}\\x{fffe}-\\x{10001}]"})
        compare_class(pattern);
    for (const char *name : {"alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower",
                             "print", "punct", "space", "upper", "word", "xdigit", "d", "w"})
        compare_class(std::string("[[:") + name + ":]]");
    // Every letter that has cases, by itself.
    for (uint32_t point = 0x21; point < 0x1f000; point++) {
        if (point >= 0xd800 && point < 0xe000) continue;
        if (unicode_next_case(point) == point && point % 16 != 0) continue;
        std::string letter = "\\x{" + [point] {
            char hex[16];
            snprintf(hex, sizeof hex, "%X", point);
            return std::string(hex);
        }() + "}";
        Pair pair("^(?i)" + letter + "$");
        if (!pair.compile()) continue;
        uint32_t next = point;
        do {
            next = unicode_next_case(next);
            pair.compare(encoded(next), 0);
        } while (next != point);
        for (uint32_t near : {point + 1, point - 1, point ^ 0x20})
            if (near < 0xd800 || near >= 0xe000) pair.compare(encoded(near), 0);
    }
}

} // namespace

int main(int count, char **arguments) {
    std::string mode = count > 1 ? arguments[1] : "all";
    uint64_t number = count > 2 ? strtoull(arguments[2], nullptr, 10) : 0;
    uint64_t seed = count > 3 ? strtoull(arguments[3], nullptr, 10) : 1;
    if (mode == "random" || mode == "all") run_random(number ? number : 5000, seed);
    if (mode == "short" || mode == "all") run_short(number ? number : 97);
    if (mode == "classes") run_classes();
    if (mode == "one" && count > 3) {
        Pair pair(arguments[2]);
        if (pair.compile()) pair.compare(arguments[3], 0);
    }
    printf("%llu comparisons of %llu patterns (%llu refused by both, %llu over our limits, %llu "
           "known), %d differences\n",
           static_cast<unsigned long long>(compared), static_cast<unsigned long long>(patterns),
           static_cast<unsigned long long>(refused), static_cast<unsigned long long>(beyond_limits),
           static_cast<unsigned long long>(known), failures);
    if (newer > 0)
        printf("%llu answers differ at code points that our Unicode does not assign\n",
               static_cast<unsigned long long>(newer));
    return failures == 0 ? 0 : 1;
}

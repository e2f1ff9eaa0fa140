// How fast searches are beside RE2's: both engines in one process, taking turns, medians of rounds.
// A line for each pattern and text: NAME weir MB/s re2 MB/s ratio R. Arguments: rounds, a part of
// the names to run.
#include <re2/re2.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

extern "C" {
#include "engine/match/regex.h"
}

namespace {

void *take(void *, size_t bytes) {
    return malloc(bytes);
}

void give(void *, void *block) {
    free(block);
}

const allocator heap = {take, give, nullptr};

double now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

double median(std::vector<double> &all) {
    std::sort(all.begin(), all.end());
    return all[all.size() / 2];
}

// Text like that of bodies: JSON of made-up people, no two alike, always the same.
std::string body(size_t bytes) {
    static const char *const words[] = {
        "anna",        "berta",  "carl",    "dora",      "emil",
        "frida",       "gustav", "street",  "city",      "order",
        "price",       "amount", "comment", "delivered", "Schl\xc3\xb6ssl",
        "caf\xc3\xa9", "the",    "quick"};
    std::string out = "{\"items\":[";
    uint32_t seed = 12345;
    auto next = [&seed](uint32_t below) {
        seed = seed * 1664525u + 1013904223u;
        return (seed >> 8) % below;
    };
    while (out.size() < bytes) {
        out += "{\"id\":" + std::to_string(next(100000)) + ",\"name\":\"" + words[next(18)] + " " +
               words[next(18)] + "\",\"note\":\"" + words[next(18)] + ", " + words[next(18)] + " " +
               words[next(18)] + ".\",\"price\":" + std::to_string(next(1000)) + "." +
               std::to_string(next(90) + 10) + "},\n";
    }
    out.resize(bytes);
    while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0x80))
        out.back() = ' ';
    return out;
}

std::string header() {
    std::string out =
        "session=8f14e45fceea167a5a36dedd4bea2543; theme=dark; lang=de-AT; "
        "_ga=GA1.2.1033501218.1368477899; consent=analytics:0|ads:0|functional:1; "
        "/shop/v2/catalogue/items?sort=price&order=desc&page=17&filter=colour%3Ablue; "
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like "
        "Gecko) Chrome/119.0.0.0 Safari/537.36; ";
    while (out.size() < 1024)
        out += out;
    out.resize(1024);
    return out;
}

const struct {
    const char *name;
    const char *pattern;
    const char *late; // put at the end of the text for the late match
} cases[] = {
    {"literal", "needle-in-haystack", "needle-in-haystack"},
    {"prefix", "token=[0-9a-f]{8}", "token=0badcafe"},
    {"words", "(curl|wget|bot|Linux)", "Linux"},
    {"folded", "(?i)sqlmap|nikto|nessus", "NiKto"},
    {"inner", "[a-z]+@[a-z]+\\.example", "joe@mail.example"},
    {"digits", "[0-9]{4}-[0-9]{2}-[0-9]{2}", "2024-02-29"},
    {"traversal", "\\.\\./", "../"},
    {"union", "(?i)union\\s+select", "UNION  SELECT"},
    {"script", "(?i)<script[^>]*>", "<SCRIPT src=x>"},
    {"anchored", "^/admin(/|$)", nullptr},
    {"suffix", "\\.(php|asp|jsp)$", ".php"},
    {"class", "[^\\x20-\\x7e\\n\\x{80}-\\x{10ffff}]", "\x01"},
    {"wordedge", "\\bsecret\\b", " secret"},
    {"letters", "\\p{Lu}\\p{Ll}+\\d{3}", "Abc123"},
    {"dotstar", "name=.*;.*password", "name=x; password"},
    {"nofilter", "[a-z]{3,8}[0-9]{3}[a-z]", "abc123d"},
    {"negated", "\"[^\"]*\\\\x", "\"ab\\x"},
    {"unicode", "\xc3\xb6[a-z]{9}", "\xc3\xb6zzzzzzzzz"},
    {"dots", ".{3}#.{3}", "abc#def"},
    {"spaces", "\\s{4,}\\S+\\s{4,}", "    a    "},
    {"email", "[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\\.[A-Za-z]{2,}", "a.b@c.org"},
    {"uuid", "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
     "123e4567-e89b-12d3-a456-426614174000"},
};

struct Case {
    std::string name;
    std::string pattern;
    std::string text;
    bool expected;
};

void run(const Case &one, int rounds) {
    struct arena arena, scratch;
    arena_init(&arena, &heap, 65536, SIZE_MAX);
    arena_init(&scratch, &heap, 65536, SIZE_MAX);
    regex_error error;
    struct regex *weir;
    RE2 re2(one.pattern);
    slice pattern = {one.pattern.data(), static_cast<uint32_t>(one.pattern.size())};
    slice text = {one.text.data(), static_cast<uint32_t>(one.text.size())};
    int64_t effort = INT64_MAX;
    if (!regex_compile(&arena, pattern, &effort, &weir, &error) || !re2.ok()) {
        printf("%s: refused\n", one.name.c_str());
        return;
    }
    regex_pool *pool = regex_pool_make(&arena, REGEX_POOL_BYTES);
    regex_work work = {&scratch, INT64_MAX, nullptr, 0};
    re2::StringPiece piece(one.text);
    uint32_t answers[2] = {0, 0};
    auto ours = [&] { return regex_matches(weir, pool, &work, text) == REGEX_YES; };
    auto theirs = [&] { return re2.Match(piece, 0, piece.size(), RE2::UNANCHORED, nullptr, 0); };
    uint64_t times = 1;
    for (double took = 0; took < 0.002; times *= 2) {
        double start = now();
        for (uint64_t i = 0; i < times; i++)
            answers[0] += ours() + theirs();
        took = now() - start;
    }
    answers[0] = 0;
    std::vector<double> speeds[2], ratios;
    for (int round = 0; round < rounds; round++) {
        double took[2];
        for (int turn = 0; turn < 2; turn++) {
            int which = (turn + round) & 1;
            double start = now();
            for (uint64_t i = 0; i < times; i++)
                answers[which] += which == 0 ? ours() : theirs();
            took[which] = (now() - start) / static_cast<double>(times);
            speeds[which].push_back(took[which]);
        }
        ratios.push_back(took[1] / took[0]);
    }
    if (answers[0] != answers[1] || (answers[0] != 0) != one.expected)
        printf("%s: WRONG ANSWER\n", one.name.c_str());
    double seconds[2] = {median(speeds[0]), median(speeds[1])};
    double bytes = static_cast<double>(one.text.size()) / 1e6;
    printf("%-24s weir %9.0f MB/s  re2 %9.0f MB/s  ratio %6.2f   (%.0f ns, %.0f ns)\n",
           one.name.c_str(), bytes / seconds[0], bytes / seconds[1], median(ratios),
           seconds[0] * 1e9, seconds[1] * 1e9);
    arena_free(&arena);
    arena_free(&scratch);
}

} // namespace

int main(int count, char **arguments) {
    int rounds = count > 1 ? atoi(arguments[1]) : 11;
    std::string part = count > 2 ? arguments[2] : "";
    std::vector<Case> all;
    for (const auto &row : cases) {
        for (const auto &text :
             {std::make_pair("1K", header()), std::make_pair("64K", body(65536))}) {
            std::string name = std::string(row.name) + "-" + text.first;
            std::string late = text.second;
            all.push_back(
                {name, row.pattern, text.second, RE2::PartialMatch(text.second, row.pattern)});
            if (row.late == nullptr) continue;
            late.replace(late.size() - strlen(row.late), std::string::npos, row.late);
            all.push_back({name + "-late", row.pattern, late, true});
        }
    }
    std::string agent =
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:120.0) Gecko/20100101 Firefox/120.0";
    agent.resize(80, '.');
    all.push_back({"agent-80", "(curl|wget|bot|Linux)", agent, false});
    for (const Case &one : all)
        if (one.name.find(part) != std::string::npos) run(one, rounds);
    return 0;
}

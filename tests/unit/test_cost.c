// The static bound on steps holds: no evaluation takes more than the sum says for the sizes that it
// really had, and for plain expressions the sum is near.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine/expression.h"
#include "engine/run/cost_report.h"
#include "tests/unit/running.h"

enum { BUDGET = LIMIT_STEPS_MOST, LINES = 12 };

// How large the variables are.
struct scale {
    uint32_t bytes; // of texts
    uint32_t items; // of lists and maps
};

static const struct scale scales[] = {{0, 0}, {1, 1}, {63, 2}, {64, 3}, {65, 5}, {200, 17}};

static const struct expression_variable variables[] = {
    {{"s", 1}, {"string", 6}},
    {{"t", 1}, {"string", 6}},
    {{"b", 1}, {"bytes", 5}},
    {{"i", 1}, {"int", 3}},
    {{"f", 1}, {"double", 6}},
    {{"l", 1}, {"list(string)", 12}},
    {{"k", 1}, {"list(int)", 9}},
    {{"x", 1}, {"list(dyn)", 9}},
    {{"m", 1}, {"map(string, string)", 19}},
    {{"d", 1}, {"dyn", 3}},
    {{"ts", 2}, {"timestamp", 9}},
    {{"du", 2}, {"duration", 8}},
    {{"o", 1}, {"optional(string)", 16}},
    {{"w", 1}, {"map(string, dyn)", 16}},
    {{"q", 1}, {"list(dyn)", 9}},
};

struct bench {
    struct failing memory;
    struct arena keep;
    struct arena stream;
    struct expression expression;
    struct value inputs[LEN(variables)];
    struct header_line lines[LINES];
    struct cost_sizes sizes; // of the largest values that were seen; texts in bytes
    struct run run;
};

static char *make_bytes(struct arena *arena, uint32_t length, uint32_t seed) {
    static const char letters[] = "abAB/.-:1290 ,{}\"%";
    char *at = arena_take(arena, length + 1);
    for (uint32_t i = 0; i < length; i++) {
        seed = seed * 1664525 + 1013904223;
        at[i] = letters[(seed >> 16) % (sizeof letters - 1)];
    }
    return at;
}

static struct value make_text(struct arena *arena, uint32_t length, uint32_t seed) {
    return value_string(slice_from(make_bytes(arena, length, seed), length));
}

static struct value make_list(const struct value *items, uint32_t count, uint8_t depth) {
    return (struct value){.kind = TYPE_LIST, .depth = depth, .length = count, .as.items = items};
}

static struct value *make_items(struct arena *arena, uint32_t count) {
    return arena_take(arena, (count + 1) * sizeof(struct value));
}

// Keys differ in their last bytes only, where there is room.
static struct value make_map(struct arena *arena, struct scale scale, bool numbers) {
    struct value *items = make_items(arena, 2 * scale.items);
    for (uint32_t i = 0; i < scale.items; i++) {
        uint32_t length = scale.bytes < 3 ? 3 : scale.bytes;
        char *key = arena_take(arena, length);
        memset(key, 'k', length);
        key[length - 1] = (char)('a' + i % 26);
        key[length - 2] = (char)('a' + i / 26);
        items[2 * i] = value_string(slice_from(key, length));
        items[2 * i + 1] = numbers ? value_int(i) : make_text(arena, scale.bytes, i);
    }
    return (struct value){.kind = TYPE_MAP, .depth = 1, .length = scale.items, .as.items = items};
}

static void fill_lists(struct bench *bench, struct scale scale) {
    struct arena *keep = &bench->keep;
    struct value *texts = make_items(keep, scale.items), *ints = make_items(keep, scale.items);
    struct value *mixed = make_items(keep, scale.items), *maps = make_items(keep, scale.items);
    for (uint32_t i = 0; i < scale.items; i++) {
        texts[i] = make_text(keep, scale.bytes, i / 2);
        ints[i] = value_int((int64_t)(scale.items - i) / 2);
        mixed[i] = i % 2 == 0 ? texts[i] : make_list(texts, i, 1);
        maps[i] = i % 3 == 0 ? value_double(1e300 / (i + 1))
                             : make_map(keep, (struct scale){scale.bytes, i}, i % 2);
    }
    bench->inputs[5] = make_list(texts, scale.items, 1);
    bench->inputs[6] = make_list(ints, scale.items, 1);
    bench->inputs[7] = make_list(mixed, scale.items, 2);
    bench->inputs[14] = make_list(maps, scale.items, 2);
}

static void fill_inputs(struct bench *bench, struct scale scale) {
    struct arena *keep = &bench->keep;
    bench->inputs[0] = make_text(keep, scale.bytes, 7);
    bench->inputs[1] = make_text(keep, scale.bytes, 7);
    bench->inputs[2] = make_text(keep, scale.bytes, 9);
    bench->inputs[2].kind = TYPE_BYTES;
    bench->inputs[3] = value_int(scale.items);
    bench->inputs[4] = value_double(1e300);
    fill_lists(bench, scale);
    bench->inputs[8] = make_map(keep, scale, false);
    struct value *nested = make_items(keep, 4);
    nested[0] = make_text(keep, 1, 1);
    nested[1] = bench->inputs[7];
    nested[2] = make_text(keep, 2, 2);
    nested[3] = bench->inputs[8];
    bench->inputs[9] =
        (struct value){.kind = TYPE_MAP, .depth = 3, .length = 2, .as.items = nested};
    bench->inputs[10] = value_timestamp(1772368215, 0);
    bench->inputs[11] = value_duration(5400000000000);
    bench->inputs[12] = value_optional(&bench->inputs[0]);
    bench->inputs[13] = make_map(keep, scale, true);
    for (uint32_t i = 0; i < LINES; i++) {
        char *name = make_bytes(keep, 2, 1);
        name[0] = 'x';
        name[1] = (char)('a' + i % 8);
        bench->lines[i] = (struct header_line){
            slice_from(name, 2), slice_from(make_bytes(keep, scale.bytes, i), scale.bytes)};
    }
}

// ---- how large the values are

// Items with those inside of them. Recursion is bounded by the depth that values carry.
static uint64_t see(struct bench *bench, struct value value) {
    uint64_t items = 0;
    bool text = value.kind == TYPE_STRING || value.kind == TYPE_BYTES;
    if (text && value.length > bench->sizes.texts) bench->sizes.texts = value.length;
    for (uint32_t i = 0; i < value_held(value); i++) {
        uint64_t inside = see(bench, value.as.items[i]);
        items += inside + (value.kind != TYPE_MAP || i % 2 == 0);
    }
    if (items > bench->sizes.items) bench->sizes.items = items;
    return items;
}

static void see_all(struct bench *bench) {
    const struct program *program = bench->run.program;
    for (uint32_t i = 0; i < program->registers; i++)
        see(bench, bench->run.registers[i]);
    for (uint32_t i = 0; i < program->constant_count; i++)
        see(bench, program->constants[i]);
    for (uint32_t i = 0; i < program->slot_count; i++)
        see(bench, bench->run.slots[i]);
    for (uint32_t i = 0; i < LEN(bench->inputs); i++)
        see(bench, bench->inputs[i]);
    see(bench, bench->run.result);
}

// The steps that evaluating takes with that budget.
static int64_t evaluate(struct bench *bench, uint32_t budget) {
    arena_reset(&bench->stream);
    bench->expression.program->steps = budget;
    assert_true(expression_begin(&bench->expression, &bench->stream, &bench->run));
    for (uint32_t kind = 0; kind < MESSAGE_TOTAL; kind++)
        assert_true(run_load(&bench->run, (enum message_kind)kind, bench->lines, LINES));
    expression_bind(&bench->run, bench->inputs);
    expression_evaluate(&bench->run);
    see_all(bench);
    return (int64_t)budget - bench->run.call.steps;
}

// Evaluates in full, then with budgets that end it on the way: what is in registers then is seen.
static int64_t measure(struct bench *bench) {
    enum { STOPS = 400 };
    int64_t taken = evaluate(bench, BUDGET);
    int64_t stride = taken / STOPS + 1;
    assert_true(taken <= BUDGET);
    for (int64_t budget = 1; budget < taken; budget += stride)
        evaluate(bench, (uint32_t)budget);
    return taken;
}

static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '"' || c == '.' || c == '_';
}

static bool names(const char *text, slice name) {
    for (const char *at = text; (at = strstr(at, name.at)) != NULL; at++) {
        bool begins = at == text || !is_word(at[-1]);
        if (begins && (at[name.length] == '.' || !is_word(at[name.length]))) return true;
    }
    return false;
}

// Values that the expression does not name must not make the sizes look larger.
static void drop_unused(struct bench *bench, const char *text) {
    for (uint32_t i = 0; i < LEN(variables); i++) {
        if (!names(text, variables[i].name)) bench->inputs[i] = value_null();
    }
    if (strstr(text, "request") == NULL && strstr(text, "response") == NULL)
        memset(bench->lines, 0, sizeof bench->lines);
}

static void bench_begin(struct bench *bench, const char *text, struct scale scale) {
    *bench = (struct bench){.sizes = {.lines = LINES}};
    failing_init(&bench->memory, UINT32_MAX);
    arena_init(&bench->keep, &bench->memory.allocator, 64 << 10, SIZE_MAX);
    arena_init(&bench->stream, &bench->memory.allocator, 64 << 10, SIZE_MAX);
    fill_inputs(bench, scale);
    drop_unused(bench, text);
}

static void bench_end(struct bench *bench) {
    arena_free(&bench->stream);
    arena_free(&bench->keep);
    assert_int_equal(bench->memory.held, 0);
}

static void compile(struct bench *bench, const char *text) {
    struct diagnostics diagnostics;
    struct expression_options options = {
        .variables = variables, .variable_count = LEN(variables), .fields = true};
    diag_init(&diagnostics, &bench->keep);
    if (expression_compile(&bench->keep, slice_of(text), &options, &diagnostics,
                           &bench->expression)) {
        return;
    }
    struct text report;
    text_init(&report, &bench->keep);
    diag_render_all(&diagnostics, &report);
    fail_msg("%s: %.*s", text, (int)report.length, report.at);
}

// ---- the expressions

struct row {
    const char *text;
    uint32_t loose; // the sum may be so many times what is taken; 0: however many
};

static const struct row rows[] = {
    // operators and plain tests
    {"s == t", 3},
    {"s != t", 3},
    {"s < t", 3},
    {"s >= t", 3},
    {"i == 3", 2},
    {"i + 1 < i * 2", 2},
    {"i / (i + 1) % 3 == -i", 2},
    {"f * 2.0 - f / 3.0 <= f", 2},
    {"i > 2 && i < 5 || i == 7", 3},
    {"!(s == \"abc\") ? s : t", 3},
    {"s.startsWith(\"ab\") || s.endsWith(\"c\") || s.contains(\"de\")", 3},
    {"s.startsWith(t) && s.endsWith(t) && s.contains(t)", 3},
    {"dyn(s).startsWith(t) && dyn(s).endsWith(dyn(t)) && dyn(s).contains(t)", 4},
    {"[s.startsWith(t), s.endsWith(t), s.contains(t)]", 3},
    {"s + t", 3},
    {"s + \"-\" + t + string(i)", 3},
    {"b + b == b", 2},
    {"d == d", 0},
    {"d.a == d[\"ab\"]", 0},
    {"d != s", 3},
    {"dyn(s) == t", 3},
    {"dyn(i) < 2.5", 3},
    {"dyn(i) + 1 - 2 * 3 / 4 % 5", 1},
    {"dyn(f) + 1.0", 1},
    {"dyn(l) + l", 2},
    {"-dyn(i)", 3},
    {"l == l", 0},
    {"k == k", 0},
    {"x == x", 0},
    {"q == q", 0},
    {"m == m", 3},
    {"w == w", 4},
    {"x + x == q", 0},
    {"ts + du > ts - du", 3},
    {"ts == ts || du == du", 3},
    {"s in l", 3},
    {"\"a\" in l", 3},
    {"i in k", 3},
    {"d in x", 0},
    {"s in m", 3},
    {"s in [\"a\", \"b\", \"c\", \"d\", \"e\"]", 3},
    {"s in [\"a\", \"b\", t]", 3},
    {"i in [1, 2, i + 1]", 3},
    {"d in [1, [2], {\"a\": 1}]", 0},
    {"s in d", 0},
    {"m[s]", 3},
    {"l[0]", 4},
    {"d.ab", 0},
    {"x[1][0]", 0},
    {"has(d.a) && has(d.b)", 0},
    {"m[?s].orValue(t)", 3},
    {"l[?i].or(o).value()", 3},
    {"d.?a[?0].orValue(1)", 0},
    {"o.optMap(v, v + \"x\").orValue(\"\")", 3},
    {"o.optFlatMap(v, m[?v]).hasValue()", 4},
    {"optional.of(l).optMap(v, v.size())", 3},
    {"[s, t, s + t]", 3},
    {"[s, ?o, t]", 3},
    {"{s: l, t + \"x\": k}", 3},
    {"{\"a\": s, ?\"b\": o}", 3},
    {"[1, 2, i].size()", 3},
    // macros
    {"l.all(v, v == s)", 0},
    {"l.all(v, v != \"\")", 3},
    {"k.all(v, v >= 0)", 3},
    {"k.exists(v, v == 99)", 3},
    {"k.exists(v, v == 1) && i > 100", 4},
    {"k.exists_one(v, v == 2)", 3},
    {"k.existsOne(a, v, a == v)", 0},
    {"k.map(v, v + 1)", 3},
    {"k.map(v, v > 2, v + 1)", 3},
    {"k.filter(v, v > 2)", 3},
    {"l.filter(v, v.size() > 2)", 4},
    {"k.all(a, v, a >= 0 && v >= 0)", 3},
    {"m.all(a, a != \"\")", 3},
    {"m.exists(a, v, a == v)", 0},
    {"k.transformList(a, v, a + v)", 3},
    {"k.transformMap(a, v, v + 1)", 4},
    {"m.transformMap(a, v, v != \"\", v + \"x\")", 5},
    {"k.transformMapEntry(a, v, {a: v})", 5},
    {"l.sortBy(v, v)", 0},
    {"k.sortBy(v, -v)", 2},
    {"cel.bind(v, s + t, v == s || v == t)", 3},
    {"cel.bind(v, l[0], k.exists(a, v == string(a)))", 2},
    {"cel.bind(v, [1, 2, 3], k.all(a, v.all(c, c < 9)))", 3},
    {"k.all(a, k.all(c, a + c >= 0))", 3},
    {"k.all(a, k.all(c, k.all(e, a + c + e >= 0)))", 3},
    {"l.map(a, l.map(c, a + c))", 0},
    {"l.exists(a, l.exists(c, a + c == s))", 4},
    {"x.all(a, a in x)", 0},
    {"k.exists(a, k.exists(c, a > 99 || c > 99 || 1 / (a - a) > 0))", 4},
    {"[1, 2, 3].all(a, [4, 5].exists(c, a + c == i))", 3},
    {"k.all(a, a > -1 ? true : k.exists(c, c == a))", 0},
    {"k.map(a, k.filter(c, c == a).size())", 0},
    {"[[s, t], [t]].map(a, a.filter(c, c != \"\"))", 3},
    {"k.exists(a, (k.exists(c, 1 / (c - c) == a) || 1 / a == 2) && s == t)", 0},
    {"d.map(a, d[a])", 0},
    {"q.map(a, type(a) == double ? [a] : a.map(v, v))", 0},
    // texts
    {"size(s) + s.size() + size(b) + b.size()", 3},
    {"s.charAt(0) + s.substring(0) + s.substring(0, 1)", 3},
    {"s.indexOf(t) + s.indexOf(\"a\", 0) + s.lastIndexOf(t) + s.lastIndexOf(\"b\", 0)", 3},
    {"s.lowerAscii() + s.upperAscii()", 3},
    {"s.replace(\"a\", \"xyz\")", 3},
    {"s.replace(\"\", t)", 3},
    {"s.replace(t, \"\", 1)", 4},
    {"s.split(\",\")", 2},
    {"s.split(\"\", 3)", 2},
    {"s.split(t).join(s)", 2},
    {"l.join() + l.join(\",\")", 3},
    {"s.trim() + s.reverse()", 3},
    {"strings.quote(s)", 3},
    {"\"%s-%d\".format([s, i])", 4},
    {"\"%s %s %x %X %o %b\".format([l, s, s, b, i, true])", 0},
    {"\"%f %e %s\".format([f, f, f])", 3},
    {"\"%s\".format([q])", 0},
    {"\"%s\".format([d])", 0},
    {"s.format(q)", 0},
    {"\"%s%s%s\".format([m, ts, du])", 0},
    {"string(b) + string(i) + string(f) + string(i > 2) + string(s) + string(uint(i))", 4},
    {"bytes(s) == bytes(b)", 3},
    {"int(s) + int(f) + int(uint(i)) + int(i) + int(ts)", 8},
    {"uint(s) + uint(f) + uint(uint(i))", 6},
    {"double(s) + double(i) + double(uint(i)) + double(f)", 7},
    {"bool(s) || bool(i > 1)", 3},
    {"json(d)", 2},
    {"parse_json(s)", 3},
    {"parse_json(json(l))", 3},
    {"parse_json(json(q)) == parse_json(json(q))", 0},
    {"type(s) == string", 3},
    // numbers
    {"math.greatest(i, 3) + math.least(i, 3) + math.greatest(i) + math.least(i)", 3},
    {"i == 0 || math.greatest(k) + math.least(k) > 0", 3},
    {"math.greatest(i, f, 1u, dyn(2))", 4},
    {"math.least(i, f, 1u, dyn(2), 1, 2, 3)", 4},
    {"math.ceil(f) + math.floor(f) + math.round(f) + math.trunc(f) + math.abs(f)", 2},
    {"math.isNaN(f) || math.isInf(f) || !math.isFinite(f)", 3},
    {"math.sign(i) + math.abs(i) + math.bitAnd(i, 1) + math.bitOr(i, 1) + math.bitXor(i, 1)", 2},
    {"math.bitNot(i) + math.bitShiftLeft(i, 1) + math.bitShiftRight(i, 1)", 2},
    {"math.sqrt(f) + math.sqrt(i) + math.sign(f)", 2},
    // lists, maps, sets
    {"size(l) + l.size() + size(m) + m.size()", 2},
    {"k.slice(0, i)", 3},
    {"x.flatten()", 2},
    {"[x, x].flatten(3)", 2},
    {"k.distinct()", 4},
    {"l.distinct()", 3},
    {"q.distinct()", 0},
    {"k.sort()", 0},
    {"l.sort()", 0},
    {"[3, 1, 2, i].sort()", 3},
    {"lists.range(i * 7)", 3},
    {"k.reverse().first().value()", 3},
    {"l.last().value()", 3},
    {"sets.contains(k, k)", 4},
    {"sets.contains(l, [\"a\", \"b\"])", 0},
    {"sets.equivalent(l, l)", 4},
    {"sets.equivalent(x, q)", 0},
    {"sets.intersects(q, [s])", 0},
    {"sets.intersects(k, [99, 98])", 3},
    {"m.merge(m)", 4},
    {"w.merge({\"a\": i})", 5},
    {"m.without(l)", 4},
    {"optional.unwrap([o, o])", 4},
    {"l.map(v, optional.of(v)).unwrapOpt()", 4},
    {"optional.ofNonZeroValue(s).hasValue() || optional.none().hasValue()", 3},
    // times
    {"ts.getFullYear() + ts.getMonth(\"Europe/Berlin\") + ts.getDate(s)", 3},
    {"ts.getDayOfMonth() + ts.getDayOfWeek() + ts.getDayOfYear() + ts.getDate()", 2},
    {"ts.getHours() + ts.getMinutes() + ts.getSeconds() + ts.getMilliseconds()", 2},
    {"du.getHours() + du.getMinutes() + du.getSeconds() + du.getMilliseconds()", 2},
    {"timestamp(i) < timestamp(s)", 3},
    {"duration(s) < du && string(du) + string(ts) == s", 4},
    {"timestamp(ts) == ts && duration(du) == du", 3},
    {"ramp(ts, du, ts)", 3},
    // digests, chance
    {"sha256(s) == sha256(b)", 4},
    {"hmac_sha256(s, t) == hmac_sha256(b, b)", 4},
    {"hash(s) + hash(i, t)", 4},
    {"hash(l) + hash(d, s)", 0},
    {"hash(q)", 4},
    {"hash([s, t, i])", 4},
    {"pick(w, s)", 3},
    {"pick({\"a\": 1, \"b\": 2}, s, t)", 3},
    {"random() < 0.5 || uuid() == s", 4},
    {"hex(b) + base64.encode(b) + base64url.encode(b) + url_encode(s)", 3},
    {"base64.decode(s) + base64url.decode(s) + unhex(s) + bytes(url_decode(s))", 0},
    // networks and patterns
    {"isIP(s) || isCIDR(s) || ip(\"10.0.0.1\") == ip(s)", 4},
    {"ip(\"::1\").family() == i && ip.isCanonical(s)", 3},
    {"cidr(s).containsIP(s) || cidr(s).masked() == cidr(s) || cidr(s).ip().isLoopback()", 3},
    {"cidr(\"10.0.0.0/8\").masked().prefixLength() == i || cidr(s).isMask()", 3},
    {"ip(s).family() == i || cidr(s).prefixLength() > i", 4},
    {"(i > 0 ? optional.none() : o).hasValue()", 3},
    {"string(ip(s)) + string(cidr(s))", 0},
    {"ip(s).isUnspecified() || ip(s).isGlobalUnicast() || ip(s).isLinkLocalUnicast()", 3},
    {"ip(s).isLinkLocalMulticast() || cidr(s).containsCIDR(cidr(s)) || cidr(s).containsIP(ip(s))",
     0},
    {"cidr(\"10.0.0.0/8\").containsCIDR(s)", 3},
    {"ip(\"10.1.2.3\") in cidrs(l)", 3},
    {"ip(\"10.1.2.3\") in cidrs([\"10.0.0.0/8\", \"::1\"])", 3},
    {"s in cidrs([\"10.0.0.0/8\"])", 3},
    {"s.glob(\"*a*b/**\")", 0},
    {"s.glob(\"/a/b\")", 5},
    {"s.glob(t)", 0},
    {"(s + \"*\").glob(\"*\" + s + \"*\")", 0},
    {"path_match(s, \"/a/{b}/**\").hasValue()", 3},
    {"path_match(s, t).hasValue()", 3},
    {"host_match(s, \"{a}.b\").hasValue() || s.in_domain(\"b\") || url_host(s) == t", 3},
    // regular expressions
    {"s.matches(\"abc\")", 3},
    {"s.matches(\"^/api/v[0-9]+/\")", 0},
    {"s.matches(\"(a|b)*[.:](a|A|/)+[0-9]{2,5}x\")", 0},
    {"matches(s, \"(?i)a.*b.*[^a-z]{3}\")", 0},
    {"s.matches(t)", 0},
    {"s.matches(\"(?i)\\\\pL+[[:alpha:]]\" + string(i))", 0},
    {"regex.extract(s, \"a(.*)b\")", 0},
    {"regex.extractAll(s, \"a[^,]*\")", 0},
    {"regex.extractAll(s, \"a|a.*x\")", 0},
    {"regex.replace(s, \"[ab]+\", t)", 0},
    {"regex.replace(s, \"(a)|(b)\", \"<\\\\1\\\\2>\")", 0},
    {"regex.replace(s, \"[ab]\", \"\", 2)", 0},
    {"regex.replace(s, \"\" + string(i), \"\", 2)", 0},
    {"regex.groups(s, \"(?P<x>a)(b)?\")", 0},
    // headers
    {"request.headers[\"xa\"] == s", 3},
    {"request.headers[s] + request.headers[t]", 3},
    {"s in request.headers || \"xb\" in request.headers || has(request.headers.xc)", 3},
    {"request.headers[?s].hasValue()", 3},
    {"request.headers.values(\"xa\")", 2},
    {"request.headers.to_map()", 3},
    {"request.headers.all(n, n != s)", 2},
    {"request.headers.size() + size(response.headers)", 3},
    {"request.headers.values(\"xa\").exists(v, v == s)", 3},
    {"request.headers.to_map().all(n, v, n != v)", 3},
    {"request.path + request.clean_path + request.url_path", 4},
    {"response.code == 200 && request.host == s", 3},
};

static bool called[FUNCTION_TOTAL];

static void note_calls(const struct program *program) {
    for (uint32_t i = 0; i < program->site_count; i++) {
        const struct call_site *site = &program->sites[i];
        for (uint32_t k = 0; k < site->candidate_count; k++)
            called[site->candidates[k].function] = true;
    }
}

static bool check_row(const struct row *row, struct scale scale) {
    struct bench bench;
    struct cost_table costs;
    bench_begin(&bench, row->text, scale);
    compile(&bench, row->text);
    note_calls(bench.expression.program);
    int64_t taken = measure(&bench);
    assert_true(cost_of_program(bench.expression.program, &bench.keep, &costs));
    const struct cost *sum = &costs.phases[PHASE_TOTAL];
    bench.sizes.texts = (bench.sizes.texts + 63) / 64;
    uint64_t most = cost_at(sum, &bench.sizes);
    struct text shown;
    text_init(&shown, &bench.keep);
    cost_write(&shown, sum);
    bool near = row->loose == 0 || scale.items < 5 || most <= row->loose * (uint64_t)taken;
    bool good = near && most >= (uint64_t)taken;
    if (!good) {
        print_message("%s with S=%d L=%d: %lld steps, the sum says %llu: %.*s\n", row->text,
                      (int)bench.sizes.texts, (int)bench.sizes.items, (long long)taken,
                      (unsigned long long)most, (int)shown.length, shown.at);
    }
    bench_end(&bench);
    return good;
}

static void test_sums_are_bounds(void **state) {
    (void)state;
    uint32_t bad = 0;
    for (uint32_t i = 0; i < LEN(rows); i++) {
        for (uint32_t k = 0; k < LEN(scales); k++)
            bad += !check_row(&rows[i], scales[k]);
    }
    assert_int_equal(bad, 0);
}

// A function that no row calls could charge what it likes.
static void test_every_body_is_called(void **state) {
    uint32_t missing = 0;
    (void)state;
    for (uint32_t i = 0; i < FUNCTION_TOTAL; i++) {
        slice signature = slice_of(function_rows[i].signature);
        bool found = function_rows[i].body == headers_only ||
                     slice_starts(signature, slice_of("secret(")) || // constants, always
                     slice_starts(signature, slice_of("optional.none("));
        for (uint32_t k = 0; k < FUNCTION_TOTAL && !found; k++)
            found = called[k] && function_rows[k].body == function_rows[i].body;
        if (!found) print_message("no row calls %s\n", function_rows[i].signature);
        missing += !found;
    }
    assert_int_equal(missing, 0);
}

// ---- sums

static void expect_sum(struct bench *bench, const char *text, const char *wanted) {
    struct cost_table costs;
    struct text shown;
    compile(bench, text);
    assert_true(cost_of_program(bench->expression.program, &bench->keep, &costs));
    text_init(&shown, &bench->keep);
    cost_write(&shown, &costs.phases[PHASE_TOTAL]);
    text_add_char(&shown, '\0');
    assert_string_equal(shown.at, wanted);
}

static void test_sums_are_written(void **state) {
    static const char *const texts[][2] = {
        {"i", "1"},
        {"s == t", "2 + S"},
        {"s == \"abc\"", "2 + S"},
        {"\"abc\" == s", "2.05"},
        {"s in [\"a\", \"b\", \"c\", \"d\"]", "2"},
        {"k.all(v, v > 0)", "5 + 4·L"},
        {"[1, 2, 3].all(v, v > i)", "12"},
        {"k.all(v, k.all(w, v > w))", "5 + 6·L + 4·L²"},
        {"request.headers.to_map()", "3 + 0.15·H + 0.13·H²"},
        {"s.glob(t)", "5 + 2·S + 64·S²"},
    };
    (void)state;
    for (uint32_t i = 0; i < LEN(texts); i++) {
        struct bench bench;
        bench_begin(&bench, texts[i][0], scales[0]);
        expect_sum(&bench, texts[i][0], texts[i][1]);
        bench_end(&bench);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sums_are_bounds),
                                       cmocka_unit_test(test_every_body_is_called),
                                       cmocka_unit_test(test_sums_are_written)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

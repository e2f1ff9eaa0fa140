// Texts to trees: every production, every literal, spans, limits, refused memory, mutations.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/base/limits.h"
#include "tests/unit/parsing.h"

struct sample {
    const char *text;
    const char *tree;
};

enum { BLOCK = 64 << 10 };

static void expect_slice(const char *text, slice got, const char *wanted) {
    bool equal = slice_is(got, wanted);
    if (!equal) {
        print_message("text: %s\ngot:  %.*s\nwant: %s\n", text, (int)got.length, got.at, wanted);
    }
    assert_true(equal);
}

static void expect_tree(const struct sample *sample, enum parse_goal goal) {
    struct parsing parsing;
    parsing_begin(&parsing, UINT32_MAX, BLOCK);
    parsing_run(&parsing, slice_of(sample->text), goal);
    slice got = parsing.good ? parsing_tree(&parsing) : parsing_errors(&parsing);
    expect_slice(sample->text, got, sample->tree);
    parsing_end(&parsing);
}

static void expect_trees(const struct sample *samples, uint32_t count, enum parse_goal goal) {
    for (uint32_t i = 0; i < count; i++)
        expect_tree(&samples[i], goal);
}

// Literals

static void test_numbers(void **state) {
    (void)state;
    static const struct sample samples[] = {
        {"0", "0"},
        {"007", "7"},
        {"0x1F", "31"},
        {"9223372036854775807", "9223372036854775807"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"-0x8000000000000000", "-9223372036854775808"},
        {"0u", "0u"},
        {"0xffU", "255u"},
        {"18446744073709551615u", "18446744073709551615u"},
        {"1.5", "1.5"},
        {".5", "0.5"},
        {"1e3", "1000.0"},
        {"1E-3", "0.001"},
        {"1.25e+2", "125.0"},
        {"1.7976931348623157e308", "1.7976931348623157e+308"},
        {"1e-999", "0.0"},
        {"0.1", "0.1"},
        {"1ns", "1ns"},
        {"1us", "1000ns"},
        {"250ms", "250000000ns"},
        {"1s", "1000000000ns"},
        {"1m", "60000000000ns"},
        {"1h30m", "5400000000000ns"},
        {"7d", "604800000000000ns"},
        {"1.5s", "1500000000ns"},
        {"0.1m0.5us", "6000000500ns"},
        {"1m1ms", "60001000000ns"},
        {"0.123456789123456789123456789d", "10666666580266ns"},
        {"1.9ns", "1ns"},
        {"9223372036854775807ns", "9223372036854775807ns"},
        {"-9223372036854775807ns", "-9223372036854775807ns"},
        {"106751d", "9223286400000000000ns"},
        {"true", "true"},
        {"false", "false"},
        {"null", "null"},
    };
    expect_trees(samples, LEN(samples), PARSE_EXPRESSION);
}

// A minus belongs to the number or duration directly behind it.
static void test_minus(void **state) {
    (void)state;
    static const struct sample samples[] = {
        {"-5", "-5"},
        {"- 5", "(- 5)"},
        {"-(5)", "(- 5)"},
        {"-5.f()", "(method f -5)"},
        {"-5.f(-6).g", "(.g (method f -5 -6))"},
        {"-5[0].?x", "(?.x ([] -5 0))"},
        {"(-5).f()", "(method f -5)"},
        {"-(5).f()", "(- (method f 5))"},
        {"-(5.f())", "(- (method f 5))"},
        {"-f(5)", "(- (call f 5))"},
        {"-x.f(5)", "(- (method f x 5))"},
        {"--5", "(- -5)"},
        {"---5", "(- (- -5))"},
        {"--9223372036854775808", "(- -9223372036854775808)"},
        {"!-5", "(! -5)"},
        {"-1.5", "-1.5"},
        {"-.5", "-0.5"},
        {"-0.0", "-0.0"},
        {"-1h30m", "-5400000000000ns"},
        {"-5u", "(- 5u)"},
        {"-'a'", "(- \"a\")"},
        {"-[5]", "(- (list 5))"},
        {"a-1", "(- a 1)"},
        {"a -1", "(- a 1)"},
        {"a - -1", "(- a -1)"},
        {"a--1", "(- a -1)"},
        {"1-1", "(- 1 1)"},
        {"[-1, -a]", "(list -1 (- a))"},
        {"-2*3", "(* -2 3)"},
        {"-2+3", "(+ -2 3)"},
    };
    expect_trees(samples, LEN(samples), PARSE_EXPRESSION);
}

static void test_strings(void **state) {
    (void)state;
    static const struct sample samples[] = {
        {"''", "\"\""},
        {"\"\"", "\"\""},
        {"''''''", "\"\""},
        {"\"\"\"\"\"\"", "\"\""},
        {"'a\"b'", "\"a\"b\""},
        {"\"a'b\"", "\"a'b\""},
        {"'''a'b''c\nd'''", "\"a'b''c\\nd\""},
        {"\"\"\"a\"b\"\"c\nd\"\"\"", "\"a\"b\"\"c\\nd\""},
        {"'''a\r\nb\rc'''", "\"a\\nb\\nc\""},
        {"r'''a\r\nb\\'''", "\"a\\nb\\\\\""},
        {"'''\\''''", "\"'\""},
        {"'// no comment'", "\"// no comment\""},
        {"r'a\\n\"'", "\"a\\\\n\"\""},
        {"R\"\\\"", "\"\\\\\""},
        {"r\"\"\"\\\"\"\"", "\"\\\\\""},
        {"'\\a\\b\\f\\n\\r\\t\\v\\\\\\?\\\"\\'\\`'", "\"\\x07\\x08\\x0c\\n\\r\\t\\x0b\\\\?\"'`\""},
        {"'\\x41\\X42\\103\\u0044\\U00000045'", "\"ABCDE\""},
        {"'\\xe9\\351'", "\"éé\""},
        {"'\\x00\\000\\u0000'", "\"\\x00\\x00\\x00\""},
        {"'\\ud7ff\\ue000\\U0010FFFF'", "\"\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf\""},
        {"'é€😀'", "\"é€😀\""},
        {"b'é'", "b\"é\""},
        {"b'\\xc3\\251'", "b\"é\""},
        {"b'\\xff\\377'", "b\"\\xff\\xff\""},
        {"B\"\"\"x\ny\"\"\"", "b\"x\\ny\""},
        {"br'\\x41'", "b\"\\\\x41\""},
        {"bR\"a\"", "b\"a\""},
        {"BR'''a'b'''", "b\"a'b\""},
    };
    expect_trees(samples, LEN(samples), PARSE_EXPRESSION);
}

// Expressions

static void test_operators(void **state) {
    (void)state;
    static const struct sample samples[] = {
        {"a || b && c", "(|| a (&& b c))"},
        {"a || b || c || d", "(|| a b c d)"},
        {"a && b && c", "(&& a b c)"},
        {"(a && b) && c", "(&& (&& a b) c)"},
        {"a && (b && c)", "(&& a (&& b c))"},
        {"a && b || c && d", "(|| (&& a b) (&& c d))"},
        {"a + b + c", "(+ a b c)"},
        {"(a + b) + c", "(+ (+ a b) c)"},
        {"a + b - c + d + e", "(+ (- (+ a b) c) d e)"},
        {"a - b - c", "(- (- a b) c)"},
        {"a * b / c % d", "(% (/ (* a b) c) d)"},
        {"a + b * c", "(+ a (* b c))"},
        {"a < b", "(< a b)"},
        {"a <= b", "(<= a b)"},
        {"a > b", "(> a b)"},
        {"a >= b", "(>= a b)"},
        {"a == b", "(== a b)"},
        {"a != b", "(!= a b)"},
        {"a in b", "(in a b)"},
        {"a < b == c", "(== (< a b) c)"},
        {"a in b + c", "(in a (+ b c))"},
        {"!a", "(! a)"},
        {"!!a.b", "(! (! (.b a)))"},
        {"a ? b : c", "(?: a b c)"},
        {"a ? b : c ? d : e", "(?: a b (?: c d e))"},
        {"a ? (b ? c : d) : e", "(?: a (?: b c d) e)"},
        {"a || b ? c || d : e", "(?: (|| a b) (|| c d) e)"},
    };
    expect_trees(samples, LEN(samples), PARSE_EXPRESSION);
}

static void test_members(void **state) {
    (void)state;
    static const struct sample samples[] = {
        {"a", "a"},
        {".a", ".a"},
        {".a.b", "(.b .a)"},
        {"a.b.c", "(.c (.b a))"},
        {"a.?b", "(?.b a)"},
        {"a.`x-y z/1.2`", "(.x-y z/1.2 a)"},
        {"a.?`x-y`", "(?.x-y a)"},
        {"a[b]", "([] a b)"},
        {"a[?b]", "([]? a b)"},
        {"f()", "(call f)"},
        {".f(x)", "(call .f x)"},
        {"f(x, y)", "(call f x y)"},
        {"a.f()", "(method f a)"},
        {"a.b.f(x, y).c", "(.c (method f (.b a) x y))"},
        {"a.as.break.const.continue.else.for.function.if.import.let.loop",
         "(.loop (.let (.import (.if (.function (.for (.else (.continue (.const (.break (.as "
         "a)))))))))))"},
        {"a.package.namespace.return.var.void.while()",
         "(method while (.void (.var (.return (.namespace (.package a))))))"},
        {"[]", "(list)"},
        {"[a]", "(list a)"},
        {"[a, b,]", "(list a b)"},
        {"[?a, b, ?c.?d]", "(list ?a b ?(?.d c))"},
        {"[a.?b]", "(list (?.b a))"},
        {"{}", "(map)"},
        {"{ }", "(map)"},
        {"{a: b}", "(map a b)"},
        {"{a: b, 'c': {}, }", "(map a b \"c\" (map))"},
        {"{?a: b, c.?d: e}", "(map ?a b (?.d c) e)"},
        {"{{1: 2}: [{3: 4}]}", "(map (map 1 2) (list (map 3 4)))"},
        {"{a: b}.c[{}]", "([] (.c (map a b)) (map))"},
        {"((a))", "a"},
        {"(a).b", "(.b a)"},
        {"'a'.f(b'c'[0])", "(method f \"a\" ([] b\"c\" 0))"},
        {"a // one\n . // two\n b", "(.b a)"},
        {"a//", "a"},
        {"\t\r\n\fa ", "a"},
    };
    expect_trees(samples, LEN(samples), PARSE_EXPRESSION);
}

// Statements

static void test_items(void **state) {
    (void)state;
    static const struct sample samples[] = {
        {"", ""},
        {"include \"a\\x2eweir\" include 'b'", "(include \"a.weir\") (include \"b\")"},
        {"let a = b let c = d", "(let a b) (let c d)"},
        {"limiter a { 5 per 1s }", "(limiter a (rate 5) (per 1000000000ns))"},
        {"limiter a { 5 concurrent }", "(limiter a (concurrent 5))"},
        {"limiter a { x.y per z by b, c burst 2 scope cluster(rls) }",
         "(limiter a (rate (.y x)) (per z) (by b c) (burst 2) (scope (call cluster rls)))"},
        {"service a { }", "(service a)"},
        {"service a { kind rls timeout 20ms }", "(service a (kind rls) (timeout 20000000ns))"},
        {"group a { }", "(group a)"},
        {"group a { group b {} rule c {} let d = 1 }", "(group a (group b) (rule c) (let d 1))"},
        {"rule a {}", "(rule a)"},
        {"rule a on response {}", "(rule a (on response))"},
        {"rule a when b shadow sample 0.5 on_error skip on log {}",
         "(rule a (when b) (shadow) (sample 0.5) (on_error skip) (on log))"},
        {"group a sample b by c first {}", "(group a (sample b (by c)) (first))"},
        {"rule a when {} {}", "(rule a (when (map)))"},
        {"rule a when {}.b {}", "(rule a (when (.b (map))))"},
        {"rule a when {b: c} == d {}", "(rule a (when (== (map b c) d)))"},
        {"rule a when [b]{}", "(rule a (when (list b)))"},
    };
    expect_trees(samples, LEN(samples), PARSE_RULES);
}

static void test_actions(void **state) {
    (void)state;
    static const struct sample samples[] = {
        {"rule a { set b.c = d }", "(rule a (set (target (.c b)) (value d)))"},
        {"rule a { add b[c] = d }", "(rule a (add (target ([] b c)) (value d)))"},
        {"rule a { default b = d }", "(rule a (default (target b) (value d)))"},
        {"rule a { remove b }", "(rule a (remove (target b)))"},
        {"rule a { reroute exempt }", "(rule a (reroute) (exempt))"},
        {"rule a { skip }", "(rule a (skip))"},
        {"rule a { require b }", "(rule a (require (value b)))"},
        {"rule a { require b else skip }", "(rule a (require (value b) else (skip)))"},
        {"rule a { require b else {} }", "(rule a (require (value b) else))"},
        {"rule a { require b else { reroute deny } }",
         "(rule a (require (value b) else (reroute) (deny)))"},
        {"rule a { limit b }", "(rule a (limit b))"},
        {"rule a { limit b cost c else limit d else deny }",
         "(rule a (limit b (cost c) else (limit d else (deny))))"},
        {"rule a { limit b limit c else deny deny }",
         "(rule a (limit b) (limit c else (deny)) (deny))"},
        {"rule a { charge b charge b cost 2 }", "(rule a (charge b) (charge b (cost 2)))"},
        {"rule a { refund b refund b cost 2 }", "(rule a (refund b) (refund b (cost 2)))"},
        {"rule a { ban b for 1m }", "(rule a (ban b (value 60000000000ns)))"},
        {"rule a { cap b.c at 10 }", "(rule a (cap (target (.c b)) (value 10)))"},
        {"rule a { cap b at 10 else respond 413 }",
         "(rule a (cap (target b) (value 10) else (respond (status 413))))"},
        {"rule a { log warn b + c }", "(rule a (log warn (value (+ b c))))"},
        {"rule a { count b count b by c }", "(rule a (count b) (count b (value c)))"},
        {"rule a { tag b = c }", "(rule a (tag b (value c)))"},
        {"rule a { deny }", "(rule a (deny))"},
        {"rule a { deny 404 }", "(rule a (deny (status 404)))"},
        {"rule a { deny (b) }", "(rule a (deny (status b)))"},
        {"rule a { deny body b headers c grpc_status d details e }",
         "(rule a (deny (body b) (headers c) (grpc_status d) (details e)))"},
        {"rule a { deny 403 json {b: c} }", "(rule a (deny (status 403) (json (map b c))))"},
        {"rule a { respond (b) body c }", "(rule a (respond (status b) (body c)))"},
        {"rule a { redirect to b }", "(rule a (redirect (to b)))"},
        {"rule a { redirect 301 scheme b host c path d query e }",
         "(rule a (redirect (status 301) (scheme b) (host c) (path d) (query e)))"},
    };
    expect_trees(samples, LEN(samples), PARSE_RULES);
}

static void test_steps(void **state) {
    (void)state;
    static const struct sample samples[] = {
        {"config {'a': 1}", "(config (map \"a\" 1))"},
        {"test 'a b' {}", "(test \"a b\")"},
        {"test 'a' { config {} let b = c expect d wait 1s }",
         "(test \"a\" (config (map)) (let b c) (expect d) (wait 1000000000ns))"},
        {"test 'a' { send GET '/' send PUT '/b' }",
         "(test \"a\" (send 1 GET \"/\") (send 1 PUT \"/b\"))"},
        {"test 'a' { worker 2 send GET b headers c body d from e with f }",
         "(test \"a\" (send 2 GET b (headers c) (body d) (from e) (with f)))"},
        {"test 'a' { send GET b body c upstream 503 headers d body e expect f }",
         "(test \"a\" (send 1 GET b (body c) (upstream 503) (upstream_headers d) (upstream_body "
         "e)) (expect f))"},
        {"rule a {} group b {} include 'c'", "(rule a) (group b) (include \"c\")"},
    };
    expect_trees(samples, LEN(samples), PARSE_TESTS);
}

static const char rich[] =
    "// demo.weir: the tutorial's plugin\n"
    "limiter demo { 2 per 1s  algorithm fixed_window  headers none }\n"
    "\n"
    "rule throttle {\n"
    "  limit demo else deny 403 body \"rate limited, wait and retry.\" headers "
    "{\"powered-by\": \"proxy-wasm-go-sdk!!\"}\n"
    "}\n"
    "rule stamp on response {\n"
    "  add response.headers[\"who-am-i\"]    = \"wasm-extension\"\n"
    "  add response.headers[\"configdata\"]  = json(config)\n"
    "}\n"
    "\n"
    "// Partners call with an API key, kept as a hash; each tier has its own rate.\n"
    "let partner = config.partners[?hex(sha256(request.headers[\"x-api-key\"]))]\n"
    "limiter quota { config.tiers[partner.value().tier] per 1m  by partner.value().name  "
    "on_absent deny }\n"
    "\n"
    "rule api when request.clean_path.startsWith(\"/api/\") {\n"
    "  require partner.hasValue() else deny 401 json {\"error\": \"unknown API key\"}\n"
    "  limit quota else deny 429 json {\"error\": \"quota used up\", \"tier\": "
    "partner.value().tier}\n"
    "  set request.headers[\"x-partner\"] = partner.value().name\n"
    "  remove request.headers[\"x-api-key\"]\n"
    "}\n"
    "\n"
    "limiter guesses { 5 per 15m  by client.prefix, request.json.user  on_absent skip  "
    "headers none }\n"
    "group login when request.method == \"POST\" && request.clean_path == \"/login\" {\n"
    "  rule attempt on request_body { limit guesses else deny 429 body \"Too many.\" }\n"
    "  rule success on response when response.code < 400 { refund guesses }\n"
    "}\n";

static const char rich_tree[] =
    "(limiter demo (rate 2) (per 1000000000ns) (algorithm fixed_window) (headers none)) "
    "(rule throttle (limit demo else (deny (status 403) (body \"rate limited, wait and retry.\") "
    "(headers (map \"powered-by\" \"proxy-wasm-go-sdk!!\"))))) "
    "(rule stamp (on response) "
    "(add (target ([] (.headers response) \"who-am-i\")) (value \"wasm-extension\")) "
    "(add (target ([] (.headers response) \"configdata\")) (value (call json config)))) "
    "(let partner ([]? (.partners config) (call hex (call sha256 ([] (.headers request) "
    "\"x-api-key\"))))) "
    "(limiter quota (rate ([] (.tiers config) (.tier (method value partner)))) "
    "(per 60000000000ns) (by (.name (method value partner))) (on_absent deny)) "
    "(rule api (when (method startsWith (.clean_path request) \"/api/\")) "
    "(require (value (method hasValue partner)) else (deny (status 401) "
    "(json (map \"error\" \"unknown API key\")))) "
    "(limit quota else (deny (status 429) (json (map \"error\" \"quota used up\" \"tier\" "
    "(.tier (method value partner)))))) "
    "(set (target ([] (.headers request) \"x-partner\")) (value (.name (method value partner)))) "
    "(remove (target ([] (.headers request) \"x-api-key\")))) "
    "(limiter guesses (rate 5) (per 900000000000ns) (by (.prefix client) (.user (.json request))) "
    "(on_absent skip) (headers none)) "
    "(group login (when (&& (== (.method request) \"POST\") (== (.clean_path request) "
    "\"/login\"))) "
    "(rule attempt (on request_body) (limit guesses else (deny (status 429) (body \"Too "
    "many.\")))) "
    "(rule success (on response) (when (< (.code response) 400)) (refund guesses)))";

static const char rich_test[] =
    "include \"demo.weir\"\n"
    "config {\"listconfig\": [\"abc\", \"def\"], \"testConfig\": \"abcddeeeee\"}  // JSON\n"
    "\n"
    "test \"the third call of a second is refused\" {\n"
    "  send GET \"http://httpbin:8000/headers\" headers {\"x-user\": \"a\"} from \"10.0.0.7\" "
    "with {\"jwt.sub\": \"a\", \"connection.mtls\": true}\n"
    "  expect response.code == 200 && forwarded.headers[\"x-user\"] == \"a\"\n"
    "  send GET \"/headers\"\n"
    "  expect response.code == 403 && response.body == b\"rate limited\"\n"
    "  expect decision.rule == \"throttle\" && metrics[\"throttle.denied\"] == 1 && "
    "!forwarded.sent\n"
    "  wait 1001ms\n"
    "  worker 2 send POST \"/x\" body \"y\"  upstream 503 headers {\"x-up\": \"1\"} body "
    "\"sorry\"\n"
    "  expect response.code == 503\n"
    "}\n";

static const char rich_test_tree[] =
    "(include \"demo.weir\") "
    "(config (map \"listconfig\" (list \"abc\" \"def\") \"testConfig\" \"abcddeeeee\")) "
    "(test \"the third call of a second is refused\" "
    "(send 1 GET \"http://httpbin:8000/headers\" (headers (map \"x-user\" \"a\")) "
    "(from \"10.0.0.7\") (with (map \"jwt.sub\" \"a\" \"connection.mtls\" true))) "
    "(expect (&& (== (.code response) 200) (== ([] (.headers forwarded) \"x-user\") \"a\"))) "
    "(send 1 GET \"/headers\") "
    "(expect (&& (== (.code response) 403) (== (.body response) b\"rate limited\"))) "
    "(expect (&& (== (.rule decision) \"throttle\") (== ([] metrics \"throttle.denied\") 1) "
    "(! (.sent forwarded)))) "
    "(wait 1001000000ns) "
    "(send 2 POST \"/x\" (body \"y\") (upstream 503) (upstream_headers (map \"x-up\" \"1\")) "
    "(upstream_body \"sorry\")) "
    "(expect (== (.code response) 503)))";

static void test_whole_texts(void **state) {
    (void)state;
    expect_tree(&(struct sample){rich, rich_tree}, PARSE_RULES);
    expect_tree(&(struct sample){rich_test, rich_test_tree}, PARSE_TESTS);
}

// Keywords

static const char *const keywords[] = {
    "shadow", "sample",  "by",      "on_error", "when",     "on",      "first",    "include",
    "group",  "rule",    "limiter", "service",  "test",     "config",  "per",      "concurrent",
    "set",    "add",     "default", "remove",   "deny",     "respond", "redirect", "exempt",
    "skip",   "reroute", "require", "limit",    "charge",   "refund",  "ban",      "cap",
    "at",     "log",     "count",   "tag",      "body",     "json",    "headers",  "grpc_status",
    "to",     "scheme",  "host",    "path",     "details",  "query",   "cost",     "with",
    "send",   "expect",  "wait",    "worker",   "upstream", "from",
};

// Each `~` of the form becomes the word.
static slice fill(struct text *out, const char *form, const char *word) {
    for (const char *at = form; *at != '\0'; at++) {
        if (*at == '~') {
            text_add_string(out, word);
        } else {
            text_add_char(out, *at);
        }
    }
    return text_slice(out);
}

static void expect_filled(const char *form, const char *tree, const char *word) {
    struct parsing parsing;
    struct text text, wanted;
    parsing_begin(&parsing, UINT32_MAX, BLOCK);
    text_init(&text, &parsing.arena);
    text_init(&wanted, &parsing.arena);
    parsing_run(&parsing, fill(&text, form, word), PARSE_TESTS);
    fill(&wanted, tree, word);
    text_add_char(&wanted, '\0');
    slice got = parsing.good ? parsing_tree(&parsing) : parsing_errors(&parsing);
    expect_slice(form, got, wanted.at);
    parsing_end(&parsing);
}

static void test_keywords_as_names(void **state) {
    (void)state;
    static const struct sample samples[] = {
        {"let ~ = ~ + ~.~ - ~(~)[~].~(~)",
         "(let ~ (- (+ ~ (.~ ~)) (method ~ ([] (call ~ ~) ~) ~)))"},
        {"let ~ = .~ ? ~ : {~: ~, ?~: ~}", "(let ~ (?: .~ ~ (map ~ ~ ?~ ~)))"},
        {"let ~ = ~ let ~ = [~, ?~] rule ~ {}", "(let ~ ~) (let ~ (list ~ ?~)) (rule ~)"},
        {"limiter ~ { ~ per ~ ~ ~ } limiter ~ { ~ concurrent }",
         "(limiter ~ (rate ~) (per ~) (~ ~)) (limiter ~ (concurrent ~))"},
        {"limiter ~ { ~ per ~ ~ ~, ~ }", "(limiter ~ (rate ~) (per ~) (~ ~ ~))"},
        {"service ~ { ~ ~ }", "(service ~ (~ ~))"},
        {"group ~ when ~ { rule ~ on ~ when ~ sample ~ by ~ on_error ~ {} }",
         "(group ~ (when ~) (rule ~ (on ~) (when ~) (sample ~ (by ~)) (on_error ~)))"},
        {"rule ~ { set ~ = ~ add ~.~ = ~ remove ~ require ~ limit ~ cost ~ else skip }",
         "(rule ~ (set (target ~) (value ~)) (add (target (.~ ~)) (value ~)) (remove (target ~)) "
         "(require (value ~)) (limit ~ (cost ~) else (skip)))"},
        {"rule ~ { charge ~ cost ~ ban ~ for ~ cap ~ at ~ log ~ ~ count ~ by ~ tag ~ = ~ }",
         "(rule ~ (charge ~ (cost ~)) (ban ~ (value ~)) (cap (target ~) (value ~)) "
         "(log ~ (value ~)) (count ~ (value ~)) (tag ~ (value ~)))"},
        {"rule ~ { deny body ~ headers ~ details ~ }",
         "(rule ~ (deny (body ~) (headers ~) (details ~)))"},
        {"rule ~ { redirect to ~ } rule ~ { redirect host ~ path ~ }",
         "(rule ~ (redirect (to ~))) (rule ~ (redirect (host ~) (path ~)))"},
        {"config ~ test 'a' { send ~ ~ headers ~ body ~ with ~ upstream ~ body ~ expect ~ wait ~ "
         "let ~ = ~ }",
         "(config ~) (test \"a\" (send 1 ~ ~ (headers ~) (body ~) (with ~) (upstream ~) "
         "(upstream_body ~)) (expect ~) (wait ~) (let ~ ~))"},
    };
    for (uint32_t i = 0; i < LEN(samples); i++) {
        for (uint32_t k = 0; k < LEN(keywords); k++) {
            expect_filled(samples[i].text, samples[i].tree, keywords[k]);
        }
        expect_filled(samples[i].text, samples[i].tree, "x");
    }
}

// Spans

static void add_spans(struct text *out, const struct parsing *parsing, const struct expr *expr) {
    for (; expr != NULL; expr = expr->next) {
        slice text = parsing->diagnostics.sources[expr->span.source].text;
        if (out->length > 0) text_add_char(out, '|');
        text_add(out, slice_cut(text, expr->span.start, expr->span.end));
        if (expr->name.at != NULL) {
            text_add_char(out, ':');
            text_add(out, slice_cut(text, expr->name_span.start, expr->name_span.end));
        }
        add_spans(out, parsing, expr->first);
    }
}

static void test_spans(void **state) {
    (void)state;
    static const struct sample samples[] = {
        {" a + b  + c ", "a + b  + c|a:a|b:b|c:c"},
        {"( a + b ) * c", "( a + b ) * c|( a + b )|a:a|b:b|c:c"},
        {"-5.f( 'x' )", "-5.f( 'x' ):f|-5|'x'"},
        {"- 5", "- 5|5"},
        {".a .b", ".a .b:b|.a:a"},
        {"a.`b c` [ 1 ]", "a.`b c` [ 1 ]|a.`b c`:`b c`|a:a|1"},
        {"f( )", "f( ):f"},
        {"[ 1 , ] ", "[ 1 , ]|1"},
        {"{ 1 : a }.b", "{ 1 : a }.b:b|{ 1 : a }|1|a:a"},
        {"a ? b : !c", "a ? b : !c|a:a|b:b|!c|c:c"},
    };
    for (uint32_t i = 0; i < LEN(samples); i++) {
        struct parsing parsing;
        parsing_begin(&parsing, UINT32_MAX, BLOCK);
        parsing_run(&parsing, slice_of(samples[i].text), PARSE_EXPRESSION);
        assert_true(parsing.good);
        add_spans(&parsing.out, &parsing, parsing.parse.expression);
        expect_slice(samples[i].text, text_slice(&parsing.out), samples[i].tree);
        parsing_end(&parsing);
    }
}

// Limits

// `open` n times, `inner`, `close` n times.
static slice nested(struct text *out, const char *open, const char *inner, const char *close,
                    uint32_t depth) {
    out->length = 0;
    for (uint32_t i = 0; i < depth; i++)
        text_add_string(out, open);
    text_add_string(out, inner);
    for (uint32_t i = 0; i < depth; i++)
        text_add_string(out, close);
    return text_slice(out);
}

struct nest {
    const char *begin;
    const char *open;
    const char *inner;
    const char *close;
    const char *end;
    uint32_t most; // levels that are good
};

static void expect_nested(const struct nest *nest, uint32_t depth, bool good) {
    struct parsing parsing;
    struct text middle, text;
    parsing_begin(&parsing, UINT32_MAX, BLOCK);
    text_init(&middle, &parsing.arena);
    text_init(&text, &parsing.arena);
    nested(&middle, nest->open, nest->inner, nest->close, depth);
    text_add_string(&text, nest->begin);
    text_add(&text, text_slice(&middle));
    text_add_string(&text, nest->end);
    parsing_run(&parsing, text_slice(&text), PARSE_RULES);
    if (parsing.good != good) print_message("%s %u\n", nest->open, depth);
    assert_int_equal(parsing.good, good);
    if (!good) {
        assert_int_equal(parsing.diagnostics.count, 1);
        assert_int_equal(parsing.diagnostics.first->error, ERROR_TOO_DEEP);
    }
    parsing_end(&parsing);
}

static void test_nesting(void **state) {
    (void)state;
    enum { LEAF = 1, MOST = LIMIT_NESTING - LEAF };
    static const struct nest nests[] = {
        {"let a = ", "[", "1", "]", "", MOST},
        {"let a = ", "{1:", "1", "}", "", MOST},
        {"let a = ", "{?1:", "1", "}", "", MOST},
        {"let a = ", "f(1, ", "1", ")", "", MOST},
        {"let a = ", "x.f(1, ", "1", ")", "", MOST},
        {"let a = ", "x[", "1", "]", "", MOST},
        {"let a = ", "x[?", "1", "]", "", MOST},
        {"let a = ", "!", "x", "", "", MOST},
        {"let a = ", "- ", "x", "", "", MOST},
        {"let a = ", "x ? y : ", "z", "", "", MOST},
        {"let a = ", "(x && ", "y", ")", "", MOST},
        {"let a = ", "(x + ", "y", ")", "", MOST},
        {"let a = ", "", "x", ".y", "", MOST},
        {"let a = ", "", "x", ".y()", "", MOST},
        {"let a = ", "", "x", " - y", "", MOST},
        {"let a = ", "", "x", " < y", "", MOST},
        {"let a = ", "x || y && z < u * - f(1, ", "v", ")", "", MOST / 6},
        {"", "group a { ", "rule b {}", "}", "", LIMIT_NESTING},
        {"", "group a { ", "", "}", "", LIMIT_NESTING},
        {"rule a { ", "require b else ", "deny", "", "}", LIMIT_NESTING},
        {"rule a { ", "require b else { reroute ", "deny", "}", "}", LIMIT_NESTING},
    };
    for (uint32_t i = 0; i < LEN(nests); i++) {
        expect_nested(&nests[i], 1, true);
        expect_nested(&nests[i], nests[i].most, true);
        expect_nested(&nests[i], nests[i].most + 1, false);
        expect_nested(&nests[i], 10000, false);
    }
    // Parentheses make no nodes, but the parser's stack is not endless.
    struct nest parentheses = {"let a = ", "(", "1", ")", "", 0};
    expect_nested(&parentheses, 500, true);
    expect_nested(&parentheses, 10000, false);
}

// What is passed over after an error is not parsed, yet its brackets are counted.
static void test_nesting_behind_an_error(void **state) {
    (void)state;
    struct parsing parsing;
    struct text text;
    parsing_begin(&parsing, UINT32_MAX, BLOCK);
    text_init(&text, &parsing.arena);
    text_add_char(&text, ']');
    for (uint32_t i = 0; i < 10000; i++)
        text_add_char(&text, '(');
    parsing_run(&parsing, text_slice(&text), PARSE_RULES);
    expect_slice("brackets", parsing_errors(&parsing),
                 "1:1: E0201 `]` cannot stand here\n"
                 "1:1026: E0203 nested more than 64 levels deep");
    parsing_end(&parsing);
}

static void run_chain(struct parsing *parsing, const char *operator, uint32_t operands) {
    struct text text;
    parsing_begin(parsing, UINT32_MAX, BLOCK);
    text_init(&text, &parsing->arena);
    text_add_char(&text, 'a');
    for (uint32_t i = 1; i < operands; i++) {
        text_add_string(&text, operator);
        text_add_char(&text, 'a');
    }
    parsing_run(parsing, text_slice(&text), PARSE_EXPRESSION);
}

static void test_long_chains(void **state) {
    (void)state;
    static const char *const operators[] = {"||", "&&", "+"};
    struct parsing parsing;
    for (uint32_t i = 0; i < LEN(operators); i++) {
        run_chain(&parsing, operators[i], 100000);
        assert_true(parsing.good);
        assert_int_equal(parsing.parse.expression->count, 100000);
        assert_int_equal(parsing.parse.expression->height, 2);
        assert_int_equal(parsing.parse.nodes, 100001);
        parsing_end(&parsing);
    }
}

static void test_node_limit(void **state) {
    (void)state;
    struct parsing parsing;
    run_chain(&parsing, "+", LIMIT_NODES - 1);
    assert_true(parsing.good);
    assert_int_equal(parsing.parse.nodes, LIMIT_NODES);
    parsing_end(&parsing);
    run_chain(&parsing, "+", LIMIT_NODES);
    assert_false(parsing.good);
    assert_null(parsing.parse.expression);
    expect_slice("chain", parsing_errors(&parsing),
                 "1:400000: E0209 the rules hold more than "
                 "200000 parts");
    parsing_end(&parsing);
}

// All texts of a program count together.
static void test_nodes_of_several_texts(void **state) {
    (void)state;
    struct parsing parsing;
    parsing_begin(&parsing, UINT32_MAX, BLOCK);
    parsing.parse.nodes = LIMIT_NODES - 2;
    parsing_run(&parsing, slice_of("let a = b"), PARSE_RULES);
    assert_true(parsing.good);
    parsing_run(&parsing, slice_of("let a = b"), PARSE_RULES);
    assert_false(parsing.good);
    assert_int_equal(parsing.diagnostics.count, 1);
    parsing_end(&parsing);
}

static void test_refused_memory(void **state) {
    (void)state;
    bool good = false;
    for (uint32_t blocks = 0; !good; blocks++) {
        struct parsing parsing;
        parsing_begin(&parsing, blocks, 128);
        parsing_run(&parsing, slice_of(rich), PARSE_RULES);
        assert_int_equal(parsing.good, !parsing.diagnostics.out_of_memory);
        assert_int_equal(parsing.diagnostics.count, 0);
        good = parsing.good;
        parsing_end(&parsing);
        assert_true(blocks < 10000);
    }
}

// Memory that is refused while errors are reported.
static void test_refused_memory_of_errors(void **state) {
    (void)state;
    static const char text[] = "rule a when { deny } rule b { deny 403 body \"\\q\" ] skip }\n"
                               "limiter c { 1h30 per }\nlet d = 99999999999999999999 +\n"
                               "group e { rule f { limit x deny\n";
    uint32_t wanted = 0;
    for (uint32_t blocks = 400; blocks > 0; blocks--) {
        struct parsing parsing;
        parsing_begin(&parsing, blocks, 64);
        parsing_run(&parsing, slice_of(text), PARSE_RULES);
        assert_false(parsing.good);
        if (wanted == 0) wanted = parsing.diagnostics.count;
        bool complete = parsing.diagnostics.count == wanted;
        assert_true(complete || parsing.diagnostics.out_of_memory);
        parsing_end(&parsing);
    }
    assert_true(wanted >= 6);
}

// Robustness

static uint32_t next_random(uint32_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static void mutate(char *text, uint32_t *length, uint32_t *random) {
    uint32_t at = next_random(random) % *length;
    uint32_t other = next_random(random) % *length;
    uint32_t span = next_random(random) % 20;
    if (span > *length - at) span = *length - at;
    switch (next_random(random) % 4) {
    case 0: // a piece is lost
        memmove(text + at, text + at + span, *length - at - span);
        *length -= span;
        break;
    case 1: // a byte comes twice
        memmove(text + at + 1, text + at, *length - at);
        *length += 1;
        break;
    case 2: { // two change places
        char kept = text[at];
        text[at] = text[other];
        text[other] = kept;
        break;
    }
    default: { // one becomes another, most of which mean something
        static const char bytes[] = "{}[]()\"'\\`.,:?=-+!&|/0x9uhs \n\xc3\xff\0";
        text[at] = bytes[next_random(random) % sizeof bytes];
    }
    }
}

static void check_heights(const struct expr *expr) {
    for (; expr != NULL; expr = expr->next) {
        assert_in_range(expr->height, 1, LIMIT_NESTING);
        assert_true(expr->span.start < expr->span.end);
        check_heights(expr->first);
    }
}

static void run_mutations(const char *original, uint32_t rounds, enum parse_goal goal) {
    enum { MUTATIONS = 4 };
    uint32_t random = 20240229;
    uint32_t size = (uint32_t)strlen(original);
    char *text = malloc(size + MUTATIONS + 1);
    assert_non_null(text);
    for (uint32_t round = 0; round < rounds; round++) {
        struct parsing parsing;
        uint32_t length = size;
        memcpy(text, original, size);
        for (uint32_t i = 0; i <= round % MUTATIONS; i++)
            mutate(text, &length, &random);
        parsing_begin(&parsing, UINT32_MAX, BLOCK);
        parsing_run(&parsing, slice_from(text, length), goal);
        assert_int_equal(parsing.good, parsing.diagnostics.count == 0);
        assert_false(parsing.diagnostics.out_of_memory);
        if (parsing.good && parsing.parse.items != NULL) {
            parsing_tree(&parsing);
            check_heights(parsing.parse.items->value);
        }
        diag_render_all(&parsing.diagnostics, &parsing.out);
        parsing_end(&parsing);
    }
    free(text);
}

static void test_mutations(void **state) {
    (void)state;
    run_mutations(rich, 14000, PARSE_RULES);
    run_mutations(rich_test, 6000, PARSE_TESTS);
}

// Every prefix of a text: it ends in the middle of everything.
static void test_prefixes(void **state) {
    (void)state;
    for (uint32_t length = 0; length < sizeof rich; length++) {
        struct parsing parsing;
        parsing_begin(&parsing, UINT32_MAX, BLOCK);
        parsing_run(&parsing, slice_from(rich, length), PARSE_RULES);
        assert_true(parsing.diagnostics.count <= 2);
        parsing_end(&parsing);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_minus),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_operators),
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_items),
        cmocka_unit_test(test_actions),
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_whole_texts),
        cmocka_unit_test(test_keywords_as_names),
        cmocka_unit_test(test_spans),
        cmocka_unit_test(test_nesting),
        cmocka_unit_test(test_nesting_behind_an_error),
        cmocka_unit_test(test_long_chains),
        cmocka_unit_test(test_node_limit),
        cmocka_unit_test(test_nodes_of_several_texts),
        cmocka_unit_test(test_refused_memory),
        cmocka_unit_test(test_refused_memory_of_errors),
        cmocka_unit_test(test_mutations),
        cmocka_unit_test(test_prefixes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

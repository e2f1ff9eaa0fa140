// Globs, templates of paths and hosts, domains and hosts of URLs: what matches and what does not
// side by side, and globs against a reference that tries everything.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/base/text.h"
#include "engine/match/glob.h"
#include "tests/unit/bodies.h"

function_body pattern_glob, pattern_path_match, pattern_host_match, pattern_in_domain,
    pattern_url_host;

enum outcome { NO, YES, BAD };

static const struct glob_case {
    const char *pattern, *text;
    enum outcome outcome;
} globs[] = {
    {"", "", YES},
    {"", "a", NO},
    {"abc", "abc", YES},
    {"abc", "ab", NO},
    {"abc", "abcd", NO},
    {"abc", "ABC", NO},
    {"*", "", YES},
    {"*", "abc", YES},
    {"*", "a/b", NO},
    {"**", "a/b", YES},
    {"**", "", YES},
    {"***", "a/b", YES},
    {"/api/*", "/api/users", YES},
    {"/api/*", "/api/", YES},
    {"/api/*", "/api/users/1", NO},
    {"/api/**", "/api/users/1", YES},
    {"/api/**", "/api/", YES},
    {"/api/**", "/api", NO},
    {"/api**", "/api", YES},
    {"**/admin", "/x/y/admin", YES},
    {"**/admin", "/admin", YES},
    {"**/admin", "admin", NO},
    {"/*/b*c/**", "/x/bxc/", YES},
    {"/*/b*c/**", "/x/bxcd/", NO},
    {"*.example.com", "a.example.com", YES},
    {"*.example.com", ".example.com", YES},
    {"*.example.com", "example.com", NO},
    {"a*b*c", "aXbXbXc", YES},
    {"a*b*c", "aXbXbX", NO},
    {"**a*b/c", "a/ab/abb/c", YES},
    {"a*ab", "ab", NO},
    {"a*ab", "aab", YES},
    {"*.js", "a.js.map", NO},
    {"**.js", "/a/b.js", YES},
    {"\\*a", "*a", YES},
    {"\\*a", "ba", NO},
    {"*\\a", "ba", YES},
    {"*[b]a", "ba", YES},
    {"?", "a", YES},
    {"?", "", NO},
    {"?", "/", NO},
    {"?", "ab", NO},
    {"?", "\xc3\xa4", YES},
    {"?", "\xf0\x9f\x98\x80", YES},
    {"??", "\xc3\xa4", NO},
    {"?", "\xff", YES},
    {"h?h", "h\xc3\xa4h", YES},
    {"[abc]", "b", YES},
    {"[abc]", "d", NO},
    {"[a-c]x", "bx", YES},
    {"[a-c]", "-", NO},
    {"[a-]", "-", YES},
    {"[-a]", "-", YES},
    {"[!a-c]", "d", YES},
    {"[!a-c]", "b", NO},
    {"[^a-c]", "d", YES},
    {"[!a]", "/", NO},
    {"[ -~]", "/", NO},
    {"[a^]", "^", YES},
    {"[\\]]", "]", YES},
    {"[\\\\]", "\\", YES},
    {"[a\\-c]", "b", NO},
    {"[a\\-c]", "-", YES},
    {"[\xc3\xa0-\xc3\xbf]", "\xc3\xa4", YES},
    {"[\xc3\xa0-\xc3\xbf]", "z", NO},
    {"[*]", "*", YES},
    {"[*]", "a", NO},
    {"\\*", "*", YES},
    {"\\*", "a", NO},
    {"a\\b", "ab", YES},
    {"\\\\", "\\", YES},
    {"{a,b}", "a", NO},
    {"]", "]", YES},
    {"a-b", "a-b", YES},
    {"[", "[", BAD},
    {"[a", "a", BAD},
    {"[]", "", BAD},
    {"[!]", "a", BAD},
    {"[]a]", "a", BAD},
    {"[c-a]", "b", BAD},
    {"[a-", "a", BAD},
    {"[a\\", "a", BAD},
    {"a\\", "a", BAD},
    {"zzz[", "a", BAD},
};

static void test_globs(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(globs); i++) {
        struct bodies bodies;
        struct value arguments[2] = {bodies_string(globs[i].text), bodies_string(globs[i].pattern)};
        struct value out;
        bodies_open(&bodies, UINT32_MAX);
        enum failure failure = bodies_call(&bodies, pattern_glob, 2, arguments, &out);
        bool right = globs[i].outcome == BAD
                         ? failure == FAILURE_TEMPLATE
                         : failure == FAILURE_NONE && out.as.boolean == (globs[i].outcome == YES);
        if (!right) fail_msg("`%s` on `%s`", globs[i].pattern, globs[i].text);
        bodies_close(&bodies);
    }
}

static bool reference(const char *pattern, const char *text) {
    if (*pattern == '\0') return *text == '\0';
    if (*pattern == '*') {
        bool any = pattern[1] == '*';
        while (*pattern == '*')
            pattern++;
        for (;; text++) {
            if (reference(pattern, text)) return true;
            if (*text == '\0' || (!any && *text == '/')) return false;
        }
    }
    if (*text == '\0') return false;
    return (*pattern == '?' ? *text != '/' : *pattern == *text) && reference(pattern + 1, text + 1);
}

static uint32_t next_random(uint32_t *seed) {
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

static void make_text(uint32_t *seed, const char *letters, uint32_t most, char *out) {
    uint32_t length = next_random(seed) % (most + 1), count = (uint32_t)strlen(letters);
    for (uint32_t i = 0; i < length; i++)
        out[i] = letters[next_random(seed) % count];
    out[length] = '\0';
}

static void test_random_globs(void **state) {
    (void)state;
    uint32_t seed = 7, matched = 0;
    struct bodies bodies;
    bodies_open(&bodies, UINT32_MAX);
    for (uint32_t i = 0; i < 300000; i++) {
        char pattern[16], text[16];
        bool out;
        make_text(&seed, "ab/**?", 9, pattern);
        make_text(&seed, "aab/", 10, text);
        int64_t steps = 1000;
        assert_int_equal(glob_match(&bodies.arena, &steps, slice_of(pattern), slice_of(text), &out),
                         FAILURE_NONE);
        if (out != reference(pattern, text)) fail_msg("`%s` on `%s`", pattern, text);
        matched += out;
    }
    assert_in_range(matched, 10000, 200000);
    bodies_close(&bodies);
}

// What makes matchers that go back take exponential time: steps are charged and bounded.
static void test_glob_work(void **state) {
    (void)state;
    enum { STARS = 200, LENGTH = 20000 };
    struct bodies bodies;
    char pattern[2 * STARS + 2], *text = malloc(LENGTH);
    for (uint32_t i = 0; i < STARS; i++)
        memcpy(pattern + (size_t)i * 2, "a*", 2);
    memcpy(pattern + (size_t)2 * STARS, "b?", 2);
    memset(text, 'a', LENGTH);
    struct value arguments[2] = {value_string(slice_from(text, LENGTH)),
                                 value_string(slice_from(pattern, sizeof pattern))};
    struct value out;
    bodies_open(&bodies, UINT32_MAX);
    bodies.call.steps = sizeof pattern * LENGTH / 64 + 100;
    assert_int_equal(bodies_call(&bodies, pattern_glob, 2, arguments, &out), FAILURE_NONE);
    assert_false(out.as.boolean);
    bodies.call.steps = 1000;
    assert_int_equal(bodies_call(&bodies, pattern_glob, 2, arguments, &out), FAILURE_STEPS);
    bodies_close(&bodies);
    bodies_open(&bodies, 0);
    assert_int_equal(bodies_call(&bodies, pattern_glob, 2, arguments, &out), FAILURE_NO_MEMORY);
    bodies_close(&bodies);
    free(text);
}

// Captures as `name=value` with `;` behind each; NULL: no match, "!": malformed.
static const struct template_case {
    const char *template, *text, *captures;
} paths[] = {
    {"/", "/", ""},
    {"/", "", NULL},
    {"/", "/a", NULL},
    {"/a/b", "/a/b", ""},
    {"/a/b", "/a/B", NULL},
    {"/a/b", "/a/b/", NULL},
    {"/users/{id}", "/users/7", "id=7;"},
    {"/users/{id}", "/users/", NULL},
    {"/users/{id}", "/users/7/", NULL},
    {"/users/{id}", "/users/7/x", NULL},
    {"/users/{id}", "/users/7?x=/1#y", "id=7;"},
    {"/users/{id}", "/users/?id=7", NULL},
    {"/users/{id=*}", "/users/7", "id=7;"},
    {"/users/{id}/**", "/users/7/", "id=7;"},
    {"/users/{id}/**", "/users/7/a/b", "id=7;"},
    {"/users/{id}/**", "/users/7", NULL},
    {"/{a}/{b}", "/x/y", "a=x;b=y;"},
    {"/{a}/{b}", "/x//y", NULL},
    {"/{a}/x/{b}", "/1/x/2", "a=1;b=2;"},
    {"/*/x", "/1/x", ""},
    {"/*/x", "//x", NULL},
    {"/v{version}/x", "/v12/x", "version=12;"},
    {"/v{version}/x", "/v/x", NULL},
    {"/{file}.m4s", "/a.b.m4s", "file=a.b;"},
    {"/{file}.m4s", "/.m4s", NULL},
    {"/{file}.m4s", "/a.m4s.mp4", NULL},
    {"/videos/*/*/*.m4s", "/videos/123414/hls/1080p5000_00001.m4s", ""},
    {"/**.mpd", "/content/123/india/dash/55/manifest.mpd", ""},
    {"/**.mpd", "/.mpd", ""},
    {"/**.mpd", "/a.mpd/b", NULL},
    {"/{rest=**}", "/", "rest=;"},
    {"/{rest=**}", "/a/b", "rest=a/b;"},
    {"/{rest=**}.m4s", "/a/b.m4s", "rest=a/b;"},
    {"/{name=videos/*}/x", "/videos/7/x", "name=videos/7;"},
    {"/{name=videos/*}/x", "/films/7/x", NULL},
    {"/{all=a/**}", "/a/b/c", "all=a/b/c;"},
    {"/**/edit", "/a/b/edit", ""},
    {"/**/edit", "//edit", ""},
    {"/**/edit", "/edit", NULL},
    {"/{top}/{middle=**}/{last}", "/a/b/c/d", "top=a;middle=b/c;last=d;"},
    {"/{top}/{middle=**}/{last}", "/a/d", NULL},
    {"/{top}/{middle=**}/{last}", "/a//d", "top=a;middle=;last=d;"},
    {"/a%2Fb/{x}", "/a%2Fb/%2F", "x=%2F;"},
    {"/{_a1}", "/x", "_a1=x;"},
    {"", "", "!"},
    {"users", "users", "!"},
    {"{a}", "/x", "!"},
    {"/{", "/x", "!"},
    {"/{a", "/x", "!"},
    {"/a}", "/a}", "!"},
    {"/{}", "/x", "!"},
    {"/{=*}", "/x", "!"},
    {"/{a=}", "/x", "!"},
    {"/{1a}", "/x", "!"},
    {"/{a b}", "/x", "!"},
    {"/{a-b}", "/x", "!"},
    {"/{a={b}}", "/x", "!"},
    {"/{{a}}", "/x", "!"},
    {"/{a}{b}", "/x", "!"},
    {"/{a}-{b}", "/x-y", "!"},
    {"/***", "/x", "!"},
    {"/*a*", "/x", "!"},
    {"/**/**", "/x/y", "!"},
    {"/{a}/{a}", "/x/y", "!"},
    {"/{a=*}{", "/x", "!"},
};

static const struct template_case hosts[] = {
    {"example.com", "example.com", ""},
    {"example.com", "EXAMPLE.com.", ""},
    {"Example.COM", "example.com:8080", ""},
    {"example.com", "a.example.com", NULL},
    {"{tenant}.example.com", "acme.example.com", "tenant=acme;"},
    {"{tenant}.example.com", "ACME.Example.com", "tenant=acme;"},
    {"{tenant}.example.com", "acme.example.com.", "tenant=acme;"},
    {"{tenant}.example.com", "acme.example.com:443", "tenant=acme;"},
    {"{tenant}.example.com", "a.b.example.com", NULL},
    {"{tenant}.example.com", ".example.com", NULL},
    {"{tenant}.example.com", "example.com", NULL},
    {"{tenant}.example.com", "acme.example.com.evil.org", NULL},
    {"{tenant}.example.com", "", NULL},
    {"*.example.com", "a.example.com", ""},
    {"**.example.com", "a.b.example.com", ""},
    {"**.example.com", "example.com", NULL},
    {"**.example.com", ".example.com", NULL},
    {"**.example.com", "a..example.com", NULL},
    {"{sub=**}.example.com", "a.b.example.com", "sub=a.b;"},
    {"api-{region}.example.com", "api-eu.example.com", "region=eu;"},
    {"{a}.{b}.com", "x.y.com", "a=x;b=y;"},
    {"example.com", "[::1]:80", NULL},
    {"", "", "!"},
    {".com", "a.com", "!"},
    {"a..com", "a.com", "!"},
    {"a.com.", "a.com", "!"},
    {"{a}.{a}", "x.y", "!"},
};

static void check_templates(const struct template_case *cases, size_t count, function_body *body) {
    for (size_t i = 0; i < count; i++) {
        struct bodies bodies;
        struct text found;
        struct value arguments[2] = {bodies_string(cases[i].text),
                                     bodies_string(cases[i].template)};
        struct value out;
        bodies_open(&bodies, UINT32_MAX);
        text_init(&found, &bodies.arena);
        text_add_string(&found, "");
        enum failure failure = bodies_call(&bodies, body, 2, arguments, &out);
        bool some = failure == FAILURE_NONE && out.length == 1;
        for (uint32_t k = 0; some && k < out.as.items[0].length; k++) {
            const struct value *entry = out.as.items[0].as.items + (size_t)k * 2;
            text_add_form(&found, "{0}={1};",
                          (slice[]){value_text(entry[0]), value_text(entry[1])});
        }
        const char *wanted = cases[i].captures;
        bool right = wanted == NULL ? failure == FAILURE_NONE && out.length == 0
                                    : some && slice_is(text_slice(&found), wanted);
        if (wanted != NULL && strcmp(wanted, "!") == 0) right = failure == FAILURE_TEMPLATE;
        if (some) assert_int_equal(out.depth, 2);
        if (!right)
            fail_msg("`%s` on `%s`: %d %.*s", cases[i].template, cases[i].text, (int)failure,
                     (int)found.length, found.at);
        bodies_close(&bodies);
    }
}

static void test_templates(void **state) {
    (void)state;
    check_templates(paths, LEN(paths), pattern_path_match);
    check_templates(hosts, LEN(hosts), pattern_host_match);
}

// At most 16 names.
static void test_names(void **state) {
    (void)state;
    char template[128] = "";
    for (uint32_t count = 1; count <= 17; count++) {
        struct bodies bodies;
        struct value arguments[2], out;
        snprintf(template + strlen(template), 8, "/{n%u}", count);
        arguments[0] = bodies_string("/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16");
        arguments[1] = bodies_string(template);
        bodies_open(&bodies, UINT32_MAX);
        assert_int_equal(bodies_call(&bodies, pattern_path_match, 2, arguments, &out),
                         count == 17 ? FAILURE_TEMPLATE : FAILURE_NONE);
        if (count == 16) assert_int_equal(out.as.items[0].length, 16);
        bodies_close(&bodies);
    }
}

static const struct glob_case domains[] = {
    {"example.com", "example.com", YES},
    {"example.com", "a.example.com", YES},
    {"example.com", "a.b.EXAMPLE.com", YES},
    {"EXAMPLE.com.", "a.example.com", YES},
    {"example.com", "example.com.", YES},
    {"example.com", "a.example.com:8080", YES},
    {"example.com", "notexample.com", NO},
    {"example.com", "example.com.evil.org", NO},
    {"example.com", "example.org", NO},
    {"example.com", "com", NO},
    {"example.com", "", NO},
    {"example.com", "example.com:80:80", NO},
    {"example.com", "evil.org#example.com", NO},
    {"", "a", BAD},
    {".", "a", BAD},
    {".example.com", "a.example.com", BAD},
    {"a..b", "a..b", BAD},
};

static void test_in_domain(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(domains); i++) {
        struct bodies bodies;
        struct value arguments[2] = {bodies_string(domains[i].text),
                                     bodies_string(domains[i].pattern)};
        struct value out;
        bodies_open(&bodies, UINT32_MAX);
        enum failure failure = bodies_call(&bodies, pattern_in_domain, 2, arguments, &out);
        bool right = domains[i].outcome == BAD
                         ? failure == FAILURE_TEMPLATE
                         : failure == FAILURE_NONE && out.as.boolean == (domains[i].outcome == YES);
        if (!right) fail_msg("`%s` in `%s`", domains[i].text, domains[i].pattern);
        bodies_close(&bodies);
    }
}

static const struct url_case {
    const char *url, *host;
} urls[] = {
    {"http://a.com", "a.com"},
    {"http://a.com/", "a.com"},
    {"http://A.Com:80/x", "a.com"},
    {"https://a.com?x", "a.com"},
    {"https://a.com#x@b.com", "a.com"},
    {"https://a.com/@b.com", "a.com"},
    {"https://a.com?@b.com", "a.com"},
    {"https://a.com/\\@b.com", "a.com"},
    {"http://a.com.", "a.com"},
    {"http://user@b.com", "b.com"},
    {"http://a.com:80@b.com", "b.com"},
    {"http://user:p%40ss@b.com:8080/", "b.com"},
    {"http://@b.com", "b.com"},
    {"http://a.com:", "a.com"},
    {"http://a.com:65535", "a.com"},
    {"wss+x.1-2://a_b.xn--c-1:1", "a_b.xn--c-1"},
    {"http://1.2.3.4:80", "1.2.3.4"},
    {"http://[::1]:80/", "::1"},
    {"http://[2001:DB8:0::1]", "2001:db8::1"},
    {"http://u@[::1]", "::1"},
    {"http://localhost", "localhost"},
    {"http://1.2.3.com", "1.2.3.com"},
    {"", ""},
    {"a.com", ""},
    {"//a.com", ""},
    {"/a", ""},
    {"http:a.com", ""},
    {"http:/a.com", ""},
    {"http:///a.com", ""},
    {"http:////a.com", ""},
    {"http://", ""},
    {"http://?a.com", ""},
    {"http://:80", ""},
    {"http://u@", ""},
    {"http:\\\\a.com", ""},
    {"http://a.com\\@b.com", ""},
    {"http://a.com\\.b.com", ""},
    {"http://b.com\\a.com/", ""},
    {"http://a.com@b.com@c.com", ""},
    {"http://a.com\t@b.com", ""},
    {"http://a.com\n.b.com", ""},
    {"http://a.com b.com", ""},
    {" http://a.com", ""},
    {"ht\ttp://a.com", ""},
    {"1http://a.com", ""},
    {"://a.com", ""},
    {"http://a%2ecom", ""},
    {"http://a.com%00.b.com", ""},
    {"http://\xc3\xa4.com", ""},
    {"http://a.com\xef\xbc\x8f@b.com", ""},
    {"http://a..com", ""},
    {"http://.com", ""},
    {"http://.", ""},
    {"http://a.com..", ""},
    {"http://a.com:80:80", ""},
    {"http://a.com:65536", ""},
    {"http://a.com:99999999999999999999", ""},
    {"http://a.com:8o", ""},
    {"http://a.com:-1", ""},
    {"http://::1/", ""},
    {"http://[::1", ""},
    {"http://[::1]a", ""},
    {"http://[::1]:x", ""},
    {"http://[::1%25eth0]", ""},
    {"http://[::ffff:1.2.3.4]", ""},
    {"http://[1.2.3.4]", ""},
    {"http://[]", ""},
    {"http://[a.com]", ""},
    {"http://a[::1]", ""},
    {"http://2130706433", ""},
    {"http://0x7f.1", ""},
    {"http://0x7f000001", ""},
    {"http://1.2.3", ""},
    {"http://1.2.3.04", ""},
    {"http://a.1", ""},
    {"http://a.0X1", ""},
    {"http://1.2.3.4.", "1.2.3.4"},
    {"http://a.com;b", ""},
    {"http://a.com,b", ""},
    {"http://a.com<", ""},
    {"http://<@b.com", ""},
};

static void test_url_host(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(urls); i++) {
        struct bodies bodies;
        struct value url = bodies_string(urls[i].url), out;
        bodies_open(&bodies, UINT32_MAX);
        assert_int_equal(bodies_call(&bodies, pattern_url_host, 1, &url, &out), FAILURE_NONE);
        if (out.kind != TYPE_STRING || !slice_is(value_text(out), urls[i].host))
            fail_msg("`%s`: `%.*s`", urls[i].url, (int)out.length, out.as.text);
        bodies_close(&bodies);
    }
    struct value nul = value_string(slice_from("http://a.com\0@b.com", 19)), out;
    struct bodies bodies;
    bodies_open(&bodies, UINT32_MAX);
    assert_int_equal(bodies_call(&bodies, pattern_url_host, 1, &nul, &out), FAILURE_NONE);
    assert_int_equal(out.length, 0);
    bodies_close(&bodies);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_globs),     cmocka_unit_test(test_random_globs),
        cmocka_unit_test(test_glob_work), cmocka_unit_test(test_templates),
        cmocka_unit_test(test_names),     cmocka_unit_test(test_in_domain),
        cmocka_unit_test(test_url_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

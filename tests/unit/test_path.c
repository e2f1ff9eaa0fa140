// request.clean_path: a table of the known ways around it, and every short path against a reference
// that does one thing at a time.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/lib/path.h"

static uint32_t takes;     // blocks asked for
static uint32_t takes_max; // refuse those above

static void *counted_take(void *self, size_t bytes) {
    (void)self;
    takes++;
    return takes > takes_max ? NULL : malloc(bytes);
}

static void counted_give(void *self, void *block) {
    (void)self;
    free(block);
}

static const struct allocator counted = {counted_take, counted_give, NULL};

static struct arena fresh_arena(void) {
    struct arena arena;
    takes = 0;
    takes_max = UINT32_MAX;
    arena_init(&arena, &counted, 4096, SIZE_MAX);
    return arena;
}

static const struct clean_case {
    const char *path;
    const char *clean;
} clean_cases[] = {
    {"/", "/"},
    {"", "/"},
    {"*", "*"},
    {"*x", "/*x"},
    {"/a/b", "/a/b"},
    {"/a/b/", "/a/b/"},
    {"a/b", "/a/b"},
    // query and fragment
    {"/a?b=/../c", "/a"},
    {"/a#/../b", "/a"},
    {"/a?b#c", "/a"},
    {"/a#b?c", "/a"},
    {"?a", "/"},
    {"#a", "/"},
    {"/a/..?b", "/"},
    {"/a%3Fb", "/a%3Fb"},
    {"/a%23b", "/a%23b"},
    // slashes
    {"//admin", "/admin"},
    {"///admin//users///", "/admin/users/"},
    {"//", "/"},
    {"\\admin", "/admin"},
    {"/a\\..\\admin", "/admin"},
    {"/\\/admin", "/admin"},
    {"/a\\", "/a/"},
    {"//host/admin", "/host/admin"},
    // dot segments
    {"/.", "/"},
    {"/..", "/"},
    {"/./admin", "/admin"},
    {"/a/.", "/a/"},
    {"/a/./", "/a/"},
    {"/a/b/..", "/a/"},
    {"/a/b/../", "/a/"},
    {"/a/../../../admin", "/admin"},
    {"/a//../admin", "/admin"},
    {"/a/...", "/a/..."},
    {"/a/.b", "/a/.b"},
    {"/a/..b", "/a/..b"},
    {"/a/b..", "/a/b.."},
    {"..", "/"},
    {"../admin", "/admin"},
    // escapes
    {"/%61dmin", "/admin"},
    {"/%41%5A%5a%30%39%2D%2d%5F%7E", "/AZZ09--_~"},
    {"/a/%2e%2e/admin", "/admin"},
    {"/a/.%2E/admin", "/admin"},
    {"/%2e", "/"},
    {"/a%2fb", "/a%2Fb"},
    {"/a%2F..%2fadmin", "/a%2F..%2Fadmin"},
    {"/a/..%2fadmin", "/a/..%2Fadmin"},
    {"/a%5c..%5Cadmin", "/a%5C..%5Cadmin"},
    {"/a%00b", "/a%00b"},
    {"/a%0ab", "/a%0Ab"},
    {"/a%c0%ae%C0%AE/b", "/a%C0%AE%C0%AE/b"},
    {"/caf%c3%a9", "/caf%C3%A9"},
    {"/a%20b%2B", "/a%20b%2B"},
    // once
    {"/%2541", "/%2541"},
    {"/%252e%252e/admin", "/%252e%252e/admin"},
    {"/%25%32%65", "/%252e"},
    // malformed
    {"/%", "/%"},
    {"/%4", "/%4"},
    {"/%zz", "/%zz"},
    {"/%4g/a", "/%4g/a"},
    {"/%%41", "/%%41"},
    {"/%2%65%2%65/admin", "/%2%65%2%65/admin"},
    {"/%%32%65", "/%%32e"},
    {"/%g%41", "/%gA"},
    {"/%u002e", "/%u002e"},
    {"/a%/..", "/"},
    {"/%;x/../b", "/b"},
    // parameters
    {"/a;b", "/a"},
    {"/a;b/c", "/a/c"},
    {"/a;b;c=d/e;f", "/a/e"},
    {"/;x", "/"},
    {"/;x/admin", "/admin"},
    {"/a/;x/admin", "/a/admin"},
    {"/a/..;/admin", "/admin"},
    {"/a/..;x=y/admin", "/admin"},
    {"/a/%2e%2e;x/b", "/b"},
    {"/a/.;/b", "/a/b"},
    {"/a;x\\..\\b", "/b"},
    {"/a;%2e%2e/b", "/a/b"},
    {"/a%3b/..", "/"},
    {"/a%3bx", "/a%3Bx"},
    {"/..;a?b", "/"},
    // absolute form
    {"http://example.com/a/../b?c", "/b"},
    {"http://example.com/a", "/a"},
    {"http://example.com", "/"},
    {"http://example.com?a", "/"},
    {"http://example.com#a", "/"},
    {"https://u@example.com:8443\\admin", "/admin"},
    {"HTTP://EXAMPLE.COM/A", "/A"},
    {"a+b-c.1://h/p", "/p"},
    {"http:/a", "/http:/a"},
    {"1http://h/p", "/1http:/h/p"},
    {"/http://h/p", "/http:/h/p"},
    {"example.com:443", "/example.com:443"},
    // other bytes
    {"/a\x01\x1f\x7f\xff\xc0\xae/b", "/a\x01\x1f\x7f\xff\xc0\xae/b"},
    {"/a b+c,d:e@f!$&'()*=", "/a b+c,d:e@f!$&'()*="},
};

// A copy that ends where its block does, so that the sanitizer sees a byte read too many.
static slice exact_copy(slice path) {
    char *at = malloc(path.length == 0 ? 1 : path.length);
    assert_non_null(at);
    if (path.length > 0) memcpy(at, path.at, path.length);
    return slice_from(at + (path.length == 0 ? 1 : 0), path.length);
}

static void exact_free(slice copy) {
    free((char *)(uintptr_t)copy.at - (copy.length == 0 ? 1 : 0));
}

static void expect_clean(slice given, slice wanted) {
    struct arena arena = fresh_arena();
    slice path = exact_copy(given), clean, again;
    assert_true(path_clean(&arena, path, &clean));
    if (!slice_equal(clean, wanted)) {
        print_message("%.*s -> %.*s, not %.*s\n", (int)path.length, path.at, (int)clean.length,
                      clean.at, (int)wanted.length, wanted.at);
    }
    assert_true(slice_equal(clean, wanted));
    assert_true(path_clean(&arena, clean, &again));
    assert_true(slice_equal(again, clean));
    exact_free(path);
    arena_free(&arena);
}

static void test_table(void **state) {
    (void)state;
    for (uint32_t i = 0; i < LEN(clean_cases); i++) {
        expect_clean(slice_of(clean_cases[i].path), slice_of(clean_cases[i].clean));
    }
    struct arena arena = fresh_arena();
    slice clean;
    assert_true(path_clean(&arena, slice_of(NULL), &clean));
    assert_true(slice_is(clean, "/"));
    arena_free(&arena);
    expect_clean(slice_from("/a\0b/../c", 9), slice_of("/c"));
    expect_clean(slice_from("/a\0b//c", 7), slice_from("/a\0b/c", 6));
}

static void test_clean_paths_allocate_nothing(void **state) {
    (void)state;
    static const char *const paths[] = {
        "/", "*", "/a/b.c/", "/a%2Fb%C3%A9", "/a?b;c//..%41", "/a#b", "/...", "http://h/a",
    };
    struct arena arena = fresh_arena();
    takes_max = 0;
    for (uint32_t i = 0; i < LEN(paths); i++) {
        slice path = slice_of(paths[i]), clean;
        assert_true(path_clean(&arena, path, &clean));
        assert_true(clean.at >= path.at && clean.at + clean.length <= path.at + path.length);
    }
    assert_int_equal(takes, 0);
}

static void test_an_arena_that_refuses(void **state) {
    (void)state;
    struct arena arena = fresh_arena();
    slice clean;
    takes_max = 0;
    assert_false(path_clean(&arena, slice_of("//"), &clean));
    assert_true(arena.failed);
}

// The reference: one pass over the whole text for each rule, each into a new buffer.

enum { ROOM = 64 };

struct draft {
    char at[ROOM];
    uint32_t length;
};

static void draft_add(struct draft *draft, const char *at, uint32_t length) {
    memcpy(draft->at + draft->length, at, length);
    draft->length += length;
}

static bool hex_digit(char c) {
    return c != '\0' && strchr("0123456789abcdefABCDEF", c) != NULL;
}

static void decode_all(struct draft *draft) {
    static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                     "0123456789-._~";
    struct draft from = *draft;
    draft->length = 0;
    for (uint32_t i = 0; i < from.length; i++) {
        char digits[3] = {0};
        if (i + 2 < from.length) memcpy(digits, from.at + i + 1, 2);
        if (from.at[i] != '%' || !hex_digit(digits[0]) || !hex_digit(digits[1])) {
            draft_add(draft, from.at + i, 1);
            continue;
        }
        char byte = (char)strtoul(digits, NULL, 16);
        char upper[3] = {'%', digits[0], digits[1]};
        for (int k = 1; k < 3; k++)
            upper[k] = (char)(upper[k] >= 'a' ? upper[k] - 32 : upper[k]);
        bool decoded = byte != '\0' && strchr(unreserved, byte) != NULL;
        // A digit must not complete a malformed escape before it.
        for (uint32_t back = 1; back <= 2 && back <= draft->length; back++) {
            bool between = back == 1 || hex_digit(draft->at[draft->length - 1]);
            if (draft->at[draft->length - back] == '%' && between && hex_digit(byte)) {
                decoded = false;
            }
        }
        draft_add(draft, decoded ? &byte : upper, decoded ? 1 : 3);
        i += 2;
    }
}

static void cut_parameters(struct draft *draft) {
    struct draft from = *draft;
    bool cut = false;
    draft->length = 0;
    for (uint32_t i = 0; i < from.length; i++) {
        cut = from.at[i] != '/' && (cut || from.at[i] == ';');
        if (!cut) draft_add(draft, from.at + i, 1);
    }
}

static void replace_once(struct draft *draft, uint32_t at, uint32_t length, const char *with) {
    struct draft from = *draft;
    draft->length = at;
    draft_add(draft, with, (uint32_t)strlen(with));
    draft_add(draft, from.at + at + length, from.length - at - length);
}

static bool find(const struct draft *draft, const char *text, uint32_t *at) {
    int64_t found = slice_find(slice_from(draft->at, draft->length), slice_of(text));
    *at = (uint32_t)found;
    return found >= 0;
}

static void resolve_dots(struct draft *draft) {
    uint32_t at;
    draft_add(draft, "/", 1); // so that a segment always has two
    bool added = true;
    slice before = slice_from(draft->at, draft->length - 1);
    if (slice_ends(before, slice_of("/")) || slice_ends(before, slice_of("/.")) ||
        slice_ends(before, slice_of("/.."))) {
        added = false;
    }
    while (find(draft, "//", &at))
        replace_once(draft, at, 2, "/");
    while (find(draft, "/./", &at))
        replace_once(draft, at, 3, "/");
    while (find(draft, "/../", &at)) {
        uint32_t parent = at;
        while (parent > 0 && draft->at[parent - 1] != '/')
            parent--;
        uint32_t start = parent > 0 ? parent - 1 : 0;
        replace_once(draft, start, at + 4 - start, "/");
    }
    if (added) draft->length--;
}

static slice reference(struct draft *draft, slice path) {
    uint32_t end = 0;
    while (end < path.length && path.at[end] != '?' && path.at[end] != '#')
        end++;
    draft->length = 0;
    if (end == 0 || path.at[0] != '/') draft_add(draft, "/", 1);
    draft_add(draft, path.at, end);
    for (uint32_t i = 0; i < draft->length; i++) {
        if (draft->at[i] == '\\') draft->at[i] = '/';
    }
    cut_parameters(draft);
    decode_all(draft);
    resolve_dots(draft);
    return slice_from(draft->at, draft->length);
}

static bool holds(slice text, const char *part) {
    return slice_find(text, slice_of(part)) >= 0;
}

static void check_path(struct arena *arena, slice given) {
    struct draft draft;
    slice path = exact_copy(given), clean, again;
    assert_true(path_clean(arena, path, &clean));
    slice wanted = reference(&draft, path);
    bool good = slice_equal(clean, wanted) && slice_starts(clean, slice_of("/")) &&
                !holds(clean, "//") && !holds(clean, "/./") && !holds(clean, "/../") &&
                !slice_ends(clean, slice_of("/.")) && !slice_ends(clean, slice_of("/..")) &&
                path_clean(arena, clean, &again) && slice_equal(again, clean);
    if (!good) {
        print_message("%.*s -> %.*s, not %.*s\n", (int)path.length, path.at, (int)clean.length,
                      clean.at, (int)wanted.length, wanted.at);
    }
    assert_true(good);
    exact_free(path);
    arena_reset(arena);
}

// Counts through all texts of up to `most` letters.
static void every_text(const char *letters, uint32_t most) {
    uint32_t base = (uint32_t)strlen(letters);
    struct arena arena = fresh_arena();
    char path[ROOM];
    uint64_t count = 1;
    for (uint32_t length = 0; length <= most; length++, count *= base) {
        for (uint64_t n = 0; n < count; n++) {
            uint64_t rest = n;
            for (uint32_t i = 0; i < length; i++, rest /= base)
                path[i] = letters[rest % base];
            check_path(&arena, slice_from(path, length));
        }
    }
    arena_free(&arena);
}

static void test_every_short_path(void **state) {
    (void)state;
    every_text("/.%2ea;", 7);
    every_text("/.\\;?", 6);
    every_text("%26/", 8);
}

static void test_random_paths(void **state) {
    (void)state;
    static const char *const parts[] = {"/", "/", ".",   "..",   "%2e", "%2E", "%", "2", "6",  "a",
                                        ";", "?", "%2f", "%%36", "\\",  "%65", "#", "e", "%5c"};
    struct arena arena = fresh_arena();
    uint64_t seed = 88172645463325252u;
    for (uint32_t n = 0; n < 200000; n++) {
        struct draft path = {.at = "/", .length = 1};
        for (uint32_t i = 0; i < 12; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            const char *part = parts[(seed >> 33) % LEN(parts)];
            draft_add(&path, part, (uint32_t)strlen(part));
        }
        check_path(&arena, slice_from(path.at, path.length));
    }
    arena_free(&arena);
}

// Deep paths that climb all the way up: each byte is dropped once, so this takes no time.
static void test_long_paths(void **state) {
    (void)state;
    enum { DEPTH = 200000 };
    char *path = malloc(DEPTH * 5);
    assert_non_null(path);
    for (uint32_t i = 0; i < DEPTH; i++)
        memcpy(path + i * 2, "/a", 2);
    for (uint32_t i = 0; i < DEPTH; i++)
        memcpy(path + DEPTH * 2 + i * 3, "/..", 3);
    expect_clean(slice_from(path, DEPTH * 5), slice_of("/"));
    free(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_clean_paths_allocate_nothing),
        cmocka_unit_test(test_an_arena_that_refuses),
        cmocka_unit_test(test_every_short_path),
        cmocka_unit_test(test_random_paths),
        cmocka_unit_test(test_long_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

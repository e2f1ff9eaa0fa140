// Arena, diagnostics and parser in one hand.
#include "tests/unit/parsing.h"

#include <stdlib.h>

#include "tests/unit/tree_dump.h"

static void *take_block(void *self, size_t bytes) {
    struct parsing *parsing = self;
    if (parsing->blocks_left == 0) return NULL;
    if (parsing->blocks_left != UINT32_MAX) parsing->blocks_left--;
    return malloc(bytes);
}

static void give_block(void *self, void *block) {
    (void)self;
    free(block);
}

void parsing_begin(struct parsing *parsing, uint32_t blocks, size_t block_bytes) {
    *parsing = (struct parsing){.blocks_left = blocks};
    parsing->allocator = (struct allocator){take_block, give_block, parsing};
    arena_init(&parsing->arena, &parsing->allocator, block_bytes, (size_t)64 << 20);
    diag_init(&parsing->diagnostics, &parsing->arena);
    parsing->parse.arena = &parsing->arena;
    parsing->parse.diagnostics = &parsing->diagnostics;
}

void parsing_run(struct parsing *parsing, slice text, enum parse_goal goal) {
    slice copy = arena_copy(&parsing->arena, text);
    uint32_t source = diag_source(&parsing->diagnostics, slice_of("rules"), copy);
    if (copy.at == NULL) parsing->diagnostics.out_of_memory = true;
    parsing->good = parse_text(&parsing->parse, source, goal);
    text_init(&parsing->out, &parsing->arena);
}

void parsing_end(struct parsing *parsing) {
    arena_free(&parsing->arena);
}

slice parsing_tree(struct parsing *parsing) {
    if (parsing->parse.expression != NULL) {
        dump_expr(&parsing->out, parsing->parse.expression);
    } else {
        dump_items(&parsing->out, parsing->parse.items);
    }
    return text_slice(&parsing->out);
}

static void add_error(struct text *out, const struct diagnostics *diagnostics,
                      const struct diagnostic *diagnostic) {
    static const uint16_t codes[ERROR_TOTAL] = {
#define ERROR(name, code, message) [ERROR_##name] = code,
#include "engine/tbl/errors.h"
#undef ERROR
    };
    uint32_t line, column;
    slice text = diagnostics->sources[diagnostic->span.source].text;
    diag_position(text, diagnostic->span.start, &line, &column);
    if (out->length > 0) text_add_char(out, '\n');
    text_add_uint(out, line);
    text_add_char(out, ':');
    text_add_uint(out, column);
    text_add_string(out, ": E0");
    text_add_uint(out, codes[diagnostic->error]);
    text_add_char(out, ' ');
    text_add(out, diagnostic->message);
}

slice parsing_errors(struct parsing *parsing) {
    const struct diagnostic *diagnostic = parsing->diagnostics.first;
    for (; diagnostic != NULL; diagnostic = diagnostic->next) {
        add_error(&parsing->out, &parsing->diagnostics, diagnostic);
    }
    return text_slice(&parsing->out);
}

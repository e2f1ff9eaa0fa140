// First fit over a list of free pieces: arenas ask seldom, so that a walk costs nothing, and the C
// library's allocator would be a thirtieth of the module.
#include "plugin/blocks.h"

#include <stdbool.h>
#include <stdint.h>

// In front of every piece, taken or free.
struct piece {
    size_t bytes; // with this header
    struct piece *next;
    char unused[8]; // what follows is aligned
};

enum { UNIT = 16, PAGE = 65536 };

_Static_assert(sizeof(struct piece) % UNIT == 0 || sizeof(void *) != 4, "pieces stay aligned");

static struct piece *free_pieces;

static char *end_of(const struct piece *piece) {
    return (char *)(uintptr_t)piece + piece->bytes;
}

// Puts a piece into the list, as one with its neighbours.
static void insert(struct piece *piece) {
    struct piece *before = NULL;
    struct piece *after = free_pieces;
    while (after != NULL && after < piece) {
        before = after;
        after = after->next;
    }
    piece->next = after;
    if (after != NULL && end_of(piece) == (char *)after) {
        piece->bytes += after->bytes;
        piece->next = after->next;
    }
    if (before == NULL) {
        free_pieces = piece;
    } else if (end_of(before) == (char *)piece) {
        before->bytes += piece->bytes;
        before->next = piece->next;
    } else {
        before->next = piece;
    }
}

static bool grow(size_t bytes) {
    size_t pages = (bytes + PAGE - 1) / PAGE;
    size_t old = __builtin_wasm_memory_grow(0, pages);
    if (old == SIZE_MAX) return false;
    struct piece *piece = (struct piece *)(old * PAGE);
    piece->bytes = pages * PAGE;
    insert(piece);
    return true;
}

// Cuts `bytes` from the end of the first piece that has them.
static struct piece *cut(size_t bytes) {
    struct piece **link = &free_pieces;
    while (*link != NULL && (*link)->bytes < bytes)
        link = &(*link)->next;
    struct piece *piece = *link;
    if (piece == NULL) return NULL;
    if (piece->bytes - bytes < sizeof *piece + UNIT) {
        *link = piece->next;
        return piece;
    }
    piece->bytes -= bytes;
    struct piece *taken = (struct piece *)(void *)end_of(piece);
    taken->bytes = bytes;
    return taken;
}

void *blocks_take(size_t bytes) {
    if (bytes > SIZE_MAX / 2) return NULL;
    size_t wanted = (bytes + sizeof(struct piece) + UNIT - 1) & ~(size_t)(UNIT - 1);
    struct piece *piece = cut(wanted);
    if (piece == NULL && grow(wanted)) piece = cut(wanted);
    return piece == NULL ? NULL : piece + 1;
}

void blocks_give(void *block) {
    if (block != NULL) insert((struct piece *)block - 1);
}

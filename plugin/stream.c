// A chained hash table by id, and a list of spare streams, each with its arena's block still warm.
#include "plugin/stream.h"

#include "plugin/hold.h"
#include "plugin/memory.h"
#include "plugin/remote.h"

enum { BUCKETS = 1024, STREAM_BLOCK = 4 << 10 };

static struct stream *buckets[BUCKETS];
static struct stream *spare;

static struct stream *take_stream(void) {
    struct stream *stream = spare;
    if (stream != NULL) {
        spare = stream->next;
        return stream;
    }
    stream = memory_allocator.take(NULL, sizeof *stream);
    if (stream == NULL) return NULL;
    arena_init(&stream->arena, &memory_allocator, STREAM_BLOCK, LIMIT_MEMORY_DEFAULT);
    return stream;
}

bool stream_create(uint32_t id, struct loaded *loaded) {
    struct stream *stream = take_stream();
    if (stream == NULL) return false;
    vm_use(loaded);
    stream->id = id;
    stream->loaded = loaded;
    stream->begun = stream->waits = stream->answered = false;
    stream->replaced = stream->logged = false;
    memset(stream->sides, 0, sizeof stream->sides);
    stream->held_link = NULL;
    stream->arena.limit = loaded->program == NULL ? LIMIT_MEMORY_DEFAULT : loaded->program->memory;
    stream->next = buckets[id % BUCKETS];
    buckets[id % BUCKETS] = stream;
    return true;
}

struct stream *stream_find(uint32_t id) {
    struct stream *stream = buckets[id % BUCKETS];
    while (stream != NULL && stream->id != id)
        stream = stream->next;
    return stream;
}

void stream_delete(uint32_t id) {
    struct stream **link = &buckets[id % BUCKETS];
    while (*link != NULL && (*link)->id != id)
        link = &(*link)->next;
    struct stream *stream = *link;
    if (stream == NULL) return;
    *link = stream->next;
    remote_forget(stream);
    hold_end(stream);
    vm_release(stream->loaded);
    arena_reset(&stream->arena);
    stream->next = spare;
    spare = stream;
}

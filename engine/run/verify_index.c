#include "engine/run/verify_index.h"

// Looking must see the values that rules see, and learn of every edit.
static bool good_source(const struct program *program, const struct index_probe *probe) {
    if (probe->slot >= program->slot_count || probe->field > FIELD_TOTAL) return false;
    const struct slot_row *slot = &program->slots[probe->slot];
    if (slot->original || !slot->indexed) return false;
    if (probe->field == FIELD_TOTAL) return true;
    const struct field_row *field = &field_rows[probe->field];
    return field->header != NULL && field->type == TYPE_STRING && field->origin == slot->message &&
           slice_equal(slot->name, slice_of(field->header));
}

static bool good_probe(const struct program *program, const struct index_row *row,
                       const struct index_probe *probe) {
    bool good = probe->way < INDEX_WAYS && (probe->mask & (probe->mask + 1)) == 0 &&
                probe->mask < INDEX_ENTRIES * 2 && good_source(program, probe);
    for (uint32_t i = 0; good && i <= probe->mask; i++)
        good = probe->heads[i] <= row->entry_count;
    return good && (probe->way != INDEX_CONTAINS || probe->window > 0);
}

static bool good_row(const struct program *program, const struct index_row *row) {
    bool good = row->count <= LIMIT_INSTRUCTIONS && row->first_word <= program->index_words &&
                index_words(row->count) <= program->index_words - row->first_word;
    for (uint32_t i = 0; good && i < row->count; i++)
        good = row->targets[i] < row->targets[i + 1];
    for (uint32_t i = 0; good && i < row->entry_count; i++)
        good = row->entries[i].next <= i && row->entries[i].member < row->count;
    for (uint32_t i = 0; good && i < row->probe_count; i++)
        good = good_probe(program, row, &row->probes[i]);
    return good;
}

bool verify_indexes(const struct program *program) {
    bool good = program->index_words <= LIMIT_INSTRUCTIONS;
    for (uint32_t i = 0; good && i < program->index_count; i++)
        good = good_row(program, &program->indexes[i]);
    return good;
}

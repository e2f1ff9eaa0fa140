// Functions by name, and the choice among those of one name.
#include "engine/lang/overload.h"

enum { PLACES = 256 };

bool overload_index_make(struct overload_index *index, struct arena *arena, const slice *declared,
                         uint32_t declared_count) {
    uint32_t count = FUNCTION_TOTAL + declared_count;
    *index = (struct overload_index){declared, declared_count, NULL, NULL, NULL, NULL, count};
    index->names = arena_array(arena, count, sizeof *index->names);
    index->methods = arena_array(arena, count, sizeof *index->methods);
    index->next = arena_array(arena, count, sizeof *index->next);
    index->table = arena_array(arena, PLACES, sizeof *index->table);
    if (index->names == NULL || index->methods == NULL || index->next == NULL ||
        index->table == NULL)
        return false;
    // From the last to the first, so that each place lists its functions in their order.
    for (uint32_t i = count; i-- > 0;) {
        index->names[i] = signature_name(overload_signature(index, i), &index->methods[i]);
        uint16_t *place = &index->table[slice_hash_folded(index->names[i]) & (PLACES - 1)];
        index->next[i] = *place;
        *place = (uint16_t)(i + 1);
    }
    return true;
}

slice overload_signature(const struct overload_index *index, uint32_t function) {
    return function < FUNCTION_TOTAL ? slice_of(function_rows[function].signature)
                                     : index->declared[function - FUNCTION_TOTAL];
}

static bool starts_with(slice text, const char *word) {
    return slice_starts(text, slice_of(word));
}

bool overload_read(const struct overload_index *index, struct shapes *shapes, uint32_t function,
                   struct signature *out) {
    const struct shape *letters[26] = {NULL};
    slice text = overload_signature(index, function);
    *out = (struct signature){.name = index->names[function], .method = index->methods[function]};
    if (out->method) {
        text = slice_cut(text, 1, text.length);
        out->parameters[out->count++] = shape_read(shapes, &text, letters);
        if (out->parameters[0] == NULL) return false;
        text = slice_cut(text, 2, text.length); // `>.`
    }
    text = slice_cut(text, out->name.length + 1, text.length);
    while (text.length > 0 && text.at[0] != ')' && out->count < FUNCTION_ARGUMENTS) {
        const struct shape *parameter = shape_read(shapes, &text, letters);
        if (parameter == NULL) return false;
        out->parameters[out->count++] = parameter;
        out->many = starts_with(text, "...");
        if (out->many) text = slice_cut(text, 3, text.length);
        if (starts_with(text, ",")) text = slice_cut(text, 1, text.length);
    }
    if (!starts_with(text, ")")) return false;
    text = slice_cut(text, 1, text.length);
    out->result = shape_read(shapes, &text, letters);
    return out->result != NULL;
}

static uint32_t first_of(const struct overload_index *index, slice name) {
    return index->table[slice_hash_folded(name) & (PLACES - 1)];
}

uint32_t overload_known(const struct overload_index *index, slice name, bool method) {
    uint32_t count = 0;
    for (uint32_t at = first_of(index, name); at != 0; at = index->next[at - 1]) {
        if (index->methods[at - 1] == method && slice_equal(index->names[at - 1], name)) count++;
    }
    return count;
}

static bool takes(const struct signature *signature, uint32_t count) {
    return signature->many ? count >= signature->count && count <= FUNCTION_ARGUMENTS
                           : count == signature->count;
}

static bool fits(struct shapes *shapes, struct signature *signature,
                 const struct shape *const *arguments, uint32_t count) {
    for (uint32_t i = signature->count; i < count; i++)
        signature->parameters[i] = signature->parameters[signature->count - 1];
    return shape_assign_all(shapes, arguments, signature->parameters, count);
}

static void add(struct shapes *shapes, struct overloads *out, uint32_t function,
                const struct shape *result) {
    if (out->count == OVERLOAD_CANDIDATES) return;
    result = shape_substitute(shapes, result, false);
    out->functions[out->count++] = (uint16_t)function;
    if (out->result == NULL) {
        out->result = result;
    } else if (!shape_same(out->result, result)) {
        out->result = shape_of(TYPE_DYN);
    }
}

void overload_resolve(const struct overload_index *index, struct shapes *shapes, slice name,
                      bool method, const struct shape *const *arguments, uint32_t count,
                      struct overloads *out) {
    *out = (struct overloads){.named = index->count};
    for (uint32_t at = first_of(index, name); at != 0; at = index->next[at - 1]) {
        struct signature signature;
        uint32_t function = at - 1;
        if (index->methods[function] != method || !slice_equal(index->names[function], name))
            continue;
        out->name_known = true;
        if (out->named == index->count) out->named = function;
        if (!overload_read(index, shapes, function, &signature)) return;
        if (!takes(&signature, count)) continue;
        if (!out->count_fits) out->named = function;
        out->count_fits = true;
        if (fits(shapes, &signature, arguments, count)) {
            add(shapes, out, function, signature.result);
        }
    }
}

// Finds bundled rule sets by name.
#include "engine/bundled.h"

bool bundled_find(void *self, slice name, slice from, slice *found_name, slice *text) {
    (void)self;
    (void)from;
    for (uint32_t i = 0; i < bundled_count; i++) {
        if (!slice_is(name, bundled_files[i].name)) continue;
        *found_name = slice_of(bundled_files[i].name);
        *text = slice_from(bundled_files[i].text, bundled_files[i].length);
        return true;
    }
    return false;
}

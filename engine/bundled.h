// The rule sets that the module carries (rules/NAME.weir), made into C when it is built.
#ifndef WEIR_BUNDLED_H
#define WEIR_BUNDLED_H

#include "engine/base/slice.h"

struct bundled_file {
    const char *name;
    const char *text;
    uint32_t length;
};

extern const struct bundled_file bundled_files[];
extern const uint32_t bundled_count;

// A finder of includes (struct file_finder) over the bundled sets; `self` is not used.
bool bundled_find(void *self, slice name, slice from, slice *found_name, slice *text);

#endif

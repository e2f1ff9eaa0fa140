// getenv takes names that end in NUL: a copy of the slice.
#include "tools/environment.h"

#include <stdlib.h>

enum { NAME_MOST = 256 };

bool environment_find(void *self, slice name, slice *value) {
    char copy[NAME_MOST];
    (void)self;
    if (name.length == 0 || name.length >= NAME_MOST) return false;
    memcpy(copy, name.at, name.length);
    copy[name.length] = '\0';
    const char *found = getenv(copy);
    *value = slice_of(found);
    return found != NULL;
}

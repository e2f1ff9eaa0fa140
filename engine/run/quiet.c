// A second of silence after each line.
#include "engine/run/quiet.h"

static const uint64_t QUIET_TIME = UINT64_C(1000000000);

bool quiet_admits(struct quiet *quiet, uint64_t now, uint32_t *left_out) {
    bool early = quiet->spoken && now >= quiet->last && now - quiet->last < QUIET_TIME;
    if (early) {
        if (quiet->left_out < UINT32_MAX) quiet->left_out++;
        return false;
    }
    *left_out = quiet->left_out;
    *quiet = (struct quiet){.last = now, .spoken = true};
    return true;
}

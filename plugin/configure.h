// Loading a configuration: compile, and swap in whole.
#ifndef WEIR_PLUGIN_CONFIGURE_H
#define WEIR_PLUGIN_CONFIGURE_H

#include <stddef.h>

#include "plugin/vm.h"

// The answer to proxy_on_configure. False only for reasons that lie in the configuration's bytes:
// the host tries each on a throw-away copy first, and a failure that only a worker sees would
// switch the filter off without a word (envoyproxy/envoy#43751).
bool configure_root(uint32_t root, size_t length);

#endif

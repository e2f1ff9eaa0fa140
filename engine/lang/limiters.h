// The program's tables of limiters and services.
#ifndef WEIR_LANG_LIMITERS_H
#define WEIR_LANG_LIMITERS_H

#include "engine/lang/unit.h"

// Into `keep`, whose `failed` tells when it refused. program->name_space is known.
void compile_limiters(const struct unit *unit, struct arena *keep, struct program *program);

#endif

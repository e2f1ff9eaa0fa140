# Generated expressions through the engine and through a plain evaluator, natively and as a wasm
# module. Included by the Makefile.

DIFFERENTIAL = build/differential/run_differential build/differential/run_differential.wasm
DIFFERENTIAL_SOURCES = $(wildcard tests/differential/*.c)

build/differential/run_differential: $(DIFFERENTIAL_SOURCES:%.c=build/sanitize/%.o) \
		build/sanitize/libweir.a
	@mkdir -p $(@D)
	@echo "  link   $@"
	@$(CC_sanitize) -o $@ $(filter %.o %.a,$^) -lm

# A command, not a reactor: it has a main. Stack and memory are the plugin's.
build/differential/run_differential.wasm: $(DIFFERENTIAL_SOURCES:%.c=build/wasm/%.o) \
		$(ENGINE:%.c=build/wasm/%.o) build/sources
	@mkdir -p $(@D)
	@echo "  link   $@"
	@$(LINK_wasm) -mexec-model=command -o $@ $(filter %.o,$^)

.PHONY: differential
differential: setup ## generated expressions through the engine and a plain evaluator
	@$(MAKE) -sO $(DIFFERENTIAL)
	@build/venv/bin/python tests/differential/run.py $(DIFFERENTIAL_ARGS)

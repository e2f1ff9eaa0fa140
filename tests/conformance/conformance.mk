# The public CEL conformance suite, natively and as a wasm module. Included by the Makefile, which
# fetches the cases: $(CELSPEC). CONFORMANCE_ARGS: options of run.py, such as --only lists.

CONFORMANCE = build/conformance/run_cases build/conformance/run_cases.wasm

build/conformance/run_cases: build/sanitize/tests/conformance/run_cases.o build/sanitize/libweir.a
	@mkdir -p $(@D)
	@echo "  link   $@"
	@$(CC_sanitize) -o $@ $(filter %.o %.a,$^) -lm

# A command, not a reactor: it has a main. Stack and memory are the plugin's.
build/conformance/run_cases.wasm: build/wasm/tests/conformance/run_cases.o \
		$(ENGINE:%.c=build/wasm/%.o) build/sources
	@mkdir -p $(@D)
	@echo "  link   $@"
	@$(LINK_wasm) -mexec-model=command -o $@ $(filter %.o,$^)

.PHONY: conformance
conformance: setup ## the public CEL conformance suite, natively and in a wasm runtime
	@$(MAKE) -sO $(CONFORMANCE)
	@build/venv/bin/python tests/conformance/run.py $(CONFORMANCE_ARGS)

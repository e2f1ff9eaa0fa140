# Side-by-side measurements in a real Envoy; bench/README.md says how to read them.
# Included by the Makefile. ENVOY names another proxy, BENCH_ARGS further options of run.py.

BENCH_ENVOY = $(or $(ENVOY),build/venv/bin/envoy)
BENCH_CLANG ?= clang-19
BENCH_WASM = $(BENCH_CLANG) --target=wasm32-wasi -mexec-model=reactor -std=c11 -O2 \
    -fvisibility=hidden -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Werror -I. \
    -Wl,--stack-first -Wl,-z,stack-size=16384 -Wl,--import-undefined -Wl,--export-dynamic

build/bench/%.wasm: bench/%.c
	@mkdir -p $(@D)
	$(BENCH_WASM) -o $@ $<

.PHONY: bench
bench: build/bench/noop.wasm build/bench/handwritten.wasm ## CPU per request in Envoy: bare, no-op, hand-written C, weir
	python3 bench/run.py --envoy $(BENCH_ENVOY) $(BENCH_ARGS)

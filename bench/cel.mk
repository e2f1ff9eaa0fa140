# CEL expressions side by side, native; bench/cel/README.md says how to read the table. Included by
# the Makefile. Needs Go and Rust, which nothing else here does. CEL_ARGS: options of run.py.

CEL_GO = build/bench/cel/cel_go
CEL_CRATE = build/bench/cel/cargo/release/cel_crate
CEL_WEIR = build/bench/cel/weir_bench

.PHONY: bench-cel
bench-cel: ## nanoseconds per CEL expression, native: weir, cel-go, the Rust crate
	@bench/cel/need go 1.23 "apt's golang-go where it is new enough"
	@bench/cel/need cargo 1.86 "by rustup; apt's is often older"
	@$(MAKE) -sO $(CEL_WEIR) $(CEL_GO) $(CEL_CRATE)
	@python3 bench/cel/run.py $(CEL_ARGS)

$(CEL_WEIR): build/release/bench/cel/weir_bench.o build/release/libweir.a
	@mkdir -p $(@D)
	@echo "  link   $@"
	@$(CC_release) -o $@ $^ -lm

$(CEL_GO): $(wildcard bench/cel/go/*)
	@mkdir -p $(@D)
	@echo "  go     bench/cel/go"
	@go build -C bench/cel/go -buildvcs=false -o $(CURDIR)/$@ .
	@touch $@

$(CEL_CRATE): $(wildcard bench/cel/rust/*)
	@echo "  cargo  bench/cel/rust"
	@cargo build --manifest-path bench/cel/rust/Cargo.toml --release --locked --quiet \
		--target-dir build/bench/cel/cargo
	@touch $@

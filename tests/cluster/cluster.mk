# Limiters of scope cluster against the real rate-limit service. Included by the Makefile. Needs Go,
# which builds the service from modules whose hashes are in tests/cluster/service/go.sum.

RATELIMIT = build/cluster/ratelimit

.PHONY: test-cluster
test-cluster: setup $(REDIS) ## cluster limiters with the real rate-limit service and Redis; needs Go
	@tests/cluster/need_go 1.25.6
	@$(MAKE) -sO build/weir.wasm $(RATELIMIT)
	@tests/run cluster

$(RATELIMIT): tests/cluster/service/go.mod tests/cluster/service/go.sum
	@mkdir -p $(@D)
	@echo "  go     envoyproxy/ratelimit"
	@go build -C tests/cluster/service -buildvcs=false -trimpath -o $(CURDIR)/$@ \
		github.com/envoyproxy/ratelimit/src/service_cmd
	@touch $@

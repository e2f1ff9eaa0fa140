// Where a limiter counts: SCOPE(NAME, "word", built).
SCOPE(PROXY, "proxy", true)
SCOPE(WORKER, "worker", true)
SCOPE(CLUSTER, "cluster", false)

-- For wrk: the path and host that the last of the rules of `weir, N rules` waits for.
wrk.path = "/api/last/items"
wrk.headers["Host"] = "last.example.com"

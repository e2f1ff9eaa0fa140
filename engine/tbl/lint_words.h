// Words by which lints know what a name is for.

// In the name of a header that routes are chosen by, between its dashes: ROUTING_WORD("word").
ROUTING_WORD("route")
ROUTING_WORD("cluster")
ROUTING_WORD("backend")
ROUTING_WORD("canary")
ROUTING_WORD("shard")
ROUTING_WORD("variant")

// Targets that every route table looks at, with what stands behind them: ROUTING_TARGET("path").
ROUTING_TARGET("request.path")
ROUTING_TARGET("request.url_path")
ROUTING_TARGET("request.query")
ROUTING_TARGET("request.host")
ROUTING_TARGET("request.method")

// In a key whose value is a secret, less dashes, underscores and case: SECRET_WORD("word").
SECRET_WORD("password")
SECRET_WORD("passwd")
SECRET_WORD("passphrase")
SECRET_WORD("secret")
SECRET_WORD("token")
SECRET_WORD("apikey")
SECRET_WORD("privatekey")
SECRET_WORD("accesskey")
SECRET_WORD("credential")

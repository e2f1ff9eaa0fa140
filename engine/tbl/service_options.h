// Options of a service: SERVICE_OPTION(NAME, "word", argument). argument: WORD (a bare word), TEXT
// (a constant string), TIME (a constant duration).
SERVICE_OPTION(KIND, "kind", WORD)
SERVICE_OPTION(CLUSTER, "cluster", TEXT)
SERVICE_OPTION(DOMAIN, "domain", TEXT)
SERVICE_OPTION(TIMEOUT, "timeout", TIME)

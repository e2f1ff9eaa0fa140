// Levels of the log: LEVEL(NAME, "name"), the least severe first, numbered as proxy-wasm numbers
// them. Include with LEVEL defined.
LEVEL(TRACE, "trace")
LEVEL(DEBUG, "debug")
LEVEL(INFO, "info")
LEVEL(WARN, "warn")
LEVEL(ERROR, "error")
LEVEL(CRITICAL, "critical")

// The settings that `weir` in pluginConfig may hold: SETTING(NAME, "name", kind, built). Include
// with SETTING defined. Kinds: TEXT, WORD (one of a set), WHOLE (a number), FLAG, OBJECT. One that
// is not built is refused by name.
SETTING(MODE, "mode", WORD, true)
SETTING(NAMESPACE, "namespace", TEXT, true)
SETTING(TRUST, "trust", OBJECT, true)
SETTING(JWT, "jwt", TEXT, true)
SETTING(BODY_LIMIT, "body_limit", WHOLE, true)
SETTING(HOLD_HEADERS, "hold_headers", FLAG, true)
SETTING(STEPS, "steps", WHOLE, true)
SETTING(MEMORY, "memory", WHOLE, true)
SETTING(MAX_KEYS, "max_keys", WHOLE, true)
SETTING(LOG_LEVEL, "log_level", WORD, true)
SETTING(DECISION_HEADER, "decision_header", FLAG, true)

// The settings that `weir` in pluginConfig may hold: SETTING(NAME, "name", kind). Include
// with SETTING defined. Kinds: TEXT, WORD (one of a set), WHOLE (a number), FLAG, OBJECT.
SETTING(MODE, "mode", WORD)
SETTING(NAMESPACE, "namespace", TEXT)
SETTING(TRUST, "trust", OBJECT)
SETTING(JWT, "jwt", TEXT)
SETTING(BODY_LIMIT, "body_limit", WHOLE)
SETTING(HOLD_HEADERS, "hold_headers", FLAG)
SETTING(STEPS, "steps", WHOLE)
SETTING(MEMORY, "memory", WHOLE)
SETTING(MAX_KEYS, "max_keys", WHOLE)
SETTING(LOG_LEVEL, "log_level", WORD)
SETTING(DECISION_HEADER, "decision_header", FLAG)

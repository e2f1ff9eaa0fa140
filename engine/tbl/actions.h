// Actions: ACTION(NAME, "word", phases, restricts, final).
// phases: bits of the phases where it can stand; restricts: an error in the rule's condition still
// runs it (language: "an error never opens the door"); final: its rule ends there.
#define REQUEST_SIDE (IN_REQUEST | IN_REQUEST_BODY)
#define ANY_PHASE (IN_REQUEST | IN_REQUEST_BODY | IN_RESPONSE | IN_RESPONSE_BODY | IN_LOG)
ACTION(SET, "set", ANY_PHASE & ~IN_LOG, false, false)
ACTION(ADD, "add", REQUEST_SIDE | IN_RESPONSE, false, false)
ACTION(DEFAULT, "default", REQUEST_SIDE | IN_RESPONSE, false, false)
ACTION(REMOVE, "remove", REQUEST_SIDE | IN_RESPONSE, true, false)
ACTION(DENY, "deny", REQUEST_SIDE | IN_RESPONSE, true, true)
ACTION(RESPOND, "respond", REQUEST_SIDE | IN_RESPONSE, false, true)
ACTION(REDIRECT, "redirect", REQUEST_SIDE | IN_RESPONSE, true, true)
ACTION(EXEMPT, "exempt", ANY_PHASE, false, true)
ACTION(SKIP, "skip", ANY_PHASE, false, true)
ACTION(REROUTE, "reroute", IN_REQUEST, false, false)
ACTION(REQUIRE, "require", REQUEST_SIDE | IN_RESPONSE, true, false)
ACTION(LIMIT, "limit", REQUEST_SIDE | IN_RESPONSE, true, false)
ACTION(CHARGE, "charge", ANY_PHASE, false, false)
ACTION(REFUND, "refund", ANY_PHASE, false, false)
ACTION(BAN, "ban", ANY_PHASE, true, false)
ACTION(CAP, "cap", IN_REQUEST, true, false)
ACTION(LOG, "log", ANY_PHASE, false, false)
ACTION(COUNT, "count", ANY_PHASE, false, false)
ACTION(TAG, "tag", ANY_PHASE, false, false)
#undef REQUEST_SIDE
#undef ANY_PHASE

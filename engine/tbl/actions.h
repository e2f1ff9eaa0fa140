// Actions: ACTION(NAME, "word", phases, restricts, final, built).
// phases: bits of the phases where it can stand; restricts: an error in the rule's condition still
// runs it (language: "an error never opens the door"); final: its rule ends there.
#define REQUEST_SIDE (IN_REQUEST | IN_REQUEST_BODY)
#define ANY_PHASE (IN_REQUEST | IN_REQUEST_BODY | IN_RESPONSE | IN_RESPONSE_BODY | IN_LOG)
ACTION(SET, "set", ANY_PHASE & ~IN_LOG, false, false, true)
ACTION(ADD, "add", REQUEST_SIDE | IN_RESPONSE, false, false, true)
ACTION(DEFAULT, "default", REQUEST_SIDE | IN_RESPONSE, false, false, true)
ACTION(REMOVE, "remove", REQUEST_SIDE | IN_RESPONSE, true, false, true)
ACTION(DENY, "deny", REQUEST_SIDE | IN_RESPONSE, true, true, true)
ACTION(RESPOND, "respond", REQUEST_SIDE | IN_RESPONSE, false, true, true)
ACTION(REDIRECT, "redirect", REQUEST_SIDE | IN_RESPONSE, true, true, true)
ACTION(EXEMPT, "exempt", ANY_PHASE, false, true, true)
ACTION(SKIP, "skip", ANY_PHASE, false, true, true)
ACTION(REROUTE, "reroute", IN_REQUEST, false, false, true)
ACTION(REQUIRE, "require", REQUEST_SIDE | IN_RESPONSE, true, false, true)
ACTION(LIMIT, "limit", REQUEST_SIDE | IN_RESPONSE, true, false, true)
ACTION(CHARGE, "charge", ANY_PHASE, false, false, true)
ACTION(REFUND, "refund", ANY_PHASE, false, false, true)
ACTION(BAN, "ban", ANY_PHASE, true, false, true)
ACTION(CAP, "cap", IN_REQUEST, true, false, true)
ACTION(LOG, "log", ANY_PHASE, false, false, true)
ACTION(COUNT, "count", ANY_PHASE, false, false, true)
ACTION(TAG, "tag", ANY_PHASE, false, false, true)
#undef REQUEST_SIDE
#undef ANY_PHASE

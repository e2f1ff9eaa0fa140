"""What can fail, and what rules do then. A new failure of engine/tbl/failures.h, or a new action, is a row here.

An error is a bool expression with VALUE in it, the client's text that makes it fail, and one with which it does not.
A kind is a rule's actions and what is expected where they acted (`acts`) and where nothing did (`idle`).
"""
from dataclasses import dataclass, field

VALUE = 'request.headers["x-value"]'
NESTED = "".join(f"let deep{i} = {'[' * 20}{'VALUE' if i == 1 else f'deep{i - 1}'}{']' * 20}\n" for i in (1, 2, 3))


@dataclass
class Error:
    failure: str
    when: str
    bad: str
    good: str = ""  # "" where there is none
    items: str = ""
    config: dict = field(default_factory=dict)
    headers: dict = field(default_factory=dict)
    phase: str = "request"

    @property
    def expression(self):
        return self.when.replace("VALUE", VALUE)


USERS = {"users": {"ada": {"admin": True}}}
MIXED = {"mixed": {"text": "a", "number": 2.5, "flag": True}}

ERRORS = [
    Error("NO_SUCH_KEY", "config.users[VALUE].admin", "eve", "ada", config=USERS),
    Error("NO_SUCH_KEY", "jwt.admin && VALUE != ''", "any"),
    Error("NO_OVERLOAD", "config.mixed[VALUE] > 1", "text", "number", config=MIXED),
    Error("NO_OVERLOAD", "config.mixed[VALUE]", "number", "flag", config=MIXED),
    Error("INDEX_RANGE", '["a", "b"][int(VALUE)] == "a"', "2", "0"),
    Error("OVERFLOW", "int(VALUE) + 1 > 0", "9223372036854775807", "1"),
    Error("OVERFLOW", "uint(VALUE) - 1u > 0u", "0", "2"),
    Error("DIVIDE_BY_ZERO", "1 / int(VALUE) == 1", "0", "1"),
    Error("DIVIDE_BY_ZERO", "1u % uint(VALUE) == 1u", "0", "2"),
    Error("CONVERSION", "int(VALUE) == 1", "one", "1"),
    Error("CONVERSION", "bool(VALUE)", "yes", "true"),
    Error("DUPLICATE_KEY", '{VALUE: 1, "a": 2}.size() == 2', "a", "b"),
    Error("KEY_TYPE", "{config.mixed[VALUE]: 1}.size() == 1", "number", "text", config=MIXED),
    Error("TOO_LONG", 'VALUE.replace("a", config.long).size() > 0', "a" * 300, "a",
          config={"long": "x" * 4096, "weir": {"memory": 8 << 20}}),
    Error("TOO_DEEP", "[[[[[deep3]]]]] != []", "any", items=NESTED),
    Error("NOT_JSON", 'json(double(VALUE)) != ""', "NaN", "1"),
    Error("TIME_RANGE", "timestamp(VALUE) + 1h > timestamp(0)", "9999-12-31T23:59:59Z", "2026-01-01T00:00:00Z"),
    Error("TIME_ZONE", "now.getHours(VALUE) >= 0", "Nowhere/Land", "Europe/Berlin"),
    Error("NO_VALUE", 'request.headers[?VALUE].value() == "here"', "x-none", "x-there", headers={"x-there": "here"}),
    Error("ADDRESS", 'ip(VALUE) == ip("10.0.0.1")', "10.0.0.256", "10.0.0.1"),
    Error("ADDRESS", 'cidr("10.0.0.0/8").containsIP(VALUE)', "nowhere", "10.1.1.1"),
    Error("TEMPLATE", 'path_match("/a", VALUE).hasValue()', "/{a", "/{a}"),
    Error("JSON_TEXT", "parse_json(VALUE).a == 1", '{"a": 1, "a": 2}', '{"a": 1}'),
    Error("WEIGHTS", 'pick({"a": int(VALUE)}, "k") == "a"', "-1", "1"),
    Error("ARGUMENT", "[[1]].flatten(int(VALUE)).size() == 1", "-1", "1"),
    Error("FORMAT", 'VALUE.format([1]) == "1"', "%d %d", "%d"),
    Error("REGEX", '"a".matches(VALUE)', "(", "a"),
    Error("REGEX_GROUPS", 'regex.extract("ab", VALUE).hasValue()', "(a)(b)", "(a)b"),
    Error("REPLACEMENT", 'regex.replace("a", "a", VALUE) == "b"', "\\x", "b"),
    Error("NO_SECRET", 'secret("WEIR_TESTS_HAVE_NO_SUCH_SECRET") == VALUE', "any"),
    Error("BODY_ENCODED", "request.body == bytes(VALUE)", "any", headers={"content-encoding": "gzip"},
          phase="request_body"),
    Error("JSON_TEXT", "request.json.a == VALUE", "any", phase="request_body"),
]
SIMPLE = next(error for error in ERRORS if error.failure == "CONVERSION")


@dataclass
class Kind:
    name: str
    actions: str
    restricts: bool
    acts: str
    idle: str = "response.code == 200 && forwarded.sent"
    denies: bool = False  # `acts` is a reply that counts as denied
    ends: bool = False  # `acts` ends the request
    items: str = ""  # before the rule
    later: str = ""  # after it
    phase: str = ""  # "" is that of the error
    url: str = "/"
    applied: str = ""  # what is expected with `on_error apply`, where that is not `acts`
    headers: dict = field(default_factory=dict)
    shadow: bool = True  # can be a shadow rule


REFUSED = "!forwarded.sent && response.code == "
LIMITER = 'limiter l_NAME { 1 per 1h  headers none }'
UNTOUCHED = 'forwarded.headers["x-target"] == "client"'
LATER = 'rule later_NAME when request.headers["x-rule"] == "NAME" { deny 409 }'

KINDS = [
    # What restricts acts on an error.
    Kind("deny", 'deny 401 body "no"', True, f'{REFUSED} 401 && response.body == b"no"', denies=True, ends=True),
    Kind("deny_plain", "deny", True, f"{REFUSED} 403", denies=True, ends=True),
    Kind("deny_details", 'deny details "mine"', True, f"{REFUSED} 403", denies=True, ends=True),
    Kind("deny_last", 'set request.headers["x-target"] = "ours"  log error "ran NAME"  count ran_NAME  deny', True,
         f'{REFUSED} 403 && metrics["count.ran_NAME"] == 0 && !logs.exists(l, l.contains("ran NAME"))', denies=True, ends=True,
         applied=f"{REFUSED} 403", phase="request"),
    Kind("redirect", 'redirect to "/away"', True, f'{REFUSED} 302 && response.headers["location"].endsWith("/away")',
         denies=True, ends=True),
    Kind("require", 'require request.headers["x-ok"] == "1" else deny 402', True, f"{REFUSED} 402", denies=True, ends=True),
    Kind("require_met", 'require request.method != "TRACE" else deny 402', True, "response.code == 200 && forwarded.sent"),
    Kind("require_last", 'require request.method != "TRACE"  set request.headers["x-target"] = "ours"', True, UNTOUCHED,
         idle=UNTOUCHED, applied=UNTOUCHED, phase="request"),
    Kind("limit", 'limit l_NAME cost int(request.headers["x-cost"])', True, f"{REFUSED} 429", denies=True, ends=True, items=LIMITER,
         headers={"x-cost": "2"}),
    Kind("limit_under", "limit l_NAME", True, 'forwarded.sent && metrics["limiter.l_NAME.allowed"] == 1', items=LIMITER,
         idle='forwarded.sent && metrics["limiter.l_NAME.allowed"] == 0'),
    Kind("ban", "ban l_NAME for 1h", True, f"{REFUSED} 423", items=LIMITER,
         later='rule asks_NAME when request.headers["x-rule"] == "NAME" { limit l_NAME else deny 423 }', 
         phase="request"),
    Kind("cap", 'cap request.body at 0 else deny 414', True, f"{REFUSED} 414", denies=True, ends=True, phase="request"),
    Kind("cap_under", "cap request.body at 10", True, "response.code == 200 && forwarded.sent", phase="request"),
    Kind("remove", 'remove request.headers["x-target"]', True, '!("x-target" in forwarded.headers)', idle=UNTOUCHED, phase="request"),
    Kind("remove_pattern", 'remove request.headers["x-tar*"]', True, '!("x-target" in forwarded.headers)', idle=UNTOUCHED, phase="request"),
    Kind("remove_else", 'require true else deny  remove request.headers["x-target"]  add request.headers["x-more"] = "1"', True,
         '!("x-target" in forwarded.headers) && !("x-more" in forwarded.headers)', idle=UNTOUCHED,
         applied='!("x-target" in forwarded.headers) && !("x-more" in forwarded.headers)', phase="request"),
    Kind("require_exempts", "require true  exempt", True, f"{REFUSED} 409", idle=f"{REFUSED} 409", later=LATER,
         phase="request", shadow=False),
    Kind("deny_in_else", 'require request.headers["x-ok"] == "1" else { log error "ran NAME"  deny 402 }', True, f"{REFUSED} 402",
         denies=True, ends=True),
    Kind("deny_response", 'deny 504 body "hidden"', True, 'response.code == 504 && response.body == b"hidden"', denies=True,
         phase="response", ends=True),
    Kind("remove_response", 'remove response.headers["x-up"]', True, '!("x-up" in response.headers)',
         idle='response.headers["x-up"] == "up"', phase="response"),
    # What does not restrict does nothing on an error, but with `on_error apply`.
    Kind("set", 'set request.headers["x-target"] = "ours"', False, 'forwarded.headers["x-target"] == "ours"', idle=UNTOUCHED,
         phase="request"),
    Kind("set_value", 'set request.headers["x-target"] = request.host', False, 'forwarded.headers["x-target"] != "client"', idle=UNTOUCHED,
         phase="request"),
    Kind("add", 'add request.headers["x-target"] = "ours"', False, 'forwarded.headers["x-target"] == "client,ours"',
         idle=UNTOUCHED, phase="request"),
    Kind("default", 'default request.headers["x-new"] = "ours"', False, 'forwarded.headers["x-new"] == "ours"',
         idle='!("x-new" in forwarded.headers)', phase="request"),
    Kind("log", 'log error "ran NAME"', False, 'logs.exists(l, l.contains("ran NAME"))', idle='!logs.exists(l, l.contains("ran NAME"))',
         shadow=False),
    Kind("count", "count ran_NAME", False, 'metrics["count.ran_NAME"] == 1', idle='metrics["count.ran_NAME"] == 0', shadow=False),
    Kind("tag", 'tag ran = "ran NAME"', False, 'filter_state["wasm.ran"] == "ran NAME"', idle='!("wasm.ran" in filter_state)', shadow=False),
    Kind("respond", 'respond 202 body "hello"', False, '!forwarded.sent && response.code == 202 && response.body == b"hello"', ends=True),
    Kind("exempt", "exempt", False, "response.code == 200 && forwarded.sent", idle=f"{REFUSED} 409", later=LATER,
         phase="request"),
    Kind("charge", "charge l_NAME", False, f"{REFUSED} 423", items=LIMITER,
         later='rule asks_NAME when request.headers["x-rule"] == "NAME" { limit l_NAME else deny 423 }', 
         phase="request"),
    Kind("refund", "refund l_NAME", False, "response.code == 200 && forwarded.sent",
         idle=f"{REFUSED} 423", items=LIMITER + '\nrule takes_NAME when request.headers["x-rule"] == "NAME" { limit l_NAME }',
         later='rule asks_NAME when request.headers["x-rule"] == "NAME" { limit l_NAME else deny 423 }', 
         phase="request"),
    Kind("reroute", "reroute", False, "response.code == 200 && forwarded.sent", phase="request"),
    Kind("set_response", 'set response.headers["x-up"] = "ours"', False, 'response.headers["x-up"] == "ours"',
         idle='response.headers["x-up"] == "up"', phase="response"),
    Kind("respond_response", "respond 503", False, "response.code == 503", phase="response", ends=True),
]


@dataclass
class Action:
    """An action whose own expression fails, of a rule that holds."""

    name: str
    actions: str
    expected: str
    failure: str = "CONVERSION"
    denied: int = 0
    items: str = ""
    phase: str = "request"
    details: str = ""  # word of `weir.WORD:RULE`


BAD = "int(VALUE)"
TEXT = f"string({BAD})"
LONG = "VALUE.replace('o', config.long)"
DENIED = dict(denied=1, details="deny")
OVER = dict(denied=1, details="limit")
TOLD = f"{REFUSED} 401 && response.body == b"

ACTIONS = [
    # A denial denies; the part that failed is left out.
    Action("body", f"deny 401 body {TEXT}", f'{TOLD}"denied"', **DENIED),
    Action("body_long", f"deny 401 body {LONG}", f'{TOLD}"denied"', "REPLY_TOO_LONG", **DENIED),
    Action("json", f'deny 401 json {{"n": {BAD}}}', f'{TOLD}"denied"', **DENIED),
    Action("status", f"deny ({BAD}) body 'b'", f'{REFUSED} 403', **DENIED),
    Action("status_range", "deny (int(request.host.size()) + 1000)", f"{REFUSED} 403", "STATUS_RANGE", **DENIED),
    Action("details", f"deny 401 details {TEXT} body 'b'", f'{TOLD}"b"', **DENIED),
    Action("grpc", f"deny 401 grpc_status {BAD} body 'b'", f'{TOLD}"b"', **DENIED),
    Action("headers", f"deny 401 headers {{'x-n': {TEXT}}} body 'b'", f'{TOLD}"b" && !("x-n" in response.headers)', **DENIED),
    Action("header_name", "deny 401 headers {VALUE + ' ': 'n'} body 'b'", f'{TOLD}"b"', "HEADER_NAME", **DENIED),
    Action("header_target", "deny 401 headers {VALUE.replace('one', 'connection'): VALUE} body 'b'", f'{TOLD}"b"', "HEADER_NAME", **DENIED),
    Action("header_value", "deny 401 headers {'x-n': VALUE + '\\n'} body 'b'", f'{TOLD}"b" && !("x-n" in response.headers)',
           "HEADER_VALUE", **DENIED),
    Action("header_count", "deny 401 headers {'x-n': (VALUE + '!').split('').map(c, config.many).flatten()} body 'b'",
           f'{TOLD}"b" && !("x-n" in response.headers)', "HEADER_COUNT", **DENIED),
    Action("respond_body", f"respond 202 body {TEXT}", '!forwarded.sent && response.code == 202 && response.body == b""',
           details="respond"),
    # There is nowhere to lead to.
    Action("to", f"redirect to {TEXT}", f"{REFUSED} 403", **DENIED),
    Action("to_nothing", "redirect to VALUE.replace('one', '')", f"{REFUSED} 403", "LOCATION", **DENIED),
    Action("to_scheme", "redirect scheme VALUE", f"{REFUSED} 403", "LOCATION", **DENIED),
    Action("to_host", f"redirect host {TEXT}", f"{REFUSED} 403", **DENIED),
    Action("to_path", f"redirect path {TEXT}", f"{REFUSED} 403", **DENIED),
    Action("to_query", f"redirect query {TEXT}", f"{REFUSED} 403", **DENIED),
    Action("to_status", "redirect (int(VALUE)) to '/'", f"{REFUSED} 302", denied=1, details="redirect"),
    # Edits: `set` removes, the others leave.
    Action("set", f'set request.headers["x-target"] = {TEXT}', '!("x-target" in forwarded.headers)'),
    Action("set_break", 'set request.headers["x-target"] = VALUE + "\\r\\nx: y"', '!("x-target" in forwarded.headers)', "HEADER_VALUE"),
    Action("set_list", f'set request.headers["x-target"] = ["a", {TEXT}]', '!("x-target" in forwarded.headers)'),
    Action("set_name", f"set request.headers[{TEXT}] = 'n'", UNTOUCHED),
    Action("set_bad_name", "set request.headers[VALUE + ':'] = 'n'", UNTOUCHED, "HEADER_NAME"),
    Action("set_framing", "set request.headers[VALUE.replace('one', 'connection')] = VALUE", UNTOUCHED, "HEADER_NAME"),
    Action("add", f'add request.headers["x-target"] = {TEXT}', UNTOUCHED),
    Action("default", f'default request.headers["x-new"] = {TEXT}', '!("x-new" in forwarded.headers)'),
    Action("remove_name", f"remove request.headers[{TEXT}]", UNTOUCHED),
    Action("set_goes_on", f'set request.headers["x-target"] = {TEXT}  set request.headers["x-new"] = "1"',
           '!("x-target" in forwarded.headers) && forwarded.headers["x-new"] == "1"'),
    Action("set_response", f'set response.headers["x-up"] = {TEXT}', '!("x-up" in response.headers)', phase="response"),
    Action("add_response", f'add response.headers["x-up"] = {TEXT}', 'response.headers["x-up"] == "up"', phase="response"),
    # What is required is not there.
    Action("require", f"require {BAD} == 1", f"{REFUSED} 403", **DENIED),
    Action("require_else", f"require {BAD} == 1 else deny 402", f"{REFUSED} 402", **DENIED),
    Action("require_goes_on", f'require {BAD} == 1 else set request.headers["x-new"] = "1"', 'forwarded.headers["x-new"] == "1"'),
    # A limit whose numbers or key fail refuses.
    Action("limit_cost", f"limit l_NAME cost {BAD}", f"{REFUSED} 429", items=LIMITER, **OVER),
    Action("limit_cost_range", "limit l_NAME cost 0 - size(VALUE)", f"{REFUSED} 429", "LIMIT", items=LIMITER, **OVER),
    Action("limit_key", "limit l_NAME", f"{REFUSED} 429", items=f"limiter l_NAME {{ 1 per 1h  by {BAD}  headers none }}", **OVER),
    Action("limit_rate", "limit l_NAME", f"{REFUSED} 429", items=f"limiter l_NAME {{ {BAD} per 1h  headers none }}", **OVER),
    Action("limit_period", "limit l_NAME", f"{REFUSED} 429", items="limiter l_NAME { 1 per duration(VALUE)  headers none }", **OVER),
    Action("limit_burst", "limit l_NAME", f"{REFUSED} 429", items=f"limiter l_NAME {{ 1 per 1h  burst {BAD}  headers none }}", **OVER),
    Action("limit_rate_range", "limit l_NAME", f"{REFUSED} 429", "LIMIT",
           items="limiter l_NAME { size(VALUE) - 3 per 1h  headers none }", **OVER),
    Action("limit_else", f"limit l_NAME cost {BAD} else deny 423", f"{REFUSED} 423", items=LIMITER, **DENIED),
    Action("charge", f"charge l_NAME cost {BAD}", "forwarded.sent", items=LIMITER),
    Action("refund", f"limit l_NAME  refund l_NAME cost {BAD}", "forwarded.sent", items=LIMITER),
    Action("ban", "ban l_NAME for duration(VALUE)", "forwarded.sent", items=LIMITER),
    Action("cap_range", "cap request.body at 0 - size(VALUE)", f"{REFUSED} 413", "CAP", **DENIED),
    Action("cap", f"cap request.body at {BAD}", f"{REFUSED} 413", **DENIED),
    # What only tells says nothing.
    Action("log", f"log error 'ran ' + {TEXT}", "forwarded.sent && !logs.exists(l, l.contains('ran '))"),
    Action("tag", f"tag ran = {TEXT}", "forwarded.sent && !('wasm.ran' in filter_state)"),
    Action("count", f"count c_NAME by {BAD}", "forwarded.sent"),
]

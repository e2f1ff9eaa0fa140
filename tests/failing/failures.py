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

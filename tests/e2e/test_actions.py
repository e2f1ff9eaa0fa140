"""Accuses the table of actions, engine/tbl/actions.h: an action that does nothing, or something else, in a phase where it may
stand; one that is taken where it may not. Every action needs a case for each phase of its row: the tests of completeness
fail without."""

import re
import subprocess

import pytest

from harness.client import ask
from harness.places import ROOT, checker
from harness.plugin import weir
from harness.site import ENVOY
from harness.waiting import wait_for

PHASES = re.findall(r'^PHASE\(\w+, "(\w+)"\)', (ROOT / "engine/tbl/phases.h").read_text(), re.M)
SHORT = {"REQUEST_SIDE": {"request", "request_body"}, "HEADER_PHASES": {"request", "response"},
         "ANY_PHASE": set(PHASES)}  # fmt: skip


def phases_of(text):
    """Of `A | B & ~C`, read from the left."""
    phases = set()
    for sign, word in re.findall(r"([|~]?) ?(\w+)", text):
        some = SHORT.get(word) or {word.removeprefix("IN_").lower()}
        phases = phases - some if sign == "~" else phases | some
    return phases


ROWS = re.findall(r'^ACTION\(\w+, "(\w+)", ([\w |&~]+), \w+, \w+\)', (ROOT / "engine/tbl/actions.h").read_text(), re.M)
ACTIONS = {word: phases_of(phases) for word, phases in ROWS}


# These need weir.hold_headers and the proxy's flag beside it: they have their cases in that file.
HELD = {(word, "request_body") for word in ("add", "default", "remove")}
HELD_CASES = ROOT / "tests/e2e/test_held_headers.py"


class Talk:
    """Requests of one case: a POST with a body, which rules of all phases see.

    Each has a connection of its own: Envoy closes one whose request is answered before its end.
    """

    def __init__(self, proxy, upstream, site, case):
        self.proxy, self.upstream, self.port, self.case = proxy, upstream, site.port, case
        self.tags = tag_log(proxy, site)

    def ask(self, *headers):
        lines = [("x-case", self.case), *headers]
        return ask(self.port, "/x", headers=lines, method="POST", body=b"body")

    def statuses(self, count):
        return [self.ask().status for _ in range(count)]

    def log(self, text):
        return [line for line in self.proxy.log.since().splitlines() if text in line]

    def counted(self, name):
        return sum(self.proxy.stats(f"wasmcustom.weir.actions.count.{name}").values())


def forwarded(name, *values):
    def check(talk):
        assert talk.ask(("x-old", "1"), ("x-old", "2")).status == 200
        assert talk.upstream.last.all(name) == list(values)

    return check


def answered(name, *values):
    def check(talk):
        talk.upstream.tell(headers=[("x-old", "1"), ("x-old", "2")])
        assert talk.ask().all(name) == list(values)

    return check


def forwarded_body(talk):
    assert talk.ask().status == 200 and talk.upstream.last.body == b"new"


def status(wanted, body=None, location=None):
    def check(talk):
        reply = talk.ask()
        assert reply.status == wanted and body in (None, reply.body)
        assert location in (None, reply.header("location"))

    return check


def statuses(*wanted):
    def check(talk):
        assert talk.statuses(len(wanted)) == list(wanted)

    return check


def logged(talk):
    talk.ask()
    wait_for(lambda: talk.log(f"told {talk.case}"), "the line in the log")


def counted(talk):
    talk.statuses(2)
    wait_for(lambda: talk.counted(talk.case) == 2, "the count")


def skipped(talk):
    counted(talk)
    assert talk.counted(f"{talk.case}_not") == 0


def tagged(talk):
    """What the access log of the proxy finds with the stream."""
    talk.ask()
    wait_for(lambda: f'"{talk.case}":"left by POST"' in talk.tags.read_text(), "the line of the access log")


# Rules of a case: {on} is its phase and the condition that picks it, {case} a name of its own.
LIMITER = "limiter {case} {{ 1 per 1h  headers none }}\n"
ASKED = "rule {case}_asked when request.headers[\"x-case\"] == \"{case}\" {{ limit {case} }}\n"
HEADER = {"request": "request.headers", "response": "response.headers"}


def edit(text, request, response):
    rule = "rule {case} {on} {{ " + text + " }}"
    return {
        "request": (rule.replace("HEADERS", HEADER["request"]), request),
        "response": (rule.replace("HEADERS", HEADER["response"]), response),
    }


def everywhere(phases, text, check, before=""):
    return dict.fromkeys(phases, (before + "rule {case} {on} {{ " + text + " }}", check))


REPLIES = ["request", "request_body", "response"]
BEHIND = ["response_body", "log"]  # nothing can be refused any more
ALL = [*REPLIES, *BEHIND]

CASES = {
    "set": edit('set HEADERS["x-old"] = "new"', forwarded("x-old", "new"), answered("x-old", "new"))
    | everywhere(["request_body"], 'set request.body = "new"', forwarded_body)
    | everywhere(["response_body"], 'set response.body = "new"', status(200, b"new")),
    "add": edit('add HEADERS["x-old"] = "3"', forwarded("x-old", "1", "2", "3"), answered("x-old", "1", "2", "3")),
    "default": edit(
        'default HEADERS["x-old"] = "3"  default HEADERS["x-new"] = "4"', forwarded("x-new", "4"), answered("x-new", "4")
    ),
    "remove": edit('remove HEADERS["x-old"]', forwarded("x-old"), answered("x-old")),
    "deny": everywhere(REPLIES, 'deny 418 body "no"', status(418, b"no")),
    "respond": everywhere(REPLIES, 'respond 299 body "here"', status(299, b"here")),
    "redirect": everywhere(REPLIES, 'redirect 307 scheme "https" path "/to"', status(307, b"", "https://test.local/to")),
    "require": everywhere(REPLIES, 'require request.headers["x-key"] == "k"', status(403, b"denied")),
    "limit": everywhere(REPLIES, "limit {case}", statuses(200, 429, 429), LIMITER),
    "exempt": everywhere(REPLIES, "exempt }}\nrule {case}_not {on} {{ deny", status(200, b"upstream"))
    | everywhere(BEHIND, "exempt }}\nrule {case}_goes_on {on} {{ count {case}", counted),
    "skip": everywhere(REPLIES, "skip }}\nrule {case}_not {on} {{ deny", status(200, b"upstream"))
    | everywhere(BEHIND, "count {case}  skip }}\nrule {case}_not {on} {{ count {case}_not", skipped),
    "cap": everywhere(["request"], "cap request.body at 3", status(413)),
    "reroute": everywhere(["request"], 'set request.headers["x-route"] = "direct"  reroute', status(200, b"direct")),
    # Beside a limit of the same request: without them two, one and nine requests would pass.
    "charge": everywhere(ALL, "charge {case}", statuses(200, 429), LIMITER.replace("1 per", "2 per") + ASKED),
    "refund": everywhere(ALL, "refund {case}", statuses(200, 200, 200), LIMITER + ASKED),
    "ban": everywhere(ALL, "ban {case} for 1h", statuses(200, 429), LIMITER.replace("1 per", "9 per") + ASKED),
    "log": everywhere(ALL, 'log error "told {case}"', logged),
    "count": everywhere(ALL, "count {case}", counted),
    "tag": everywhere(ALL, 'tag {case} = "left by " + request.method', tagged),
}

def case_name(action, phase):
    return f"{action}_{phase}"


def case_rules(action, phase):
    case = case_name(action, phase)
    on = f'on {phase} when request.headers["x-case"] == "{case}"'
    text = CASES[action][phase][0]
    text = text.format(on=on, case=case)
    return f"group g_{case} {{ {text} }}" if action == "skip" else text


def all_rules():
    return "\n".join(case_rules(action, phase) for action in CASES for phase in CASES[action])


def tag_log(proxy, site):
    return proxy.folder / f"{site.name}.tags"


def log_of_tags(path):
    tags = {case_name("tag", phase): f"%FILTER_STATE(wasm.{case_name('tag', phase)}:PLAIN)%" for phase in CASES["tag"]}
    kind = ENVOY + "extensions.access_loggers.file.v3.FileAccessLog"
    return [{"name": "file", "typed_config": {"@type": kind, "path": path, "log_format": {"json_format": tags}}}]


@pytest.fixture(scope="module")
def site_of_all(shared):
    running = shared.running()
    site = running.site(weir(all_rules(), {"namespace": "actions", "log_level": "error"}))
    site.manager = {"access_log": log_of_tags(str(tag_log(running, site)))}
    running.add(site)
    yield site
    running.remove(site)


def pairs():
    return [(action, phase) for action in CASES for phase in CASES[action]]


@pytest.mark.parametrize("action, phase", pairs(), ids=[case_name(*pair) for pair in pairs()])
def test_an_action_in_a_phase(site_of_all, proxy, upstream, action, phase):
    CASES[action][phase][1](Talk(proxy, upstream, site_of_all, case_name(action, phase)))


# Completeness


def test_every_action_has_a_case_in_each_phase():
    wanted = {(word, phase) for word, phases in ACTIONS.items() for phase in phases}
    assert wanted - HELD == set(pairs()), "write the missing cases, or drop those of nothing"
    assert all(f"{word} request.headers" in HELD_CASES.read_text() for word, _ in HELD)


def check(path, text):
    path.write_text(text)
    done = subprocess.run([checker(), "check", path], capture_output=True, text=True, timeout=60)
    return re.findall(r":(\d+):\d+: error\[(E\d+)\]", done.stdout + done.stderr)


def test_an_action_is_refused_where_it_may_not_stand(tmp_path):
    """By the phase of the action, or of what it changes."""
    texts = {
        "set": 'set request.headers["a"] = "b"', "add": 'add request.headers["a"] = "b"', "remove": 'remove request.headers["a"]',
        "default": 'default request.headers["a"] = "b"', "deny": "deny", "respond": "respond 200", "redirect": 'redirect to "/"',
        "require": 'require request.path == "/"', "limit": "limit l", "charge": "charge l", "refund": "refund l",
        "ban": "ban l for 1s", "exempt": "exempt", "skip": "skip", "reroute": "reroute", "log": 'log info "a"', "count": "count a",
        "cap": "cap request.body at 1", "tag": 'tag a = "b"',
    }  # fmt: skip
    assert set(texts) == set(ACTIONS), "an action without a text"
    for word, phases in ACTIONS.items():
        for phase in set(PHASES) - phases:
            rules = f"limiter l {{ 1 per 1s  headers none }}\ngroup g {{ rule r on {phase} {{ {texts[word]} }} }}"
            assert check(tmp_path / "rules.weir", rules) == [("2", "E0502")], (word, phase)

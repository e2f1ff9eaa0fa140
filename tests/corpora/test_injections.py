"""Accuses the ways from a request, or from the configuration, into headers, replies and logs: a line that nobody wrote.

Each text of injections.txt goes from each source to each sink, over HTTP/1 or HTTP/2 (with --long: both). Every head
is read strictly: only names that the rules and the proxy write, no control byte, one answer to a request, nothing
behind it, no reset.
"""

import base64
import json
import re
from collections import Counter
from urllib.parse import quote_from_bytes

import pytest

import wishes
from harness.client import Connection
from harness.plugin import weir
from harness.waiting import wait_for
from harness.wire import fields
from resources import lines_of
from sending import GONE, Sender

TEXTS = [wishes.unescaped(line) for line in lines_of("injections.txt")]
PLAIN = TEXTS[:5]
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
WRITTEN = {"x-copy", "x-list", "x-default", "x-case"}
OF_REPLIES = WRITTEN | {"server", "date", "content-length", "content-type", "location", "grpc-status", "grpc-message",
                        "x-envoy-upstream-service-time"}
OF_REQUESTS = WRITTEN | {"host", "x-sink", "x-text", "x-index", "authorization", "cookie", "content-type",
                         "content-length", "transfer-encoding", "x-forwarded-proto", "x-request-id",
                         "x-envoy-expected-rq-timeout-ms"}

# The text as the rules read it, and what carries it there: target, headers and body of a request.
SOURCES = {
    "config": ('config.texts[int(request.headers["x-index"])]', lambda text: (b"/", [], b"")),
    "header": ('string(base64.decode(request.headers["x-text"]))',
               lambda text: (b"/", [(b"x-text", base64.b64encode(text))], b"")),
    "JSON in a header": ('string(parse_json(request.headers["x-text"]).text)',
                         lambda text: (b"/", [(b"x-text", document(text))], b"")),
    "query": ('request.query_params["q"]', lambda text: (b"/?q=" + escaped(text), [], b"")),
    "cookie": ('url_decode(request.cookies["c"])', lambda text: (b"/", [(b"cookie", b"c=" + escaped(text))], b"")),
    "path": ("url_decode(request.url_path).substring(1)", lambda text: (b"/" + escaped(text), [], b"")),
    "user": ("request.basic.user", lambda text: (b"/", [(b"authorization", credentials(text + b":x"))], b"")),
    "password": ("request.basic.password", lambda text: (b"/", [(b"authorization", credentials(b"x:" + text))], b"")),
    "body": ("string(request.body)", lambda text: (b"/", [], text)),
    "JSON body": ("string(request.json.text)", lambda text: (b"/", [], document(text))),
}
# Where the text goes, by the header x-sink.
EDITS = """set {0}.headers["x-copy"] = text  add {0}.headers["x-list"] = ["a", text, "b"]
  default {0}.headers["x-default"] = text  set {0}.headers[text] = "of-test" """
REPLIES = {
    "headers": 'deny 403 body text headers {"x-copy": text, "x-list": ["a", text], "x-default": "d"}',
    "names": 'deny 403 headers {text: "of-test"}',
    "details": "deny 403 details text",
    "document": 'deny 403 json {"text": text}',
    "grpc": "deny 403 body text grpc_status 7",
    "to": "redirect to text",
    "redirect path": "redirect path text",
    "redirect query": "redirect query text",
    "redirect host": "redirect host text",
    "log": "log error text  count told by text",
}


def escaped(text):
    return quote_from_bytes(text, safe="").encode()


def document(text):
    return json.dumps({"text": text.decode("utf-8", "replace")}).encode()


def credentials(text):
    return b"Basic " + base64.b64encode(text)


def phase(source):
    return "on request_body" if "request.body" in SOURCES[source][0] or "request.json" in SOURCES[source][0] else ""


def sinks(source):
    """Headers cannot be edited once a body is there, and gRPC's never are complete."""
    return [name for name in REPLIES if name != "grpc"] if phase(source) else ["edit", *REPLIES]


def rules(source):
    lines = [f"let text = {SOURCES[source][0]}"]
    for i, (name, actions) in enumerate(REPLIES.items()):
        lines.append(f'rule reply{i} {phase(source)} when request.headers["x-sink"] == "{name}" {{ {actions} }}')
    if not phase(source):
        edit = 'when request.headers["x-sink"] == "edit"'
        lines.append(f'rule edit {edit} {{ {EDITS.format("request")} }}')
        lines.append(f'rule mirror on response {edit} {{ {EDITS.format("response")} }}')
    return "\n".join([*lines, 'rule mark on response { set response.headers["x-case"] = request.headers["x-case"] }'])


def texts_in_config():
    """JSON holds no NUL here, and only UTF-8."""
    return [text if b"\0" not in text else b"" for text in TEXTS]


@pytest.fixture(scope="module")
def sites(proxy):
    """A listener for each source."""
    data = [text.decode("utf-8", "replace") for text in texts_in_config()]
    made = {source: proxy.site(weir(rules(source), texts=data), access_log=True) for source in SOURCES}
    proxy.add(*made.values())
    return made


def wish(source, sink, index, http2):
    target, headers, body = SOURCES[source][1](TEXTS[index])
    named = [(b"x-sink", sink.encode()), (b"x-index", b"%d" % index)]
    if sink == "grpc":
        named.append((b"content-type", b"application/grpc"))
    return wishes.Wish(f"{source} -> {sink}: {TEXTS[index]}", http2, b"POST", target, named + headers, body)


def names_in(lines, known, text):
    """A head's names, each a token, and one that is known or that the text itself gave."""
    for name, value in lines:
        assert TOKEN.fullmatch(name) and not CONTROL.search(value), (name, value)
        own = value == "of-test" and text.lower().startswith(name.lower().encode())
        assert own or name.lower() in known, (name, value)
    return Counter(name.lower() for name, _ in lines)


def check_reply(reply, mark, text):
    assert reply is not GONE, "closed or reset"
    names = names_in(reply.headers, OF_REPLIES, text)
    assert reply.all("x-case") == [str(mark)]
    assert names["x-copy"] <= 1 and names["x-default"] <= 1 and names["x-list"] <= 3 and names["location"] <= 1
    length = reply.header("content-length")
    assert length is None or int(length) == len(reply.body)


def send_all(site, source, upstream, protocols):
    """Each text to each sink over both protocols, or one and then the other; what was asked, by marks."""
    upstream.reset()
    asked = {}
    with Sender(site.port) as sender:
        for sink in sinks(source):
            for index in range(len(TEXTS)):
                for http2 in (False, True) if protocols == "both" else (len(asked) % 2 == 0,):
                    one = wish(source, sink, index, http2)
                    mark = len(asked)
                    asked[mark] = (one, TEXTS[index], sink, sender.ask(one, mark))
                    assert not sender.link(Connection).reader.buffer, f"bytes behind the answer to {one.text}"
    return asked


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("protocols", ["either", pytest.param("both", marks=pytest.mark.long)])
def test_no_line_that_nobody_wrote(source, protocols, sites, proxy, upstream):
    log, logged = proxy.log.mark(), len(rows(sites[source].access_log))
    asked = send_all(sites[source], source, upstream, protocols)
    for mark, (one, text, sink, reply) in asked.items():
        try:
            check_reply(reply, mark, text)
        except AssertionError as error:
            raise AssertionError(f"{one.text}, http2 {one.http2}: {reply}") from error
    check_upstream(upstream, asked)
    check_logs(proxy.log.since(log), sites[source].access_log, logged + len(asked))
    plain_text_arrives(source, asked, upstream)


def check_upstream(upstream, asked):
    """What arrived: of each request one head, of lines that somebody wrote."""
    seen = Counter()
    for lines in map(fields, upstream.heads):
        mark = int(dict(lines)["x-case"])
        seen[mark] += 1
        names_in(lines, OF_REQUESTS, asked[mark][1])
    assert set(seen.values()) == {1}


def check_logs(text, path, count):
    """No line in the log that begins like the proxy's own, one line of the access log for each request."""
    assert "\x1b" not in text and not [line for line in text.splitlines() if line.startswith("[critical]")]
    wait_for(lambda: len(rows(path)) >= count, "line in the access log for each request")
    lines = rows(path)
    assert len(lines) == count
    assert all(re.fullmatch(r"POST \S+ \d+ \S+", line) for line in lines)


def rows(path):
    with open(path, "rb") as stream:
        return stream.read().decode("latin-1").split("\n")[:-1]


def plain_text_arrives(source, asked, upstream):
    """Sinks that nothing reaches would show nothing."""
    arrived = {int(request.all("x-case")[0]): request for request in upstream.requests}
    for mark, (one, text, sink, reply) in asked.items():
        credential = source in ("user", "password")  # a tab makes one malformed
        if text not in PLAIN or (credential and b"\t" in text):
            continue
        told = text.decode("latin-1")
        if sink == "edit":
            assert reply.all("x-copy") == arrived[mark].all("x-copy") == [told], one.text
            assert reply.all("x-list") == ["a", told, "b"], one.text
        if sink == "headers":
            assert reply.all("x-copy") == [told] and reply.body == text, one.text


def test_the_corpus_is_as_large_as_promised():
    triples = {(text, source, sink) for source in SOURCES for sink in sinks(source) for text in TEXTS}
    print(f"{len(triples)} triples of {len(TEXTS)} texts, {len(SOURCES)} sources, {len(sinks('query'))} sinks")
    assert len(TEXTS) == len(set(TEXTS)) and len(triples) >= 300

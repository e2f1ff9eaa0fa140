"""Accuses the step budget: an endless or silent end of a rule that the request made too long."""

from harness import logged
from harness.client import Connection, ask
from harness.plugin import weir

# Walks over two values of the client: an operation costs a step for each 64 bytes.
WALK = 'request.headers["x-a"] + "." == request.headers["x-b"] + "."'
LONG = [("x-a", "a" * 25000), ("x-b", "a" * 25000)]
SHORT = [("x-a", "a"), ("x-b", "b")]
FEW = {"steps": 200}


def test_restricting_rules_left_end_in_one_503(proxy, upstream):
    site = proxy.serve(weir(f"rule r when {WALK} {{ deny }}", FEW))
    assert ask(site.port, headers=SHORT).status == 200
    reply = ask(site.port, headers=LONG)
    assert reply.status == 503
    assert len(upstream.requests) == 1


def test_other_rules_left_are_skipped(proxy, upstream):
    rules = f"""rule a {{ set request.headers["x-first"] = "1" }}
    rule b when {WALK} {{ set request.headers["x-second"] = "2" }}
    rule c {{ set request.headers["x-third"] = "3" }}"""
    site = proxy.serve(weir(rules, FEW))
    assert ask(site.port, headers=LONG).status == 200
    assert upstream.last.all("x-first") == ["1"]
    assert upstream.last.all("x-second") == []


def test_each_request_has_its_own_budget(proxy):
    site = proxy.serve(weir(f"rule r when {WALK} {{ deny }}", FEW))
    with Connection(site.port) as link:
        asked = [LONG, SHORT] * 10
        assert [link.ask("/direct", headers=h).status for h in asked] == [503, 200] * 10


def test_enough_steps_by_default(proxy):
    site = proxy.serve(weir(f"rule r when {WALK} {{ deny }}"))
    assert ask(site.port, "/direct", headers=LONG).status == 403


def test_response_rules_out_of_steps_leave_the_answer_whole(proxy, upstream):
    rules = f'rule r on response when {WALK} {{ set response.headers["x-c"] = "c" }}'
    site = proxy.serve(weir(rules, FEW))
    reply = ask(site.port, headers=LONG)
    assert (reply.status, reply.body, reply.header("x-c")) == (200, b"upstream", None)


def test_out_of_steps_is_logged_and_not_for_every_request(proxy):
    site = proxy.serve(weir(f"rule r when {WALK} {{ deny }}", FEW))
    mark = proxy.log.mark()
    with Connection(site.port) as link:
        for _ in range(50):
            link.ask("/direct", headers=LONG)
    assert 1 <= len(logged.said(proxy.log.since(mark))) <= 10


def test_out_of_memory_of_a_request_is_survived(proxy):
    least = {"memory": 64 << 10}
    rules = """let a = request.headers["x-a"] + request.headers["x-b"]
    rule r when a + a + a + a == "x" { deny }"""
    site = proxy.serve(weir(rules, least))
    with Connection(site.port) as link:
        for _ in range(20):
            assert link.ask("/direct", headers=LONG).status in (403, 503)
            assert link.ask("/direct", headers=SHORT).status == 200

"""Accuses configuring in a real proxy: a wrong configuration that is taken, that says nothing of where it is wrong,
or something else than the checker; and an update refused that changes what is in force.

The configurations: those of tests/golden, whose words are read there, and JSON spoiled byte by byte
(configurations.py). `make test` tries some of them, all with --long.
"""

import subprocess

import pytest

import configurations
from harness import logged, places
from harness.client import Connection
from harness.marks import MARK, marked, served
from harness.plugin import Plugin
from harness.proxy import Rejected

FAMILIES = configurations.by_family()
# Of so many one: the others are tried by --long alone.
SOME = {"cut off": 4, "spoiled": 30}
OTHERS = 2
BYTES = 200_000  # larger ones take seconds in a proxy


@pytest.fixture(scope="module")
def site(proxy):
    return proxy.serve(Plugin(marked("old"), environment=configurations.secrets()), delivery="ecds")


def chosen(family):
    small = [case for case in FAMILIES[family] if len(case[1]) < BYTES]
    return small[:: SOME.get(family, OTHERS)]


def words(config, path):
    """What the checker prints; None where it finds nothing wrong."""
    path.write_bytes(config)
    done = subprocess.run([places.checker(), "check", "--no-lint", str(path)], capture_output=True, timeout=60)
    assert done.returncode in (0, 1), done
    return (done.stdout + done.stderr).decode("utf-8", "backslashreplace") if done.returncode else None


def refused(cases, path):
    """Names, bytes and the checker's words of those that are wrong. Without a brace in front, it reads rules."""
    found = [(name, config, words(config, path)) for name, config in cases if config.startswith(b"{")]
    return [case for case in found if case[2] is not None]


def push_all(proxy, site, cases):
    """Each as an update, refused in the checker's words; behind each the old rules answer."""
    for name, config, said in cases:
        with pytest.raises(Rejected) as refusal:
            proxy.update(site, config)
            pytest.fail(f"{name} was taken")
        text = str(refusal.value)
        assert logged.diagnostics(said), (name, said)
        assert logged.diagnostics(text) == logged.diagnostics(said), name
        missing = [line for line in said.splitlines() if line.strip() not in text]
        assert missing == [], name
        with Connection(site.port) as link:
            assert link.ask("/direct").header(MARK) == "old", name


@pytest.mark.parametrize("family", FAMILIES)
def test_some_are_refused_in_the_checkers_words(proxy, site, tmp_path, family):
    push_all(proxy, site, refused(chosen(family), tmp_path / "config"))


@pytest.mark.long
@pytest.mark.parametrize("family", FAMILIES)
def test_all_are_refused_in_the_checkers_words(proxy, site, tmp_path, family):
    push_all(proxy, site, refused(FAMILIES[family], tmp_path / "config"))


def test_the_same_again_is_not_looked_at_and_changes_nothing(proxy, site):
    """Envoy counts it as a success, as docs/operations.md says."""
    config = '{"rules": "rule again {"}'
    with pytest.raises(Rejected):
        proxy.update(site, config)
    proxy.update(site, config)
    assert served(site) == "old"


def test_the_corpus_is_as_large_as_promised(tmp_path):
    every = [case for family in FAMILIES for case in chosen(family)]
    wrong = refused(every, tmp_path / "config")
    print(f"{len(wrong)} tried of {sum(map(len, FAMILIES.values()))}")
    assert len({config for _, config, _ in wrong}) >= 300

"""The rooms of the source tree: who may include whom, and what is kept out of which room."""
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)', re.M)
GROUPS = [{"base", "tbl"}, {"match", "limit", "lib", "conf"}, {"run"}, {"lang"}, {"engine"}]
LEVEL = {room: level for level, group in enumerate(GROUPS) for room in group}
KEPT_OUT = {"stdio.h", "setjmp.h", "signal.h", "time.h", "locale.h", "unistd.h", "pthread.h"}


# By search path.
OUTSIDE = {
    "rules.h": "build/gen/rules.h",
    "cJSON.h": "build/cjson/cJSON.h",
    "rate_service.pb.h": "build/gen/rate_service.pb.h",
    "pb_encode.h": "build/nanopb/pb_encode.h",
    "pb_decode.h": "build/nanopb/pb_decode.h",
}


def room(path):
    """engine/base/slice.h -> base, engine/engine.h -> engine, grammar/parse.h -> grammar"""
    if path == "engine/bundled.h":  # a table, though it is made at build time
        return "tbl"
    parts = path.split("/")
    if parts[0] == "engine":
        return parts[1] if len(parts) > 2 else "engine"
    return "/".join(parts[:2]) if parts[0] == "build" else parts[0]


def allowed(source, target):
    """whether the file `source` may include the project's file `target`, both from the root"""
    here, there = room(source), room(target)
    if here == there:
        return True
    if there == "build/cjson":
        return here in {"conf", "engine", "plugin", "tools"}
    if there == "build/nanopb" or target == "build/gen/rate_service.pb.h":
        return source == "engine/limit/rate_service.c"
    if here == "grammar":
        return there in {"base", "tbl", "build/gen"} or target == "engine/lang/tree.h"
    if there == "grammar":
        return here in {"lang", "engine"}
    if here in {"plugin", "tools"}:
        public = {"engine/engine.h"} if here == "plugin" else {"engine/engine.h", "engine/testing.h"}
        return target in public or there in {"base", "tbl"}
    return there in LEVEL and LEVEL[there] <= LEVEL[here]


def sources(*folders):
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".c", ".h", ".re", ".y"}:
                yield path.relative_to(ROOT).as_posix(), path.read_text()


def own_includes():
    for source, text in sources("engine", "grammar", "plugin", "tools"):
        for target, system in INCLUDE.findall(text):
            if target or system in OUTSIDE:
                yield source, OUTSIDE.get(target or system, target)


@pytest.mark.parametrize(
    "source, target, verdict",
    [
        ("engine/run/vm.c", "engine/lib/text.h", True),
        ("engine/run/vm.c", "engine/lang/tree.h", False),
        ("engine/base/arena.c", "engine/match/glob.h", False),
        ("engine/lib/text.c", "engine/match/glob.h", True),
        ("engine/lib/text.c", "engine/run/vm.h", False),
        ("engine/lang/check.c", "engine/engine.h", False),
        ("engine/engine.c", "grammar/parse.h", True),
        ("grammar/rules.y", "engine/lang/tree.h", True),
        ("grammar/rules.y", "engine/lang/check.h", False),
        ("plugin/gather.c", "engine/engine.h", True),
        ("plugin/gather.c", "engine/lang/tree.h", False),
        ("plugin/gather.c", "engine/run/vm.h", False),
        ("engine/run/vm.c", "plugin/abi.h", False),
        ("engine/limit/rate_service.c", "build/nanopb/pb_encode.h", True),
        ("engine/limit/bucket.c", "build/nanopb/pb_encode.h", False),
        ("plugin/host.c", "build/gen/rate_service.pb.h", False),
    ],
)
def test_the_rule_itself(source, target, verdict):
    assert allowed(source, target) is verdict


def test_includes_point_one_way():
    wrong = [
        f"{source} includes {target}"
        for source, target in own_includes()
        if not allowed(source, target)
    ]
    assert wrong == []


def test_includes_are_named_from_the_root():
    wrong = [
        f"{source} includes {target}"
        for source, target in own_includes()
        if not target.startswith("build/") and not (ROOT / target).exists()
    ]
    assert wrong == []


def test_engine_knows_no_host():
    wrong = [source for source, text in sources("engine", "grammar") if re.search(r"\bproxy_[a-z]", text)]
    assert wrong == []


def test_no_stdio_clock_or_jumps_in_what_becomes_the_module():
    wrong = [
        f"{source} includes <{system}>"
        for source, text in sources("engine", "grammar", "plugin")
        for _, system in INCLUDE.findall(text)
        if system in KEPT_OUT
    ]
    assert wrong == []

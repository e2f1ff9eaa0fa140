"""Configurations that are refused: the checker's golden cases as a pluginConfig, and JSON spoiled byte by byte."""

import re
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "golden"))
import test_golden as golden

GOOD = b"""{"rules": ["let a = 1", "rule r when config.on == true { deny 403 }"],
 "weir": {"steps": 1000, "namespace": "n", "trust": {"hops": 1}},
 "on": true, "list": [1, -2.5e3, null, "\\u00e4"]}"""
SPOILERS = [b'"', b"{", b"]", b"\\", b"\x00", b"\xff", b""]


def quoted(text):
    """As a JSON string, bytes that are no text with it."""
    out = text.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    return b'"' + b"".join(b"\\u%04x" % byte if byte < 32 else bytes([byte]) for byte in out) + b'"'


def of_golden(case):
    """None where the case needs files, which a proxy does not have."""
    if set(case.files) - {"config"} or "error[" not in case.expected:
        return None
    text = golden.made(case.text)
    if text.startswith(b"{"):
        return text
    data = golden.made(case.files.get("config", "{}")).strip()
    if not data.startswith(b"{") or not data.endswith(b"}"):
        return None
    rest = data[1:].lstrip()
    return b'{"rules": ' + quoted(text) + (b"" if rest == b"}" else b", ") + rest


def secrets():
    """What a VM must hold: there a missing one is an error more, which the checker cannot see."""
    texts = " ".join(case.text for case in golden.CASES)
    names = re.findall(r"""secret\(["']([^"'\\]+)["']""", texts)
    return {name: "x" for name in [*names, "ab"]}  # one is written in two parts


def by_family():
    """Names of families to lists of names and bytes."""
    found = {path.stem: [] for path in golden.FILES}
    for case in golden.CASES:
        config = of_golden(case)
        if config is not None:
            found[case.path.stem].append((case.title, config))
    found["cut off"] = [(f"behind {size} bytes", GOOD[:size]) for size in range(1, len(GOOD))]
    found["spoiled"] = [(f"{spoiler!r} at {at}", GOOD[:at] + spoiler + GOOD[at + 1 :])
                        for at in range(len(GOOD)) for spoiler in SPOILERS]
    seen = set()
    return {family: once(cases, seen) for family, cases in found.items() if cases}


def once(cases, seen):
    """A proxy does not look again at what it has refused already, though it was in another family."""
    fresh = {config: name for name, config in cases if config not in seen}
    seen.update(fresh)
    return [(name, config) for config, name in fresh.items()]

"""What the plugin said in Envoy's log, and diagnostics found in any text."""

import re

SOURCE = r"(?:rules(?:\[\d+\])?|config|[\w./-]+\.weir)"
DIAGNOSTIC = re.compile(rf"(?:^|\s)({SOURCE}:\d+:\d+: error\[E\d{{4}}\]: [^\n]*)")
PLUGIN_LINE = re.compile(r"^\[[^\]]*\]\[\d+\]\[(\w+)\]\[wasm\] \[.*?\] wasm log[^:]*: (.*)$", re.M)


def diagnostics(text):
    """Heads of diagnostics, `SOURCE:LINE:COL: error[ENNNN]: MESSAGE`, each once, in order."""
    return list(dict.fromkeys(found.strip() for found in DIAGNOSTIC.findall(text)))


def codes(text):
    """The codes of diagnostics, each once, in order."""
    found = re.findall(r"error\[(E\d{4})\]", "\n".join(diagnostics(text)))
    return list(dict.fromkeys(found))


def said(text, level=None):
    """What plugins logged, without Envoy's part of the line; of one level if given."""
    return [line for found, line in PLUGIN_LINE.findall(text) if level in (None, found)]

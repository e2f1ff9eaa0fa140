"""The calls between host and plugin, read from Envoy's log at wasm:trace."""

import re

HOST_CALL = re.compile(r"\[vm->host\] \w+\.(\w+)\(([^)]*)\)")
RESULT = re.compile(r"\[host<-vm\] (proxy_on_\w+) return: (\w+)")
STREAM = re.compile(r"\[host->vm\] proxy_on_context_create\((\d+), [1-9]\d*\)")
DELETED = re.compile(r"\[host->vm\] proxy_on_delete\((\d+)\)")
CLOCK_AND_CHANCE = {"clock_time_get", "random_get"}


def called(text, name, first=None):
    """How often the plugin called a function, with `first` as the first argument if given."""
    rows = [args.split(",") for found, args in HOST_CALL.findall(text) if found == name]
    return len([args for args in rows if first is None or args[0] == str(first)])


def reads(text):
    """The functions by which the plugin asked the host for something, in order."""
    names = [name for name, _ in HOST_CALL.findall(text)]
    return [n for n in names if n.startswith("proxy_get_") or n in CLOCK_AND_CHANCE]


def edits(text):
    """The functions by which the plugin changed headers, in order."""
    return [name for name, _ in HOST_CALL.findall(text) if name.endswith("_header_map_value")
            and not name.startswith("proxy_get_")]


def results(text, name):
    """What a callback returned, each time."""
    return [result for found, result in RESULT.findall(text) if found == name]


def ended(text):
    """How many streams began and ended."""
    return len(set(STREAM.findall(text)) & set(DELETED.findall(text)))

"""What the module asks of a host and offers to it, read from its sections."""
from pathlib import Path

import pytest

MODULE = Path(__file__).resolve().parents[2] / "build/weir.wasm"
SIZE_MAX = 384 * 1024
PAGES_MAX = 1024  # of 64 KiB
STACK_SIZE = 128 * 1024
CUSTOM, TYPES, IMPORTS, MEMORY, GLOBALS, EXPORTS = 0, 1, 2, 5, 6, 7
I32_CONST = 0x41

# What the module imports, to the name: another call is added here on purpose or not at all. Never:
# proxy_get_header_map_value (sees only the first of repeated headers), proxy_set_header_map_pairs
# (over a limit it drops all, with status OK), proxy_close_stream (at the wrong moment it takes the
# proxy down). proxy_continue_stream does so too: plugin/host.h has it for requests only.
ENV = {
    "proxy_log",
    "proxy_set_tick_period_milliseconds",
    "proxy_get_buffer_bytes",
    "proxy_set_buffer_bytes",
    "proxy_get_header_map_pairs",
    "proxy_add_header_map_value",
    "proxy_replace_header_map_value",
    "proxy_remove_header_map_value",
    "proxy_send_local_response",
    "proxy_get_property",
    "proxy_set_property",
    "proxy_get_shared_data",
    "proxy_set_shared_data",
    "proxy_define_metric",
    "proxy_increment_metric",
    "proxy_grpc_call",
    "proxy_grpc_cancel",
    "proxy_set_effective_context",
    "proxy_continue_stream",
    "proxy_call_foreign_function",
}
# The most that it may import; seeds and secrets will need the rest.
WASI = {"clock_time_get", "random_get", "environ_get", "environ_sizes_get"}
EXPORTS_NEEDED = {
    "memory",
    "_initialize",
    "proxy_abi_version_0_2_1",
    "proxy_on_memory_allocate",
    "proxy_on_context_create",
    "proxy_on_vm_start",
    "proxy_on_configure",
    "proxy_on_request_headers",
    "proxy_on_request_body",
    "proxy_on_request_trailers",
    "proxy_on_response_headers",
    "proxy_on_response_body",
    "proxy_on_response_trailers",
    "proxy_on_grpc_receive",
    "proxy_on_grpc_close",
    "proxy_on_tick",
    "proxy_on_delete",
}
EXPORTS_KNOWN = EXPORTS_NEEDED | {
    "proxy_on_log",
    "proxy_on_done",
    "proxy_on_http_call_response",
    "proxy_on_grpc_receive_initial_metadata",
    "proxy_on_grpc_receive_trailing_metadata",
}


class Reader:
    """The binary format's integers, names and limits, in the order in which they come."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def byte(self):
        self.at += 1
        return self.data[self.at - 1]

    def number(self):
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def take(self, length):
        self.at += length
        return self.data[self.at - length : self.at]

    def name(self):
        return self.take(self.number()).decode()

    def limits(self):
        flags = self.byte()
        return self.number(), self.number() if flags & 1 else None

    def skip_import_type(self):
        kind = self.byte()
        if kind == 0:
            self.number()
        elif kind in (1, 3):
            self.take(2 if kind == 3 else 1)
            if kind == 1:
                self.limits()
        else:
            self.limits()


@pytest.fixture(scope="module")
def sections():
    """section id -> list of contents"""
    reader = Reader(MODULE.read_bytes())
    assert reader.take(8) == b"\0asm\1\0\0\0"
    found = {}
    while reader.at < len(reader.data):
        kind = reader.byte()
        found.setdefault(kind, []).append(reader.take(reader.number()))
    return found


@pytest.fixture(scope="module")
def imports(sections):
    """module -> set of names"""
    reader = Reader(sections[IMPORTS][0])
    found = {}
    for _ in range(reader.number()):
        module, name = reader.name(), reader.name()
        reader.skip_import_type()
        found.setdefault(module, set()).add(name)
    return found


@pytest.fixture(scope="module")
def exports(sections):
    reader = Reader(sections[EXPORTS][0])
    names = set()
    for _ in range(reader.number()):
        names.add(reader.name())
        reader.byte()
        reader.number()
    return names


def test_imports_come_from_two_modules_only(imports):
    assert set(imports) <= {"env", "wasi_snapshot_preview1"}


def test_host_calls_are_the_ones_listed(imports):
    assert imports["env"] == ENV


def test_system_calls_are_clock_random_and_environment(imports):
    assert imports["wasi_snapshot_preview1"] <= WASI


def test_exports_are_complete_and_known(exports):
    assert EXPORTS_NEEDED - exports == set()
    assert exports - EXPORTS_KNOWN == set()


def test_memory_is_bounded(sections):
    reader = Reader(sections[MEMORY][0])
    assert reader.number() == 1
    _, most = reader.limits()
    assert most == PAGES_MAX


def test_stack_lies_below_the_data(sections):
    """The first global is the stack pointer: with the stack first it starts at the stack's size."""
    reader = Reader(sections[GLOBALS][0])
    reader.number()
    reader.take(2)
    assert reader.byte() == I32_CONST
    assert reader.number() == STACK_SIZE


def test_a_trap_can_be_told_by_name():
    """A back-trace has numbers of functions; the file beside the module has their names."""
    lines = MODULE.with_suffix(".symbols").read_text().splitlines()
    names = dict(line.split(":", 1) for line in lines)
    assert len(names) == len(lines) > 100
    assert {"interpret", "proxy_on_configure"} <= set(names.values())


def test_module_is_small():
    assert MODULE.stat().st_size <= SIZE_MAX

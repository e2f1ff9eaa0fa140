"""Feeds cases to run_cases, natively and in a wasm runtime, and reads what became of each.

One process runs all cases, in order. A case that ends the process is the first without a result; the next process
begins behind it.
"""
import subprocess
import tempfile
import threading
from pathlib import Path

import values

SECONDS = 60  # without an end: the case in progress does not end
ENDS_MOST = 25  # processes that may end before their time


def text_of(word):
    return bytes.fromhex(word[1:]).decode("utf-8", "replace")


def result_of(line):
    """-> dict: what is known of `type`, `value`, `error`, `refused` (line, column, message), `broken`"""
    outcome, *words = line.split(" ")
    if outcome == "refused":
        return {"refused": (int(words[0]), int(words[1]), text_of(words[2]))}
    if outcome != "type":
        return {"broken": {"exhausted": "out of memory while it was compiled"}.get(outcome, outcome)}
    result = {"type": text_of(words[0])}
    if words[1:2] == ["value"]:
        result["value"] = values.from_words(iter(words[2:]))
    elif words[1:2] == ["error"]:
        result["error"] = text_of(words[2])
    return result


class Native:
    def __init__(self, program):
        self.program = program

    def run(self, lines):
        """-> output, why it ended before its time or None"""
        try:
            done = subprocess.run([self.program], input=lines, capture_output=True, timeout=SECONDS)
        except subprocess.TimeoutExpired as late:
            return late.stdout or b"", f"no end within {SECONDS} s"
        if done.returncode == 0:
            return done.stdout, None
        report = done.stderr.decode(errors="replace").strip()
        return done.stdout, f"exit status {done.returncode}\n{report[:3000]}".strip()


class Wasm:
    """Each run gets an instance of its own: memory as small as a fresh module's."""

    def __init__(self, program):
        import wasmtime

        self.wasmtime = wasmtime
        config = wasmtime.Config()
        config.epoch_interruption = True
        self.engine = wasmtime.Engine(config)
        self.module = wasmtime.Module.from_file(self.engine, str(program))

    def run(self, lines):
        with tempfile.TemporaryDirectory() as folder:
            given, made = Path(folder, "given"), Path(folder, "made")
            given.write_bytes(lines)
            why = self.start(given, made)
            return made.read_bytes(), why

    def start(self, given, made):
        store = self.wasmtime.Store(self.engine)
        store.set_epoch_deadline(1)
        wasi = self.wasmtime.WasiConfig()
        wasi.stdin_file, wasi.stdout_file = str(given), str(made)
        store.set_wasi(wasi)
        linker = self.wasmtime.Linker(self.engine)
        linker.define_wasi()
        timer = threading.Timer(SECONDS, self.engine.increment_epoch)
        timer.start()
        try:
            linker.instantiate(store, self.module).exports(store)["_start"](store)
        except self.wasmtime.ExitTrap as end:
            return f"exit status {end.code}" if end.code else None
        except (self.wasmtime.Trap, self.wasmtime.WasmtimeError) as trap:
            return str(trap)
        finally:
            timer.cancel()
        return None


def run_cases(program, cases):
    """-> a result for each case, in order"""
    results, ends = [], 0
    while len(results) < len(cases):
        start = len(results)
        lines = "".join(
            f"{line}\n" for number in range(start, len(cases)) for line in cases[number].lines(number)
        )
        output, why = program.run(lines.encode())
        for line in output.decode().split("\n")[:-1]:
            number, _, rest = line.partition(" ")
            if int(number) != len(results):
                raise RuntimeError(f"the result of case {len(results)} is missing: {line}")
            results.append(result_of(rest))
        if len(results) == len(cases):
            if why:
                results[-1] = {"broken": f"after the last case: {why}"}
            break
        ends += 1
        results.append({"broken": why or "it ended without a result"})
        if ends == ENDS_MOST:
            missing = {"broken": f"not run: the program ended {ENDS_MOST} times"}
            results += [missing] * (len(cases) - len(results))
    return results

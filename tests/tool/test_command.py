"""The command line itself: words, flags, exit codes, and which stream says what."""
import subprocess

import pytest

from command import WEIR, weir


def test_version():
    assert weir("--version") == (0, "weir 0.1.0\n", "")


@pytest.mark.parametrize("words", [["help"], ["--help"], ["-h"]])
def test_help_names_the_commands(words):
    outcome = weir(*words)
    assert outcome.code == 0 and outcome.err == ""
    assert "check" in outcome.out and "test" in outcome.out and "--version" in outcome.out


@pytest.mark.parametrize("command", ["check", "test"])
def test_help_of_a_command(command):
    outcome = weir("help", command)
    assert outcome.code == 0 and outcome.out.startswith(f"usage: weir {command} ")
    assert weir(command, "--help") == outcome
    assert weir(command, "-h") == outcome


@pytest.mark.parametrize(
    "words, said",
    [
        ([], "usage:"),
        (["chek"], "unknown command `chek`"),
        (["help", "chek"], "unknown command `chek`"),
        (["check"], "no FILE"),
        (["test"], "no PATH"),
        (["check", "--bad", "x"], "weir check: unrecognized option '--bad'"),
        (["test", "-x", "x"], "weir test: invalid option -- 'x'"),
        (["check", "--config"], "requires an argument"),
        (["check", "--config", "nowhere.json", "x"], "nowhere.json: No such file"),
        (["check", "nowhere.weir"], "nowhere.weir: No such file"),
        (["check", "rules"], "rules: Is a directory"),
        (["test", "nowhere_test.weir"], "nowhere_test.weir: No such file"),
    ],
)
def test_trouble(words, said):
    outcome = weir(*words)
    assert outcome.code == 2 and said in outcome.err
    assert "error[" not in outcome.out


def test_output_that_cannot_be_written_is_trouble():
    with open("/dev/full", "w") as full:
        done = subprocess.run([WEIR, "--version"], stdout=full, stderr=subprocess.PIPE, timeout=60)
    assert done.returncode == 2 and b"cannot be written" in done.stderr

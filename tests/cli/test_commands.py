"""Help: every command has it, with an example that the command itself accepts."""

import re
import shlex
import subprocess
import sys

import pytest

from tests.cli.command_tree import commands
from tests.cli.conftest import Call

HEAVY = ("polars", "fastapi", "sqlalchemy", "scrapy", "tantivy", "rich")

ASK_FOR_HELP = """\
import sys
from vigie.cli.app import main
sys.argv = ["vigie", *{arguments!r}]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
loaded = [name for name in {heavy!r} if name in sys.modules]
sys.exit(f"loaded {{loaded}}" if loaded else 0)
"""


@pytest.mark.parametrize("name", commands())
def test_every_command_says_what_it_does_with_an_example(name: str) -> None:
    """Its help opens with a sentence and ends with a command line that can be typed."""
    told = commands()[name].help

    first, _, rest = told.partition("\n")
    assert first.strip().endswith(".")
    assert re.search(r"^Examples?:$", rest, re.MULTILINE)
    assert examples(told)
    for example in examples(told):
        assert f"{example} ".startswith(f"{name} ")


@pytest.mark.parametrize("name", commands())
def test_every_example_is_a_command_line_that_parses(name: str) -> None:
    """Options and arguments of the examples exist and have values of their kind."""
    for example in examples(commands()[name].help):
        words = shlex.split(example)[len(name.split()) :]
        commands()[name].make_context(name, words)


def test_every_option_and_argument_is_explained() -> None:
    """No parameter stands in the help without a word about it."""
    bare = [
        f"{name} {parameter.name}"
        for name, command in commands().items()
        for parameter in command.params
        if not parameter.help and parameter.name != "help"
    ]
    assert bare == []


def test_help_comes_at_every_level_by_both_names(vigie: Call) -> None:
    """`-h` and `--help` work for the whole, for a group and for a command."""
    for words in ([], ["watch"], ["watch", "run"]):
        short, long = vigie(*words, "-h"), vigie(*words, "--help")
        assert short.out == long.out
        assert short.code == long.code == 0
        assert short.out.startswith("Usage: vigie ")


@pytest.mark.parametrize("arguments", [["--help"], ["search", "--help"], ["--version"]], ids=str)
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    """Help and version answer without the libraries that only work needs."""
    program = ASK_FOR_HELP.format(arguments=arguments, heavy=HEAVY)

    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert told.returncode == 0, told.stderr
    assert told.stdout


def examples(told: str) -> list[str]:
    """Return the command lines in a help text."""
    return [line.strip() for line in told.splitlines() if line.strip().startswith("vigie ")]

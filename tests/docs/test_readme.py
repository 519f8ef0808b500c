"""Every command of README and tutorial is run, and prints what they say it prints.

What talks to other people's servers is run with `--dry-run`; what stays up is started, asked and
stopped (`serve`, in tests/cli) or told to leave (`demo --once`); the tests do not run themselves.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from tests.cli.command_tree import commands
from tests.docs.commands_in import ROOT, WRITTEN, Shown, commands_in
from vigie.cli.app import main

VISITING = {"collect", "watch run"}
ELSEWHERE = {"extras", "serve", "test"}
"""Run by tests/cli/test_processes.py; the tests themselves; and the launcher's own command, that
the gate runs."""


def verb(shown: Shown) -> str:
    """Return the command called: ``watch run``."""
    words = shown.words[1:]
    names = {name.removeprefix("vigie ") for name in commands()} | ELSEWHERE
    two = " ".join(words[:2])
    return two if two in names else words[0]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty home that holds the examples, as the current folder."""
    shutil.copytree(ROOT / "docs" / "examples", tmp_path / "docs" / "examples")
    for name in [name for name in os.environ if name.startswith("VIGIE_")]:
        monkeypatch.delenv(name)
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    structlog.reset_defaults()


def words_to_run(shown: Shown) -> list[str]:
    words = [word for word in shown.words[1:] if word != "-q"]
    if verb(shown) in VISITING and "--dry-run" not in words:
        words.append("--dry-run")
    if verb(shown) == "demo":
        words.append("--once")
    return words


def called(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Call `vigie` in this process; the demo, which starts servers, in one of its own."""
    if words[0] == "demo":
        told = subprocess.run(
            [sys.executable, "-m", "vigie", *words],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        return told.returncode, told.stdout, told.stderr
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["vigie", *words])
        capsys.readouterr()
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
    heard = capsys.readouterr()
    return code, heard.out, heard.err


@pytest.mark.parametrize("page", ["README.md", "docs/tutorial.md"])
def test_every_command_of_the_page_runs_in_order(
    page: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On an empty home, one after the other; output that the page shows is the output it gives,
    but for the demo's counts, seconds and dates."""
    ran = []
    for shown in commands_in(ROOT / page):
        assert shown.words[0] == "./vigie", shown.line
        if verb(shown) in ELSEWHERE or (page != "README.md" and verb(shown) == "demo"):
            continue
        code, out, err = called(words_to_run(shown), capsys)
        assert code == 0, (shown.line, err)
        assert "Traceback" not in err
        ran.append(verb(shown))
        printed = [blurred(line.rstrip()) for line in out.splitlines()]
        said = [blurred(line) for line in shown.printed]
        assert printed[: len(said)] == said[: len(printed)], shown.line
        assert printed or verb(shown) == "export", shown.line
    assert {"import", "search", "collect", "watch run", "runs show", "export", "init"} <= {*ran}
    assert (home / "vigie.toml").exists()


def blurred(line: str) -> str:
    """Return the line with numbers of the demo and instants made equal."""
    line = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "DATE", line)
    return re.sub(r"\b\d{2,}\b", "N", line) if "found:" in line or "are open" in line else line


def test_the_readme_names_the_tests_and_the_demo() -> None:
    """The first screen has the one command to see it work; the page names the test command."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")

    assert "$ ./vigie demo\n" in "\n".join(text.splitlines()[:15]) + "\n"
    assert "`./vigie test`" in text


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_shown_exists(page: Path) -> None:
    """Each `vigie …` of a block is a command with these options; its arguments parse."""
    for shown in commands_in(page):
        if shown.words[0] != "./vigie" or verb(shown) in ELSEWHERE:
            continue
        name = f"vigie {verb(shown)}"
        words = [word for word in shown.words[1:] if word != "-q"]
        commands()[name].make_context(name, words[len(name.split()) - 1 :])


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """A link to a file of the project names one that is there."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)

    missing = [t for t in targets if "://" not in t and not (page.parent / t).exists()]

    assert missing == []


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_named_in_the_text_are_there(page: Path) -> None:
    """A path in backticks below src, tests, docs, bench or watches exists."""
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"`((?:src|tests|docs|bench|watches)/[^`\s*<>…]+)`", text)

    assert [path for path in named if "mysite" not in path and not (ROOT / path).exists()] == []

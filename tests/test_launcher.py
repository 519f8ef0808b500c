"""The launcher `vigie`: one file that makes its environment once and hands everything on.

Each test runs a copy of it in a folder of its own, with requirements that name no package (so no
network is needed) and a stand-in `vigie` package that tells what it was given.
"""

import ast
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

LAUNCHER = Path(__file__).parents[1] / "vigie"
EMPTY = "# no package\n"

STAND_IN = """\
import json, os, sys
print(json.dumps({"arguments": sys.argv[1:], "python": sys.prefix,
                  "ours": [n for n in os.environ if n.startswith(("VIGIE_", "PYTHONPATH"))]}))
sys.exit(int(sys.argv[-1]) if sys.argv[-1].isdigit() else 0)
"""

# Runs the launcher's own `main` after changing what it sees of its Python.
CHANGED = """\
import importlib.machinery, importlib.util, sys
loader = importlib.machinery.SourceFileLoader("launcher", {launcher!r})
launcher = importlib.util.module_from_spec(importlib.util.spec_from_loader("launcher", loader))
loader.exec_module(launcher)
{change}
sys.exit(launcher.main(sys.argv[1:]))
"""


def checkout(folder: Path) -> Path:
    """Make a folder that holds the launcher and what it needs; return the launcher."""
    for package in ("vigie", "pytest"):
        inside = folder / "src" / package
        inside.mkdir(parents=True)
        (inside / "__init__.py").touch()
        (inside / "__main__.py").write_text(STAND_IN, encoding="utf-8")
    for name in ("requirements.txt", "requirements-dev.txt"):
        (folder / name).write_text(EMPTY, encoding="utf-8")
    return Path(shutil.copy(LAUNCHER, folder / "vigie"))


def call(
    launcher: Path, *arguments: str, cwd: Path | None = None, environ: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(launcher), *arguments],
        cwd=cwd,
        env=clean() | (environ or {}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def clean() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith(("VIGIE_", "PIP_"))}


def changed(
    launcher: Path, change: str, environ: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    program = CHANGED.format(launcher=str(launcher), change=change)
    return subprocess.run(
        [sys.executable, "-c", program, "stats"],
        env=clean() | (environ or {}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A launcher that was called once, in a folder whose path has spaces and accents."""
    launcher = checkout(tmp_path_factory.mktemp("a place") / "où l'on veille")
    first = call(launcher, "stats")
    assert first.returncode == 0, first.stderr
    assert "Installing into" in first.stderr
    return launcher


def test_an_old_python_can_read_it() -> None:
    """It parses with the grammar of Python 3.7, so that an old one can say that it is too old."""
    ast.parse(LAUNCHER.read_text(encoding="utf-8"), feature_version=(3, 7))


def test_it_needs_the_standard_library_only() -> None:
    """Nothing must be installed before the launcher runs."""
    tree = ast.parse(LAUNCHER.read_text(encoding="utf-8"))
    names = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert names <= sys.stdlib_module_names
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]


def test_a_python_that_is_too_old_is_told_with_what_to_do(tmp_path: Path) -> None:
    """One line names the version found, the one needed and where to get it; nothing is made."""
    launcher = checkout(tmp_path / "v")
    change = "launcher.sys.version_info = (3, 8, 2, 'final', 0)"

    told = changed(launcher, change, {"PATH": str(tmp_path)})

    assert told.returncode == 1
    assert "needs Python 3.11 or newer; this is 3.8" in told.stderr
    assert "python.org" in told.stderr
    assert "Traceback" not in told.stderr
    assert not (launcher.parent / ".venv").exists()


@pytest.mark.skipif(os.name == "nt", reason="not on this system: programs are found by ending")
def test_an_old_python_looks_for_a_newer_one(tmp_path: Path) -> None:
    """When a newer Python stands on the PATH it is used, and gets the same arguments."""
    launcher = checkout(tmp_path / "v")
    newer = tmp_path / "python3.12"
    newer.write_text('#!/bin/sh\necho "newer got: $2 after $(basename "$1")"\nexit 7\n')
    newer.chmod(0o755)
    change = "launcher.sys.version_info = (3, 8, 2, 'final', 0)"

    told = changed(launcher, change, {"PATH": f"{tmp_path}{os.pathsep}/usr/bin{os.pathsep}/bin"})

    assert told.stdout == "newer got: stats after vigie\n"
    assert told.returncode == 7


def test_a_python_without_venv_is_told_what_to_install(tmp_path: Path) -> None:
    """Debian ships Python without it: the line says which package brings it."""
    launcher = checkout(tmp_path / "v")

    told = changed(launcher, "sys.modules['ensurepip'] = None")

    assert told.returncode == 1
    assert "sudo apt install python3-venv" in told.stderr
    assert "Traceback" not in told.stderr


def test_arguments_and_exit_code_are_handed_on(installed: Path, tmp_path: Path) -> None:
    """Spaces, quotes and empty arguments arrive as given, and the exit code comes back; the
    second call installs nothing and works from any folder."""
    awkward = ("search", "data engineer", "", 'l\'été "2026"', "--where=69", "3")

    told = call(installed, *awkward, cwd=tmp_path)

    assert told.returncode == 3
    assert told.stderr == ""
    heard = json.loads(told.stdout)
    assert heard["arguments"] == list(awkward)
    assert Path(heard["python"]) == installed.parent / ".venv"


def test_its_own_variables_are_not_handed_on_as_settings(installed: Path) -> None:
    """VIGIE_VENV and VIGIE_NEWER are the launcher's, and no unknown setting of Vigie; the
    caller's PYTHONPATH brings no foreign modules in."""
    here = installed.parent / ".venv"
    environ = {"VIGIE_VENV": str(here), "VIGIE_NEWER": "tried", "PYTHONPATH": "elsewhere"}

    told = call(installed, "stats", environ=environ | {"VIGIE_SERVE__PORT": "1"})

    assert json.loads(told.stdout)["ours"] == ["VIGIE_SERVE__PORT"]


@pytest.mark.skipif(os.name == "nt", reason="not on this system: files have no executable bit")
def test_it_runs_by_its_own_name() -> None:
    """`./vigie` works as it is checked out: it is executable and says which Python it wants."""
    assert os.access(LAUNCHER, os.X_OK)
    assert LAUNCHER.read_text(encoding="utf-8").startswith("#!/usr/bin/env python3\n")


def test_the_tests_run_with_their_own_requirements(installed: Path) -> None:
    """`./vigie test -k word` runs pytest on all tests and cores, with its options; a path given is
    enough."""
    root = installed.parent

    every = json.loads(call(installed, "test", "-x").stdout)["arguments"]
    one = json.loads(call(installed, "test", "tests/test_x.py").stdout)["arguments"]

    settings = ["--rootdir", str(root), "-c", str(root / "pyproject.toml")]
    assert every == [*settings, "-x", str(root / "tests"), "-n", "auto", "--dist", "loadgroup"]
    assert one == [*settings, "tests/test_x.py"]


def test_other_requirements_are_installed_once(installed: Path) -> None:
    """After the requirements changed, the next call installs and the one after does not."""
    (installed.parent / "requirements.txt").write_text(EMPTY * 2, encoding="utf-8")

    assert "Installing into" in call(installed, "stats").stderr
    assert call(installed, "stats").stderr == ""


def test_an_installation_that_failed_is_done_again(installed: Path) -> None:
    """A failed installation is told in one line, is not taken for a good one, and is repeated."""
    wanted = installed.parent / "requirements.txt"
    wanted.write_text("this is no requirement\n", encoding="utf-8")

    first, second = call(installed, "stats"), call(installed, "stats")

    for told in (first, second):
        assert told.returncode == 1
        assert "Run the same command again" in told.stderr
        assert told.stdout == ""
    wanted.write_text(EMPTY, encoding="utf-8")
    assert call(installed, "stats").returncode == 0


@pytest.mark.skipif(os.name == "nt", reason="not on this system: SIGKILL")
def test_two_calls_at_once_and_a_killed_one_leave_one_good_environment(tmp_path: Path) -> None:
    """A first call is killed while it installs: what it left is repaired by the next ones, of
    which one installs and the other waits."""
    launcher = checkout(tmp_path / "v")
    killed = start(launcher)
    venv = launcher.parent / ".venv"
    until = time.monotonic() + 30
    while not (venv / "bin").exists() and time.monotonic() < until:
        time.sleep(0.01)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate(timeout=30)
    assert not list(venv.glob(".installed-*"))

    both = [start(launcher), start(launcher)]

    told = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    assert [json.loads(out)["arguments"] for out, _ in told] == [["stats"], ["stats"]]
    assert sorted("Installing into" in err for _, err in told) == [False, True]
    assert sorted("waiting for it" in err for _, err in told) == [False, True]


def start(launcher: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, str(launcher), "stats"],
        env=clean(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """One line says what cannot be written."""
    launcher = checkout(tmp_path / "v")
    environ = {"VIGIE_VENV": str(tmp_path / "none" / "venv")}

    told = call(launcher, "stats", environ=environ)

    assert told.returncode == 1
    assert "cannot be written" in told.stderr
    assert len(told.stderr.splitlines()) == 1

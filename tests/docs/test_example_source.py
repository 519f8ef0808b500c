"""The source that "Add a source" copies passes what every source must pass."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.docs.commands_in import ROOT


def test_the_example_copied_under_another_name_passes(tmp_path: Path) -> None:
    """As the page says: copy the folder, run the tests of sources, and they pass."""
    for name in ("src", "tests/sources"):
        ignored = shutil.ignore_patterns("__pycache__", "web", "demo", "views")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    example = ROOT / "docs" / "examples" / "ouestjobs"
    shutil.copytree(example, tmp_path / "src" / "vigie" / "sources" / "mysite")

    told = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", "pyproject.toml", "--rootdir", ".",
         "tests/sources/test_recorded_pages.py", "-k", "mysite or under_its_name"],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(tmp_path / "src")},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    assert told.returncode == 0, told.stdout
    assert "passed" in told.stdout
    assert "skipped" not in told.stdout

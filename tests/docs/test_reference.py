"""The generated pages say what the code says."""

import importlib.util
from types import ModuleType

import pytest

from tests.cli.command_tree import commands
from tests.docs.commands_in import ROOT
from vigie import sources
from vigie.config import Settings, leaves
from vigie.model.kinds import KINDS


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PAGES: dict[str, str] = generator().pages()
REFERENCE = ROOT / "docs" / "reference"


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_what_the_code_says(name: str) -> None:
    """It differs: run `python docs/generate.py` and look at what changed."""
    assert (REFERENCE / name).read_text(encoding="utf-8") == PAGES[name]


def test_every_page_of_the_reference_is_generated() -> None:
    """A page beside them would fall behind unseen."""
    assert {path.name for path in REFERENCE.iterdir()} == set(PAGES)


def test_nothing_is_left_out() -> None:
    """Every command, setting, kept field and source has its line."""
    assert [name for name in commands() if f"\n## {name}\n" not in PAGES["cli.md"]] == []
    names = leaves(Settings()).keys() - {"sources", "logins"}
    assert [name for name in names if f"`{name}`" not in PAGES["settings.md"]] == []
    for kind in KINDS.values():
        section = PAGES["data-dictionary.md"].partition(f"\n## {kind.name}\n")[2]
        assert [field.name for field in kind.stored if f"| `{field.name}` |" not in section] == []
    assert [
        name for name in sources.find_all() if f"\n## {name}\n" not in PAGES["sources.md"]
    ] == []


def test_every_setting_says_what_it_means() -> None:
    """No row of the settings is without a meaning."""
    rows = [row for row in PAGES["settings.md"].splitlines() if row.startswith("| `")]

    assert [row for row in rows if row.rstrip(" |").endswith("`") or row.endswith("|  |")] == []

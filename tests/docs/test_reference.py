"""The generated pages say what the code says."""

import importlib.util
import sys
from types import ModuleType

import pytest

from tests.cli.command_tree import commands
from tests.docs.commands_in import ROOT
from vigie import sources
from vigie.model.kinds import KINDS
from vigie.settings import Settings, leaves


def generator() -> ModuleType:
    """Return `docs/generate.py`, which imports what stands beside it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "docs")
        made = _loaded()
    sys.modules.pop("source_pages", None)
    return made


def _loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATOR = generator()
PAGES: dict[str, str] = GENERATOR.pages()
SOURCE_PAGES: dict[str, str] = GENERATOR.source_pages()
REFERENCE = ROOT / "docs" / "reference"
SOURCES = ROOT / "docs" / "sources"


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_what_the_code_says(name: str) -> None:
    """It differs: run `python docs/generate.py` and look at what changed."""
    assert (REFERENCE / name).read_text(encoding="utf-8") == PAGES[name]


@pytest.mark.parametrize("name", SOURCE_PAGES)
def test_the_page_of_a_source_is_what_its_code_and_its_recorded_pages_say(name: str) -> None:
    """It differs: run `python docs/generate.py` and look at what changed."""
    assert (SOURCES / name).read_text(encoding="utf-8") == SOURCE_PAGES[name]


def test_every_page_of_the_reference_is_generated() -> None:
    """A page beside them would fall behind unseen."""
    assert {path.name for path in REFERENCE.iterdir()} == set(PAGES)
    assert {path.name for path in SOURCES.iterdir()} == set(SOURCE_PAGES)


def test_every_source_has_a_page() -> None:
    """With what it asks or how it is imported, its settings, what it fills, its recorded pages."""
    for name, made in sources.find_all().items():
        page = SOURCE_PAGES[f"{name}.md"]
        assert f"| [`{name}`]({name}.md) |" in SOURCE_PAGES["README.md"]
        headings = {row.removeprefix("## ") for row in page.splitlines() if row.startswith("## ")}
        wanted = {"Settings", "What it shows", "Recorded pages"}
        if not getattr(made, "files_only", False):
            wanted.add("What it asks")
        assert headings == wanted
        assert "not read yet" in page or made.terms.read_on in page
        assert "| `title` |" in page or made.kind in ("post", "figure")


def test_a_source_that_needs_a_login_says_so() -> None:
    """Its page names what is needed and where it is set; the others say none."""
    needing = {name for name in sources.find_all() if sources.login_class(name)}

    for name in sources.find_all():
        assert ("| login | none |" not in SOURCE_PAGES[f"{name}.md"]) == (name in needing)
        assert (f"`[logins.{name}]`" in SOURCE_PAGES[f"{name}.md"]) == (name in needing)


def test_nothing_is_left_out() -> None:
    """Every command, setting, kept field and source has its line."""
    assert [name for name in commands() if f"\n## {name}\n" not in PAGES["cli.md"]] == []
    names = {
        f"{name}.NAME" if isinstance(value, dict) else name
        for name, value in leaves(Settings()).items()
        if name not in ("sources", "logins")
    }
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

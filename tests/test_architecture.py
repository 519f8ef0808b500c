"""The tree's rules hold: who may import whom (read from the AST; nothing is imported)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "vigie"
SHARED = {"errors", "model", "contracts"}

# Room → the other rooms it may import. `wiring` alone chooses concrete parts.
ALLOWED = {
    "errors": set[str](),
    "model": {"errors"},
    "contracts": {"errors", "model"},
    "settings": set[str](),
    "config": {"errors", "settings"},
    "sources": SHARED,
    "spool": SHARED,
    "steps": SHARED,
    "store": SHARED,
    "views": SHARED,
    "web": SHARED | {"settings"},
    "collect": SHARED,
    "engines": SHARED,
    "follow": SHARED,
    "demo": {"model"},
    "wiring": SHARED
    | {
        "config",
        "settings",
        "sources",
        "spool",
        "steps",
        "store",
        "views",
        "web",
        "collect",
        "engines",
    }
    | {"follow"},
    "cli": {"errors", "model", "config", "settings", "wiring", "demo"},
    "__main__": {"cli"},
    "__init__": {"wiring"},
}


def modules() -> list[Path]:
    return sorted(p for p in PACKAGE.rglob("*.py") if "__pycache__" not in p.parts)


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (relative level, module) for every import of the file, lazy ones too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((0, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level == 0 and node.module == "vigie":
                yield from ((0, f"vigie.{alias.name}") for alias in node.names)
            else:
                yield node.level, node.module or ""


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_room_imports_only_its_neighbours(path: Path) -> None:
    """Stages never import each other; only wiring chooses concrete parts."""
    room = room_of(path)
    assert room in ALLOWED, f"{room} is not in the plan: add it to docs/architecture.md and here"
    for level, module in imports(path):
        if level:
            assert room == "sources", "absolute imports, but inside a source's folder"
            assert level == 1, "a source imports relatively within its own folder only"
            continue
        if not module.startswith("vigie.") or module == "vigie.__version__":
            continue
        target = module.split(".")[1]
        assert target == room or target in ALLOWED[room], f"{room} may not import {module}"


def test_one_source_does_not_import_another() -> None:
    """A source's folder can be copied or deleted alone. What all of them need (answers, blanking,
    JSON-LD) stands beside the folders, in modules."""
    beside = {f"vigie.sources.{path.stem}" for path in (PACKAGE / "sources").glob("*.py")}
    for path in modules():
        parts = path.relative_to(PACKAGE).parts
        if parts[0] != "sources" or len(parts) < 3:
            continue
        for level, module in imports(path):
            if level == 0 and module.startswith("vigie.sources.") and module not in beside:
                pytest.fail(f"{path} imports {module}")


def test_a_source_opens_no_socket() -> None:
    """Sources are pure functions of the capture."""
    banned = {"requests", "httpx", "httpx2", "socket", "urllib.request", "http.client", "scrapy"}
    for path in modules():
        if room_of(path) == "sources":
            assert not banned & {module for _, module in imports(path)}, path


def test_no_module_is_named_after_nothing() -> None:
    """A module is named for the one thing it does."""
    nothing = {"utils.py", "util.py", "helpers.py", "common.py", "base.py", "misc.py", "manager.py"}
    assert not [path for path in modules() if path.name in nothing]

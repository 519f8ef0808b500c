"""Every command of `vigie`, found by walking the application."""

from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from vigie.cli.app import app


def commands() -> dict[str, Any]:
    """Return every command by the words that call it: ``vigie watch list``."""
    return dict(_walk("vigie", get_command(app)))


def _walk(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        yield name, command
        return
    for word, found in inner.items():
        yield from _walk(f"{name} {word}", found)

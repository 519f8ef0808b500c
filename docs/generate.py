"""Write the pages of `docs/reference/` and `docs/sources/` from the code they describe:
``python docs/generate.py``.

A test fails when a page differs from what this writes, so that they cannot fall behind.
"""

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel
from source_pages import NOTE, line, source_pages, sources_page
from typer.main import get_command

from vigie.cli.app import app
from vigie.config import PREFIX, Settings
from vigie.model.fields import Field, Type
from vigie.model.kinds import KINDS

FOLDER: Final = Path(__file__).parent / "reference"
SOURCES: Final = Path(__file__).parent / "sources"

DATA_DIR: Final = "the user's data folder (Linux: `~/.local/share/vigie`)"


def pages() -> dict[str, str]:
    """Return every generated page by its file name."""
    made = {
        "settings.md": settings_page(),
        "cli.md": cli_page(),
        "data-dictionary.md": dictionary_page(),
        "sources.md": sources_page(),
    }
    return {name: NOTE + text for name, text in made.items()}


def settings_page() -> str:
    """Every setting with its default, its variable in the environment and its meaning."""
    lines = [
        "# Settings\n",
        (
            "The first origin that has a value wins: a flag, the environment, "
            "`./vigie.toml`, your own file (`vigie config path` prints both), the default. "
            "`--config FILE` or `VIGIE_CONFIG` reads that file instead of the two. `vigie "
            "init` writes a file with every setting in it, `vigie config show` prints each "
            "value with its origin. How to use them: [Settings](../how-to/settings.md).\n"
        ),
        "| setting | in the environment | default | meaning |",
        "| --- | --- | --- | --- |",
    ]
    lines += [
        f"| `{name}` | `{PREFIX}{name.replace('.', '__').upper()}` | {default} | {meaning} |"
        for name, default, meaning in _settings("", Settings)
    ]
    return "\n".join(lines) + "\n"


def _settings(prefix: str, group: type[BaseModel]) -> Iterator[tuple[str, str, str]]:
    for name, field in group.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _settings(f"{prefix}{name}.", inner)
            continue
        meaning = line(field.description or "")
        if name in ("sources", "logins"):
            yield f"{prefix}{name}.NAME.KEY", "", meaning
        elif isinstance(field.default, dict):
            yield f"{prefix}{name}.NAME", "", meaning
        elif field.default_factory is not None:
            yield f"{prefix}{name}", DATA_DIR, meaning
        else:
            value = field.default
            empty = value is None or str(value) == ""
            yield f"{prefix}{name}", "" if empty else f"`{_toml(value)}`", meaning


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else f"{value:g}"


def cli_page() -> str:
    """Every command with its arguments, options and examples; and the exit codes."""
    import vigie.cli.app as module

    codes = (inspect.getdoc(module) or "").split("\n\n")[1]
    lines = ["# Commands\n", line(codes) + "\n", "## vigie\n", *_parameters(get_command(app))]
    for name, command in _commands("vigie", get_command(app)):
        told, _, examples = (command.help or "").partition("\n\nExample")
        lines += [f"\n## {name}\n", line(told) + "\n"]
        usage = [name, *(_argument(p) for p in command.params if not p.opts[0].startswith("-"))]
        lines += ["```", " ".join([*usage, "[OPTIONS]"]), "```\n", *_parameters(command)]
        found = [line.strip() for line in examples.splitlines() if line.strip().startswith("vigie")]
        lines += ["\nFor example:\n", "```", *found, "```"]
    return "\n".join(lines) + "\n"


def _commands(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    for word, inner in getattr(command, "commands", {}).items():
        if hasattr(inner, "commands"):
            yield from _commands(f"{name} {word}", inner)
        else:
            yield f"{name} {word}", inner


def _argument(parameter: Any) -> str:
    name = f"{parameter.name.rstrip('_').upper()}{'…' if parameter.nargs == -1 else ''}"
    return name if parameter.required else f"[{name}]"


def _parameters(command: Any) -> list[str]:
    rows = []
    for parameter in command.params:
        if "completion" in parameter.name:
            continue
        option = parameter.opts[0].startswith("-")
        names = [*parameter.opts, *parameter.secondary_opts]
        shown = ", ".join(f"`{name}`" for name in names) if option else f"`{_argument(parameter)}`"
        default = parameter.default
        told = default not in (None, False, "", ())
        told = told and not getattr(parameter, "count", False) and str(default) != "."
        rows.append(
            f"| {shown} | {line(parameter.help or '')} | {f'`{default}`' if told else ''} |"
        )
    return ["| | | default |", "| --- | --- | --- |", *rows] if rows else []


def dictionary_page() -> str:
    """Every field of the four kinds that is kept."""
    lines = [
        "# Data dictionary\n",
        (
            "Four kinds of listing. The same names stand in SQL columns, Parquet and CSV "
            "exports, the search and the API (there nested: `pay_min` is `pay.min`). Null "
            "means *not known*, never zero. *Read from* names what the site shows and the "
            "value is read from: it is kept beside it when it is a column too.\n"
        ),
        "| type | is |",
        "| --- | --- |",
    ]
    told = {
        Type.TEXT: "Unicode text", Type.TEXTS: "a list of texts (JSON text in SQL and CSV)",
        Type.ENUM: "one of the values listed", Type.MONEY: "an exact amount with two decimals",
        Type.INSTANT: "UTC, to the millisecond", Type.INTEGER: "a whole number",
        Type.NUMBER: "a number", Type.COORDINATE: "WGS 84 degrees, to 1e-6",
        Type.BOOLEAN: "true or false",
    }  # fmt: skip
    lines += [f"| {type_} | {told[type_]} |" for type_ in Type]
    for kind in KINDS.values():
        lines += [f"\n## {kind.name}\n", "| field | type | meaning | read from | roles |",
                  "| --- | --- | --- | --- | --- |"]  # fmt: skip
        lines += [_field_row(field) for field in kind.stored]
    return "\n".join(lines) + "\n"


def _field_row(field: Field) -> str:
    meaning = line(field.meaning)
    if field.values:
        meaning += f" One of: {', '.join(f'`{value}`' for value in field.values)}."
    roles = {
        "searched": bool(field.searchable), "facet": field.facet, "sortable": field.sortable,
        "private": field.private, "moves by itself": field.volatile,
    }  # fmt: skip
    named = ", ".join(name for name, has in roles.items() if has)
    origin = ", ".join(f"`{name}`" for name in field.of)
    return f"| `{field.name}` | {field.type} | {meaning} | {origin} | {named} |"


def main() -> int:
    """Write every page; one of something that is gone goes too."""
    for folder, made in ((FOLDER, pages()), (SOURCES, source_pages())):
        folder.mkdir(exist_ok=True)
        for old in folder.glob("*.md"):
            if old.name not in made:
                old.unlink()
        for name, text in made.items():
            (folder / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The settings file that `vigie init` writes: every setting, commented out, with its meaning."""

from pathlib import Path
from typing import Any

import msgspec
from pydantic import BaseModel

from vigie.config import FILE_NAME
from vigie.errors import UsageError
from vigie.settings import Settings

HEAD = """\
# Settings of Vigie. Remove the # in front of a line to change its value.
# Order of precedence: a flag, VIGIE_* in the environment, this file, your user file, the default.
"""


def write_settings(folder: Path) -> Path:
    """Write `vigie.toml` into *folder* and return its path.

    Raises:
        UsageError: it exists already (it is not touched), or the folder does not.
    """
    path = folder / FILE_NAME
    if path.exists():
        raise UsageError(f"{path} exists; it was not touched")
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}")
    path.write_text(HEAD + "".join(_lines()), encoding="utf-8")
    return path


def _lines() -> list[str]:
    top: list[str] = []
    groups: list[str] = []
    for name, field in Settings.model_fields.items():
        group = field.annotation
        if isinstance(group, type) and issubclass(group, BaseModel):
            groups.append(f"\n[{name}]\n")
            for leaf, inner in group.model_fields.items():
                groups += _setting(leaf, inner)
        elif name in ("sources", "logins"):
            groups.append(f"\n# {field.description}\n# [{name}.NAME]\n")
        else:
            top += _setting(name, field)
    return [*top, *groups]


def _setting(name: str, field: Any) -> list[str]:
    told = [f"# {line.strip()}\n" for line in (field.description or "").splitlines()]
    default = field.default
    known = isinstance(default, (str, int, float, bool))
    value = msgspec.json.encode(default).decode() if known else '""'
    return ["\n", *told, f"# {name} = {value}\n"]

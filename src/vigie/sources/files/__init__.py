"""Any file of records as a source: CSV, JSON, JSON Lines or Parquet, read through a *map*.

A map is a TOML file that says which column is which field. Each map is a source under its own
name. `split` cuts a file of any size into captures of at most 8 MiB; `choose` finds the map that
fits a header.
"""

from collections.abc import Sequence
from pathlib import Path

from vigie.errors import ConfigError, UsageError

from .chunks import Chunk
from .filemap import FileMap, checked, find_maps
from .source import Files, class_of
from .splitting import header_of, split

__all__ = [
    "Chunk", "FileMap", "Files", "choose", "choose_for", "header_of", "install", "sources_of",
    "split",
]  # fmt: skip


def sources_of(maps_folder: Path | None) -> tuple[dict[str, type[Files]], dict[str, str]]:
    """Return a source class per map, by the map's name; and the maps that cannot be read."""
    maps, broken = find_maps(maps_folder)
    return {name: class_of(found) for name, found in maps.items()}, broken


def choose(header: Sequence[str], maps_folder: Path | None = None) -> str | None:
    """Return the name of the map that recognises most of *header*; None when no map does.

    A map recognises a header that has all the columns it names, in any order.
    """
    have = set(header)
    fitting = [
        (-len(found.header), name)
        for name, found in find_maps(maps_folder)[0].items()
        if have.issuperset(found.header)
    ]
    return min(fitting)[1] if fitting else None


def choose_for(path: Path, maps_folder: Path | None = None) -> str:
    """Return the name of the map that fits the file at *path*.

    Raises:
        UsageError: no map does; the message shows the columns.
    """
    with path.open("rb") as file:
        header = header_of(file)
    if (name := choose(header, maps_folder)) is not None:
        return name
    known = ", ".join(find_maps(maps_folder)[0])
    columns = ", ".join(name[:30] for name in header[:12]) + (", …" if len(header) > 12 else "")
    raise UsageError(
        f"no map fits {path.name} (columns: {columns or 'none'}). Known maps: {known}. Write one "
        f"(see docs) and name it: `vigie import {path.name} --map FILE.toml`"
    )


def install(path: Path, maps_folder: Path) -> str:
    """Copy the map at *path* into *maps_folder* and return its name.

    Raises:
        UsageError: there is no such file.
        ConfigError: it is no map; the message says what is wrong.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise UsageError(f"the map {path} cannot be read: {error.strerror}") from None
    try:
        found = checked(text)
    except ValueError as error:
        raise ConfigError(f"{path}: {error}") from None
    maps_folder.mkdir(parents=True, exist_ok=True)
    (maps_folder / f"{found.name}.toml").write_bytes(text)
    return found.name

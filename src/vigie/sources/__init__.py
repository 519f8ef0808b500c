"""Every source by its name: one folder per site, found by looking, never registered.

A folder that exports ``SOURCE`` is a source and its name is the folder's. A folder that exports
``sources_of(maps_folder)`` holds several (one per map of a file format). Other packages add
theirs through the entry points group ``vigie.sources``. What cannot be loaded is left out and
told by `broken`: one bad folder never takes the others away.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vigie.errors import ConfigError, UsageError

if TYPE_CHECKING:  # it brings Polars, which only the sources themselves need
    from vigie.contracts import AnySource

GROUP = "vigie.sources"
"""Entry points group in which other packages export source classes."""

SourceClass = type[Any]
"""A frozen dataclass that fulfils `vigie.contracts.Source`."""

_NO_SETTINGS: Mapping[str, object] = {}


def find_all(maps_folder: Path | None = None) -> dict[str, SourceClass]:
    """Return every source that can be loaded, by name, in alphabetical order.

    Args:
        maps_folder: Folder of the user's own file maps (``*.toml``). None: shipped maps only.
    """
    return _find(maps_folder)[0]


def broken(maps_folder: Path | None = None) -> dict[str, str]:
    """Return the sources that cannot be loaded: name → why, in one line."""
    return _find(maps_folder)[1]


def make(
    name: str, settings: Mapping[str, object] = _NO_SETTINGS, maps_folder: Path | None = None
) -> "AnySource":
    """Return the source *name* with *settings*, every one checked.

    Raises:
        UsageError: no source is called *name*; the nearest name is told.
        ConfigError: a setting is unknown (the nearest is told) or has a wrong value, or the
            source itself cannot be loaded.
    """
    from vigie.sources.settings import build

    source: AnySource = build(name, _class_of(name, maps_folder), settings)
    return source


def login_class(name: str, maps_folder: Path | None = None) -> type[Any] | None:
    """Return the class that logs in to the source (``LOGIN`` of its folder), None when it is open.

    Its arguments are the credentials; only collect/ constructs it.
    """
    module = importlib.import_module(_class_of(name, maps_folder).__module__)
    found: type[Any] | None = getattr(module, "LOGIN", None)
    return found


def _class_of(name: str, maps_folder: Path | None) -> SourceClass:
    if name in {folder for folder, _ in _folders()}:  # the common case loads one folder only
        found, wrong = _load(name, lambda: _from_folder(name, maps_folder))
        if name in found:
            return found[name]
        if name in wrong:
            raise ConfigError(f"source {name} cannot be loaded: {wrong[name]}")
    found, wrong = _find(maps_folder)
    if name in found:
        return found[name]
    if name in wrong:
        raise ConfigError(f"source {name} cannot be loaded: {wrong[name]}")
    from vigie.sources.settings import nearest

    raise UsageError(f"no source is called {name!r}.{nearest(name, found)} Known: {_list(found)}")


def _list(found: Mapping[str, object]) -> str:
    return ", ".join(found)


def _folders() -> Iterator[tuple[str, str]]:
    for module in pkgutil.iter_modules(__path__):
        if module.ispkg:
            yield module.name, f"{__name__}.{module.name}"


def _find(maps_folder: Path | None) -> tuple[dict[str, SourceClass], dict[str, str]]:
    found: dict[str, SourceClass] = {}
    wrong: dict[str, str] = {}
    for name, _ in _folders():
        classes, errors = _load(name, lambda name=name: _from_folder(name, maps_folder))  # type: ignore[misc]  # the default binds the loop's value
        folders = {folder for folder, _ in _folders()}
        for one, source in classes.items():
            if one != name and one in folders:  # a map called like a site
                wrong[one] = f"{name} has a source of that name too; the folder's own is used"
            else:
                found[one] = source
        wrong |= errors
    for entry in entry_points(group=GROUP):
        if entry.name in found:
            wrong[entry.name] = f"{entry.value} has the name of a source that is already there"
            continue
        classes, errors = _load(entry.name, lambda entry=entry: _from_entry(entry))  # type: ignore[misc]  # the default binds the loop's value
        found |= classes
        wrong |= errors
    return dict(sorted(found.items())), dict(sorted(wrong.items()))


def _load(
    name: str, read: Callable[[], tuple[dict[str, SourceClass], dict[str, str]]]
) -> tuple[dict[str, SourceClass], dict[str, str]]:
    try:
        return read()
    except Exception as error:  # a foreign folder may fail in any way, and only it goes
        return {}, {name: f"{type(error).__name__}: {error}"}


def _from_folder(
    name: str, maps_folder: Path | None
) -> tuple[dict[str, SourceClass], dict[str, str]]:
    module = importlib.import_module(f"{__name__}.{name}")
    if hasattr(module, "sources_of"):
        several: tuple[dict[str, SourceClass], dict[str, str]] = module.sources_of(maps_folder)
        return several
    if hasattr(module, "SOURCE"):
        return {name: module.SOURCE}, {}
    return {}, {name: "its folder exports neither SOURCE nor sources_of"}


def _from_entry(entry: EntryPoint) -> tuple[dict[str, SourceClass], dict[str, str]]:
    loaded = entry.load()
    return {entry.name: getattr(loaded, "SOURCE", loaded)}, {}

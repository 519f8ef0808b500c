"""A watch: what to look at, as a recipe that people write in TOML.

kind = "ad"
cadence_minutes = 30

[[source]]
name = "marocannonces"
since_hours = 72
[[source.query]]
name = "auto"
options = { category = "Auto-Moto" }
"""

from typing import Any

import msgspec

from vigie.errors import ConfigError
from vigie.model.capture import Query


class WatchedSource(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One source of a watch, and what is asked of it."""

    name: str
    query: tuple[Query, ...] = ()
    """Queries of this source alone, beside the watch's own."""
    settings: dict[str, Any] = {}
    """Settings of the source for this watch; they win over `[sources.NAME]`."""
    since_hours: int | None = None


class Export(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file that every run writes anew."""

    path: str
    """Relative to the data folder's `exports`; its ending says the format."""


class Watch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A recipe. Its name is its file's."""

    name: str = ""
    title: str = ""
    kind: str
    source: tuple[WatchedSource, ...]
    query: tuple[Query, ...] = ()
    """Asked of every source."""
    cadence_minutes: float | None = None
    """Null: only when asked."""
    misses: int = 2
    """Complete runs without a listing after which it is closed."""
    export: tuple[Export, ...] = ()

    def queries(self, source: WatchedSource) -> tuple[Query, ...]:
        """Return what to ask of *source*: the watch's queries and its own, one if there is none."""
        asked = (*self.query, *source.query) or (Query(),)
        if source.since_hours is None:
            return asked
        return tuple(
            query
            if query.since_hours is not None
            else msgspec.structs.replace(query, since_hours=source.since_hours)
            for query in asked
        )


def watch_of(text: str, name: str, where: str) -> Watch:
    """Return the watch that *text* (TOML) describes.

    Raises:
        ConfigError: it is not TOML, or a name or value in it is wrong; *where* is told.
    """
    import tomllib

    try:
        return msgspec.structs.replace(
            msgspec.convert(tomllib.loads(text), Watch, strict=True), name=name
        )
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where} is not valid TOML: {error}") from None
    except msgspec.ValidationError as error:
        raise ConfigError(f"{where}: {error}") from None

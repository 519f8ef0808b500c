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

import re
import unicodedata
from collections.abc import Sequence
from pathlib import PurePosixPath
from string import Formatter
from typing import Any, Final, Literal

import msgspec

from vigie.errors import ConfigError
from vigie.model.capture import LONGEST_NAME, Query
from vigie.model.kinds import KINDS

IMPORTS: Final = "import"
"""The watch that imported captures are filed under."""
ENDINGS: Final = (".csv", ".jsonl", ".ndjson", ".parquet")
SLOTS: Final = ("query", "source", "run", "day")
"""What the path of an export may stand open for."""
_TOPIC = re.compile(r"(?!\.\.?\Z)[A-Za-z0-9._-]{1,249}")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class WatchedSource(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One source of a watch, and what is asked of it."""

    name: str
    kind: str = ""
    """Kind of its listings, where it is not the watch's."""
    query: tuple[Query, ...] = ()
    """Queries of this source alone, beside the watch's own; one of the same name replaces it."""
    settings: dict[str, Any] = {}
    """Settings of the source for this watch; they win over `[sources.NAME]`."""
    place: str = ""
    """Place asked where a query names none."""
    options: dict[str, str] = {}
    """Options of every query that does not say them itself."""
    since_hours: int | None = None
    limit: int | None = None
    """Most listings of one query and run, where a query does not say."""
    cadence_minutes: float | None = None
    """Null: the watch's."""
    fallback: bool = False
    """Asked only in a run in which another source of the watch is blocked, unreachable or
    changed. What it tells is labelled so."""
    matching: bool = False
    """It cannot be asked for words: it is asked for everything, and only listings that hold the
    words of a query count as the watch's."""
    keep: dict[str, tuple[str, ...]] = {}
    """Field → values: only listings that have one of them count as the watch's."""
    stream_seconds: float = 0.0
    """Listen to its stream so long in every run, beside the rest. 0: not at all."""


class Export(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file that every run writes anew, with `PATH.coverage.json` beside it."""

    path: str
    """Relative to the data folder's `exports`; its ending says the format. `{query}` and
    `{source}` make one file for each, `{run}` and `{day}` are the run's time (UTC)."""
    rows: Literal["listings", "clusters"] = "listings"
    """clusters: one row for what several sources tell of one offer."""
    kind: str = ""
    """Empty: the watch's."""
    source: tuple[str, ...] = ()
    """Only of these sources. Empty: of all."""
    columns: dict[str, str] = {}
    """Header → field: these columns stand first, under this name."""
    only_columns: bool = False
    """No other columns than those."""
    this_run: bool = False
    """Only what the run saw, instead of all that the watch has found and is open."""
    closed: bool = False
    """Closed listings too."""
    daily: bool = False
    """Written by the first run of a day (UTC) only."""
    dialect: Literal["rfc4180", "excel-fr"] = "rfc4180"

    @property
    def slots(self) -> frozenset[str]:
        """What its path stands open for."""
        return frozenset(name for _, name, _, _ in Formatter().parse(self.path) if name)


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
    live: bool = False
    """`vigie watch run` goes on at the cadence until it is stopped, with the site beside it."""
    at: str = ""
    """HH:MM in UTC at which the first run of a day starts; for cadences of hours or days."""
    limit: int | None = None
    """Most listings of one query and run, where neither source nor query say."""
    zone: str = "UTC"
    """IANA zone in which exports tell hour and weekday."""
    misses: int = 2
    """Complete runs without a listing after which it is closed."""
    export: tuple[Export, ...] = ()
    publish: dict[str, str] = msgspec.field(default_factory=dict, name="topics")
    """Source → Kafka topic that its listings are told to."""

    def queries(self, source: WatchedSource) -> tuple[Query, ...]:
        """Return what to ask of *source*: the watch's queries and its own, one if there is none."""
        own = {query.name: query for query in source.query}
        # A source of another kind has nothing to say to the watch's words.
        common = () if source.matching or self.kind_of(source) != self.kind else self.query
        asked = [own.pop(query.name, query) for query in common]
        asked += [query for query in source.query if query.name in own]
        return tuple(self._told(query, source) for query in asked or (Query(),))

    def _told(self, query: Query, source: WatchedSource) -> Query:
        limit = self.limit if source.limit is None else source.limit
        return msgspec.structs.replace(
            query,
            place=query.place or source.place,
            since_hours=source.since_hours if query.since_hours is None else query.since_hours,
            limit=limit if query.limit is None else query.limit,
            options=source.options | query.options,
        )

    def cadence_of(self, source: WatchedSource) -> float | None:
        """Return the minutes between two runs of *source*; None when it has no cadence."""
        own = source.cadence_minutes
        return self.cadence_minutes if own is None else own

    def kind_of(self, source: WatchedSource) -> str:
        """Return the kind of the source's listings."""
        return source.kind or self.kind

    def topics(self) -> tuple[Query, ...]:
        """Return every query by its name, the watch's before those of sources alone."""
        found = {query.name: query for query in self.query}
        for source in self.source:
            for query in source.query:
                if query.name not in found and self.kind_of(source) == self.kind:
                    found[query.name] = query
        return tuple(found.values())


def slug(name: str) -> str:
    """Return *name* as a part of a file's name: ``Le Pen`` → ``le_pen``."""
    bare = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", bare).strip("_") or "all"


def watch_of(text: str, name: str, where: str) -> Watch:
    """Return the watch that *text* (TOML) describes.

    Raises:
        ConfigError: it is not TOML, or a name or value in it is wrong; *where* is told.
    """
    import tomllib

    try:
        made = msgspec.convert(tomllib.loads(text), Watch, strict=True)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where} is not valid TOML: {error}") from None
    except msgspec.ValidationError as error:
        raise ConfigError(f"{where}: {error}") from None
    watch = msgspec.structs.replace(made, name=name)
    for fault in _faults(watch):
        raise ConfigError(f"{where}: {fault}")
    return watch


def _faults(watch: Watch) -> Sequence[str]:
    """Return what is wrong with the recipe beyond its form."""
    found = [f"{kind!r} is no kind: {', '.join(KINDS)}" for kind in _kinds(watch)]
    names = [source.name for source in watch.source]
    found += [f"the source {name} stands twice" for name in _twice(names)]
    for source in watch.source:
        asked = [query.name for query in watch.queries(source)]
        found += [f"{source.name}: two queries are called {one!r}" for one in _twice(asked)]
        minutes = watch.cadence_of(source)
        if minutes is not None and minutes <= 0:
            found.append(f"{source.name}: cadence_minutes = {minutes:g}: expected more than 0")
    if watch.name == IMPORTS:
        found.append(f"{IMPORTS!r} is what imports are filed under: choose another file name")
    if not any(not source.fallback for source in watch.source):
        found.append("every source is a fallback: at least one must be asked always")
    if watch.at and not _TIME.fullmatch(watch.at):
        found.append(f"at = {watch.at!r}: expected HH:MM")
    slugs = [slug(query.name) for query in watch.topics()]
    for export in watch.export:
        wrong = _wrong_path(export, names)
        found += wrong
        if not wrong and "query" in export.slots and (same := _twice(slugs)):
            found.append(f"export {export.path}: two queries make the file name {same[0]!r}")
    found += [
        f"the name {name[:30]!r}… has {len(name)} characters: at most {LONGEST_NAME} are kept"
        for name in (watch.name, *(query.name for query in watch.topics()))
        if len(name) > LONGEST_NAME
    ]
    found += [f"topics: no source {name!r} here" for name in watch.publish if name not in names]
    found += [
        f"topics: {topic!r} is no name of a Kafka topic"
        for topic in watch.publish.values()
        if not _TOPIC.fullmatch(topic)
    ]
    found += [f"two exports write {path}" for path in _twice([one.path for one in watch.export])]
    return found


def _kinds(watch: Watch) -> list[str]:
    told = [watch.kind, *(source.kind for source in watch.source)]
    told += [export.kind for export in watch.export]
    return [kind for kind in told if kind and kind not in KINDS]


def _twice(names: Sequence[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


def _wrong_path(export: Export, sources: Sequence[str]) -> list[str]:
    where, path = f"export {export.path}", PurePosixPath(export.path)
    try:
        parts = [part for part in Formatter().parse(export.path) if part[1] is not None]
    except ValueError as error:
        return [f"{where}: {error}"]
    below = not path.is_absolute() and ".." not in path.parts and "\\" not in export.path
    found = [
        f"{{{name}}} is unknown; known: {', '.join(SLOTS)}"
        for _, name, form, change in parts
        if name not in SLOTS or form or change
    ]
    if not (below and export.path.isprintable()):
        found.append("expected a path below the folder of exports")
    if path.suffix not in ENDINGS:
        found.append(f"the ending says the format; known: {', '.join(ENDINGS)}")
    if export.dialect != "rfc4180" and path.suffix != ".csv":
        found.append("dialect is for .csv files")
    if export.only_columns and not export.columns:
        found.append("only_columns without columns")
    found += [f"no source {name!r} here" for name in export.source if name not in sources]
    return [f"{where}: {fault}" for fault in found]

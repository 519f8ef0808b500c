"""One instance of Vigie: concrete parts chosen, each opened when it is first asked for.

So a command loads only what it uses.
"""

import contextlib
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from vigie.config import Settings
from vigie.errors import ConfigError, UsageError
from vigie.model.watch import Watch, watch_of
from vigie.wiring.ahead import FollowingAhead, recipe_of
from vigie.wiring.clock import now
from vigie.wiring.secret import author_secret
from vigie.wiring.stage import StagedShelf, StandIn
from vigie.wiring.upkeep import SpoolUpkeep

if TYPE_CHECKING:
    import polars as pl
    from fastapi import FastAPI

    from vigie.collect.importing import Imported
    from vigie.collect.job import Job as Job  # noqa: PLC0414  # cli/ names its types by us
    from vigie.collect.job import Options
    from vigie.collect.job import Progress as Progress  # noqa: PLC0414  # cli/ names its types by us
    from vigie.collect.job import Report as Report  # noqa: PLC0414  # cli/ names its types by us
    from vigie.contracts import AnySource
    from vigie.engines.batch import Recipe
    from vigie.follow.views import Follower
    from vigie.model.ask import Answer, Ask
    from vigie.model.capture import Query
    from vigie.model.checks import Checked
    from vigie.model.fates import Fates
    from vigie.model.position import Span
    from vigie.spool.files import FileSpool
    from vigie.store import SqlStore, StoreAgenda
    from vigie.views.search.index import SearchIndex

SHIPPED_WATCHES: Final = Path(__file__).parents[3] / "watches"


class Instance:
    """Vigie on one data folder."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._sources: dict[str, AnySource | None] = {}
        self._opened = contextlib.ExitStack()

    def __enter__(self) -> "Instance":
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    @cached_property
    def spool(self) -> "FileSpool":
        from vigie.spool.files import FileSpool

        spool = FileSpool(self.settings.spool_folder)
        self._opened.callback(spool.close)
        return spool

    @cached_property
    def store(self) -> "SqlStore":
        from vigie.store import open_store

        store = open_store(self.settings.store_url)
        self._opened.callback(store.close)
        return store

    @cached_property
    def agenda(self) -> "StoreAgenda":
        from vigie.store import StoreAgenda

        return StoreAgenda(self.store.database)

    @cached_property
    def search(self) -> "SearchIndex":
        from vigie.views.search.index import SearchIndex

        store = self.store

        def texts(kind: str, ids: Sequence[str]) -> Mapping[str, str]:
            rows = store.get(kind, ids)
            if "text" not in rows.columns:
                return {}
            return {
                i: text or s or "" for i, text, s in rows.select("id", "text", "summary").rows()
            }

        index = SearchIndex(self.settings.index_folder, members=store.clusters, texts=texts)
        self._opened.callback(index.close)
        return index

    @cached_property
    def follower(self) -> "Follower":
        from vigie.follow.views import Follower

        return Follower(self.store.feed, self.store, self.search)

    @cached_property
    def recipe(self) -> "Recipe":
        from vigie.engines.batch import Recipe
        from vigie.steps import STANDARD, run

        def clean(kind: str, rows: "pl.DataFrame") -> "pl.DataFrame":
            return run(kind, rows, STANDARD[kind])

        return Recipe(find=self.find, clean=clean)

    def find(self, name: str) -> "AnySource | None":
        """Return the source with its settings; None when there is none of that name."""
        if name not in self._sources:
            try:
                self._sources[name] = self.source(name)
            except UsageError:
                self._sources[name] = None
        return self._sources[name]

    def source(self, name: str, settings: Mapping[str, Any] | None = None) -> "AnySource":
        """Return the source *name*; *settings* win over those of `[sources.NAME]`.

        Raises:
            UsageError: no source is called so. ConfigError: a setting of it is wrong.
        """
        import dataclasses

        from vigie import sources

        chosen = self.settings.sources.get(name, {}) | dict(settings or {})
        source = sources.make(name, chosen, self.settings.maps_folder)
        if "author_secret" in (part.name for part in dataclasses.fields(source)):  # type: ignore[arg-type]  # sources are dataclasses
            source = dataclasses.replace(
                source, author_secret=author_secret(self.settings.data_dir)
            )  # type: ignore[type-var]  # the same
        return source

    def source_classes(self) -> tuple[dict[str, type[Any]], dict[str, str]]:
        """Return every source by name, and those that cannot be loaded with the reason."""
        from vigie import sources

        folder = self.settings.maps_folder
        return sources.find_all(folder), sources.broken(folder)

    def watches(self) -> dict[str, Watch]:
        """Return every watch by name; the user's own win over those that ship.

        Raises:
            ConfigError: a recipe is wrong; its file is told.
        """
        found: dict[str, Watch] = {}
        for folder in (SHIPPED_WATCHES, self.settings.watches_folder):
            for path in sorted(folder.glob("*.toml")) if folder.is_dir() else ():
                try:
                    text = path.read_text(encoding="utf-8")
                except (OSError, UnicodeDecodeError) as error:
                    raise ConfigError(f"{path} cannot be read: {error}") from None
                found[path.stem] = watch_of(text, path.stem, str(path))
        return found

    def import_files(
        self, paths: Sequence[Path], name: str, *, on_capture: Callable[[Path, int], None] | None,
        **options: Any,
    ) -> "Imported":  # fmt: skip
        """Bring files to the spool as captures of source *name* (see `collect.importing`)."""
        from vigie.collect.importing import import_files
        from vigie.model.identity import run_id

        at = now()
        return import_files(
            paths, self.source(name), self.spool, name=name,
            run=run_id(at, secrets.token_hex(8)), now=at, on_capture=on_capture,
            known_at=self.store.captured_at, **options,
        )  # fmt: skip

    def collect(
        self, jobs: "Sequence[Job]", *, on_progress: "Callable[[Progress], None] | None" = None,
        stand_in: "StandIn | None" = None,
    ) -> "list[Report]":  # fmt: skip
        """Visit sources and spool what they answer (see `collect.run`).

        Args:
            stand_in: The demo's sites: where they are, and the time they show.
        """
        from vigie.collect.run import collect

        options = self._options(stand_in)
        clock = now if stand_in is None else stand_in.clock
        try:
            return collect(
                jobs, self.spool, self.agenda, options, on_progress=on_progress, now=clock
            )
        finally:
            self.spool.close()

    def check_sources(
        self, names: "Sequence[str] | None", stand_in: "StandIn | None" = None
    ) -> "list[Checked]":
        """Ask live sites whether they still are as their sources know them (see
        `collect.check`)."""
        from vigie.wiring.checks import check_sources

        return check_sources(self, names, self._options(stand_in), stand_in)

    def _options(self, stand_in: "StandIn | None") -> "Options":
        from vigie import __version__
        from vigie.collect.job import Options, user_agent

        limits = self.settings.collect
        return Options(
            user_agent=user_agent(__version__, limits.contact),
            timeout_seconds=limits.timeout_seconds, retries=limits.retries,
            redirects=limits.redirects, body_limit_bytes=int(limits.body_limit_mb * 1e6),
            proxy=limits.proxy or None,
            **({} if stand_in is None else stand_in.options()),
        )  # fmt: skip

    def job(
        self, name: str, queries: "Sequence[Query]", *, watch: str = "", misses: int = 2,
        settings: Mapping[str, Any] | None = None, credentials: Mapping[str, str] | None = None,
    ) -> "Job":  # fmt: skip
        """Return what to ask of source *name*, with its login if it needs one.

        Raises:
            UsageError: no source is called so, or it reads files and cannot be visited.
        """
        import dataclasses

        from vigie import sources
        from vigie.collect.job import Job

        source = self.source(name, settings)
        if getattr(source, "files_only", False):
            raise UsageError(f"{name} reads files: use `vigie import FILE --map {name}`")
        login = None
        if (made := sources.login_class(name, self.settings.maps_folder)) is not None:
            known = self.settings.logins.get(name, {})
            given = {key: secret.get_secret_value() for key, secret in known.items()}
            given |= dict(credentials or {})
            # A credential that is missing stays empty: the login itself says so, for its source.
            names = [part.name for part in dataclasses.fields(made)]
            login = made(**{name: given.get(name, "") for name in names})
        limits, pause_rule = self.settings.collect, "source"
        if (
            "pause_seconds" in limits.model_fields_set
            and source.pause_seconds < limits.pause_seconds
        ):
            source = dataclasses.replace(source, pause_seconds=limits.pause_seconds)  # type: ignore[type-var]  # sources are dataclasses
            pause_rule = "settings"
        return Job(name=name, source=source, watch=watch, queries=tuple(queries), login=login,
                   misses=misses, pause_rule=pause_rule)  # fmt: skip

    def process(self, on_batch: "Callable[[Span, Fates], None] | None" = None) -> "Fates":
        """Drain the spool into the store and bring the index up to date."""
        from vigie.engines.embedded import process

        self.spool.recover()
        with FollowingAhead(self.settings) as ahead:

            def stored(span: "Span", told: "Fates") -> None:
                ahead.stored(told.found)
                if on_batch is not None:
                    on_batch(span, told)

            fates = process(
                self.spool, self.store, self.recipe, on_batch=stored,
                make_recipe=partial(recipe_of, self.settings),
            )  # fmt: skip
        self._erase_removed()
        self.follower.catch_up()
        return fates

    def maps_for(self, paths: Sequence[Path], map_: str | None) -> dict[str, list[Path]]:
        """Return which map reads which files: the one named, else the one each header fits.

        A map given as a TOML file is copied to the folder of maps, so that later processes find
        it by its name.

        Raises:
            UsageError: no map fits a file, or the map named does not exist.
        """
        from vigie.sources.files import choose_for, install

        if map_ is not None:
            name = install(Path(map_), self.settings.maps_folder) if _is_path(map_) else map_
            if name not in self.source_classes()[0]:
                raise UsageError(f"no map is called {name!r}: name one, or give a TOML file")
            return {name: list(paths)}
        chosen: dict[str, list[Path]] = {}
        for path in _files_below(paths):
            chosen.setdefault(choose_for(path, self.settings.maps_folder), []).append(path)
        return chosen

    def every(self, ask: "Ask") -> tuple[str, ...]:
        """Return the ids of everything *ask* finds, from one generation of the index."""
        import msgspec

        total = self.search.ask(msgspec.structs.replace(ask, limit=1)).total
        return self.search.ask(msgspec.structs.replace(ask, limit=max(total, 1))).ids

    def envelope(self, kind: str, rows: "pl.DataFrame", answer: "Answer") -> dict[str, Any]:
        """Return rows and totals in the API's shape."""
        from vigie.model.kinds import KINDS
        from vigie.web.envelope import Shape, list_fields

        shape = Shape(list_fields(KINDS[kind], owner=True))
        facets = {
            name: [{"value": bucket.value, "count": bucket.count} for bucket in buckets]
            for name, buckets in answer.facets.items()
        }
        return {"items": shape.items(rows), "total": {"value": answer.total, "relation": "eq"},
                "facets": facets, "data_version": answer.seq}  # fmt: skip

    def reindex(self) -> int:
        """Rebuild the search index from the store; return how many listings it holds."""
        self.follower.rebuild()
        return sum(sum(self.store.counts(kind)[s] for s in ("open", "closed")) for kind in _kinds())

    @cached_property
    def spool_upkeep(self) -> "SpoolUpkeep":
        return SpoolUpkeep(self)

    def site(self, stand_ins: Mapping[str, str] | None = None) -> "FastAPI":
        """Return the pages and the API as an ASGI application.

        Args:
            stand_ins: In the demo: a site's origin → where its stand-in serves its pictures.
        """
        from vigie.web.app import create_app
        from vigie.web.facts import SourceFacts

        facts = {
            name: SourceFacts(
                label=made.label, kind=made.kind, terms=made.terms, pause=made.pause_seconds
            )
            for name in self.source_classes()[0]
            if (made := self.find(name)) is not None
        }
        shelf: Any = StagedShelf(self.store, stand_ins) if stand_ins else self.store
        return create_app(
            shelf, self.search, self.settings.serve, sources=facts, demo=bool(stand_ins)
        )

    def replay(self, source: str | None, since: datetime, until: datetime) -> int:
        """Read captures again with today's readers; return how many listings changed."""
        from vigie.engines.embedded import replay

        count = replay(self.spool.select(source, since, until), self.store, self.recipe)
        self.follower.catch_up()
        return count

    def release(self, source: str, run: str | None) -> tuple[int, int]:
        """Publish what was held of *source*; return how many pages and listings that touched."""
        from vigie.engines.embedded import replay

        held = self.store.release(source, run)
        pages = [page for one in held if (page := self.spool.fetch(one)) is not None]
        count = replay(pages, self.store, self.recipe)
        self.follower.catch_up()
        return len(pages), count

    def rehearse(
        self, source: str | None, since: datetime, until: datetime
    ) -> "Iterator[pl.DataFrame]":
        """Yield what `replay` would change: id, field, old, new."""
        from vigie.engines.embedded import rehearse

        return rehearse(self.spool.select(source, since, until), self.store, self.recipe)

    def erase(self, ids: Iterable[str]) -> int:
        """Remove listings, their history, every capture that showed them, and their rows in the
        watches' files."""
        gone = self.store.erase(list(ids))
        self._erase_removed()
        self.follower.catch_up()
        return gone

    def _erase_removed(self) -> None:
        """Let spool and files lose what the store has erased; what cannot yet be stays noted."""
        if captures := self.store.to_erase():
            self.spool.erase(captures)
            self.store.erased(one for one in captures if self.spool.fetch(one) is None)
        if ids := self.store.to_strike():
            from vigie.wiring.export_erasing import erase_exports

            erase_exports(self, ids)
            self.store.stricken(ids)


def _kinds() -> Iterable[str]:
    from vigie.model.kinds import KINDS

    return KINDS


def _is_path(map_: str) -> bool:
    return map_.endswith(".toml") or "/" in map_


def _files_below(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from (found for found in sorted(path.rglob("*")) if found.is_file())
        elif path.is_file():
            yield path
        else:
            raise UsageError(f"there is no file or folder at {path}")

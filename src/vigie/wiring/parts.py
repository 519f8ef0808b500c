"""The concrete parts of an instance, each opened when it is first asked for.

So a command loads only what it uses.
"""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from vigie.errors import ConfigError, UsageError
from vigie.model.watch import Watch, watch_of
from vigie.settings import Settings
from vigie.wiring.secret import author_secret

if TYPE_CHECKING:
    import polars as pl

    from vigie.collect.job import Job as Job  # noqa: PLC0414  # cli/ names its types by us
    from vigie.collect.job import Progress as Progress  # noqa: PLC0414  # cli/ names its types by us
    from vigie.collect.job import Report as Report  # noqa: PLC0414  # cli/ names its types by us
    from vigie.contracts import AnySource
    from vigie.engines.batch import Recipe
    from vigie.follow.views import Follower
    from vigie.store import SqlStore, StoreAgenda
    from vigie.views.search.index import SearchIndex
    from vigie.wiring.publishing import Publisher
    from vigie.wiring.spooling import OpenSpool

SHIPPED_WATCHES: Final = Path(__file__).parents[3] / "watches"


class Parts:
    """The parts of one instance, by its settings."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._sources: dict[str, AnySource | None] = {}
        self._opened = contextlib.ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def at_end(self, close: Callable[[], None]) -> None:
        """Call *close* before what is opened now is closed."""
        self._opened.callback(close)

    @cached_property
    def spool(self) -> "OpenSpool":
        from vigie.wiring.spooling import open_spool

        spool = open_spool(self.settings)
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
    def publisher(self) -> "Publisher | None":
        from vigie.wiring.publishing import publisher

        return publisher(self)

    def bring_up_to_date(self) -> None:
        """Let every view follow the feed to its end."""
        from vigie.wiring.publishing import publish

        self.follower.settle()
        publish(self.publisher)

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

    def watch_files(self) -> dict[str, Path]:
        """Return the recipe of every watch by name; the user's own win over those that ship."""
        return {
            path.stem: path
            for folder in (SHIPPED_WATCHES, self.settings.watches_folder)
            for path in (sorted(folder.glob("*.toml")) if folder.is_dir() else ())
        }

    def watch(self, name: str) -> Watch:
        """Return one watch, whatever the other recipes are like.

        Raises:
            ConfigError: its recipe is wrong; its file is told. KeyError: there is none.
        """
        path = self.watch_files()[name]
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path} cannot be read: {error}") from None
        return watch_of(text, name, str(path))

    def watches(self) -> dict[str, Watch]:
        """Return every watch by name.

        Raises:
            ConfigError: a recipe is wrong; its file is told.
        """
        return {name: self.watch(name) for name in self.watch_files()}

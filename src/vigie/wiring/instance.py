"""One instance of Vigie: concrete parts chosen, each opened when it is first asked for.

So a command loads only what it uses.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from vigie.errors import SpoolError, UsageError
from vigie.wiring.ahead import FollowingAhead, recipe_of
from vigie.wiring.stage import StagedShelf
from vigie.wiring.upkeep import SpoolUpkeep
from vigie.wiring.visits import Visits

if TYPE_CHECKING:
    import polars as pl
    from fastapi import FastAPI

    from vigie.collect.file_told import FileTold
    from vigie.collect.job import Job as Job  # noqa: PLC0414  # cli/ names its types by us
    from vigie.collect.job import Progress as Progress  # noqa: PLC0414  # cli/ names its types by us
    from vigie.collect.job import Report as Report  # noqa: PLC0414  # cli/ names its types by us
    from vigie.model.ask import Answer, Ask
    from vigie.model.fates import Fates
    from vigie.model.position import Span

ASKED_LETTERS: Final = 400
"""Of a request's body that a page shows."""


class Instance(Visits):
    """Vigie on one data folder."""

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
        self.settle()
        return fates

    def settle(self) -> None:
        """After something was stored: let spool and files lose what was removed, and bring the
        index up to date."""
        from vigie.wiring.erasing import erase_removed

        erase_removed(self)
        self.bring_up_to_date()

    def maps_for(
        self, paths: Sequence[Path], map_: str | None
    ) -> "tuple[dict[str, list[Path]], list[FileTold]]":
        """Return which map reads which files: the one named, else the one each header fits; and
        why others have none.

        A map given as a TOML file is copied to the folder of maps, so that later processes find
        it by its name.

        Raises:
            UsageError: no map fits any of the files, or the map named does not exist.
        """
        from vigie.collect.file_told import unreadable
        from vigie.sources.files import choose_for, install

        if map_ is not None:
            name = install(Path(map_), self.settings.maps_folder) if _is_path(map_) else map_
            if name not in self.source_classes()[0]:
                raise UsageError(f"no map is called {name!r}: name one, or give a TOML file")
            return {name: list(paths)}, []
        chosen: dict[str, list[Path]] = {}
        without: list[FileTold] = []
        for path in _files_below(paths):
            try:
                name = choose_for(path, self.settings.maps_folder)
            except (UsageError, OSError) as error:
                without.append(unreadable(path, error))
            else:
                chosen.setdefault(name, []).append(path)
        if not chosen:
            nothing = f"nothing to import in {', '.join(map(str, paths))}"
            raise UsageError(without[0].why if without else nothing)
        return chosen, without

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
            shelf, self.search, self.settings.serve, sources=facts, demo=bool(stand_ins),
            asked=self.asked,
        )  # fmt: skip

    def asked(self, capture_id: str) -> str | None:
        """Return what the request of a capture asked beside its address, cut; None when there was
        nothing more, or the capture is gone."""
        from vigie.collect.address import without_keys_in

        try:
            page = self.spool.fetch(capture_id)
        except SpoolError:
            return None
        if page is None or not page.request_body:
            return None
        text = " ".join(page.request_body.decode("utf-8", "replace").split())
        return without_keys_in(text)[:ASKED_LETTERS]

    def replay(self, source: str | None, since: datetime, until: datetime) -> int:
        """Read captures again with today's readers; return how many listings changed."""
        from vigie.engines.embedded import replay

        count = replay(self.spool.select(source, since, until), self.store, self.recipe)
        self.bring_up_to_date()
        return count

    def release(self, source: str, run: str | None) -> tuple[int, int]:
        """Publish what was held of *source*; return how many pages and listings that touched."""
        from vigie.engines.embedded import replay

        held = self.store.release(source, run)
        pages = [page for one in held if (page := self.spool.fetch(one)) is not None]
        count = replay(pages, self.store, self.recipe)
        self.bring_up_to_date()
        return len(pages), count

    def rehearse(
        self, source: str | None, since: datetime, until: datetime
    ) -> "Iterator[pl.DataFrame]":
        """Yield what `replay` would change: id, field, old, new."""
        from vigie.engines.embedded import rehearse

        return rehearse(self.spool.select(source, since, until), self.store, self.recipe)

    def erase(self, ids: Iterable[str], *, refuse: bool = True) -> int:
        """Remove listings, their history, every capture that showed them, and their rows in the
        watches' files; *refuse* them when a site still shows them.

        Raises:
            VigieError: a place could not lose its part yet; it is asked again with every batch.
        """
        from vigie.wiring.erasing import erase_removed

        gone = self.store.erase(list(ids), refuse=refuse)
        troubles = erase_removed(self)
        self.bring_up_to_date()
        for trouble in troubles:
            raise trouble
        return gone


def _kinds() -> Iterable[str]:
    from vigie.model.kinds import KINDS

    return KINDS


def _is_path(map_: str) -> bool:
    return map_.endswith(".toml") or "/" in map_


def _files_below(paths: Sequence[Path]) -> Iterator[Path]:
    from vigie.collect.importing import is_known

    for path in paths:
        if path.is_dir():
            yield from (p for p in sorted(path.rglob("*")) if p.is_file() and is_known(p))
        elif path.is_file():
            yield path
        else:
            raise UsageError(f"there is no file or folder at {path}")

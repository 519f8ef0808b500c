"""The sockets of the house: Source → Spool → Step … → Store → Feed → View. READ THIS FIRST.

Stages (sources, spool, steps, store, views, web) never import each other: they know `errors`,
`model` and this page. Movers (collect, engines, follow) carry records between neighbours.
`wiring` alone chooses concrete parts. Each contract is a promise that `tests/` proves on every
implementation; what may be repeated, and what an error leaves behind, is said here.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Literal, Protocol, TypeVar

import msgspec
import polars as pl

from vigie.model.ask import Answer, Ask
from vigie.model.capture import Capture, Entry, Query, Request
from vigie.model.fates import Fates
from vigie.model.frames import Refined
from vigie.model.listing import Listing
from vigie.model.politeness import Asked
from vigie.model.position import Change, Slice, Span
from vigie.model.removal import Removal

Item = TypeVar("Item")


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What the site allows, and when a person last read it."""

    url: str
    read_on: str | None
    """ISO date. Null: nobody has read them yet, so nothing is taken for granted."""
    attribution: str
    """What to name wherever its listings are shown or exported."""
    reuse: str
    """In a few words: what its terms let us do with the listings."""


class Source(Protocol[Item]):
    """One site, as pure functions of the capture: no socket, no clock, no file.

    A frozen dataclass in `vigie/sources/<name>/__init__.py`, exported there as ``SOURCE``. Its name
    is its folder's; its fields are its public settings (``[sources.<name>]``), never a secret.
    The same code runs while collecting, in a test, in a replay and inside Spark. An imported
    capture may have no status and no headers.
    """

    label: ClassVar[str]
    """The site's name as people write it."""
    kind: ClassVar[str]
    revision: ClassVar[int]
    """Raised whenever a recorded page reads differently."""
    zone: ClassVar[str]
    """IANA zone in which the site writes "Hier 09:16"."""
    terms: ClassVar[Terms]
    example: ClassVar[Query]
    """A question that anybody may ask and that finds something: documentation, tests and
    `vigie sources check` ask it."""
    sentinel: ClassVar[Query | None]
    """A question whose honest answer is nothing: a site that answers it with listings ignores what
    it is asked. Null: the site cannot be asked such a question."""

    @property
    def pause_seconds(self) -> float:
        """Least pause between two requests to the site. The site may ask for more."""
        ...

    def first(self, query: Query) -> Iterator[Request]:
        """Yield the requests that open *query*."""
        ...

    def follow(self, page: Capture) -> Iterator[Request]:
        """Yield what *page* leads to: its next page, a split of its query, its details."""
        ...

    def scrub(self, page: Capture) -> Capture:
        """Return the page without what must never be kept; called before spooling, idempotent.

        Counts what it blanked in the note ``scrubbed``.
        """
        ...

    def items(self, page: Capture) -> Sequence[Item]:
        """Return what the page lists: its length is `found`.

        Raises:
            PageChanged, Blocked, Empty: the whole page is condemned, told apart by structure.
        """
        ...

    def read(self, item: Item, page: Capture) -> Listing:
        """Return one item as shown, card or full.

        Raises:
            RecordError: this item alone is quarantined.
        """
        ...

    def total(self, page: Capture) -> int | None:
        """Return the total that the site announces for the query; None when it does not say."""
        ...


class Login(Protocol):
    """Optional, held by collect/ only, with the secret. Its answer is never spooled."""

    def request(self) -> Request | None:
        """Return the request whose answer lets us in; None when nothing has to be asked for."""
        ...

    def sign(self, request: Request, answer: Capture | None) -> Request:
        """Return *request* with what *answer* gave us; None when nothing was asked for."""
        ...


class Resuming(Protocol):
    """Optional, beside `Source`: a query goes on where its last run ended.

    The place comes back in the query's option ``since_id``. A place that the site has forgotten
    must not lose a run: `Source.follow` then asks the query without it.
    """

    def resume(self, page: Capture) -> str | None:
        """Return the place of the newest listing that *page* shows; None when it shows none."""
        ...


class Removing(Protocol):
    """Optional, beside `Source`: pages that tell of deletions."""

    def removed(self, page: Capture) -> Removal:
        """Return what *page* says was deleted at the site: it is erased everywhere."""
        ...


class Agenda(Protocol):
    """The collectors' shared memory, kept in the store. The clock is the caller's."""

    def take(self, host: str, pause_seconds: float, now: datetime) -> float:
        """Reserve the host's next turn; return the seconds to wait for it."""
        ...

    def refuse(self, host: str, until: datetime) -> None:
        """Note that the host may not be asked before *until* (Retry-After, breaker)."""
        ...

    def refused(self, host: str, now: datetime) -> datetime | None:
        """Return until when the host may not be asked, or None when it may."""
        ...

    def resume(self, source: str, query: str) -> str | None:
        """Return where the last run of the query said to go on.

        Args:
            query: Name of its place, which stands for all that was asked, and by which watch.
        """
        ...

    def stop_at(self, source: str, query: str, place: str | None) -> None:
        """Note where the next run of the query goes on; None: from the start."""
        ...

    def lease(self, name: str, owner: str, now: datetime, seconds: float) -> bool:
        """Take or renew the lease *name*; False when somebody else holds it."""
        ...

    def release(self, name: str, owner: str) -> None:
        """Give the lease back; no effect when it is not ours."""
        ...

    def note(self, asked: Sequence[Asked]) -> None:
        """Keep what was asked, for 90 days.

        Raises:
            StoreError: nothing of this call was kept, unless it says that it may have been.
        """
        ...

    def asked(
        self, since: datetime, host: str | None = None, limit: int = 100_000
    ) -> Sequence[Asked]:
        """Return the newest *limit* requests from *since* on, oldest first."""
        ...


class Spool(Protocol):
    """Append-only log of entries: captures, failures (no answer came), ends of runs."""

    def append(self, entries: Iterable[Entry]) -> None:
        """Durable on return and readable at once, sealed or not; in a bucket, once sealed.

        Raises:
            SpoolError: the disk is full or the folder is gone; what was appended before stays.
        """
        ...

    def read(self, consumer: str, after: Mapping[str, int]) -> Iterator[tuple[Span, list[Entry]]]:
        """Yield batches of one partition each, in order, then stop.

        Args:
            after: Partition → number of its entries already handled; absent: none.
        """
        ...

    def fetch(self, capture_id: str) -> Capture | None:
        """Return one capture; None when it is unknown or erased."""
        ...

    def select(self, source: str | None, since: datetime, until: datetime) -> Iterator[Capture]:
        """Yield the captures received in ``[since, until)``, oldest first within a partition."""
        ...

    def erase(self, capture_ids: Iterable[str]) -> int:
        """Replace captures by stubs at the same ordinals, or leave holes there; return how many
        bodies are gone. On Kafka the brokers take their time: ask again while `fetch` finds one."""
        ...


class Slicing(Protocol):
    """Optional, beside `Spool`: its entries can be read in parts, by several workers."""

    def slices(self, after: Mapping[str, int]) -> Iterator[Slice]:
        """Yield what is beyond *after* in parts, those of one partition in order and without a
        hole between them."""
        ...

    def read_slice(self, consumer: str, part: Slice) -> Iterator[tuple[Span, list[Entry]]]:
        """Yield batches as `Spool.read` does, of one part."""
        ...


class Step(Protocol):
    """A frozen dataclass of options. A row's result depends on that row alone, so any split or
    order of a batch gives the same rows. Pure: no I/O, no clock. Never removes a row: marks it
    with a reason (`vigie.model.frames.reject`)."""

    revision: ClassVar[int]

    def __call__(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the same rows, in the same order, with the step's columns added."""
        ...


class Shelf(Protocol):
    """What web/ and the command line may read of the store."""

    def get(
        self, kind: str, ids: Sequence[str], columns: Collection[str] | None = None
    ) -> pl.DataFrame:
        """Return the rows (`stored_schema`) of *ids* in that order; unknown ids are left out.

        Args:
            columns: Only these; None: all.
        """
        ...

    def history(self, listing_id: str) -> pl.DataFrame:
        """Return what changed, oldest first: at, field, old, new (JSON text), cause, capture_id.

        `cause` is ``site``, ``reread``, ``closed`` or ``reopened``.
        """
        ...

    def members(self, clusters: Sequence[str]) -> pl.DataFrame:
        """Return cluster, id, kind and source of every listing of the clusters."""
        ...

    def coverage(self, since: datetime, until: datetime) -> pl.DataFrame:
        """Return per source, watch, query and hour: state, pages, found, and the six fates."""
        ...

    def sources(self) -> pl.DataFrame:
        """Return per source: state and reason of its last run, last success, listings open and
        in all, found last and median found of complete runs, fill rates as JSON text; beside,
        what the last import brought: files say nothing of how the site is."""
        ...

    def runs(self, limit: int, before: str | None = None) -> pl.DataFrame:
        """Return the last runs, one row per run and query, newest first, fates included."""
        ...

    def run(self, run: str) -> pl.DataFrame:
        """Return one run as `runs` tells it, a row per source, watch and query."""
        ...

    def pages(self, run: str) -> pl.DataFrame:
        """Return the pages and failures of one run (`vigie.model.frames.PAGES`)."""
        ...

    def quarantine(
        self, limit: int, source: str | None = None, run: str | None = None
    ) -> pl.DataFrame:
        """Return the newest quarantined and rejected items with reason, detail and capture."""
        ...

    def alarms(
        self, source: str | None = None, run: str | None = None, *, every: bool = False
    ) -> pl.DataFrame:
        """Return what was not as usual, newest first: alarm, field, what was expected and seen,
        how many pages, status (``open``, ``released``, ``mended``); *every*: not only the open.
        The newest thousand."""
        ...

    def counts(self, kind: str) -> Mapping[str, int]:
        """Return open, closed and new in the 24 hours before the newest capture."""
        ...


class Store(Shelf, Protocol):
    """Where listings rest. The same captures, repeated or split anyhow, give the same listings
    and history."""

    def positions(self, consumer: str) -> Mapping[str, int]:
        """Return partition → number of entries stored."""
        ...

    def save(self, batch: Refined, span: Span | None, *, reread: bool = False) -> Fates:
        """Keep pages, listings, history, feed and position, in one transaction; judge runs that
        end in the batch.

        Position at ``span.start``: applied. At or past ``span.end``: no effect, zero fates.
        *span* None: not from the spool's front (a replay). *reread*: our reading changed, not the
        site: no sighting, nothing closes, history is marked.

        Raises:
            PositionGap: a batch before this one is missing.
            StoreError: nothing of this call was kept; if the connection was lost while it was
                being committed, it may have been: given again with its span, it changes nothing.
        """
        ...

    def judge(self, run: str) -> Fates:
        """Balance the run, then close what its complete queries no longer show, or hold it.

        Repeatable; done by `save` at a run's end.
        """
        ...

    def release(self, source: str, run: str | None = None) -> Sequence[str]:
        """Say that the source's open alarms (of one run, or all) are its new ways; return the
        captures that were held for them, to be replayed."""
        ...

    def compare(self, batch: Refined) -> pl.DataFrame:
        """Return what `save(batch, None, reread=True)` would change: id, kind, field, old, new."""
        ...

    def candidates(self, keys: pl.DataFrame) -> pl.DataFrame:
        """Return pairs of listings that share a key, for matching."""
        ...

    def link(self, edges: pl.DataFrame, span: Span | None = None) -> None:
        """Keep reasoned edges (left, right, verdict, reason); a cluster is a connected part."""
        ...

    def erase(self, ids: Sequence[str], *, refuse: bool = False) -> int:
        """Remove listings with history and sightings; their captures are the spool's to erase.

        Args:
            refuse: Reject them (`erased_here`) when a page shows them again, until `let_back`.
        """
        ...

    def let_back(self, ids: Sequence[str]) -> int:
        """Accept again what `erase` refuses; return how many of *ids* were refused."""
        ...

    def to_erase(self) -> Sequence[str]:
        """Return the captures that show what its site has removed, for the spool to erase."""
        ...

    def erased(self, captures: Iterable[str]) -> None:
        """Note that the spool holds *captures* no more."""
        ...

    def to_strike(self) -> Sequence[str]:
        """Return erased listings whose rows are still to be taken out of files."""
        ...

    def stricken(self, ids: Iterable[str]) -> None:
        """Note that no file holds *ids* any more."""
        ...

    def content_hash(self) -> str:
        """Return a hash of identities, values, the site's history and clusters.

        Not of run ids, sequence numbers and processing times.
        """
        ...


class Feed(Protocol):
    """A reader that saw n is never later shown a commit numbered n or below."""

    def last(self) -> int:
        """Return the newest entry's number, 0 when there is none."""
        ...

    def read(self, after: int, limit: int) -> Sequence[Change]:
        """Return entries after *after*, in order.

        Raises:
            FeedGone: *after* is older than what is kept: take a snapshot.
        """
        ...

    def snapshot(self) -> tuple[int, Iterator[tuple[str, pl.DataFrame]]]:
        """Return a position and every row (kind, frame) as of that position or later."""
        ...


class View(Protocol):
    """Derived and disposable (search, lake). Its cursor is in the same commit as its content.

    It may have `columns(kind)`: the columns that it wants of a kind's rows; without, it gets all.
    """

    def cursor(self) -> int:
        """Return the feed's position that the view has reached."""
        ...

    def apply(self, changes: Sequence[Change], rows: Mapping[str, pl.DataFrame], seq: int) -> None:
        """Follow *changes*; *rows* are their listings by kind, missing ones are gone. Commit with
        the cursor at *seq*."""
        ...

    def rebuild(self, seq: int, rows: Iterator[tuple[str, pl.DataFrame]]) -> None:
        """Start anew from a snapshot taken at *seq*."""
        ...


class Search(Protocol):
    """Hits, total and facets of one reader generation: they agree with each other."""

    def ask(self, ask: Ask) -> Answer:
        """Answer a question.

        Raises:
            UsageError: it names a field that is no facet or cannot be sorted by.
        """
        ...


AnySource = Source[Any]
"""A source whose items' type does not matter to the caller."""

StepsByKind = Mapping[Literal["job", "ad", "post", "figure"], Sequence[Step]]

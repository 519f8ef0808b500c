"""Streams: a connection that is kept open, whose messages become captures of five seconds.

Everything that passes by is too much to keep. What a message is for is the source's decision
(`Streaming.keep`); the rest is counted in the capture's note and gone. Each piece is in the spool
before the place to go on from is noted, so a kill repeats seconds and loses none.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event
from typing import Any, Final, Protocol

import msgspec

from vigie.collect.dial import dial, place_of, refusal
from vigie.collect.job import Job, Options, Progress, Report, utc_now
from vigie.collect.places import place_name
from vigie.collect.unanswered import Unanswered
from vigie.contracts import Spool
from vigie.errors import ConfigError, Missing, SpoolError, VigieError
from vigie.model.capture import Capture, Failure, Query, RunEnd, Scan, capture_id
from vigie.model.fates import State
from vigie.model.identity import digest, run_id

PIECE_SECONDS: Final = 5.0
PIECE_BYTES: Final = 1024 * 1024
MESSAGE_BYTES: Final = 1024 * 1024
"""A larger message ends the connection."""
SILENT_SECONDS: Final = 60.0
"""A stream that says nothing for so long is asked anew."""
LONGEST_WAIT_SECONDS: Final = 60.0
_GLANCE_SECONDS: Final = 0.2


class Streaming(Protocol):
    """What a source of a stream has beside `vigie.contracts.Source`. Pure, like the rest of it."""

    def stream(self, resume: str | None) -> str:
        """Return the address of the stream, from *resume* on."""
        ...

    def keep(self, message: bytes, queries: Sequence[Query]) -> Sequence[str]:
        """Return the queries that *message* belongs to, one empty name for what concerns all."""
        ...

    def position(self, message: bytes) -> str | None:
        """Return where the stream is at *message*; None when it does not say."""
        ...

    def missed(self, resume: str, first: str) -> str | None:
        """Return what was missed when the stream, asked from *resume* on, began at *first*."""
        ...


class Places(Protocol):
    """The part of the agenda that remembers where to go on."""

    def resume(self, source: str, query: str) -> str | None:
        """Return where the last run of the query said to go on."""
        ...

    def stop_at(self, source: str, query: str, place: str | None) -> None:
        """Note where the next run of the query goes on."""
        ...


@dataclass(frozen=True, kw_only=True)
class Until:
    """When listening ends; never, when nothing is said."""

    stop: Event = field(default_factory=Event)
    seconds: float | None = None
    messages: int | None = None
    """So many messages kept."""
    failures: int | None = None
    """So many failed connections in a row."""


def listen(
    job: Job,
    spool: Spool,
    places: Places,
    options: Options,
    *,
    until: Until,
    on_progress: Callable[[Progress], None] | None = None,
    now: Callable[[], datetime] = utc_now,
    run_seconds: float = 3600.0,
    piece_seconds: float = PIECE_SECONDS,
) -> list[Report]:
    """Listen to the stream of the job's source and spool what its queries ask for.

    A connection that breaks is made again, after a wait that doubles up to a minute, from where
    the last message was. A run ends after *run_seconds*, and the next begins at once: the ledger
    counts by runs.

    Returns:
        One report per query of the last run, and one for what concerns all.

    Raises:
        ConfigError: the source has no stream, or a proxy is set, which streams do not pass.
        Missing: the library that speaks WebSocket is not installed.
        SpoolError: the spool cannot be written; what was spooled before stays.
        KeyboardInterrupt: after the ends of the run have been spooled.
    """
    if not hasattr(job.source, "stream"):
        raise ConfigError(f"{job.name} has no stream: `vigie sources show {job.name}`")
    if options.proxy:
        raise ConfigError(f"the stream of {job.name} does not pass a proxy")
    listener = _Listener(
        job=job, spool=spool, places=places, options=options, until=until, now=now,
        on_progress=on_progress, run_seconds=run_seconds, piece_seconds=piece_seconds,
    )  # fmt: skip
    return listener.run()


@dataclass
class _Piece:
    """What one query gathered since the last piece."""

    lines: list[bytes] = field(default_factory=list)
    size: int = 0


@dataclass
class _Count:
    """What one query brought in this run."""

    pages: int = 0
    kept: int = 0


class _Listener:
    """One job's stream."""

    def __init__(
        self,
        *,
        job: Job,
        spool: Spool,
        places: Places,
        options: Options,
        until: Until,
        now: Callable[[], datetime],
        on_progress: Callable[[Progress], None] | None,
        run_seconds: float,
        piece_seconds: float,
    ) -> None:
        self._job, self._spool, self._places = job, spool, places
        self._options, self._until, self._now = options, until, now
        self._tell, self._run_seconds = on_progress, run_seconds
        self._piece_seconds = piece_seconds
        self._source: Any = job.source  # a Source and a Streaming
        self._names = [place_name(job.watch, query) for query in job.queries]
        """Of the queries' places."""
        self._position = self._resumed()
        self._began = time.monotonic()
        self._kept = 0
        self._failed = 0
        self._in_a_row = 0
        self._broke = ""
        """What ended the listening before its time."""
        self._new_run()

    def run(self) -> list[Report]:
        try:
            while not self._over():
                try:
                    self._connection()
                except Unanswered as error:
                    self._fail(error)
                    self._wait()
        except Exception as error:  # the ends say that they were cut
            known = isinstance(error, VigieError)
            self._broke = str(error) if known else f"{type(error).__name__}: {error}"
            raise
        finally:  # an interruption too
            reports = self._end_run()
        return reports

    def _resumed(self) -> str | None:
        """Return the oldest place that a query goes on from: repeats are known, gaps are not."""
        known = (self._places.resume(self._job.name, name) for name in self._names)
        return min((place for place in known if place), key=lambda p: (len(p), p), default=None)

    def _new_run(self) -> None:
        self._run = run_id(self._now(), digest(self._job.name, str(time.monotonic_ns())))
        self._started, self._run_began = self._now(), time.monotonic()
        self._counts = {query.name: _Count() for query in self._job.queries}
        self._missed: list[str] = []
        self._failed = 0
        self._pieces: dict[str, _Piece] = {}
        self._passed = 0
        self._piece_began = time.monotonic()

    def _over(self) -> bool:
        until = self._until
        return (
            until.stop.is_set()
            or (until.seconds is not None and time.monotonic() - self._began >= until.seconds)
            or (until.messages is not None and self._kept >= until.messages)
            or (until.failures is not None and self._in_a_row >= until.failures)
        )

    def _connection(self) -> None:
        """Listen until it is over.

        Raises:
            Unanswered: the connection could not be made, or it broke.
        """
        try:
            from websockets.exceptions import InvalidHandshake, WebSocketException
            from websockets.sync.client import connect
        except ImportError:
            raise Missing(f"the stream of {self._job.name}", "streams") from None
        asked = self._position
        url = self._source.stream(asked)
        connect_to = self._outward(url)
        host, port, secure = place_of(connect_to)
        options = self._options
        raw = dial(host, port, options.allow_hosts, options.timeout_seconds)
        try:
            with connect(
                connect_to, sock=raw, proxy=None, max_size=MESSAGE_BYTES,
                server_hostname=host if secure else None, open_timeout=options.timeout_seconds,
                user_agent_header=options.user_agent, close_timeout=1,
            ) as socket:  # fmt: skip
                raw.settimeout(None)
                self._hear(socket, url, asked)
        except InvalidHandshake as error:
            raise Unanswered("refused", str(error)[:200]) from None
        except WebSocketException as error:
            raise Unanswered("cut_short", f"{type(error).__name__}: {error}"[:200]) from None
        except OSError as error:
            raise refusal(error) from None
        finally:
            raw.close()
            self._flush(url)

    def _hear(self, socket: Any, url: str, asked: str | None) -> None:
        heard = time.monotonic()
        while not self._over():
            try:
                message = socket.recv(timeout=_GLANCE_SECONDS)
            except TimeoutError:
                if time.monotonic() - heard > SILENT_SECONDS:
                    raise Unanswered("timeout", f"nothing for {SILENT_SECONDS:.0f} s") from None
                message = None
            if message is not None:
                heard, self._in_a_row = time.monotonic(), 0
                text = message.encode() if isinstance(message, str) else message
                place = self._source.position(text)
                if asked is not None and place is not None:
                    if missed := self._source.missed(asked, place):
                        self._missed.append(missed)
                    asked = None
                self._take(text.replace(b"\n", b" "), place)
            if self._due():
                self._flush(url)
                if time.monotonic() - self._run_began >= self._run_seconds:
                    self._end_run()
                    self._new_run()

    def _take(self, message: bytes, place: str | None) -> None:
        names = self._source.keep(message, self._job.queries)
        self._passed += not names
        self._kept += bool(names)
        for name in names:
            piece = self._pieces.setdefault(name, _Piece())
            piece.lines.append(message)
            piece.size += len(message) + 1
        self._position = place or self._position

    def _due(self) -> bool:
        return time.monotonic() - self._piece_began >= self._piece_seconds or any(
            piece.size >= PIECE_BYTES for piece in self._pieces.values()
        )

    def _flush(self, url: str) -> None:
        """Spool what was gathered, then note where to go on.

        Raises:
            SpoolError: it stays gathered, and the place is not noted.
        """
        pieces, passed = self._pieces, self._passed
        self._piece_began = time.monotonic()
        at = self._now()
        captures = [
            self._capture(name, piece, at, url.partition("?")[0], passed)
            for name, piece in pieces.items()
        ]
        if captures:
            try:
                self._spool.append(captures)
            except OSError as error:  # of the disk: it must not pass for one of the connection
                raise SpoolError(f"the spool cannot be written: {error}") from error
            self._pieces, self._passed = {}, 0
        for name, piece in pieces.items():
            count = self._counts.setdefault(name, _Count())
            count.pages += 1
            count.kept += len(piece.lines)
            self._progress(name)
        if self._position is not None:
            for name in self._names:
                self._places.stop_at(self._job.name, name, self._position)

    def _capture(self, name: str, piece: _Piece, at: datetime, url: str, passed: int) -> Capture:
        note = {"messages": str(len(piece.lines)), "passed_by": str(passed)}
        if self._missed:
            note["missed"] = "; ".join(self._missed)
        page = Capture(
            id="", at=at, source=self._job.name, url=url, body=b"\n".join(piece.lines) + b"\n",
            run=self._run, watch=self._job.watch, query=name, note=note,
        )  # fmt: skip
        kept: Capture = self._source.scrub(page)
        identity = capture_id(source=kept.source, url=kept.url, body=kept.body, at=kept.at)
        return msgspec.structs.replace(kept, id=identity)

    def _fail(self, error: Unanswered) -> None:
        self._failed += 1
        self._in_a_row += 1
        url = self._source.stream(None)
        self._spool.append([
            Failure(
                at=self._now(), source=self._job.name, url=url.partition("?")[0], run=self._run,
                why=error.why, watch=self._job.watch, query=self._first, detail=error.detail[:300],
            )
        ])  # fmt: skip
        self._progress(self._first)

    @property
    def _first(self) -> str:
        """The query that stands for the stream: failures are told once, not once a query."""
        return next(iter(self._counts), "")

    def _wait(self) -> None:
        """Wait before the next connection, longer each time, unless it is over before."""
        seconds = self._options.backoff_seconds * 2 ** min(self._in_a_row - 1, 10)
        end = time.monotonic() + min(seconds, LONGEST_WAIT_SECONDS)
        while time.monotonic() < end and not self._over():
            self._until.stop.wait(min(_GLANCE_SECONDS, max(0.0, end - time.monotonic())))

    def _end_run(self) -> list[Report]:
        """Spool the ends of the run; absence in a stream means nothing, so none is complete."""
        at = self._now()
        reason = "; ".join([*self._missed, self._broke[:300]] if self._broke else self._missed)
        if self._in_a_row:
            reason = reason or "the stream cannot be reached"
        scan = Scan.CUT if reason else Scan.NEWEST
        state = State.TRUNCATED if self._missed or self._broke else State.OK
        state = State.UNREACHABLE if self._in_a_row else state
        ends, reports = [], []
        for name, count in self._counts.items():
            failures = self._failed if name == self._first else 0
            ends.append(RunEnd(
                at=at, source=self._job.name, run=self._run, scan=scan, watch=self._job.watch,
                query=name, started_at=self._started, pages=count.pages, failures=failures,
                reason=reason, resume=self._position, misses=self._job.misses,
            ))  # fmt: skip
            empty = state is State.OK and not count.kept
            reports.append(Report(
                source=self._job.name, watch=self._job.watch, query=name, run=self._run,
                pages=count.pages, failures=failures, listed=count.kept, announced=None, scan=scan,
                state=State.EMPTY if empty else state, reason=reason,
            ))  # fmt: skip
        self._spool.append(ends)
        for name in self._counts:
            self._progress(name, done=True)
        return reports

    def _progress(self, name: str, *, done: bool = False) -> None:
        if self._tell is not None:
            count = self._counts.get(name, _Count())
            self._tell(Progress(
                source=self._job.name, watch=self._job.watch, query=name, pages=count.pages,
                failures=self._failed, listed=count.kept, announced=None, done=done,
            ))  # fmt: skip

    def _outward(self, url: str) -> str:
        """Return the address to connect to: a stand-in's, when there is one."""
        scheme, _, rest = url.partition("://")
        host, slash, path = rest.partition("/")
        target = self._options.rewrite.get(f"{scheme}://{host}")
        return url if target is None else f"{target}{slash}{path}"

"""Streams: a connection that is kept open, whose messages become captures of five seconds.

Everything that passes by is too much to keep. What a message is for is the source's decision
(`streaming.Streaming.keep`); the rest is counted in the capture's note and gone. Each piece is in
the spool before the place to go on from is noted, so a kill repeats seconds and loses none.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import msgspec

from vigie.collect.dial import dial, place_of, refusal
from vigie.collect.heard import Heard
from vigie.collect.job import Job, Options, Progress, Report, utc_now
from vigie.collect.places import place_name
from vigie.collect.streaming import Places, Until
from vigie.collect.unanswered import Unanswered
from vigie.contracts import Spool
from vigie.errors import ConfigError, Missing, SpoolError, VigieError
from vigie.model.capture import Capture, capture_id

PIECE_SECONDS: Final = 5.0
PIECE_BYTES: Final = 1024 * 1024
MESSAGE_BYTES: Final = 1024 * 1024
"""A larger message ends the connection."""
SILENT_SECONDS: Final = 60.0
"""A stream that says nothing for so long is asked anew."""
LONGEST_WAIT_SECONDS: Final = 60.0
_GLANCE_SECONDS: Final = 0.2


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
        self._names = [place_name(job.watch, query, job.source) for query in job.queries]
        """Of the queries' places."""
        self._position = self._resumed()
        self._began = time.monotonic()
        self._kept = 0
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
        self._heard = Heard(job=self._job, started_at=self._now())
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
                        self._heard.missed.append(missed)
                    asked = None
                self._take(text.replace(b"\n", b" "), place)
            if self._due():
                self._flush(url)
                if time.monotonic() - self._heard.began >= self._run_seconds:
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
            self._heard.brought(name, len(piece.lines))
            self._progress(name)
        if self._position is not None:
            for name in self._names:
                self._places.stop_at(self._job.name, name, self._position)

    def _capture(self, name: str, piece: _Piece, at: datetime, url: str, passed: int) -> Capture:
        note = {"messages": str(len(piece.lines)), "passed_by": str(passed)}
        if self._heard.missed:
            note["missed"] = "; ".join(self._heard.missed)
        page = Capture(
            id="", at=at, source=self._job.name, url=url, body=b"\n".join(piece.lines) + b"\n",
            run=self._heard.run, watch=self._job.watch, query=name, note=note,
        )  # fmt: skip
        kept: Capture = self._source.scrub(page)
        identity = capture_id(source=kept.source, url=kept.url, body=kept.body, at=kept.at)
        return msgspec.structs.replace(kept, id=identity)

    def _fail(self, error: Unanswered) -> None:
        self._in_a_row += 1
        self._spool.append([self._heard.failure(error, self._source.stream(None), self._now())])
        self._progress(self._heard.first)

    def _wait(self) -> None:
        """Wait before the next connection, longer each time, unless it is over before."""
        seconds = self._options.backoff_seconds * 2 ** min(self._in_a_row - 1, 10)
        end = time.monotonic() + min(seconds, LONGEST_WAIT_SECONDS)
        while time.monotonic() < end and not self._over():
            self._until.stop.wait(min(_GLANCE_SECONDS, max(0.0, end - time.monotonic())))

    def _end_run(self) -> list[Report]:
        """Spool the ends of the run."""
        ends, reports = self._heard.ends(
            self._now(), position=self._position, broke=self._broke, silent=self._in_a_row > 0
        )
        self._spool.append(ends)
        for name in self._heard.counts:
            self._progress(name, done=True)
        return reports

    def _progress(self, name: str, *, done: bool = False) -> None:
        if self._tell is not None:
            self._tell(self._heard.progress(name, done=done))

    def _outward(self, url: str) -> str:
        """Return the address to connect to: a stand-in's, when there is one."""
        scheme, _, rest = url.partition("://")
        host, slash, path = rest.partition("/")
        target = self._options.rewrite.get(f"{scheme}://{host}")
        return url if target is None else f"{target}{slash}{path}"

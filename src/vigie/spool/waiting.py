"""A room in which entries wait on this machine's disk while the brokers are away.

What cannot be delivered is kept as WARC segments and delivered later, before anything newer, so
that one query's entries stay in order. A writer that gave up cannot know whether the brokers have
kept its last messages, so before waiting entries are delivered the log is searched for them, from
the time of the oldest: none is lost and none is doubled.

What the brokers refuse does not hold up the rest: its segment is set aside, below `refused`, and
tried again by each process's first `recover`, then every ten minutes.
"""

import contextlib
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final

import structlog

from vigie.errors import SpoolError
from vigie.model.capture import Capture, Entry
from vigie.model.position import Span
from vigie.spool.disk import lock, make_folder, sync_folder
from vigie.spool.files import FileSpool
from vigie.spool.kafka import BrokersAway, KafkaSpool
from vigie.spool.kafka_record import mark_of
from vigie.spool.record import Erased
from vigie.spool.rewriting import alone
from vigie.spool.segment import OPEN_SUFFIX, SEALED_SUFFIX, members

FIRST_PAUSE_SECONDS: Final = 5.0
LONGEST_PAUSE_SECONDS: Final = 60.0
REFUSED_PAUSE_SECONDS: Final = 600.0
REFUSED: Final = "refused"
_AT_ONCE: Final = 32
"""Entries delivered together: at most 320 MB of bodies, as a rule a hundredth of it."""

log = structlog.get_logger(__name__)


class WaitingSpool:
    """A `vigie.contracts.Spool` on Kafka whose writers do not depend on the brokers."""

    def __init__(
        self, spool: KafkaSpool, folder: Path, *, pause_seconds: float = FIRST_PAUSE_SECONDS,
        longest_seconds: float = LONGEST_PAUSE_SECONDS,
        refused_seconds: float = REFUSED_PAUSE_SECONDS,
    ) -> None:  # fmt: skip
        """Know the spool and its waiting room.

        Args:
            pause_seconds: Between two tries to deliver; it doubles up to *longest_seconds*.
            refused_seconds: Between two tries to deliver what was refused.
        """
        self.spool, self.room = spool, FileSpool(folder)
        self.refused = FileSpool(folder / REFUSED)
        self._first_pause = self._pause = pause_seconds
        self._longest = longest_seconds
        self._refused_pause = refused_seconds
        self._next_try = self._next_refused = 0.0
        self._lock = threading.Lock()

    def append(self, entries: Iterable[Entry]) -> None:
        """Durable on return: with the brokers, or in the waiting room.

        Raises:
            SpoolError: the brokers refuse it, or the room's disk is full.
        """
        with self._lock:
            new = list(entries)
            if self.waiting() and not self._deliver():
                self.room.append(new)
                return
            try:
                self.spool.append(new)
            except BrokersAway as away:
                self.room.append(new)
                self._away(away)

    def close(self) -> None:
        """Try once more to deliver what waits, then let go of files and connections."""
        with self._lock:
            self._next_try = 0.0
            if self.waiting() and not self._deliver():
                log.warning("captures wait for Kafka", folder=str(self.room.folder))
            self.room.close()
            self.spool.close()

    def recover(self) -> int:
        """Deliver what waits, of writers that died too, and what was refused; return how many
        segments are still here.

        May be called as often as one likes: brokers that are away, or refuse, have their pauses.
        """
        with self._lock:
            again = time.monotonic() >= self._next_refused
            if self.waiting() or (again and self.refused.segments()):
                self._deliver(again=again)
            with contextlib.suppress(BrokersAway):  # settings are given back later
                self.spool.recover()
            return len(self.room.segments()) + len(self.refused.segments())

    def waiting(self) -> bool:
        """Return whether anything waits for the brokers to be back."""
        return bool(self.room.segments())

    def read(self, consumer: str, after: Mapping[str, int]) -> Iterator[tuple[Span, list[Entry]]]:
        return self.spool.read(consumer, after)

    def fetch(self, capture_id: str) -> Capture | None:
        rooms = (self.spool, self.room, self.refused)
        return next((found for one in rooms if (found := one.fetch(capture_id))), None)

    def select(self, source: str | None, since: datetime, until: datetime) -> Iterator[Capture]:
        return self.spool.select(source, since, until)

    def erase(self, capture_ids: Iterable[str]) -> int:
        wanted = list(capture_ids)
        with self._lock:
            waited = self.room.erase(wanted) if self.waiting() else 0
            waited += self.refused.erase(wanted) if self.refused.segments() else 0
        return waited + self.spool.erase(wanted)

    def _deliver(self, *, again: bool = False) -> bool:
        """Deliver what waits, oldest first; *again*: also what was refused before it. Return
        whether nothing is left that waits."""
        if time.monotonic() < self._next_try:
            return False
        with self._alone() as alone:
            if not alone:
                return False
            self.room.close()
            self.room.recover()
            count = 0
            try:
                if again and self.refused.segments():
                    count += self._deliver_from(self.refused)
                count += self._deliver_from(self.room)
                if again:  # what was refused just now waits, too
                    self._next_refused = time.monotonic() + self._refused_pause
            except BrokersAway as away:
                self._away(away)
                return False
        self._pause = self._first_pause
        if count:
            log.info("waiting captures delivered", entries=count)
        return True

    def _deliver_from(self, room: FileSpool) -> int:
        """Deliver the segments of a room; return how many entries they were.

        Nothing is erased in the room meanwhile: it would be on its way already.
        """
        count = 0
        with alone(room.folder):
            for path in room.segments():
                if path.name.endswith(OPEN_SUFFIX):
                    continue  # another process writes it, and will deliver it
                try:
                    count += self._deliver_segment(path)
                except BrokersAway:
                    raise
                except SpoolError as error:
                    self._set_aside(path, error)
                    continue
                _index_of(path).unlink(missing_ok=True)
                path.unlink()
        return count

    def _deliver_segment(self, path: Path) -> int:
        kept, count = self.spool.kept(_waiting_in(path)), 0
        rest = _waiting_in(path)
        while part := list(islice(rest, _AT_ONCE)):
            missing = [entry for entry in part if mark_of(entry) not in kept]
            self.spool.append(missing)
            count += len(missing)
        return count

    def _set_aside(self, path: Path, error: SpoolError) -> None:
        """Let a segment that the brokers refuse wait where it holds nothing up."""
        target = self.refused.folder / path.parent.name / path.name
        if target != path:
            make_folder(target.parent)
            _index_of(path).unlink(missing_ok=True)
            path.rename(target)
            sync_folder(target.parent)
            sync_folder(path.parent)
        log.error(
            "captures refused by Kafka, kept on disk: mend what it says, then run `vigie process`",
            why=str(error), segment=str(target),
        )  # fmt: skip

    def _away(self, away: BrokersAway) -> None:
        self._next_try = time.monotonic() + self._pause
        log.warning("captures kept on disk", why=away.what, retry_seconds=self._pause)
        self._pause = min(self._pause * 2, self._longest)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[bool]:
        """Give whether nobody else delivers meanwhile."""
        make_folder(self.room.folder)
        with (self.room.folder / "lock").open("ab") as file:
            yield lock(file)


def _index_of(path: Path) -> Path:
    return path.with_name(path.name.removesuffix(SEALED_SUFFIX) + ".cdxj")


def _waiting_in(path: Path) -> Iterator[Entry]:
    for member in members(path):
        if member.entry is not None and not isinstance(member.entry, Erased):
            yield member.entry

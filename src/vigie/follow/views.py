"""Bring a view up to the store: read the feed, fetch the rows it points to, let the view commit.

The feed's entries are pointers, so a listing that changed ten times is read and written once. The
view keeps the position in the same commit as its content: whatever is interrupted is done again,
and doing it again changes nothing. What the view refuses stays in the feed and is given again.
"""

import threading
import time
from collections.abc import Sequence
from typing import Final

import polars as pl
import structlog

from vigie.contracts import Feed, Shelf, View
from vigie.errors import FeedGone, FromTheFuture, ViewBusy
from vigie.model.position import Change, What

BATCH: Final = 5_000
"""Entries read at once: about 20 MB of rows."""

FAILURES_BEFORE_REBUILD: Final = 3
"""A batch refused so often does not fail by chance: the view is made anew from a snapshot."""

LONGEST_PAUSE_SECONDS: Final = 30.0
"""Between two tries of a view that keeps failing."""

BUSY_SECONDS: Final = 0.1
"""Between two tries while another process is writing the view."""

PATIENCE_SECONDS: Final = 20.0
"""How long to wait for another process that writes the view to come as far as the feed is now."""

log = structlog.get_logger(__name__)


class Follower:
    """Keeps one view at the feed's end. One follower per view, in one thread."""

    def __init__(self, feed: Feed, shelf: Shelf, view: View) -> None:
        self._feed, self._shelf, self._view = feed, shelf, view

    def catch_up(self, limit: int = BATCH) -> int:
        """Apply all that the feed holds now, *limit* entries a commit.

        A view that is stale, that fell behind what the feed keeps, or that is ahead of the feed
        (the store came back from a backup) is rebuilt. So is one from which a listing was erased:
        an index keeps the words of removed documents until its files are written again. A view that
        `forgets` does that by itself.

        Returns:
            How many entries of the feed were applied; 0 after a rebuild from a snapshot, which
            stands for entries that are no longer counted.

        Raises:
            ViewError: the view could not be written; nothing is lost, call again.
            StoreError: the store could not be read.
        """
        reached = self._view.cursor()  # first: the feed only grows
        goal = self._feed.last()
        if getattr(self._view, "stale", False) or reached > goal:
            self.rebuild()
        applied = 0
        while (cursor := self._view.cursor()) < goal:
            try:
                changes = self._feed.read(cursor, limit)
            except FeedGone as gone:
                log.info("view behind the feed", cursor=cursor, first=gone.first)
                self.rebuild()
                return applied
            if not changes:
                break
            applied += len(changes)
            erased = any(change.what is What.ERASED for change in changes)
            if erased and not getattr(self._view, "forgets", False):
                # Gone at once; the position moves only when no byte is left.
                self._view.apply(changes, self._rows(changes), cursor)
                self.rebuild()
            else:
                self._view.apply(changes, self._rows(changes), changes[-1].seq)
        return applied

    def settle(self, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """See to it that the view holds what the feed holds now: by us, or by the process that is
        writing it.

        Raises:
            ViewError: the view could not be written; nothing is lost, call again.
        """
        goal, until = self._feed.last(), time.monotonic() + patience_seconds
        while True:
            try:
                self.catch_up()
                return
            except ViewBusy:
                if self._reached() >= goal:
                    return
                if time.monotonic() > until:
                    log.warning("view left to another process", goal=goal)
                    return
            time.sleep(BUSY_SECONDS)

    def _reached(self) -> int:
        """Return the view's position, 0 when who writes it lets nobody look."""
        try:
            return self._view.cursor()
        except ViewBusy:
            return 0

    def rebuild(self) -> None:
        """Make the view anew from a snapshot; the present one answers until the new one can.

        Raises:
            ViewError: the new one could not be written; the present one stays.
        """
        seq, rows = self._feed.snapshot()
        self._view.rebuild(seq, rows)
        log.info("view rebuilt", view=type(self._view).__name__, seq=seq)

    def run(self, stop: threading.Event, pause_seconds: float = 0.03) -> None:
        """Follow until *stop* is set; an error is logged and the same changes are tried again.

        Raises:
            FromTheFuture: a newer Vigie writes this view; trying again cannot help.
        """
        failures = 0
        while not stop.is_set():
            try:
                if failures and failures % FAILURES_BEFORE_REBUILD == 0:
                    self.rebuild()
                self.catch_up()
            except FromTheFuture:
                raise
            except ViewBusy:  # it writes what it has stored itself
                pause = BUSY_SECONDS
            except Exception:  # whatever the view does, the feed is followed on: logged, retried
                failures += 1
                pause = min(pause_seconds * 2 ** min(failures, 16), LONGEST_PAUSE_SECONDS)
                log.exception("view not brought up to date", failures=failures, retry_seconds=pause)
            else:
                failures, pause = 0, pause_seconds
            stop.wait(pause)

    def _rows(self, changes: Sequence[Change]) -> dict[str, pl.DataFrame]:
        """Return the present rows of the listings that *changes* name, by kind."""
        wanted: dict[str, dict[str, None]] = {}
        for change in changes:
            wanted.setdefault(change.kind, {})[change.id] = None
        columns = getattr(self._view, "columns", lambda _kind: None)
        return {
            kind: self._shelf.get(kind, list(ids), columns(kind)) for kind, ids in wanted.items()
        }

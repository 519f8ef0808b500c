"""A view that one process at a time writes: whoever holds its lease in the store."""

import contextlib
import os
import secrets
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from vigie.contracts import Agenda, View
from vigie.errors import ViewBusy, VigieError
from vigie.wiring.clock import now

if TYPE_CHECKING:
    import polars as pl

    from vigie.model.position import Change

SECONDS: Final = 30.0
"""After which another process may write in the place of one that was killed."""


class LeasedView:
    """A `vigie.contracts.View`. The lease is taken before the position is read, so that rows are
    not read by one and written after another; it is renewed for as long as it is held, however long
    one write takes."""

    def __init__(self, view: View, agenda: Agenda, name: str) -> None:
        """Know the view; the lease is taken when it is first asked for."""
        self._view, self._agenda, self._name = view, agenda, name
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._let_go: threading.Event | None = None
        self._lock = threading.Lock()  # no renewal after the release
        self.forgets = bool(getattr(view, "forgets", False))

    @property
    def stale(self) -> bool:
        return bool(getattr(self._view, "stale", False))

    def cursor(self) -> int:
        self._hold()
        return self._view.cursor()

    def apply(
        self, changes: "Sequence[Change]", rows: "Mapping[str, pl.DataFrame]", seq: int
    ) -> None:
        self._hold()
        self._view.apply(changes, rows, seq)

    def rebuild(self, seq: int, rows: "Iterator[tuple[str, pl.DataFrame]]") -> None:
        self._hold()
        self._view.rebuild(seq, rows)

    def release(self) -> None:
        """Let others write."""
        if self._let_go is None:
            return
        with self._lock:
            self._stop_renewing()
            with contextlib.suppress(VigieError):  # it ends by itself
                self._agenda.release(self._name, self._owner)

    def _hold(self) -> None:
        if not self._agenda.lease(self._name, self._owner, now(), SECONDS):
            self._stop_renewing()
            self._lost()
            raise ViewBusy("another process is writing it; try again when it is done")
        if self._let_go is None:
            self._let_go = threading.Event()
            threading.Thread(target=self._renew, args=(self._let_go,), daemon=True).start()

    def _lost(self) -> None:
        """Another process has the lease now."""

    def _stop_renewing(self) -> None:
        if self._let_go is not None:
            self._let_go.set()
            self._let_go = None

    def _renew(self, let_go: threading.Event) -> None:
        while not let_go.wait(SECONDS / 3):
            with self._lock, contextlib.suppress(VigieError):  # the store is away: tried again
                if let_go.is_set():
                    return
                if not self._agenda.lease(self._name, self._owner, now(), SECONDS):
                    let_go.set()
                    if self._let_go is let_go:  # who holds again starts a thread of its own
                        self._let_go = None
                    return

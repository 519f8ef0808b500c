"""A view that one process at a time writes: whoever holds its lease in the store."""

import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from vigie.contracts import Agenda, View
from vigie.errors import ViewBusy
from vigie.wiring.clock import now

if TYPE_CHECKING:
    import polars as pl

    from vigie.model.position import Change

SECONDS: Final = 600.0
"""After which another process may write in the place of one that said nothing."""


class LeasedView:
    """A `vigie.contracts.View`. The lease is taken before the position is read, so that rows are
    not read by one and written after another."""

    def __init__(self, view: View, agenda: Agenda, name: str) -> None:
        """Know the view; the lease is taken when it is first asked for."""
        self._view, self._agenda, self._name = view, agenda, name
        self._owner = f"{socket.gethostname()}:{os.getpid()}"
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
        self._agenda.release(self._name, self._owner)

    def _hold(self) -> None:
        if not self._agenda.lease(self._name, self._owner, now(), SECONDS):
            raise ViewBusy("another process is writing it; try again when it is done")

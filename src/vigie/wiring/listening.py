"""Listening to streams beside a visit: each on a thread and a segment of the spool of its own."""

import threading
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Final

from vigie.errors import SpoolError, StoreError, VigieError
from vigie.wiring.clock import now

if TYPE_CHECKING:
    from vigie.collect.job import Job, Report
    from vigie.wiring.instance import Instance
    from vigie.wiring.stage import StandIn

_GLANCE_SECONDS: Final = 1.0


class Listening:
    """Listens to the streams of some jobs, each for its seconds. A context manager: leaving it in
    an error ends the listening at once."""

    def __init__(
        self, here: "Instance", jobs: "Sequence[Job]", seconds: Mapping[str, float],
        stand_in: "StandIn | None",
    ) -> None:  # fmt: skip
        self._here, self._stand_in = here, stand_in
        self._stop = threading.Event()
        self._reports: list[Report] = []
        self._errors: list[tuple[str, Exception]] = []
        """Name of a job, and what ended its stream before its time."""
        self._threads = [
            threading.Thread(target=self._listen, args=(job, seconds[job.name]), name=job.name)
            for job in jobs
        ]

    def __enter__(self) -> "Listening":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        if error is not None:
            self._stop.set()
        for thread in self._threads:
            thread.join()

    def wait(self, meanwhile: Callable[[], None]) -> "tuple[list[Report], dict[str, str]]":
        """Wait until the time of every stream is over; call *meanwhile* each second of it.

        Returns:
            The reports of what was heard, and source → why its stream was not heard, or not to
            its end. One stream's fault takes nothing from the others.

        Raises:
            SpoolError, StoreError: nobody could keep what is heard.
        """
        for thread in self._threads:
            while thread.is_alive():
                thread.join(_GLANCE_SECONDS)
                meanwhile()
        for _, error in self._errors:
            if isinstance(error, SpoolError | StoreError):
                raise error
        return self._reports, {name: _said(error) for name, error in self._errors}

    def _listen(self, job: "Job", seconds: float) -> None:
        from vigie.collect.stream import listen
        from vigie.collect.streaming import Until
        from vigie.wiring.spooling import open_spool

        try:
            spool = open_spool(self._here.settings)
            try:
                self._reports += listen(
                    job, spool, self._here.agenda, self._here._options(self._stand_in),
                    until=Until(stop=self._stop, seconds=seconds),
                    now=now if self._stand_in is None else self._stand_in.clock,
                )  # fmt: skip
            finally:
                spool.close()
        except OSError as error:  # of the disk: those of the connection are in the spool
            told = SpoolError(f"the spool cannot be written: {error}")
            self._errors.append((job.name, told))
        except Exception as error:  # told where it is waited for
            self._errors.append((job.name, error))


def _said(error: Exception) -> str:
    if isinstance(error, VigieError):
        return str(error)
    return f"its stream failed: {type(error).__name__}: {error}"[:300]

"""Listening to streams beside a visit: each on a thread and a segment of the spool of its own."""

import threading
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from vigie.wiring.clock import now

if TYPE_CHECKING:
    from vigie.collect.job import Job, Report
    from vigie.wiring.instance import Instance
    from vigie.wiring.stage import StandIn


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
        self._errors: list[Exception] = []
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

    def reports(self) -> "list[Report]":
        """Wait until the time is over; return what was heard.

        Raises:
            VigieError: the stream cannot be listened to, or the spool not be written.
        """
        for thread in self._threads:
            thread.join()
        for error in self._errors:
            raise error
        return self._reports

    def _listen(self, job: "Job", seconds: float) -> None:
        from vigie.collect.stream import Until, listen
        from vigie.spool.files import FileSpool

        try:
            spool = FileSpool(self._here.settings.spool_folder)
            try:
                self._reports += listen(
                    job, spool, self._here.agenda, self._here._options(self._stand_in),
                    until=Until(stop=self._stop, seconds=seconds),
                    now=now if self._stand_in is None else self._stand_in.clock,
                )  # fmt: skip
            finally:
                spool.close()
        except Exception as error:  # told where it is waited for
            self._errors.append(error)

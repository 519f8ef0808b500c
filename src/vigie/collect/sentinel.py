"""Whether a site heeds what it is asked: a question that must find nothing, before the real ones.

A site that ignores a filter answers every question with everything: its listings would be filed
under words they have nothing to do with, and close those that have. So the source's sentinel is
asked first, once a day: a page of it that lists something refuses the source's whole run.
"""

from datetime import datetime
from typing import Final

import msgspec

from vigie.collect.job import Job
from vigie.collect.study import Study
from vigie.contracts import Agenda
from vigie.model.capture import Request

VALID_SECONDS: Final = 24 * 3600.0
NOTE: Final = {"check": "sentinel"}
"""Travels with a sentinel's pages: nothing of them is published."""


class Sentinel:
    """The check of one run."""

    def __init__(self, job: Job, agenda: Agenda, run: str) -> None:
        self._job, self._agenda, self._run = job, agenda, run
        self._name = f"sentinel of {job.name}"

    def due(self, now: datetime) -> list[Request]:
        """Return what is to be asked first; nothing when nobody could ignore anything, or when a
        run has asked it within the last 24 hours."""
        query = self._job.sentinel
        if query is None:
            return []
        # Held for no time: it says only whether the check of another run still stands.
        if not self._agenda.lease(self._name, self._run, now, 0):
            return []
        return [_marked(request) for request in self._job.source.first(query)]

    def passed(self, now: datetime) -> None:
        """The site heeds what it is asked: that stands for 24 hours."""
        self._agenda.lease(self._name, self._run, now, VALID_SECONDS)


def ignored(found: Study) -> int:
    """Return how many listings, readable or not, a page shows that should show none."""
    return len(found.ids) + found.unreadable


def _marked(request: Request) -> Request:
    return msgspec.structs.replace(request, note={**request.note, **NOTE})

"""A small invented world of job offers, classified ads and posts, the same for the same seed.

What it holds at visit n differs from visit n - 1: some listings are gone, some are new, some are
cheaper or pay more. Cities are real; companies, people and texts are our own inventions.

Visit n takes place n days after the world's `now`.
"""

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import Final

from vigie.demo.ads import Ad, ad_of, priced
from vigie.demo.jobs import Job, job_of, paid
from vigie.demo.posts import DemoPost, post_of, repost_of

JOBS: Final = 2900
ADS: Final = 2000
POSTS: Final = 900
REPOSTED: Final = 30
"""One offer in so many is published twice, under another number."""
BETWEEN_VISITS: Final = timedelta(days=1)

_GONE_SHARE: Final = 0.04
_NEW_SHARE: Final = 0.04
_CHEAPER_SHARE: Final = 0.07
_REPEATED: Final = 6
"""One post in so many repeats another; it goes when that one is deleted."""


@dataclass(frozen=True)
class World:
    """The world at one visit."""

    seed: int
    now: datetime
    """UTC; the time of visit 0."""
    visit: int = 0
    job_count: int = JOBS
    ad_count: int = ADS
    post_count: int = POSTS

    @property
    def today(self) -> datetime:
        """The time of this visit."""
        return self.now + self.visit * BETWEEN_VISITS

    def next(self) -> "World":
        """Return the world one visit later."""
        return replace(self, visit=self.visit + 1)

    @cached_property
    def jobs(self) -> tuple[Job, ...]:
        """Every open offer, newest first; a repost is an offer of its own."""
        found = []
        for number, born in self._present("job", self.job_count):
            job = job_of(self.seed, number, self._time(born), born)
            raised = self._changes("job", number, born, 0.02)
            found.append(paid(job, len(raised), self.today))
            if number % REPOSTED == 0:
                found.append(job.reposted(self.today))
        return tuple(sorted(found, key=lambda job: (job.created, job.number), reverse=True))

    @cached_property
    def ads(self) -> tuple[Ad, ...]:
        """Every open ad, newest first."""
        found = []
        for number, born in self._present("ad", self.ad_count):
            ad = ad_of(self.seed, number, self._time(born), born)
            cuts = self._changes("ad", number, born, _CHEAPER_SHARE)
            found.append(priced(ad, cuts))
        return tuple(sorted(found, key=lambda ad: (ad.listed, ad.number), reverse=True))

    @cached_property
    def posts(self) -> tuple[DemoPost, ...]:
        """Every post that is not deleted, newest first."""
        present = dict(self._present("post", self.post_count))
        found = []
        for number, born in present.items():
            if number % _REPEATED or not number:
                found.append(post_of(self.seed, number, self._time(born), born))
            elif number - 1 in present:
                before = present[number - 1]
                original = post_of(self.seed, number - 1, self._time(before), before)
                found.append(repost_of(self.seed, number, original, self._time(born)))
        return tuple(sorted(found, key=lambda post: (post.written, post.number), reverse=True))

    def _time(self, visit: int) -> datetime:
        return self.now + visit * BETWEEN_VISITS

    def _present(self, kind: str, count: int) -> list[tuple[int, int]]:
        """Return number and visit of birth of what is there at this visit."""
        each = max(1, round(count * _NEW_SHARE))
        found = [(number, 0) for number in range(count)]
        for visit in range(1, self.visit + 1):
            start = count + (visit - 1) * each
            found += [(number, visit) for number in range(start, start + each)]
        return [
            (number, born)
            for number, born in found
            if not any(
                self._chance(kind, "gone", number, visit) < _GONE_SHARE
                for visit in range(born + 1, self.visit + 1)
            )
        ]

    def _changes(self, kind: str, number: int, born: int, share: float) -> tuple[float, ...]:
        """Return, for each visit that changed the listing, a number in [0, 1) that says how."""
        chances = (
            self._chance(kind, "change", number, visit) for visit in range(born + 1, self.visit + 1)
        )
        return tuple(chance / share for chance in chances if chance < share)

    def _chance(self, kind: str, what: str, number: int, visit: int) -> float:
        return _drawn(self.seed, kind, what, number, visit)


@lru_cache(maxsize=200_000)  # the same for every visit after it
def _drawn(seed: int, kind: str, what: str, number: int, visit: int) -> float:
    return random.Random(f"{seed} {kind} {what} {number} {visit}").random()

"""What a stand-in site shows at one moment."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from vigie.demo.ads import Ad
from vigie.demo.jobs import Job
from vigie.demo.posts import DemoPost
from vigie.demo.world import World


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class Contents:
    """Offers, ads and posts, newest first, and the time at which they are shown.

    Compared by identity, so that what a site renders of it can be kept.
    """

    jobs: tuple[Job, ...]
    ads: tuple[Ad, ...]
    today: datetime
    posts: tuple[DemoPost, ...] = ()

    @classmethod
    def of(cls, world: World) -> "Contents":
        """Return all that *world* holds."""
        return cls(world.jobs, world.ads, world.today, world.posts)

    def short(self, share: float = 0.1) -> "Contents":
        """Return the newest *share* of it: a list that was cut."""
        return Contents(
            self.jobs[: round(len(self.jobs) * share)],
            self.ads[: round(len(self.ads) * share)],
            self.today,
            self.posts[: round(len(self.posts) * share)],
        )

    def late(self, days: int = 3) -> "Contents":
        """Return only what is older than *days*: a site that nobody feeds any more."""
        newest = self.today - timedelta(days=days)
        return Contents(
            tuple(job for job in self.jobs if job.created <= newest),
            tuple(ad for ad in self.ads if ad.listed <= newest),
            self.today,
            tuple(post for post in self.posts if post.written <= newest),
        )

    def empty(self) -> "Contents":
        """Return nothing, shown in the same way."""
        return Contents((), (), self.today)

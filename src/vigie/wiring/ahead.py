"""Work that runs beside the store while a large backlog is processed: refining and indexing."""

import contextlib
import multiprocessing
from typing import TYPE_CHECKING, Final

from vigie.errors import ViewBusy
from vigie.settings import Settings

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess
    from multiprocessing.synchronize import Event

    from vigie.engines.batch import Recipe

FOLLOW_FROM: Final = 8_000
"""Listings stored in one go after which the index is brought up to date beside it."""
FOLLOW_SECONDS: Final = 0.5
FOLLOW_BATCH: Final = 10_000
"""Changes a commit of the index while it follows a large backlog."""


def recipe_of(settings: Settings) -> "Recipe":
    """Return the recipe again, in a process that refines ahead."""
    from vigie.wiring.instance import Instance

    return Instance(settings).recipe


class FollowingAhead:
    """Brings the index up to date in another process, once so much was stored that it pays."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stored = 0
        self._child: BaseProcess | None = None
        self._stop: Event | None = None

    def __enter__(self) -> "FollowingAhead":
        return self

    def stored(self, count: int) -> None:
        self._stored += count
        if self._child is None and self._stored >= FOLLOW_FROM:
            from vigie.engines.ahead import collect_rarely

            collect_rarely()
            spawn = multiprocessing.get_context("spawn")
            self._stop = spawn.Event()
            self._child = spawn.Process(
                target=_follow, args=(self._settings, self._stop), name="follower", daemon=True
            )
            self._child.start()

    def __exit__(self, *_: object) -> None:
        if self._stop is not None and self._child is not None:
            self._stop.set()
            self._child.join()


def _follow(settings: Settings, stop: "Event") -> None:
    """Follow the feed until *stop* is set or the process that started this one is gone."""
    from vigie.engines.ahead import collect_rarely, end_with_parent
    from vigie.wiring.instance import Instance

    end_with_parent()
    with Instance(settings) as here:
        follower = here.follower
        collect_rarely()
        over = False
        while not over:
            over = stop.wait(FOLLOW_SECONDS)
            with contextlib.suppress(ViewBusy):  # another process follows the feed already
                follower.catch_up(limit=FOLLOW_BATCH)

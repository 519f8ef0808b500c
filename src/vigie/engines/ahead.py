"""Refining ahead of the store in another process, so that two cores work on one spool.

Order is kept: batches come back as they were read. The process is started only when there is
enough to do, since starting one costs about as much as refining two thousand listings.
"""

import gc
import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from multiprocessing.connection import wait
from typing import Final

from vigie.engines.batch import Recipe, refine
from vigie.model.capture import Capture, Entry
from vigie.model.frames import Refined
from vigie.model.position import Span

WORTH_BYTES: Final = 24_000_000
"""Bodies that must be waiting before another process is started."""

AHEAD: Final = 3
"""Batches refined beyond the one being stored; each holds at most a batch of bodies."""

MakeRecipe = Callable[[], Recipe]
"""Makes the recipe again in the other process: picklable, as a recipe is not."""

Batch = tuple[Span, list[Entry]]


def refined(
    batches: Iterable[Batch], recipe: Recipe, make_recipe: MakeRecipe | None
) -> Iterator[tuple[Span, Refined]]:
    """Yield every batch refined, in order.

    Args:
        make_recipe: None: everything is done in this process.
    """
    rest = iter(batches)
    waiting: list[Batch] = []
    size = 0
    if make_recipe is not None:
        for batch in rest:
            waiting.append(batch)
            size += _size(batch)
            if size >= WORTH_BYTES:
                yield from _elsewhere(waiting, rest, make_recipe)
                return
    for span, entries in waiting or rest:
        yield span, refine(entries, recipe)


def _elsewhere(
    waiting: list[Batch], rest: Iterator[Batch], make_recipe: MakeRecipe
) -> Iterator[tuple[Span, Refined]]:
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, spawn, _start, (make_recipe,)) as pool:
        running: deque[tuple[Span, Future[Refined]]] = deque()
        coming = _chained(waiting, rest)
        try:
            for span, entries in islice(coming, AHEAD):
                running.append((span, pool.submit(_refine, entries)))
            while running:
                span, future = running.popleft()
                made = future.result()
                for next_span, entries in islice(coming, 1):
                    running.append((next_span, pool.submit(_refine, entries)))
                yield span, made
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


_recipe: Recipe | None = None


def _start(make_recipe: MakeRecipe) -> None:
    end_with_parent()
    global _recipe  # noqa: PLW0603  # a worker process has one recipe, made once
    _recipe = make_recipe()
    collect_rarely()


def collect_rarely() -> None:
    """Let the garbage collector look seldom, and never at what is loaded by now.

    Batches are made of many thousands of values that reference counts alone let go of; looking
    through them again and again costs a twentieth to a fifth of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


def end_with_parent() -> None:
    """End this process when the one that started it is gone, even by a kill."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_outlive_not, args=(parent.sentinel,), daemon=True).start()


def _outlive_not(parent: int) -> None:
    wait([parent])
    os._exit(1)


def _refine(entries: list[Entry]) -> Refined:
    if _recipe is None:
        raise RuntimeError("a refining process was not started by its pool")
    return refine(entries, _recipe)


def _chained(waiting: list[Batch], rest: Iterator[Batch]) -> Iterator[Batch]:
    while waiting:  # each is let go of as soon as it is on its way
        yield waiting.pop(0)
    yield from rest


def _size(batch: Batch) -> int:
    return sum(len(entry.body) for entry in batch[1] if isinstance(entry, Capture))

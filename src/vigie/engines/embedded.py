"""The engine inside one process: drains the spool into the store, and replays it."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Final

import polars as pl

from vigie.contracts import Spool, Store
from vigie.engines.ahead import MakeRecipe, refined
from vigie.engines.batch import Recipe, refine
from vigie.model.capture import Capture
from vigie.model.fates import Fates
from vigie.model.position import Span

CONSUMER: Final = "store"
REPLAY_BATCH: Final = 64


def process(
    spool: Spool,
    store: Store,
    recipe: Recipe,
    *,
    consumer: str = CONSUMER,
    make_recipe: MakeRecipe | None = None,
    on_batch: Callable[[Span, Fates], None] | None = None,
) -> Fates:
    """Refine and store everything that the spool holds beyond the store's positions.

    Safe to kill at any instant and to start again: a batch and its position are one transaction.

    Args:
        make_recipe: Lets a large backlog be refined in another process (see `ahead`).
    """
    total = Fates()
    batches = spool.read(consumer, store.positions(consumer))
    for span, batch in refined(batches, recipe, make_recipe):
        fates = store.save(batch, span)
        total += fates
        if on_batch is not None:
            on_batch(span, fates)
    return total


def replay(captures: Iterable[Capture], store: Store, recipe: Recipe) -> int:
    """Read captures again with today's readers; return how many listings read differently."""
    return sum(
        store.save(refine(part, recipe), None, reread=True).changed for part in _parts(captures)
    )


def rehearse(captures: Iterable[Capture], store: Store, recipe: Recipe) -> Iterator[pl.DataFrame]:
    """Yield what `replay` would change (id, field, old, new), changing nothing."""
    for part in _parts(captures):
        told = store.compare(refine(part, recipe))
        if told.height:
            yield told


def _parts(captures: Iterable[Capture]) -> Iterator[list[Capture]]:
    """Yield the captures in lists of at most `REPLAY_BATCH`."""
    rest = iter(captures)
    while part := list(islice(rest, REPLAY_BATCH)):
        yield part

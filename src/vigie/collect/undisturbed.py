"""Work that is done to its end although whoever waits for it is cancelled."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

Done = TypeVar("Done")


async def undisturbed(work: Callable[[], Done]) -> Done:
    """Do *work* on another thread, to its end even when we are cancelled meanwhile.

    Half of a page's work would be a page that is spooled and not counted.
    """
    task = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise

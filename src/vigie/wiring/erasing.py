"""What the store has erased leaves the other places too: spool, exports, landing, lake.

The store notes what is still to be done before it commits an erasure, so a place that is away
loses its part later: each is tried by itself, and asked again after every batch until it holds
nothing.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog

from vigie.errors import ViewBusy, VigieError

if TYPE_CHECKING:
    from vigie.wiring.instance import Instance

log = structlog.get_logger(__name__)


def erase_removed(here: "Instance") -> list[VigieError]:
    """Let every place lose what the store has erased; return what stood in the way."""
    troubles: list[VigieError] = []

    def tried(lose: Callable[[], None]) -> bool:
        try:
            lose()
        except VigieError as error:
            log.warning("erasing not finished, asked again", why=str(error))
            troubles.append(error)
            return False
        return True

    if captures := here.store.to_erase():
        tried(lambda: _from_spool(here, captures))
    if ids := here.store.to_strike():
        lost = [
            tried(lambda: _from_exports(here, ids)),
            tried(lambda: _from_landing(here, ids)),
            tried(lambda: _from_lake(here)),
        ]
        if all(lost):
            here.store.stricken(ids)
    return troubles


def _from_spool(here: "Instance", captures: list[str]) -> None:
    here.spool.erase(captures)
    here.store.erased(one for one in captures if here.spool.fetch(one) is None)


def _from_exports(here: "Instance", ids: list[str]) -> None:
    from vigie.wiring.export_erasing import erase_exports

    erase_exports(here, ids)


def _from_landing(here: "Instance", ids: list[str]) -> None:
    if here.settings.landing.url:
        from vigie.wiring.landing import erase_landed

        erase_landed(here.settings, ids)


def _from_lake(here: "Instance") -> None:
    from vigie.wiring.lake import erase_from_lake

    if not erase_from_lake(here):
        raise ViewBusy("another process is writing the lake")

"""Nine days of visits in every weather: steady, rare, refused, empty, and a page that changed."""

import random
from datetime import datetime, timedelta
from typing import Any

from tests.web.cargo import NOW, ad, job, post
from tests.web.harbour import Harbour, batch, condemned, finish
from vigie.model.fields import Kind
from vigie.model.identity import digest
from vigie.model.kinds import AD, JOB, POST

BROKEN_AT = NOW - timedelta(hours=5)
"""When the souk's page lost its prices."""
BROKEN_ROWS = 30
UNREADABLE = 4


def run_id(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H-%M-%SZ}-bbbb"


def visit(
    harbour: Harbour, kind: Kind, source: str, rows: list[dict[str, Any]], at: datetime
) -> None:
    """One complete run of *source* that shows *rows*."""
    run = run_id(at)
    shown = [
        row | {"run": run, "at": at, "read_at": at, "item": place,
               "capture_id": digest(source, run)}
        for place, row in enumerate(rows)
    ]  # fmt: skip
    harbour.keep(batch(kind, shown, end=finish(source, run, at)))


def refuse(harbour: Harbour, source: str, at: datetime, state: str, why: str) -> None:
    harbour.keep(condemned(source, run_id(at), at, state, why))


def weather(harbour: Harbour, now: datetime = NOW) -> None:
    """Fill *harbour* up to *now*; `carrieres` and `urnes` stay unvisited."""
    dice = random.Random(11)
    begun = now - timedelta(days=9)

    prices = [100 * (n + 3) for n in range(BROKEN_ROWS)]
    wares = [ad("souk", n, dice, "", begun, price=price) for n, price in enumerate(prices)]
    for days in range(9, 0, -1):
        visit(harbour, AD, "souk", wares, now - timedelta(days=days, hours=5))
    bare = [
        ware | {"price": None, "price_raw": None, "price_currency": None}
        | ({"fate": "quarantined", "reason": "no_title", "detail": "the heading is empty"}
           if place < UNREADABLE else {})
        for place, ware in enumerate(wares)
    ]  # fmt: skip
    visit(harbour, AD, "souk", bare, now - timedelta(hours=5))

    steady = [job("quai_emploi", n, dice, "", begun) for n in range(8)]
    for hours in range(44, -1, -1):
        if not 20 <= hours < 27:  # a night without power
            visit(harbour, JOB, "quai_emploi", steady, now - timedelta(hours=hours, minutes=20))

    offers = [job("ouest_jobs", n, dice, "", begun) for n in range(5)]
    for hours in range(24 * 8, 48, -6):
        visit(harbour, JOB, "ouest_jobs", offers, now - timedelta(hours=hours))

    for hours in range(24 * 6, 30, -8):
        visit(harbour, AD, "annonces", [ad("annonces", n, dice, "", begun) for n in range(9)],
              now - timedelta(hours=hours))  # fmt: skip
    for hours in range(30, 0, -4):
        refuse(harbour, "annonces", now - timedelta(hours=hours), "blocked", "a challenge page")

    talk = [post(n, "", begun) for n in range(12)]
    said = talk[0] | {"fate": "quarantined", "reason": "bad_value", "detail": "Le débat de ce soir"}
    for hours in (40, 28, 16):
        visit(harbour, POST, "fil", [said, *talk[1:]], now - timedelta(hours=hours))
    refuse(harbour, "fil", now - timedelta(hours=4), "empty", "nothing new")
    harbour.follow()

"""Which offers of the invented world stand on which invented job board.

Three boards a system: two that hold offers, drawn by the offers' numbers so that an offer stays on
its board from visit to visit, and one that never holds any.
"""

import html
import uuid
from functools import lru_cache
from hashlib import blake2b
from typing import Final, NamedTuple

from vigie.demo.contents import Contents
from vigie.demo.jobs import Job


class Board(NamedTuple):
    """A job board of an invented employer."""

    slug: str
    name: str


BOARDS: Final = {
    "greenhouse": (
        Board("nordet-exemple", "Nordet Exemple"), Board("claireau-exemple", "Claireau Exemple"),
        Board("silence-exemple", "Silence Exemple"),
    ),
    "lever": (
        Board("ormeval-exemple", "Ormeval Exemple"), Board("tramontel-exemple", "Tramontel"),
        Board("silence-exemple", "Silence Exemple"),
    ),
    "ashby": (
        Board("brisolac-exemple", "Brisolac Exemple"),
        Board("fenouillac-exemple", "Fenouillac Exemple"),
        Board("silence-exemple", "Silence Exemple"),
    ),
    "smartrecruiters": (
        Board("GivrandExemple", "Givrand Exemple"), Board("PontelleExemple", "Pontelle Exemple"),
        Board("SilenceExemple", "Silence Exemple"),
    ),
    "workable": (
        Board("sauvemer-exemple", "Sauvemer Exemple"), Board("hautegrange-exemple", "Hautegrange"),
        Board("silence-exemple", "Silence Exemple"),
    ),
    "recruitee": (
        Board("lirange-exemple", "Lirange Exemple"), Board("mireplaine-exemple", "Mireplaine"),
        Board("silence-exemple", "Silence Exemple"),
    ),
    "teamtailor": (
        Board("valbrume-exemple", "Valbrume Exemple"), Board("roquefine-exemple", "Roquefine"),
        Board("silence-exemple", "Silence Exemple"),
    ),
    "personio": (
        Board("courvent-exemple", "Courvent Exemple"), Board("estrande-exemple", "Estrande"),
        Board("silence-exemple", "Silence Exemple"),
    ),
}  # fmt: skip
"""System → its boards; the last one of each is empty."""

_SLOTS: Final = 128
"""Offers are dealt to so many slots, of which each board that holds any has one: some 23 of the
world's 2,900 offers."""

_DEALT: Final = {
    (system, board.slug): slot
    for slot, (system, board) in enumerate(
        (system, board) for system, boards in BOARDS.items() for board in boards[:-1]
    )
}
_REPOSTS: Final = 500_000
"""Numbers from here on are offers that other boards repeat."""


def board_of(system: str, slug: str) -> Board | None:
    """Return the board of *system* called *slug*, in any case; None when there is none."""
    wanted = slug.casefold()
    return next((one for one in BOARDS[system] if one.slug.casefold() == wanted), None)


@lru_cache(maxsize=64)
def jobs_on(contents: Contents, system: str, board: Board) -> tuple[Job, ...]:
    """Return the offers on *board*, newest first."""
    slot = _DEALT.get((system, board.slug))
    return tuple(
        job for job in contents.jobs if job.number < _REPOSTS and job.number % _SLOTS == slot
    )


def uuid_of(job: Job, system: str) -> str:
    """Return the offer's id on systems that number by UUID."""
    return str(uuid.UUID(bytes=blake2b(f"{system} {job.number}".encode(), digest_size=16).digest()))


def number_of(job: Job) -> int:
    """Return the offer's id on systems that count."""
    return 4_200_000 + job.number


def html_of(text: str) -> str:
    """Return a description as the editors of such systems write it: paragraphs and lists."""
    made: list[str] = []
    for paragraph in text.split("\n\n"):
        lines = paragraph.split("\n")
        points = [html.escape(line[2:], quote=False) for line in lines if line.startswith("- ")]
        others = [html.escape(line, quote=False) for line in lines if not line.startswith("- ")]
        if others:
            made.append(f"<p>{'<br>'.join(others)}</p>")
        if points:
            made.append(f"<ul>{''.join(f'<li>{point}</li>' for point in points)}</ul>")
    return "".join(made)


def pay_of(job: Job) -> tuple[int, int] | None:
    """Return the bounds of the yearly pay in euros; None where the offer tells no pay."""
    return (job.yearly, job.yearly + 5000) if job.pay else None


def company_of(job: Job, board: Board) -> str:
    """Return who hires: the company that the offer names, or the board's own."""
    return job.company or board.name


def full_time(job: Job) -> bool:
    """Return whether the offer is for whole weeks."""
    return job.hours[0] not in "2T"


def remote_of(job: Job) -> str:
    """Return where the work is done: ``remote``, ``hybrid`` or ``on_site``."""
    return ("remote", "hybrid", "hybrid", "on_site", "on_site", "on_site")[job.number // 7 % 6]

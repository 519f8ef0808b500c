"""Folding the observations of one listing, in their order, into its row and its history.

The common case (one new observation, later than all others) is done on whole frames in
`merge.py` by the same rules. This module handles what comes late, twice or is read again: it
takes the history apart into the observations it was made of, and folds them anew. So the order
in which captures arrive does not matter: the same captures give the same row and history.

An observation's values need not be kept: they are the state after it, limited to the fields it
carried, and the state after it is the row with all later changes undone.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from vigie.model.fields import Kind
from vigie.model.kinds import PRECISIONS

POSTED: Final = ("posted_raw", "posted_at", "posted_precision")
"""These move together: "3 days ago" read twice gives two instants of one publication."""

UNDONE: Final = frozenset({"site", "fill", "drift"})
"""Causes of changes that an observation made, so that they can be undone."""


class Observation(msgspec.Struct, kw_only=True):
    """What one capture said of one listing."""

    at: datetime
    capture_id: str
    carried: int
    reading: str
    values: dict[str, Any]
    """Only the fields it carried."""

    @property
    def order(self) -> tuple[datetime, str]:
        return self.at, self.capture_id


class Step(msgspec.Struct, frozen=True):
    """One field changed at one observation."""

    at: datetime
    capture_id: str
    field: str
    old: Any
    new: Any
    cause: str
    """site, fill (a null that an earlier page had shown as null), drift (only our reading)."""


class Folded(msgspec.Struct, kw_only=True):
    """The state after all observations, and how it came about."""

    values: dict[str, Any]
    steps: list[Step]
    carried: int
    reading: str
    changed_at: datetime | None


def leads(kind: Kind) -> frozenset[str]:
    """Return the fields whose change means that the site changed the listing.

    They are what the site shows and is kept, and what is read only from text that is not kept.
    """
    return frozenset(
        field.name
        for field in kind.content
        if field.name not in POSTED
        and field.name != "lang"
        and (field.shown or not any(kind[name].stored for name in field.of))
    )


def fold(kind: Kind, observations: Sequence[Observation]) -> Folded:
    """Fold *observations*, which are in order, into one state."""
    lead = leads(kind)
    state: dict[str, Any] = dict.fromkeys(field.name for field in kind.values)
    steps: list[Step] = []
    union, reading = 0, "card"
    changed_at: datetime | None = None
    for number, seen in enumerate(observations):
        moved = _moved(kind, state, seen, union)
        for name, new in moved.items():
            old = state[name]
            state[name] = new
            if number == 0 or name in POSTED or kind[name].volatile:
                continue
            if old is None:
                if union & kind.masks[name]:
                    steps.append(Step(seen.at, seen.capture_id, name, old, new, "fill"))
                continue
            site = name in lead or any(raw in moved and raw in lead for raw in kind[name].of)
            cause = "site" if site else "drift"
            steps.append(Step(seen.at, seen.capture_id, name, old, new, cause))
            if name in lead:
                changed_at = seen.at
        union |= seen.carried
        if seen.reading == "full":
            reading = "full"
    return Folded(values=state, steps=steps, carried=union, reading=reading, changed_at=changed_at)


def unfold(
    kind: Kind,
    row: Mapping[str, Any],
    sightings: Iterable[tuple[datetime, str, int, str]],
    steps: Iterable[Step],
) -> list[Observation]:
    """Take a row apart into the observations it was folded from, in order.

    Args:
        row: The current values.
        sightings: (at, capture_id, carried, reading) of each, in any order.
        steps: The changes whose cause is in `UNDONE`.
    """
    undo: dict[tuple[datetime, str], list[Step]] = {}
    for step in steps:
        undo.setdefault((step.at, step.capture_id), []).append(step)
    state = {field.name: row[field.name] for field in kind.values}
    found: list[Observation] = []
    for at, capture_id, carried, reading in sorted(sightings, reverse=True):
        values = {name: state[name] for name in state if kind.masks[name] & carried}
        found.append(
            Observation(
                at=at, capture_id=capture_id, carried=carried, reading=reading, values=values
            )
        )
        for step in undo.get((at, capture_id), ()):
            state[step.field] = step.old
    return found[::-1]


def better_posted(
    old_at: datetime | None, old_precision: str | None,
    new_at: datetime | None, new_precision: str | None,
) -> bool:  # fmt: skip
    """Whether the new date of publication replaces the old one.

    The finer one wins. Of two exact ones the later (the site published it again); of two rough
    ones the earlier, since both mean the same moment. So the order of arrival does not matter.
    """
    if new_at is None or new_precision is None:
        return False
    if old_at is None or old_precision is None:
        return True
    old_rank, new_rank = PRECISIONS.index(old_precision), PRECISIONS.index(new_precision)
    if old_rank != new_rank:
        return new_rank < old_rank
    return new_at > old_at if new_precision == "second" else new_at < old_at


def _moved(kind: Kind, state: Mapping[str, Any], seen: Observation, union: int) -> dict[str, Any]:
    """Return the fields that *seen* moves, with their new values."""
    moved = {
        name: value
        for name, value in seen.values.items()
        if name not in POSTED
        and value != state[name]
        and not (kind[name].first_told and state[name] is not None)
        and not kind.masks[name] & union & ~seen.carried
    }
    values = seen.values
    if "posted_at" in values and better_posted(
        state["posted_at"], state["posted_precision"],
        values["posted_at"], values["posted_precision"],
    ):  # fmt: skip
        moved.update({name: values[name] for name in POSTED if name in values})
    elif state.get("posted_raw") is None and values.get("posted_raw") is not None:
        moved["posted_raw"] = values["posted_raw"]
    return moved

"""What a replay would change, field by field, with examples side by side."""

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


def print_differences(parts: "Iterator[pl.DataFrame]", examples: int) -> None:
    """Print per field how many listings would read otherwise, and some of them.

    A listing that several captures show is one: what it holds now, and what the last of them says.
    """
    told: dict[str, dict[str, tuple[str | None, str | None]]] = {}
    for part in parts:
        for listing, field, old, new in part.iter_rows():
            here = told.setdefault(field or "(listing not read before)", {})
            first = here.get(listing, (old, new))[0]
            here[listing] = (first, new)
    fields = {
        name: {one: pair for one, pair in here.items() if pair[0] != pair[1]}
        for name, here in told.items()
    }
    listings = {one for here in fields.values() for one in here}
    print(f"{len(listings)} listings would read differently; nothing was changed")
    for name, here in sorted(fields.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        if not here:
            continue
        print(f"{name}\t{len(here)}")
        for listing, (old, new) in islice(here.items(), examples):
            print(f"  {listing}  {_cut(old or 'null')}  →  {_cut(new or 'null')}")


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 60 else flat[:59] + "…"

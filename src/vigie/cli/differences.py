"""What a replay would change, field by field, with examples side by side."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


def print_differences(parts: "Iterator[pl.DataFrame]", examples: int) -> None:
    """Print per field how many listings would read otherwise, and some of them."""
    counts: dict[str, int] = {}
    shown: dict[str, list[tuple[str, str, str]]] = {}
    listings: set[str] = set()
    for part in parts:
        for listing, field, old, new in part.iter_rows():
            name = field or "(listing not read before)"
            listings.add(listing)
            counts[name] = counts.get(name, 0) + 1
            if len(shown.setdefault(name, [])) < examples:
                shown[name].append((listing, old or "null", new or "null"))
    print(f"{len(listings)} listings would read differently; nothing was changed")
    for name, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        print(f"{name}\t{count}")
        for listing, old, new in shown[name]:
            print(f"  {listing}  {_cut(old)}  →  {_cut(new)}")


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 60 else flat[:59] + "…"

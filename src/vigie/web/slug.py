"""The readable end of a listing's address."""

import re
import unicodedata
from typing import Final

_OTHER = re.compile(r"[^a-z0-9]+")
LENGTH: Final = 60


def slug(title: str | None) -> str:
    """Return *title* as lower-case ASCII words joined by dashes; ``-`` when nothing is left.

    A title in Arabic leaves nothing: the address then ends in a dash and is found by its id.
    """
    folded = unicodedata.normalize("NFKD", (title or "").replace("œ", "oe").replace("æ", "ae"))
    ascii_only = folded.encode("ascii", "ignore").decode().lower()
    words = _OTHER.sub("-", ascii_only).strip("-")
    return words[:LENGTH].rstrip("-") or "-"


def listing_path(plural: str, listing_id: str, title: str | None) -> str:
    """Return the address of a listing's page."""
    return f"/{plural}/{listing_id}/{slug(title)}"

"""What a kind keeps from the public: pages, API and the database's views ask here."""

from collections.abc import Mapping
from typing import Final

OWNERS: Final[Mapping[str, frozenset[str]]] = {
    "post": frozenset(
        {"title", "text", "html", "summary", "text_plain", "hashtags", "url", "native_id",
         "reply_to", "repost_of", "place_raw", "capture_id", "layer"}
    )
}  # fmt: skip
"""Kind → fields shown only to the instance's owner: what a post says, and what leads to it."""

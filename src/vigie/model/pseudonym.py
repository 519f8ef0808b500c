"""Pseudonyms: who wrote a post becomes a key, and who is addressed in it becomes a mark.

Posts about politics are sensitive. So an author's id is replaced, before anything is stored, by a
keyed hash: posts of one author stay together, and nobody without the secret can tell from a key
whose it is, not even by hashing every account there is. Handles inside texts become one mark each,
so that they can still be counted.

Source: BLAKE2's keyed mode, RFC 7693, section 2.9.
"""

import base64
import hashlib
import re
from typing import Final

from vigie.model.identity import ID_BYTES

KEYED: Final = "key:"
"""What an author's id that was replaced begins with: replacing twice is as once."""
HANDLE_MARK: Final = "@[…]"

HANDLE: Final = r"\w+(?:[.\-]\w+)*+(?:@\w+(?:[.\-]\w+)*+)?"
"""An account's name as X, Bluesky and Mastodon write it; Mastodon's may carry a server."""

_ADDRESSED: Final = re.compile(rf"[@＠]\u2069?({HANDLE})")


def author_key(secret: bytes, source: str, author: str) -> str | None:
    """Return the key of an author: 16 characters, the same for the same secret, source and id.

    None without a secret: an unkeyed hash of an account's id can be undone by trying all of them.
    """
    if not secret or not author:
        return None
    key = secret if len(secret) <= hashlib.blake2b.MAX_KEY_SIZE else hashlib.sha512(secret).digest()
    state = hashlib.blake2b(key=key, digest_size=ID_BYTES, person=b"vigie author")
    for part in (source, author):
        data = part.encode("utf-8", "surrogatepass")
        state.update(len(data).to_bytes(8, "big") + data)
    return base64.b32encode(state.digest()).decode("ascii").lower()


def kept_key(value: object) -> str | None:
    """Return the key that a scrubbed page holds in place of an author's id; None: it holds none."""
    if isinstance(value, str) and value.startswith(KEYED):
        return value.removeprefix(KEYED) or None
    return None


def without_handles(text: str) -> tuple[str, int]:
    """Return *text* with every handle replaced by the mark, and how many there were.

    Wherever a handle stands, in a link too: ``medium.com/@name`` names somebody as well. Mail
    addresses are to be blanked before.
    """
    return _ADDRESSED.subn(HANDLE_MARK, text)

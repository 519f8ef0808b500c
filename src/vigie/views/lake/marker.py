"""How far the lake has followed the feed: one small file beside its tables."""

from typing import Final

import msgspec
import obstore
from obstore.store import ObjectStore

from vigie.errors import ViewError

NAME: Final = "_vigie.json"


class Reached(msgspec.Struct, frozen=True):
    """What the file says."""

    seq: int
    version: int
    columns: str = ""
    """Digest of the tables' columns: a lake without a column that is there today is made anew."""


class Marker:
    """The position of a lake; written whole or not at all."""

    def __init__(self, store: ObjectStore) -> None:
        """Know the lake's folder or bucket."""
        self._store = store

    def read(self) -> Reached | None:
        """Return what is written; None when there is nothing.

        Raises:
            ViewError: it cannot be read.
        """
        try:
            content = obstore.get(self._store, NAME).bytes()
        except FileNotFoundError:
            return None
        except Exception as error:  # obstore's errors have no common class of their own
            raise ViewError(f"the lake cannot be read: {error}") from error
        try:
            return msgspec.json.decode(bytes(content), type=Reached)
        except msgspec.DecodeError:
            return None  # made anew

    def write(self, reached: Reached) -> None:
        """Write the position.

        Raises:
            ViewError: it cannot be written; the old one stays.
        """
        try:
            obstore.put(self._store, NAME, msgspec.json.encode(reached))
        except Exception as error:  # as above
            raise ViewError(f"the lake cannot be written: {error}") from error

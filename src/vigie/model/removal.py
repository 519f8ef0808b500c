"""What a page says is deleted at its site: a post, or all posts of an author."""

import msgspec


class Removal(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be removed everywhere: listings, their history, and the captures that hold them.

    Not a closing: a closed listing is still shown with its history.
    """

    native_ids: tuple[str, ...] = ()
    author_keys: tuple[str, ...] = ()
    """Authors who deleted their account, or lost it: every listing with such a key goes."""

    def __bool__(self) -> bool:
        """Return whether anything is to be removed."""
        return bool(self.native_ids or self.author_keys)

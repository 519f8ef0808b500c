"""Moving an instance's store to another database."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from vigie.errors import UsageError

if TYPE_CHECKING:
    from vigie.wiring.parts import Parts


def copy_store(here: "Parts", target: str, told: Callable[[str, int], None]) -> tuple[str, str]:
    """Copy everything in the store to the database at *target*, which must be empty.

    The instance's settings stay as they are: whoever moves it gives it the new address.

    Returns:
        Where the copy is, as it may be printed, and the content hash that both have.

    Raises:
        UsageError: *target* is the store itself. StoreError: it is not empty or not there.
    """
    from vigie.store import open_store
    from vigie.store.copying import copy

    source = here.store.database
    if _same(source.url.render_as_string(hide_password=False), target):
        raise UsageError("this is the store itself: give the address of another database")
    copied = open_store(target)
    try:
        return copied.database.where, copy(source, copied.database, told)
    finally:
        copied.close()


def _same(one: str, other: str) -> bool:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        a, b = make_url(one), make_url(other)
    except (ArgumentError, ValueError):
        return False  # opening it says what is wrong
    return (a.get_backend_name(), a.host, a.port, a.database) == (
        b.get_backend_name(), b.host, b.port, b.database,
    )  # fmt: skip

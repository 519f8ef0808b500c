"""The address of a database as settings give it: what is wrong with it before anybody is asked."""

from typing import Final

from sqlalchemy import URL
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from vigie.errors import ConfigError
from vigie.store.dialect import Dialect, named

FORMS: Final = (
    "use sqlite:///PATH, postgresql://USER:PASSWORD@HOST/DATABASE or "
    "mysql://USER:PASSWORD@HOST/DATABASE"
)


def address(text: str) -> tuple[URL, Dialect]:
    """Return *text* as an address, and the dialect spoken there.

    Raises:
        ConfigError: it is none, or of a database that Vigie has no store for. No part of what may
            be a password is told.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # its text may hold a password
        raise ConfigError(f"store.url is no address of a database: {FORMS}") from None
    backend = url.get_backend_name()
    words = named(backend)
    if words is None:
        raise ConfigError(f"store.url: no store for {backend!r}: {FORMS}")
    if not words.is_server and url.host:
        raise ConfigError(
            f"store.url: after sqlite: a file needs three slashes: sqlite:///{url.host}"
        )
    if words.is_server and "@" in (url.host or "") + (url.database or ""):
        raise ConfigError(
            "store.url has an @ too many: write %40 for @ (and %2F for /) in a password."
        )
    return url, words

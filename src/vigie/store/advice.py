"""What a database's refusal means, and what to do about it, in one line without a password."""

from typing import Final

from sqlalchemy import URL

_AGAIN: Final = "Nothing of this call was kept: give it again."


def place(url: URL) -> str:
    """Return where a database is, as it may be printed."""
    if url.get_backend_name() == "sqlite":
        return url.database or "memory"
    port = f":{url.port}" if url.port else ""
    whole = f"{url.host or 'localhost'}{port}/{url.database or ''}"
    return whole.rpartition("@")[2]  # before it: the end of a password that was not escaped


def of_options(error: BaseException, url: URL) -> str:
    """Return what to do about an option that the driver refused before it asked the server."""
    reason = str(error) if isinstance(error, OSError) else _first_line(error)
    return (
        f"store.url: the driver does not know what follows the question mark "
        f"({', '.join(sorted(url.query))}): {reason}. Mend it or leave it out."
    )


def of_commit(url: URL) -> str:
    """Return what to do when nobody told whether a commit was made."""
    return (
        f"the connection to {place(url)} was lost in the middle of a commit: this call may or may "
        f"not have been kept. Give it again: a batch of the spool has no effect the second time, "
        f"for its position is kept with it."
    )


def is_lost(error: BaseException) -> bool:
    """Return whether a server's answer did not come."""
    return _kind(error) in ("gone", "away")


def of_sqlite(reason: str, path: str | None) -> str:
    """Return what to do about an error of SQLite."""
    if "full" in reason:
        return f"the disk of {path} is full; nothing of this batch was kept. Free some space."
    if "I/O" in reason:
        return f"{path} cannot be written ({reason}): check the disk's space and health."
    if "locked" in reason:
        return f"{path} is held by another process; try again."
    if "unable to open" in reason or "readonly" in reason:
        return f"{path} cannot be opened for writing: check the folder and its permissions."
    return f"the database at {path} refused: {reason}"


_KINDS: Final[dict[str, frozenset[object]]] = {
    "login": frozenset({"28P01", "28000", 1045, 1698}),
    "database": frozenset({"3D000", 1049}),
    "rights": frozenset({"42501", 1044, 1142, 1227, 1370}),
    "together": frozenset({"40P01", "40001", 1213}),
    "locked": frozenset({"55P03", 1205}),
    "gone": frozenset({"57P01", "57P02", "57P03", 2006, 2013, 2055, 1053, 1927}),
    "full": frozenset({"53100", 1021, 1114, 3}),
    "many": frozenset({"53300", 1040, 1203}),
    "large": frozenset({1153, "54000"}),
    "long": frozenset({"22001", 1406}),
}
"""SQLSTATEs of PostgreSQL and error numbers of MySQL."""

_ADVICE: Final[dict[str, str]] = {
    "login": "{place} does not let {user} in: check user and password in store.url.",
    "database": "there is no database {database} at {place}: create it, or mend store.url.",
    "rights": "{user} may not do this at {place} ({reason}): grant it all rights on {database}.",
    "together": "{place} set this transaction aside for another. " + _AGAIN,
    "locked": "another process has held what this one needs at {place} for over 30 s. " + _AGAIN,
    "gone": "the connection to {place} was lost. " + _AGAIN,
    "full": "the disk of {place} is full. Free some space. " + _AGAIN,
    "many": "{place} has no connection left: raise its limit, or run fewer workers.",
    "large": "a row is larger than {place} takes: raise max_allowed_packet ({reason}).",
    "long": "a text is longer than its column at {place}: {reason}",
}


def of_server(error: BaseException, url: URL) -> str:
    """Return what to do about an error of a server's driver."""
    reason, kind = _first_line(error), _kind(error)
    if kind == "options":
        return of_options(error, url)
    if kind is None:
        return f"the database at {place(url)} refused: {reason}"
    if kind == "away":
        return f"no server answers at {place(url)} ({reason}): start it, or mend store.url."
    return _ADVICE[kind].format(
        place=place(url), user=url.username or "nobody", database=url.database, reason=reason
    )


_WORDS: Final = {
    "connection option": "options",
    "invalid dsn": "options",
    "connection info string": "options",
    "bad value for": "options",
    "invalid sslmode": "options",
    "password authentication failed": "login",
    "no password supplied": "login",
    "terminating connection": "gone",
    "connection is lost": "gone",
    "closed": "gone",
    "connection failed": "away",
    "connection is bad": "away",
    "could not connect": "away",
    "connection timeout": "away",
    "failed to resolve": "away",
    "connection": "gone",
}
"""What a message without a code holds, the first that fits → what it is about."""


def is_about_rights(error: BaseException) -> bool:
    """Return whether a server's user lacks a right."""
    return _code(error) in _KINDS["rights"]


def _code(error: BaseException) -> object:
    # MySQL's number is finer than its SQLSTATE, which stands beside it in newer drivers.
    number = next((one for one in error.args[:1] if isinstance(one, int)), None)
    return number or getattr(error, "sqlstate", None)


def _kind(error: BaseException) -> str | None:
    code = _code(error)
    kind = next((kind for kind, codes in _KINDS.items() if code in codes), None)
    return kind or _by_words(_first_line(error), code)


def _by_words(reason: str, code: object) -> str | None:
    """Tell an error by its words: before there is a session, PostgreSQL gives no code."""
    said = reason.lower()
    if code in (2002, 2003, 2005):
        return "away"
    if 'database "' in said and "does not exist" in said:
        return "database"
    return next((kind for words, kind in _WORDS.items() if words in said), None)


def _first_line(error: BaseException) -> str:
    text = str(error.args[-1]) if error.args else str(error)
    line = next((part.strip() for part in text.splitlines() if part.strip()), type(error).__name__)
    return line.rstrip(".")

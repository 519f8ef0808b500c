"""What a database's refusal means, and what to do about it, in one line without a password."""

from typing import Final

from sqlalchemy import URL

_AGAIN: Final = "Nothing of this call was kept: give it again."


def place(url: URL) -> str:
    """Return where a database is, as it may be printed."""
    if url.get_backend_name() == "sqlite":
        return url.database or "memory"
    return f"{url.host or 'localhost'}{f':{url.port}' if url.port else ''}/{url.database or ''}"


def of_sqlite(reason: str, path: str | None, busy_seconds: int) -> str:
    """Return what to do about an error of SQLite."""
    if "full" in reason:
        return f"the disk of {path} is full; nothing of this batch was kept. Free some space."
    if "I/O" in reason:
        return f"{path} cannot be written ({reason}): check the disk's space and health."
    if "locked" in reason:
        return f"{path} is held by another process for over {busy_seconds} s; try again."
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
    # MySQL's number is finer than its SQLSTATE, which stands beside it in newer drivers.
    number = next((one for one in error.args[:1] if isinstance(one, int)), None)
    code: object = number or getattr(error, "sqlstate", None)
    reason = _first_line(error)
    kind = next((kind for kind, codes in _KINDS.items() if code in codes), None)
    kind = kind or _by_words(reason, code)
    if kind is None:
        return f"the database at {place(url)} refused: {reason}"
    if kind == "away":
        return f"no server answers at {place(url)} ({reason}): start it, or mend store.url."
    return _ADVICE[kind].format(
        place=place(url), user=url.username or "nobody", database=url.database, reason=reason
    )


def _by_words(reason: str, code: object) -> str | None:
    """Tell an error by its words: before there is a session, PostgreSQL gives no code."""
    said = reason.lower()
    if "password authentication failed" in said or "no password supplied" in said:
        return "login"
    if 'database "' in said and "does not exist" in said:
        return "database"
    if "terminating connection" in said or "connection is lost" in said or "closed" in said:
        return "gone"
    if code in (2002, 2003, 2005) or "connection failed" in said or "could not connect" in said:
        return "away"
    if "connection timeout" in said or "failed to resolve" in said:
        return "away"
    return "gone" if "connection" in said else None


def _first_line(error: BaseException) -> str:
    text = str(error.args[-1]) if error.args else str(error)
    line = next((part.strip() for part in text.splitlines() if part.strip()), type(error).__name__)
    return line.rstrip(".")

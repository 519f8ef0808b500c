"""What is printed of values that may hold a secret."""

import re
from collections.abc import Iterator

_PASSWORD = re.compile(r"(://[^/:@\s]*:)[^\s]*@")
"""A password in an address, up to the last @ of the word (it may hold one itself, or a slash)."""
_KEY = re.compile(r"://[^/:@\s]+@")
"""A user without a password is a key."""
_PARAMETER = re.compile(r"([?&](?:\w*password|passwd|\w*secret|\w*token|\w*key)=)[^&\s]*", re.I)
"""One among an address's parameters."""


def shown(value: object) -> object:
    """Return *value* as it may be printed: without the password of an address."""
    if isinstance(value, dict):
        return {key: shown(inner) for key, inner in value.items()}
    if isinstance(value, (bool, int, float)) or value is None:
        return value
    hidden = _KEY.sub("://***@", _PASSWORD.sub(r"\1***@", str(value)))
    return _PARAMETER.sub(r"\1***", hidden)


def apart(name: str, value: object) -> Iterator[tuple[str, object]]:
    """Yield the values inside a group that names its own (`logins`, `sources`), each by its dotted
    name; any other value as it is."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from apart(f"{name}.{key}", inner)
    else:
        yield name, value

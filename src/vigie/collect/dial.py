"""A connection to a name that is looked up once, judged, and only then connected to.

For what Scrapy does not speak (WebSocket). The rule is the guard's: one address that is not public
refuses the name, and there is no second look-up between judging and connecting.
"""

import socket
import ssl
from typing import Final
from urllib.parse import urlsplit

from vigie.collect.address import is_public
from vigie.collect.unanswered import Unanswered

PORTS: Final = {"ws": 80, "wss": 443}


def place_of(url: str) -> tuple[str, int, bool]:
    """Return host, port and whether TLS is spoken, of a WebSocket's address.

    Raises:
        Unanswered: ``bad_address``: it is none, or carries a name and password.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise Unanswered("bad_address", str(error)) from None
    if parts.scheme not in PORTS or not host:
        raise Unanswered("bad_address", f"not a WebSocket's address: {url[:200]}")
    if parts.username is not None or parts.password is not None:
        raise Unanswered("bad_address", f"credentials in the address of {host}")
    return host, port or PORTS[parts.scheme], parts.scheme == "wss"


def dial(
    host: str, port: int, allow_hosts: frozenset[str], timeout_seconds: float
) -> socket.socket:
    """Return a connected socket.

    Raises:
        Unanswered: ``dns``, ``bad_address`` (an address that is not public), ``refused``,
            ``timeout`` or ``unreachable``.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unanswered("dns", f"{host}: {error}"[:200]) from None
    if f"{host}:{port}" not in allow_hosts:
        for *_, address in found:
            if not is_public(str(address[0])):
                told = f"{host}:{port} leads to {address[0]}, which is not public"
                raise Unanswered("bad_address", told)
    last: OSError | None = None
    for family, kind, protocol, _, address in found:
        connection = socket.socket(family, kind, protocol)
        connection.settimeout(timeout_seconds)
        try:
            connection.connect(address)
        except OSError as error:
            connection.close()
            last = error
        else:
            return connection
    raise refusal(last or OSError("no address"))


def refusal(error: OSError) -> Unanswered:
    """Return what an error of the network says in our words."""
    detail = " ".join(str(error).split())[:200]
    match error:
        case ssl.SSLError():
            return Unanswered("tls", detail)
        case ConnectionRefusedError():
            return Unanswered("refused")
        case TimeoutError():
            return Unanswered("timeout")
        case ConnectionError():
            return Unanswered("cut_short", detail)
    return Unanswered("unreachable", detail)

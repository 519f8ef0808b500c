"""Which addresses may be asked: public ones only.

A page may name any address in a redirect or a link, and our machine may reach what the page's
author cannot: loopback, the private network, a cloud's metadata. So an address is looked up once,
judged, and that very address is connected to (`guard`). What is not known to be public is refused.
"""

import ipaddress
import re
from typing import Final
from urllib.parse import urlsplit

from vigie.collect.unanswered import Unanswered
from vigie.model.politeness import without_keys

_ADDRESS: Final = re.compile(r"(?<![a-z0-9+.\-])[a-z][a-z0-9+.\-]{0,19}://[^\s\"'<>]+", re.I)
IP = ipaddress.IPv4Address | ipaddress.IPv6Address

_REFUSED: Final = tuple(
    ipaddress.ip_network(text)
    for text in (
        # IANA special-purpose registries (RFC 6890 and updates), whatever Python's version says.
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20",
        "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
        "168.63.129.16/32",  # Azure's host agent: a public number that is answered inside
    )
)  # fmt: skip
_EMBEDDING: Final = (  # IPv6 that carries an IPv4 address, and how many bits stand after it
    (ipaddress.ip_network("::ffff:0:0/96"), 0),
    (ipaddress.ip_network("::ffff:0:0:0/96"), 0),
    (ipaddress.ip_network("64:ff9b::/96"), 0),
    (ipaddress.ip_network("2002::/16"), 80),
)


def is_public(text: str) -> bool:
    """Return whether the IP address *text* may be connected to; False for what is none."""
    try:
        address: IP = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    for network, bits in _EMBEDDING:
        if address in network:
            inner = ipaddress.IPv4Address((int(address) >> bits) & 0xFFFFFFFF)
            return is_public(str(inner))
    if any(address in network for network in _REFUSED if network.version == address.version):
        return False
    return address.is_global and not address.is_multicast


def host_of(url: str) -> str:
    """Return ``host:port`` of *url*, the port always told.

    Raises:
        Unanswered: ``bad_address``: it is no http address, or carries a name and password.
    """
    try:
        parts = urlsplit(url)
        name, port = parts.hostname, parts.port
    except ValueError as error:
        raise Unanswered("bad_address", without_keys_in(str(error))) from None
    if parts.scheme not in ("http", "https") or not name:
        raise Unanswered("bad_address", f"not an http address: {without_keys(url)[:200]}")
    if parts.username is not None or parts.password is not None:
        raise Unanswered("bad_address", f"credentials in the address of {name}")
    if any(ord(char) <= 32 or ord(char) == 127 for char in url):
        raise Unanswered("bad_address", f"spaces or control characters in the address of {name}")
    bracketed = f"[{name}]" if ":" in name else name
    return f"{bracketed}:{port or (443 if parts.scheme == 'https' else 80)}"


def without_keys_in(text: str) -> str:
    """Return *text* with every address in it as `without_keys` leaves it."""
    return _ADDRESS.sub(lambda found: without_keys(found[0]), text)


def origin_of(url: str) -> str:
    """Return scheme, host and port of *url* as they stand in it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"

"""Who may read what posts say: the person at this very machine, and nobody else.

A caller is the owner when the connection comes from loopback, was addressed by a loopback name
and was not passed on by a proxy. The name matters: a page elsewhere can point its own domain at
127.0.0.1 (DNS rebinding), and a browser would then send its requests from here. So does
`Sec-Fetch-Site`: a page of another site may not read the API through its visitor's browser.
"""

import ipaddress
from typing import Final

from starlette.requests import Request

_PASSED_ON: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
_NAMES: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})


def is_owner(request: Request) -> bool:
    """Return whether the caller sits at this machine."""
    if request.client is None or not _is_loopback(request.client.host):
        return False
    if any(name in request.headers for name in _PASSED_ON):
        return False
    host = request.headers.get("host", "").lower()
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    if name not in _NAMES:
        return False
    return request.headers.get("sec-fetch-site", "none") in {"none", "same-origin"}


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

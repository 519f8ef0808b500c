"""What a site answered, without what lets somebody in; and where a redirect leads."""

from datetime import datetime
from typing import Final
from urllib.parse import urljoin

import msgspec
from scrapy.http import Response

from vigie.collect.address import host_of, origin_of
from vigie.collect.origins import Origins
from vigie.model.capture import Headers, Request

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})

_SECRET: Final = frozenset({
    "authorization", "cookie", "set-cookie", "set-cookie2", "proxy-authorization",
    "proxy-authenticate", "www-authenticate", "authentication-info",
})  # fmt: skip


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a site answered, decompressed."""

    url: str
    """The address that answered: the last of its redirects."""
    status: int
    headers: Headers
    """Without cookies and credentials."""
    body: bytes
    at: datetime

    def header(self, name: str) -> str | None:
        """Return the first header called *name*, in lower case."""
        return next((value for key, value in self.headers if key.lower() == name), None)


def headers_of(response: Response) -> Headers:
    """Return the headers as texts, without what lets somebody in."""
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in response.headers.items()
        for value in values
        if name.decode("latin-1").lower() not in _SECRET
    )


def redirected(request: Request, status: int, location: str, origins: Origins) -> Request:
    """Return the request that a redirect asks for: credentials stay with their origin.

    Raises:
        Unanswered: ``bad_address``: it leads to no http address.
    """
    url = origins.inward(urljoin(request.url, location.strip()))
    host_of(url)
    changed = status == 303 or (status in (301, 302) and request.method == "POST")
    headers = request.headers
    if origin_of(url) != origin_of(request.url):
        headers = tuple(pair for pair in headers if pair[0].lower() not in _SECRET)
    return msgspec.structs.replace(
        request,
        url=url.partition("#")[0],
        method="GET" if changed else request.method,
        body=None if changed else request.body,
        headers=headers,
    )

"""Credentials of Adzuna's API: two parameters of every address, no token.

The API has nothing that lets us in once for all, so its cheapest answer (``/version``) is asked
with the credentials: a wrong key is told before the first search.
"""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import msgspec

from vigie.errors import SourceRefused
from vigie.model.capture import Capture, Request
from vigie.sources.credentials import missing

NAME = (__package__ or "").rpartition(".")[2]

VERSION: Final = "https://api.adzuna.com/v1/api/version?content-type=application%2Fjson"
HOST: Final = "api.adzuna.com"
PARAMETERS: Final = frozenset({"app_id", "app_key"})


@dataclass(frozen=True, kw_only=True)
class Keys:
    """The two words that developer.adzuna.com gives. Held by collect/ only."""

    app_id: str = field(repr=False)
    app_key: str = field(repr=False)

    def request(self) -> Request:
        """Return the request that tries the credentials.

        Raises:
            SourceRefused: a credential is missing.
        """
        return self._signed(Request(url=VERSION))

    def sign(self, request: Request, answer: Capture) -> Request:
        """Return *request* with the credentials in its address.

        Raises:
            SourceRefused: *answer* refused them, or one is missing; neither is in the message.
        """
        if answer.status is not None and not 200 <= answer.status < 300:
            raise SourceRefused(
                NAME, f"its login was refused (status {answer.status}): check app_id and app_key"
            )
        return self._signed(request)

    def _signed(self, request: Request) -> Request:
        if not (self.app_id and self.app_key):
            raise missing(NAME, "app_id", "app_key")
        parts = urlsplit(request.url)
        if parts.scheme != "https" or parts.netloc != HOST:
            return request  # the credentials are for the API alone
        keys = urlencode({"app_id": self.app_id, "app_key": self.app_key})
        bare = urlsplit(without_keys(request.url))
        query = f"{bare.query}&{keys}" if bare.query else keys
        return msgspec.structs.replace(request, url=urlunsplit(bare._replace(query=query)))


def without_keys(url: str) -> str:
    """Return *url* as the source asked for it: an answer's address still holds the credentials."""
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    kept = [pair for pair in pairs if pair[0] not in PARAMETERS]
    return url if kept == pairs else urlunsplit(parts._replace(query=urlencode(kept)))

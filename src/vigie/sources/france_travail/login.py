"""Logging in to France Travail: OAuth 2 client credentials, one token request, no clock.

Source: the API's OpenAPI description (`securitySchemes`) and its public clients.
"""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

import msgspec

from vigie.errors import SourceRefused
from vigie.model.capture import Capture, Request
from vigie.sources.credentials import missing

NAME = (__package__ or "").rpartition(".")[2]

TOKEN: Final = (
    "https://entreprise.francetravail.fr/connexion/oauth2/access_token?realm=%2Fpartenaire"  # noqa: S105 - an address, not a secret
)
SCOPE: Final = "api_offresdemploiv2 o2dsoffre"
"""Both are needed: the API and the right to read offers."""


@dataclass(frozen=True, kw_only=True)
class ClientCredentials:
    """The two words that francetravail.io gives to an application. Held by collect/ only."""

    client_id: str
    client_secret: str = field(repr=False)

    def request(self) -> Request:
        """Return the request for a token.

        Raises:
            SourceRefused: a credential is missing.
        """
        if not (self.client_id and self.client_secret):
            raise missing(NAME, "client_id", "client_secret")
        form = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "scope": SCOPE,
        }
        return Request(
            url=TOKEN,
            method="POST",
            headers=(("Content-Type", "application/x-www-form-urlencoded"),),
            body=urlencode(form).encode("ascii"),
        )

    def sign(self, request: Request, answer: Capture | None) -> Request:
        """Return *request* with the token of *answer*.

        Raises:
            SourceRefused: the answer holds no token; the secret is in no message.
        """
        if answer is None:
            raise SourceRefused(NAME, "its login was not asked")
        try:
            told = msgspec.json.decode(answer.body)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            told = None
        token = told.get("access_token") if isinstance(told, dict) else None
        if not isinstance(token, str) or not token:
            why = f"status {answer.status}" if answer.status else "no token in the answer"
            raise SourceRefused(NAME, f"its login was refused ({why}): check client_id and secret")
        kept = tuple(pair for pair in request.headers if pair[0].lower() != "authorization")
        return msgspec.structs.replace(
            request, headers=(*kept, ("Authorization", f"Bearer {token}"))
        )

"""Logging in to X: a token that does not change. There is nothing to ask for.

Source: OAuth 2.0 application-only authentication, RFC 6750, section 2.1.
"""

from dataclasses import dataclass, field

import msgspec

from vigie.model.capture import Capture, Request
from vigie.sources.credentials import missing

NAME = (__package__ or "").rpartition(".")[2]


@dataclass(frozen=True, kw_only=True)
class BearerToken:
    """The token that X gives to an application. Held by collect/ only."""

    bearer_token: str = field(repr=False)

    def request(self) -> Request | None:
        """Return None: no answer is needed to sign.

        Raises:
            SourceRefused: the token is missing.
        """
        if not self.bearer_token.strip():
            raise missing(NAME, "bearer_token")
        return None

    def sign(self, request: Request, answer: Capture | None) -> Request:  # noqa: ARG002 - none came
        """Return *request* with the token."""
        kept = tuple(pair for pair in request.headers if pair[0].lower() != "authorization")
        signed = ("Authorization", f"Bearer {self.bearer_token.strip()}")
        return msgspec.structs.replace(request, headers=(*kept, signed))

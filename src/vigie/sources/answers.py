"""What condemns a whole answer, whichever site gave it; and its JSON, one wrong byte forgiven.

For the readers of all sources. A page is told by its structure (status, scripts and forms of a
challenge, a password field), never by a word that a listing might hold as well.
"""

import json
import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

import msgspec

from vigie.errors import Blocked, Empty, PageChanged, SourceError
from vigie.model.capture import Capture

REFUSALS: Final = frozenset({401, 403, 407, 429, 451})
GONE: Final = frozenset({404, 410})

CHALLENGES: Final = (
    b"/cdn-cgi/challenge-platform/", b'id="challenge-form"', b"_cf_chl_opt",
    b"captcha-delivery.com", b"_Incapsula_Resource", b'class="g-recaptcha', b"/_sec/cp_challenge/",
    b"px-captcha", b"awsWafCookieDomainList",
)  # fmt: skip
"""What challenges are made of, whatever they say: scripts, forms and frames of Cloudflare,
DataDome, Imperva, reCAPTCHA, Akamai, HUMAN and AWS."""


def condemn(source: str, page: Capture) -> None:
    """Raise what the status says of the whole page; nothing when it may hold listings.

    Raises:
        Blocked: the site refuses us.
        Empty: there is no such page (404, 410), or no content (204).
        SourceError: the site failed; it is asked again.
    """
    status = page.status
    if status is None or (200 <= status < 300 and status != 204):
        return
    if status in REFUSALS or (status == 503 and is_challenge(page.body)):
        raise Blocked(source, page.url, f"a refusal (status {status})")
    if status in GONE or status == 204:
        raise Empty(source, page.url)
    raise SourceError(f"{source}: {page.url} answered with status {status}; it is asked again")


def is_challenge(body: bytes) -> bool:
    """Return whether a page is made like a challenge. Ask only when it lacks what it should hold:
    some shields leave their script on good pages."""
    return any(sign in body for sign in CHALLENGES)


LOGIN: Final = re.compile(rb"<input\b[^<>]*?\btype\s{0,9}=\s{0,9}[\"']?password\b", re.I)
"""What a page is made of that wants to know who we are."""


def changed(source: str, page: Capture, missing: str) -> SourceError:
    """Return the error of a page that lacks *missing*: a challenge, a login, or a page that
    changed."""
    if is_challenge(page.body):
        return Blocked(source, page.url, "a challenge")
    if LOGIN.search(page.body):
        return Blocked(source, page.url, "a login")
    return PageChanged(source, page.url, missing)


def json_of(source: str, page: Capture, missing: str = "JSON") -> Any:
    """Return the JSON of a whole answer, not to be written to.

    Raises:
        Blocked, Empty, SourceError: the status or a challenge condemns the page.
        PageChanged: it is no JSON.
    """
    condemn(source, page)
    found = decoded(page.body)
    if found is None:
        raise changed(source, page, missing)
    return found


@lru_cache(maxsize=2)  # items, follow and total ask for the same page one after another
def decoded(body: bytes) -> Any:
    """Return the JSON of *body*, not to be written to; None when it is none.

    One wrong byte or escape does not cost a page: what msgspec refuses, the lenient reader of the
    standard library may still tell.
    """
    body = body.removeprefix(b"\xef\xbb\xbf")
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        pass
    try:
        return json.loads(body.decode("utf-8", "replace"), strict=False)
    except (ValueError, RecursionError):
        return None


def is_older(page: Capture, stamp: str | None) -> bool:
    """Return whether the ISO date *stamp* is older than the hours in the note ``since_hours``.

    Counted back from the page's time. False for what cannot be told.
    """
    hours = page.note.get("since_hours", "")
    if stamp is None or not (hours.isascii() and hours.isdigit()) or len(hours) > 6:
        return False
    try:
        return datetime.fromisoformat(stamp) < page.at - timedelta(hours=int(hours))
    except (ValueError, TypeError, OverflowError):  # no date, or one without a zone
        return False

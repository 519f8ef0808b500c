"""Reading one comment as an offer.

By custom the first line is ``Company | Role | Place | Remote | Salary``, and often it is not. The
parts are told by their own words: an amount is pay, "ONSITE" is where the work is done, "Full-time"
is hours, and the one with a trade's word ("engineer") is the role. Where no part is a role, the
line is the title and everything else is null: nothing is guessed.
"""

import html
import re
from typing import Any, Final

from vigie.errors import RecordError
from vigie.model.listing import Listing, Shown
from vigie.sources.values import flag, text, whole

ITEM: Final = "https://news.ycombinator.com/item?id="
LONGEST_TITLE: Final = 120

_PARAGRAPH = re.compile(r"<(?:p|br|pre)\b[^>]{0,200}>|\n", re.I)
_TAG = re.compile(r"<[^>]{0,2000}>")
_LINK = re.compile(r"^\(?(?:https?://|www\.)\S+$", re.I)
_REMOTE = re.compile(r"\b(?:remote|on-?\s?site|hybrid|in[- ](?:office|person)|wfh)\b", re.I)
_HOURS = re.compile(
    r"\b(?:full[- ]?time|part[- ]?time|contract(?:or)?|freelance|interns?(?:hip)?|permanent)\b",
    re.I,
)
_PAY = re.compile(r"[€$£]\s?\d|\d\s?[€$£]|\b\d{2,3}\s?k\b|\b(?:USD|EUR|GBP|CHF)\b", re.I)
_ROLE = re.compile(
    r"\b(?:engineers?|developers?|devs?|designers?|scientists?|analysts?|architects?|managers?|"
    r"leads?|head|director|vp|cto|ceo|coo|founding|founder|administrators?|sre|devops|sysadmin|"
    r"researchers?|writers?|recruiters?|consultants?|programmers?|technicians?|specialists?|"
    r"product|marketing|sales|support|backend|back-end|frontend|front-end|full[- ]?stack|"
    r"mobile|ios|android|data|roles|positions|ingénieure?s?|développeu(?:r|se)s?)\b",
    re.I,
)
_BESIDE = re.compile(
    r"\b(?:only|fully|friendly|possible|optional|first|days?|week|and|or|ok)\b", re.I
)
_WORD = re.compile(r"[^\W\d_]{3,}")
_LONGEST_PLACE = 80


def listing_of(hit: Any) -> Listing:
    """Return a comment as a listing, read in full.

    Raises:
        RecordError: ``not_an_offer``, ``no_id``, ``deleted`` or ``no_text``.
    """
    if not isinstance(hit, dict):
        raise RecordError("not_an_offer", type(hit).__name__)
    native_id = text(hit, "objectID") or text(hit, "id")
    if native_id is None:
        raise RecordError("no_id")
    if flag(hit, "deleted") or flag(hit, "dead"):
        raise RecordError("deleted", native_id)
    said = text(hit, "comment_text") or text(hit, "text")
    line = _first_line(said or "")
    if not line:
        raise RecordError("no_text", native_id)
    stamp = text(hit, "created_at")
    values: dict[str, Shown] = {
        "url": ITEM + native_id if native_id.isdecimal() else None,
        "text_raw": said,
        "posted_raw": stamp or (str(time) if (time := whole(hit, "created_at_i")) else None),
        **shown_in(line),
    }
    return Listing(kind="job", native_id=native_id, reading="full", layer="api", values=values)


def shown_in(line: str) -> dict[str, Shown]:
    """Return what the first line shows; the title alone when it does not follow the custom."""
    names = ("company", "place_raw", "remote_raw", "contract_raw", "pay_raw")
    values: dict[str, Shown] = {"title": _cut(line), **dict.fromkeys(names)}
    company, *rest = (part.strip() for part in line.split("|"))
    if len(rest) < 2 or not company:
        return values
    told: dict[str, list[str]] = {name: [] for name in ("remote_raw", "contract_raw", "pay_raw")}
    roles, others = [], []
    for part in rest:
        if not part or _LINK.match(part):
            continue
        if _PAY.search(part):
            told["pay_raw"].append(part)
        elif _ROLE.search(part):
            roles.append(part)
        elif _HOURS.search(part) and not _REMOTE.search(part):
            told["contract_raw"].append(part)
        elif _REMOTE.search(part) and not _named_place(part):
            told["remote_raw"].append(part)
        else:
            others.append(part)
    if not roles:
        return values
    values |= {name: "; ".join(parts) for name, parts in told.items() if parts}
    values |= {"company": company, "title": _cut(roles[0])}
    if len(others) == 1 and len(others[0]) <= _LONGEST_PLACE:
        values["place_raw"] = others[0]
    return values


def _named_place(part: str) -> bool:
    """Whether a part that speaks of remote work names a place too: ``Berlin (onsite)``."""
    bare = _HOURS.sub("", _REMOTE.sub("", part))
    return bool(_WORD.search(_BESIDE.sub("", bare)))


def _first_line(said: str) -> str:
    """Return the first line as plain text: paragraphs begin with ``<p>`` and never end."""
    for piece in _PARAGRAPH.split(said):
        line = " ".join(html.unescape(_TAG.sub("", piece)).split())
        if line:
            return line
    return ""


def _cut(line: str) -> str:
    """Return *line*, cut between words where it is too long for a title."""
    if len(line) <= LONGEST_TITLE:
        return line
    return f"{line[:LONGEST_TITLE].rsplit(' ', 1)[0].rstrip(' |,;:-')}…"

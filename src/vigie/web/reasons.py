"""Why a page or a run is in its state, in the visitor's words. Collector, engine and store write
it in English, for the command line; it is told again in each language, with its figures.

What only English can tell (an error's own words) stands beside it, marked as English.
"""

import re
from collections.abc import Mapping
from typing import Final

from markupsafe import Markup

from vigie.web.language import Language


def N_(text: str) -> str:  # noqa: N802  # gettext's customary name for "translate later"
    return text


FAILURES: Final[Mapping[str, str]] = {
    "dns": N_("nobody has its name"),
    "refused": N_("the connection was refused"),
    "timeout": N_("it did not answer in time"),
    "tls": N_("its certificate cannot be trusted"),
    "broken": N_("the connection broke"),
    "cut_short": N_("the answer ended too early"),
    "unreachable": N_("there is no way to it"),
    "too_large": N_("the answer is too large"),
    "redirect": N_("it leads from page to page"),
    "bad_address": N_("an address that we do not ask"),
    "robots": N_("its robots.txt forbids it, or could not be read"),
    "breaker": N_("left alone for a while, since it refused"),
    "down": N_("left alone for a while, since it did not answer"),
    "waiting": N_("it asked to be left alone for a while"),
    "login": N_("signing in failed"),
    "ignored": N_("it does not heed what it is asked"),
    "unreadable_file": N_("a file cannot be read"),
    "config": N_("it cannot be asked for that"),
    "fault": N_("an error of Vigie's own"),
}
"""Failure's reason (`Failure.why`) → its words; a detail in English may follow."""

_NUMBER: Final = r"\d+"
FORMS: Final[tuple[tuple[str, str], ...]] = (
    (rf"http (?P<status>{_NUMBER})", N_("it answered with status %(status)s")),
    (
        rf"\w+: \S+ answered with status (?P<status>{_NUMBER}); it is asked again",
        N_("it answered with status %(status)s"),
    ),
    (
        rf"\w+: \S+ is not the page asked for but a refusal \(status (?P<status>{_NUMBER})\)\..*",
        N_("it refused with status %(status)s"),
    ),
    (
        r"\w+: \S+ is not the page asked for but a challenge\..*",
        N_("instead of the page it asks to prove that one is human"),
    ),
    (
        r"\w+: \S+ is not the page asked for but a login\..*",
        N_("instead of the page it asks to sign in"),
    ),
    (
        r"\w+: \S+ is not the page asked for but (?P<sign>.+?)\. Nothing of it is stored;.*",
        N_("instead of the page it shows: %(sign)s"),
    ),
    (
        r"\w+: no (?P<missing>.+) on \S+\. The site may have changed: .*",
        N_("the page lacks what its reader needs: %(missing)s"),
    ),
    (r"the reader failed: (?P<error>.+)", N_("the reader failed: %(error)s")),
    (r"no source is called (?P<name>.+)", N_("no source is called %(name)s")),
    (r"interrupted", N_("interrupted")),
    (
        rf"limit of (?P<limit>{_NUMBER}) reached, more was there",
        N_("the limit of %(limit)s is reached, and there was more"),
    ),
    (
        rf"(?P<total>{_NUMBER}) were announced and (?P<seen>{_NUMBER}) listed",
        N_("the site announces %(total)s and shows %(seen)s"),
    ),
    (
        rf"(?P<pages>{_NUMBER}) pages in a row listed nothing new",
        N_("%(pages)s pages in a row showed nothing new"),
    ),
    (rf"more than (?P<pages>{_NUMBER}) pages", N_("there are more than %(pages)s pages")),
    (
        rf"ignores what it is asked: the sentinel found (?P<seen>{_NUMBER})",
        N_("it does not heed what it is asked: what must find nothing found %(seen)s"),
    ),
    (
        rf"(?P<bad>{_NUMBER}) of (?P<files>{_NUMBER}) files could not be read whole",
        N_("%(bad)s of %(files)s files could not be read whole"),
    ),
    (
        rf"last visited (?P<waited>{_NUMBER}) h ago, usually every (?P<usual>{_NUMBER}) h",
        N_("last visited %(waited)s h ago, usually every %(usual)s h"),
    ),
)
"""The forms of what is said, and the sentence that says it."""

_FAILURE: Final = re.compile(r"(?P<why>[a-z_]+)(?:: (?P<detail>.+))?", re.S)
_COUNTS: Final = frozenset({"limit", "total", "seen", "pages", "bad", "files", "waited", "usual"})


def reason(text: str, language: Language) -> Markup:
    """Return *text* in the visitor's language; marked as English where nobody translated it."""
    if text.startswith("held:"):
        return Markup("{}").format(
            language.gettext(N_("held, as it does not look like its source"))
        )
    for form, said in FORMS:
        if found := re.fullmatch(form, text, re.S):
            parts = {
                name: _part(name, value, language) for name, value in found.groupdict().items()
            }
            return Markup(language.gettext(said)) % parts  # noqa: S704  # our catalogue's
    known = _FAILURE.fullmatch(text)
    if known is None or known["why"] not in FAILURES:
        return _english(text)
    said = FAILURES[known["why"]]
    words = Markup("{}").format(language.gettext(said))
    return words + " (" + _english(known["detail"]) + ")" if known["detail"] else words


def _part(name: str, value: str, language: Language) -> Markup:
    if name == "status":
        return Markup("{}").format(value)
    return language.number(int(value)) if name in _COUNTS else _english(value)


def _english(text: str) -> Markup:
    return Markup('<bdi lang="en">{}</bdi>').format(text)

"""Alarms in the visitor's words. The store writes what was expected and seen in English, for the
command line; the figures are taken from there and told again in each language.

A text that does not have the known form is shown as the store wrote it.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from markupsafe import Markup

from vigie.web.labels import N_, Labels
from vigie.web.language import Language

_NUMBER: Final = r"[\d,]+(?:\.\d+)?"
_SHARE: Final = r"\d+%"

FORMS: Final[tuple[tuple[str, str, str, str], ...]] = (
    (
        "vanished",
        rf"filled in (?P<seen>{_NUMBER}) of (?P<rows>{_NUMBER})",
        rf"(?P<low>{_SHARE}) to (?P<high>{_SHARE})",
        N_("filled in %(seen)s of %(rows)s, usually %(usual)s"),
    ),
    (
        "lost",
        rf"(?P<seen>{_NUMBER}) of (?P<rows>{_NUMBER}) known values",
        rf"at most (?P<most>{_SHARE})",
        N_("gone at once in %(seen)s of %(rows)s known listings, usually in at most %(most)s"),
    ),
    (
        "altered",
        rf"(?P<seen>{_NUMBER}) of (?P<rows>{_NUMBER}) known values",
        rf"at most (?P<most>{_SHARE})",
        N_("another at once in %(seen)s of %(rows)s known listings, usually in at most %(most)s"),
    ),
    (
        "shapes",
        r"(?P<shapes_seen>.+)", r"(?P<shapes_usual>.+)",
        N_("looks like: %(shapes_seen)s; usually: %(shapes_usual)s"),
    ),
    (
        "repeats",
        rf"(?P<share>{_SHARE}) repeated",
        rf"at most (?P<most>{_SHARE}) of a page's values repeated",
        N_("%(share)s of the values repeat another, usually at most %(most)s"),
    ),
    (
        "amounts",
        rf"a median of (?P<seen>{_NUMBER})",
        rf"a page's median from (?P<low>{_NUMBER}) to (?P<high>{_NUMBER})",
        N_("the page's median is %(seen)s, usually %(usual)s"),
    ),
    (
        "doubles",
        rf"(?P<seen>{_NUMBER}) of (?P<rows>{_NUMBER}) rows name a listing twice",
        rf"at most (?P<most>{_SHARE})",
        N_("%(seen)s of %(rows)s rows name a listing again, usually at most %(most)s"),
    ),
    (
        "mangled",
        rf"(?P<seen>{_NUMBER}) of (?P<rows>{_NUMBER}) texts in a wrong encoding",
        rf"at most (?P<most>{_SHARE})",
        N_("%(seen)s of %(rows)s texts have broken letters, usually at most %(most)s"),
    ),
    (
        "thin",
        rf"(?P<seen>{_NUMBER}) empty",
        rf"at most (?P<most>{_NUMBER}) empty fields",
        N_("empty fields in one listing: %(seen)s, usually at most %(most)s"),
    ),
    (
        "volume",
        rf"(?P<seen>{_NUMBER})",
        rf"about (?P<usual>{_NUMBER})",
        N_("%(seen)s found, usually about %(usual)s"),
    ),
    (
        "announced",
        rf"(?P<seen>{_NUMBER}) distinct",
        rf"(?P<total>{_NUMBER}) announced",
        N_("the site announces %(total)s and shows %(seen)s"),
    ),
    (
        "identities",
        rf"(?P<share>{_SHARE}) of (?P<rows>{_NUMBER}) new",
        rf"(?P<usual>{_SHARE}) new",
        N_("%(share)s of %(rows)s are new, usually %(usual)s"),
    ),
    (
        "identities",
        rf"(?P<seen>{_NUMBER}) of (?P<rows>{_NUMBER}) are known under another identity",
        r"few",
        N_("%(seen)s of %(rows)s are known under another identity, usually few"),
    ),
    (
        "layer",
        rf"(?P<pages>{_NUMBER}) pages read from (?P<layer_seen>.+)",
        r"(?P<layers_usual>.+)",
        N_("read from %(layer_seen)s (pages: %(pages)s), before from %(layers_usual)s"),
    ),
    (
        "drift",
        rf"filled in (?P<share>{_SHARE})",
        rf"(?P<low>{_SHARE}) to (?P<high>{_SHARE})",
        N_("filled in %(share)s of listings, usually %(usual)s"),
    ),
)  # fmt: skip
"""Alarm, the forms of what was seen and expected, and the sentence that tells their figures."""


def sentence(
    alarm: Mapping[str, Any], fields: Sequence[str], labels: Labels, language: Language
) -> Markup:
    """Return *alarm* (a row of `Shelf.alarms`) as one sentence, every figure on its own.

    Args:
        fields: Those of which it says the very same; none when it is about no field.
    """
    told = _told(alarm, labels, language)
    named = [labels.field(field) for field in fields if field]
    if not named:
        return told[:1].upper() + told[1:] if told[:1].isalpha() else told
    pattern = Markup(language.gettext("%(field)s: %(what)s"))  # noqa: S704  # our catalogue's
    return pattern % {"field": Markup(" · ").join(named), "what": told}


def _told(alarm: Mapping[str, Any], labels: Labels, language: Language) -> Markup:
    for name, seen_form, expected_form, text in FORMS:
        seen = re.fullmatch(seen_form, alarm["seen"]) if name == alarm["alarm"] else None
        expected = re.fullmatch(expected_form, alarm["expected"])
        if seen is not None and expected is not None:
            return _figured(text, seen.groupdict() | expected.groupdict(), labels, language)
    text = language.gettext(N_("%(seen)s, usually %(expected)s"))
    bare = {name: Markup("<bdi>{}</bdi>").format(alarm[name]) for name in ("seen", "expected")}
    return Markup(text) % bare  # noqa: S704  # our catalogue's


def _figured(text: str, figures: Mapping[str, str], labels: Labels, language: Language) -> Markup:
    bare = {name: _figure(name, value, labels, language) for name, value in figures.items()}
    if "low" in bare:
        span = Markup(language.gettext("%(low)s to %(high)s")) % bare  # noqa: S704  # our catalogue's
        bare["usual"] = bare["low"] if bare["low"] == bare["high"] else span
    return Markup(language.gettext(text)) % bare  # noqa: S704  # our catalogue's


def _figure(name: str, text: str, labels: Labels, language: Language) -> Markup:
    if name.startswith("shapes"):
        named = [labels.value("shape", one) for one in text.split(", ")]
        return Markup(", ").join(named)
    if name.startswith("layer"):
        return Markup("<bdi>{}</bdi>").format(text)
    if text.endswith("%"):
        return language.percent(int(text[:-1]) / 100)
    return language.number(
        float(text.replace(",", "")) if "." in text else int(text.replace(",", ""))
    )

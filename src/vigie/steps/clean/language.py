"""Language of title and text.

Three readings, cheapest first. Arabic letters decide by themselves. Words that only one language
has decide most texts of a line or more. What is left goes to py3langid, limited to the languages
of our sources and their neighbours: limited to ours alone it must call a German text English.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import polars as pl

from vigie.steps.distinct import per_distinct

OURS = ("fr", "en", "ar", "es")
NEIGHBOURS = ("de", "it", "nl", "pl", "pt")
LEAST_LETTERS = 20
SAMPLE_CHARACTERS = 240

ARABIC_LETTERS = re.compile(r"[\u0620-\u064a\u066e-\u06d3\u06fa-\u06ff\u0750-\u077f]+")
LETTERS = re.compile(r"[^\W\d_]+")
NOISE = re.compile(r"(?:https?://|www\.)\S+|[@#]\w+")

# Frequent words that the other languages of the table do not have.
WORDS: dict[str, str] = {
    word: lang
    for lang, words in {
        "fr": "le les des du au aux et est dans une avec sur nous vous votre vos notre nos leur "
        "ses "
        "qui que pour par ou où à être avez sont êtes chez afin ainsi cette ces son plus pas très "
        "ne il elle ils je c'est d'un tout bien entre",
        "en": "the and of to with for you your our we are is will this that in on be as at by from "
        "have has an or their it what who they work can all more about",
        "es": "el los las y una con para del por como está son tu nuestro nuestra nuestros se su "
        "sus más al lo pero muy también ser tiene",
        "de": "der die das und ist mit für von dem den im ein eine einen wir sie ihre zu auf bei "
        "als "
        "nicht oder sowie du dich unser unsere",
        "it": "il gli della delle dei con per una che sono nel nella alla questo anche di",
        "nl": "het een van en voor met wij je jij onze bij aan ook zijn naar",
        "pt": "o os uma com para você nosso nossa não dos das em são ao ou mais",
    }.items()
    for word in words.split()
}
# Words that two languages of the table share decide nothing.
_SHARED = """
    la de un en on per con para plus o al as by an di die des du tu una ou se in is we will son
    bien y met del lo at que
"""
SHARED = frozenset(_SHARED.split())
DECIDING = {word: lang for word, lang in WORDS.items() if word not in SHARED}

NAMES = {
    "francais": "fr", "français": "fr", "french": "fr", "anglais": "en", "english": "en",
    "arabe": "ar", "arabic": "ar", "العربية": "ar", "espagnol": "es", "spanish": "es",
    "español":
        "es", "espanol": "es", "fra": "fr", "fre": "fr", "eng": "en", "ara": "ar", "spa": "es",
}  # fmt: skip


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages([*OURS, *NEIGHBOURS])
    return identifier


def _declared(shown: str | None) -> str:
    """Return the language a site declares, `und` when it declares none of ours."""
    if shown is None:
        return "und"
    name = shown.strip().lower()[:40]
    code = re.split(r"[-_ ,;]", name, maxsplit=1)[0]
    return NAMES.get(name) or (code if code in OURS else NAMES.get(code, "und"))


def _is_western(text: str) -> bool:
    """Return whether *text* is in Latin-1, so without any Arabic letter."""
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True


def _count(letters: re.Pattern[str], text: str) -> int:
    """Return how many characters the runs of *letters* in *text* have."""
    return sum(map(len, letters.findall(text)))


def _by_words(words: Iterable[str]) -> str | None:
    """Return the language of at least 4 deciding words, three times the next one's; else None."""
    votes = [lang for word in words if (lang := DECIDING.get(word)) is not None]
    for lang in set(votes) if len(votes) >= 4 else ():
        own = votes.count(lang)
        if own >= 4 and own >= 3 * (len(votes) - own):  # no second one can have as many
            return lang
    return None


def read_language(title: str | None, text: str | None, declared: str | None) -> tuple[str]:
    """Return one of fr, en, ar, es, und.

    Read from the title and the text's beginning. With less than 20 letters: what the site
    declares, else und. A language outside the four is und.
    """
    sample = f"{text[:SAMPLE_CHARACTERS]} {title or ''}" if text else title or ""
    if not sample:
        return (_declared(declared),)
    if "://" in sample or "@" in sample or "#" in sample or "www." in sample:
        sample = NOISE.sub(" ", sample)
    if not _is_western(sample):
        arabic = _count(ARABIC_LETTERS, sample)
        if arabic >= 3 and 2 * arabic >= _count(LETTERS, sample):
            return ("ar",)
    low = sample.lower()
    lang = _by_words(low.split())
    if lang is None:
        if _count(LETTERS, low) < LEAST_LETTERS:
            return (_declared(declared),)
        lang = str(_identifier().classify(low)[0])
    return (lang if lang in OURS else "und",)


@dataclass(frozen=True)
class Language:
    """Read ``lang`` from ``title``, ``text`` and ``lang_raw``."""

    revision: ClassVar[int] = 1

    def __call__(self, rows: pl.DataFrame) -> pl.DataFrame:
        sample = rows.select(
            "title", pl.col("text").str.head(SAMPLE_CHARACTERS).alias("text"), "lang_raw"
        )
        read = per_distinct(
            sample, ["title", "text", "lang_raw"], read_language, {"lang": pl.String()}
        )
        return rows.with_columns(read["lang"])

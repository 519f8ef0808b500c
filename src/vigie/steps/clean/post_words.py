"""Posts: what is said (`text_plain`), what it is about (`hashtags`), how many are addressed."""

import re
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from vigie.model.pseudonym import HANDLE
from vigie.steps.distinct import per_distinct

LINK = re.compile(r"(?:https?://|www\.)\S+", re.I)
# As X and Mastodon read them: not inside a word or address. Before a post is stored, handles become
# the mark "@[…]": it stands for one mention each.
MENTION = re.compile(rf"(?<![\w@./])[@＠](?:{HANDLE}|\[…\])")
# Letters of any script with their combining marks; digits alone are no hashtag.
HASHTAG = re.compile(r"(?<![\w&/#＃])[#＃](?=\d*+[^\W\d])([\w\u0300-\u036f\u064b-\u065f\u200c·]+)")
# Emoji, pictographs, arrows, box and geometric signs, their joiners and variation selectors.
# Punctuation, currency signs, degree and mathematics stay: "2 < 3", "20 €", "C++".
SYMBOLS = re.compile(
    "[\u00a6\u00a9\u00ae\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u2400-\u245f\u2460-\u27bf"
    "\u2900-\u297f\u2b00-\u2bff\u3030\u303d\u3297\u3299\ufe0e\ufe0f\u20e3\ufffc\ufffd"
    "\U0001f000-\U0001faff\U000e0020-\U000e007f]+|\u200d(?![\\w])|[#＃@＠^`|~\\\\]"
)


def read_post(text: str | None) -> tuple[str | None, list[str] | None, int | None]:
    """Return (text without links, mentions and symbols; hashtags; number of mentions).

    A hashtag's word stays in the text without its sign. Hashtags are in lower case, in order,
    each once. All three are None for a post without text.
    """
    if text is None:
        return None, None, None
    linkless = LINK.sub(" ", text)
    hashtags = list(dict.fromkeys(tag.lower().rstrip("·") for tag in HASHTAG.findall(linkless)))
    nameless, mentions = MENTION.subn(" ", linkless)
    plain = SYMBOLS.sub(" ", nameless)
    lines = (" ".join(line.split()) for line in plain.split("\n"))
    return "\n".join(line for line in lines if line) or None, hashtags, mentions


@dataclass(frozen=True)
class PostWords:
    """Read ``text_plain``, ``hashtags``, ``mentions`` from ``text``."""

    revision: ClassVar[int] = 2

    def __call__(self, rows: pl.DataFrame) -> pl.DataFrame:
        outputs = {
            "text_plain": pl.String(),
            "hashtags": pl.List(pl.String()),
            "mentions": pl.Int64(),
        }
        return per_distinct(rows, ["text"], read_post, outputs)

"""Descriptions: one reading as plain text, one as safe HTML.

Mark-up is recognised by its structure (a known tag, closed, bare or with ``name=``), not by "<":
"salary < 40k" and "a <b and c> d" are text. Pages are read by one parser only: nh3 (html5ever)
writes the safe HTML, and the plain text is cut from that writing, whose tags are all well-formed.
Reading the page a second time with another parser costs twice as much and can disagree with the
first about what a visitor sees.
"""

import re
from dataclasses import dataclass
from typing import ClassVar

import nh3
import polars as pl

from vigie.model.storable import drop_unstorable
from vigie.steps.clean.characters import mend, unescape
from vigie.steps.distinct import per_distinct

_BLOCKS = """
    address article aside blockquote body br center dd details div dl dt fieldset figcaption
    figure footer form h1 h2 h3 h4 h5 h6 header hr html li main nav ol p pre section summary
    table tbody td tfoot th thead tr ul
"""
_INLINE = """
    a abbr b big button cite code del em font i iframe img input ins kbd label mark noscript
    object path q s samp script small span strike strong style sub sup svg textarea time tt u
    var video
"""
BLOCKS = _BLOCKS.split()
INLINE = _INLINE.split()

_NAMES = "|".join(sorted(BLOCKS + INLINE, key=len, reverse=True))
TAG = re.compile(rf"</?(?:{_NAMES})(?:\s++[a-z_:@-][\w:.-]*+\s*+=[^<>]*+)?\s*+/?>", re.I)
BLOCK = re.compile(rf"</?(?:{'|'.join(sorted(BLOCKS, key=len, reverse=True))})[\s/>]", re.I)
COMMENT = re.compile(r"<!--|<!doctype", re.I)

# Text tags, and every block: a block that lost its tag would glue its lines together.
SAFE_TAGS = {
    *(set(BLOCKS) - {"body", "html", "form", "legend"}),
    *("a", "b", "code", "em", "i", "s", "strong", "sub", "sup", "u"),
}
# Content that no visitor reads as text goes with its tag.
SILENT_TAGS = {"script", "style", "noscript", "iframe", "object", "svg", "textarea", "title"}

# In nh3's writing every tag is complete; only links have attributes, in double quotes.
LINE = re.compile(rf"</?(?:{'|'.join(sorted(SAFE_TAGS & set(BLOCKS) - {'td', 'th'}))})>")
CELL = re.compile(r"</t[dh]>")
ANY = re.compile(r'<[^<>"]*+(?:"[^"]*+"[^<>"]*+)*+>')
EMPTY = re.compile(r"<(p|li|h[1-6]|strong|em|b|i|u|ul|ol)>\s*+</\1>")
# The only entities that nh3 writes; the ampersand last, so that nothing is read twice.
WRITTEN = (("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&"))
BREAKS = str.maketrans("\t\n\r\f", "    ")
SPACES = re.compile(r" {2,}")
BLANK_LINES = re.compile(r"\n{3,}")

CLEANER = nh3.Cleaner(
    tags=SAFE_TAGS,
    clean_content_tags=SILENT_TAGS,
    attributes={"a": {"href"}},
    url_schemes={"http", "https"},
    link_rel="nofollow noopener noreferrer",
    strip_comments=True,
)


def has_markup(text: str) -> bool:
    """Return whether *text* is HTML: it has at least one known tag, well formed."""
    return "<" in text and (
        TAG.search(text) is not None or COMMENT.match(text.lstrip()) is not None
    )


def _lines(text: str) -> str:
    """Return *text* with single spaces, stripped lines and at most one empty line between."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    # Of white space, only the plain blank is printable: most lines need not be taken apart.
    lines = [
        line.strip() if line.isprintable() and "  " not in line else " ".join(line.split())
        for line in text.split("\n")
    ]
    joined = "\n".join(lines)
    return (BLANK_LINES.sub("\n\n", joined) if "\n\n\n" in joined else joined).strip()


def _markup_of(text: str) -> str | None:
    """Return the HTML in *text*, escaped once or twice too often or not; None when it is plain."""
    for _ in range(3):
        if has_markup(text):
            return text
        if "&lt;" not in text and "&#" not in text and "&amp;lt;" not in text:
            return None
        text = unescape(text)
    return None


def _with_own_lines(safe: str) -> str:
    """Return nh3's writing with a break for every line end inside ``<pre>``, where they are the
    author's. By finding, not by a pattern: each opening would look for its end anew."""
    parts, at = [], 0
    while (start := safe.find("<pre>", at)) >= 0 and (end := safe.find("</pre>", start)) >= 0:
        parts += [safe[at:start], safe[start:end].replace("\n", "<br>")]
        at = end
    return "".join([*parts, safe[at:]]) if parts else safe


def _text_of(safe: str) -> str:
    """Return the text of nh3's writing, one line per paragraph, item and row."""
    safe = _with_own_lines(safe)
    flat = safe.translate(BREAKS) if "\t" in safe or "\r" in safe else safe.replace("\n", " ")
    if "</t" in flat:
        flat = CELL.sub(" ", flat)
    bare = ANY.sub("", LINE.sub("\n", flat))
    if "&" in bare:
        for entity, letter in WRITTEN:
            bare = bare.replace(entity, letter)
    if "  " in bare:
        bare = SPACES.sub(" ", bare)
    return "\n".join([line for line in map(str.strip, bare.split("\n")) if line])


def read_description(shown: str | None) -> tuple[str | None, str | None]:
    """Return (plain text, safe HTML) of a description.

    Args:
        shown: As the site gives it: plain, HTML, or HTML escaped once more.

    Returns:
        Text with one line per paragraph and list item; plain text keeps its own lines. HTML with
        the tags of `SAFE_TAGS` only, or None when the description has no mark-up. A part that is
        empty is None.
    """
    if shown is None:
        return None, None
    shown = drop_unstorable(shown)
    markup = _markup_of(shown)
    if markup is None:
        return _lines(mend(unescape(shown))) or None, None
    if not BLOCK.search(markup):
        # Only inline tags: the line breaks are the author's.
        markup = markup.strip().replace("\r\n", "\n").replace("\n", "<br>")
    safe = CLEANER.clean(markup)
    safe = mend(drop_unstorable(safe) if "&#" in markup else safe).strip()
    text = _text_of(safe)
    return text or None, (safe if text and "<" in safe else None)


@dataclass(frozen=True)
class Description:
    """Read ``text`` and ``html`` from ``text_raw``."""

    revision: ClassVar[int] = 1

    def __call__(self, rows: pl.DataFrame) -> pl.DataFrame:
        outputs = {"text": pl.String(), "html": pl.String()}
        return per_distinct(rows, ["text_raw"], read_description, outputs)

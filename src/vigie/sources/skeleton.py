"""A page that came broken, reduced to its structure: tags and classes, without any word.

Where the data of a page is cut, nobody can tell what of it is personal, and nothing of it can be
read either. What is left shows a developer where it broke off.
"""

import re
from typing import Final

NOTE: Final = "reduced"
"""Name in the capture's note: why only the structure was kept."""

_PIECE = re.compile(r"<(/?[A-Za-z!][\w:\-]*)([^<>]*)(>|\Z)|[^<]+|<")
_ATTRIBUTE = re.compile(
    r'\s(?:class|id|data-testid|type|name|property|rel|lang|charset)="[\w\s:;,./+\-]{0,200}"'
)
_SCRIPT_SOURCE = re.compile(r'\ssrc="[^"<>\s]{0,300}"')


def skeleton(text: str, mark: str) -> tuple[str, int]:
    """Return *text* with *mark* for every word, and in how many places; twice is as once."""
    count = 0

    def piece(found: re.Match[str]) -> str:
        nonlocal count
        name, attributes, end = found.groups()
        if name is None:
            if found[0].strip() in ("", "<", mark):
                return found[0]
            count += 1
            return mark
        kept = "".join(_ATTRIBUTE.findall(attributes))
        if name.lower() == "script":
            kept += "".join(_SCRIPT_SOURCE.findall(attributes))
        whole = f"<{name}{kept}{end}"
        count += whole != found[0]
        return whole

    return _PIECE.sub(piece, text), count

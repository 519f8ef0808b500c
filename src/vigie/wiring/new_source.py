"""Making the folder of a new source from a template."""

import keyword
import re
from pathlib import Path
from string import Template
from typing import Final

from vigie.errors import UsageError

_NAME: Final = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_TEMPLATE: Final = Path(__file__).with_name("source_template.txt")
_SHOWN: Final = {
    "job": {"title": "title", "company": "company", "place_raw": "city", "pay_raw": "pay",
            "posted_raw": "posted", "url": "link"},
    "ad": {"title": "title", "place_raw": "city", "price_raw": "price", "posted_raw": "posted",
           "url": "link"},
    "post": {"text_raw": "text", "lang_raw": "lang", "posted_raw": "posted", "url": "link"},
}  # fmt: skip
"""Kind → what the template reads: field of the model → name in the answer."""
_LISTINGS: Final = {"job": "job ads", "ad": "classified ads", "post": "posts"}


def new_source(name: str, kind: str, into: Path | None = None) -> Path:
    """Make the folder of source *name* from the template; return it.

    Args:
        into: Folder that gets the source's folder. None: the package's sources.

    Raises:
        UsageError: the name cannot be a source's, or something is there already.
    """
    from vigie import sources

    if kind not in _SHOWN:
        raise UsageError(f"no template is for kind {kind!r}: choose {', '.join(_SHOWN)}")
    if not _NAME.fullmatch(name) or keyword.iskeyword(name) or len(name) > 40:
        raise UsageError(
            f"{name!r} cannot be a source's name: lower-case letters, digits and _, as my_site"
        )
    home = into or Path(sources.__file__).parent
    folder = home / name
    if folder.exists() or folder.with_suffix(".py").exists():
        raise UsageError(f"{folder} exists; choose another name")
    if name in sources.find_all():
        raise UsageError(f"a source is called {name} already; choose another name")
    if not home.is_dir():
        raise UsageError(f"there is no folder {home}")
    needed = "text_raw" if kind == "post" else "title"
    text = Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
        name=name, kind=kind, class_name="".join(map(str.title, name.split("_"))),
        label=" ".join(map(str.title, name.split("_"))), listings=_LISTINGS[kind],
        one={"job": "a job ad", "ad": "an ad", "post": "a post"}[kind], needed=needed,
        needed_words=needed.removesuffix("_raw"),
        fields="\n".join(f'    "{field}": "{key}",' for field, key in _SHOWN[kind].items()),
    )  # fmt: skip
    (folder / "cases").mkdir(parents=True)
    (folder / "__init__.py").write_text(text, encoding="utf-8")
    return folder

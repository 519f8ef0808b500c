"""The pages of sources that `generate` writes: a page each, their index, and the reference's list.

What a source fills, its layers and its states are read from its recorded pages.
"""

import ast
import importlib
import inspect
import json
import re
import textwrap
from collections import Counter
from dataclasses import MISSING, fields
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import msgspec

from vigie import sources
from vigie.errors import ConfigError, RecordError, SourceError
from vigie.model.capture import Capture, Query
from vigie.model.kinds import KINDS
from vigie.sources.files import Files

NOTE: Final = "<!-- Written by docs/generate.py: change the code it describes, then run it. -->\n\n"


def source_pages() -> dict[str, str]:
    """Return a page for each source, and their index, by file name."""
    described = {name: Described(name) for name in sources.find_all()}
    made = {f"{name}.md": one.page() for name, one in described.items()}
    rows = [one.row() for one in described.values()]
    made["README.md"] = "\n".join([
        "# Sources, one by one\n",
        (
            "What each asks, reads and stumbles over, from its code and its recorded pages. Those "
            "pages are written by us in the shape of the site's: what is said to be read here was "
            "read in them, and in captured pages where the source's own text says so; no site was "
            "asked for it. How to write one: [Add a source](../how-to/add-a-source.md).\n"
        ),
        "| source | site | lists | how | login | pause | fields | layers | recorded pages |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |", *rows,
    ]) + "\n"  # fmt: skip
    return {name: NOTE + text for name, text in made.items()}


class Case:
    """A recorded page and what it says today."""

    def __init__(self, name: str, path: Path, site: Any) -> None:
        told = json.loads((path / "case.json").read_text(encoding="utf-8"))
        body = next(path.glob("page.*")).read_bytes()
        asked = told.get("request_body")
        page = site.scrub(Capture(
            id=path.name, at=datetime.fromisoformat(told["at"]), source=name, url=told["url"],
            body=body, run="recorded", method=told.get("method", "GET"), status=told["status"],
            headers=tuple((key, value) for key, value in told["headers"]), note=told["note"],
            request_body=None if asked is None else asked.encode(),
        ))  # fmt: skip
        self.name, self.error = path.name, ""
        self.listings, self.reasons = list[Any](), Counter[str]()
        self.total, self.follow = None, len(list(site.follow(page)))
        try:
            items = site.items(page)
            self.total = site.total(page)
        except SourceError as error:
            self.error = type(error).__name__
            return
        for item in items:
            try:
                self.listings.append(site.read(item, page))
            except RecordError as error:
                self.reasons[error.reason] += 1

    def row(self) -> str:
        """One line of the table of recorded pages."""
        count = len(self.listings)
        listed = f"{count} listing{'' if count == 1 else 's'}"
        parts = [f"`{self.error}`" if self.error else listed]
        parts += [f"{count} set apart: `{reason}`" for reason, count in self.reasons.items()]
        parts += [f"total announced {self.total}"] if self.total is not None else []
        parts += [f"leads to {self.follow}"] if self.follow else []
        return f"| `{self.name}` | {'; '.join(parts)} |"


class Described:
    """One source as its page tells it."""

    def __init__(self, name: str) -> None:
        self.name, self.made = name, sources.find_all()[name]
        secret = any(part.metadata.get("secret") for part in fields(self.made))
        # Posts have an author's key only with a secret: any will do.
        self.site = self.made(author_secret=b"documentation") if secret else self.made()
        self.module = importlib.import_module(self.made.__module__)
        self.folder = Path(inspect.getfile(Files if issubclass(self.made, Files) else self.made))
        self.only = getattr(self.made, "files_only", False)
        self.login = sources.login_class(name)
        found = sorted(self.folder.parent.glob("cases/*/case.json"))
        named = [(json.loads(path.read_text(encoding="utf-8")), path.parent) for path in found]
        self.cases = [
            Case(name, path, self.site) for told, path in named
            if told.get("source", self.folder.parent.name) == name
        ]  # fmt: skip
        self.shown = [one for case in self.cases for one in case.listings]

    def layers(self) -> str:
        """The layers that recorded pages were read from, the most frequent first."""
        return ", ".join(
            f"`{layer}`" for layer, _ in Counter(one.layer for one in self.shown).most_common()
        )

    def filled(self, reading: str) -> set[str]:
        """The shown fields that some recorded listing of this reading fills."""
        return {
            name for one in self.shown if one.reading == reading
            for name, value in one.values.items() if value is not None
        }  # fmt: skip

    def row(self) -> str:
        """One line of the index."""
        kind = KINDS[self.made.kind]
        count = len(self.filled("card") | self.filled("full"))
        shape = ", ".join(sorted({one.reading for one in self.shown}))
        return (
            f"| [`{self.name}`]({self.name}.md) | {line(self.made.label)} | {self.made.kind} "
            f"({shape}) | {'imported' if self.only else 'visited'} | {'yes' if self.login else ''} "
            f"| {'' if self.only else f'{self.site.pause_seconds:g} s'} "
            f"| {count} of {len(kind.shown)} | {self.layers()} | {len(self.cases)} |"
        )

    def page(self) -> str:
        """The page of the source."""
        parts = [
            f"# {line(self.made.label)}", self._say(), self._facts(), *self._asks(),
            *_settings_of(self.made, self.name), *self._fields(), *self._recorded(),
        ]  # fmt: skip
        return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"

    def _say(self) -> str:
        own = inspect.getdoc(self.module) or ""
        if issubclass(self.made, Files):
            own = inspect.getdoc(importlib.import_module("vigie.sources.files")) or ""
        return own.replace("``", "`")

    def _facts(self) -> str:
        made, terms = self.made, self.made.terms
        how = f"`vigie import FILE --{'map' if issubclass(made, Files) else 'source'} {self.name}`"
        none = "it cannot be asked for nothing"
        rows = {
            "lists": f"`{made.kind}`",
            "type": how if self.only else f"`vigie collect {self.name}`",
            "terms": f"<{terms.url}>: "
            + (f"read on {terms.read_on}" if terms.read_on else "not read yet"),
            "reuse": line(terms.reuse),
            "attribution": line(terms.attribution),
            "login": "none"
            if self.login is None
            else ", ".join(f"`{part.name}`" for part in fields(self.login))
            + f" in `[logins.{self.name}]`",
            "pause": "" if self.only else f"{self.site.pause_seconds:g} s between two requests",
            "dates are read in": made.zone,
            "reader's revision": str(made.revision),
            "must find nothing": "" if self.only else _query(made.sentinel) or none,
        }
        lines = [f"| {name} | {text} |" for name, text in rows.items() if text]
        return "\n".join(["| | |", "| --- | --- |", *lines])

    def _asks(self) -> list[str]:
        if self.only:
            return []
        requests = list(self.site.first(self.made.example))
        lines = []
        for request in requests[:5]:
            lines += [f"{request.method} {request.url}"]
            if request.body:
                lines += [f"    {_cut(request.body.decode())}"]
        lines += [f"… {len(requests) - 5} more"] if len(requests) > 5 else []
        asked = "\n".join(["```", *lines, "```"]) if lines else "Its settings name nothing to ask."
        return [
            "## What it asks",
            f"Its example ({_query(self.made.example)}):",
            asked,
            f"First: {_lowered(self.made.first)} Then: {_lowered(self.made.follow)}",
            f"Options of a query: {self._options()}.",
        ]

    def _options(self) -> str:
        """What the source itself says when it is asked for an option that no source has."""
        example = self.made.example
        strange = msgspec.structs.replace(example, options=example.options | {"nobody_s": "x"})
        try:
            list(self.site.first(strange))
        except ConfigError as error:
            known = str(error).partition("Known: ")[2].rstrip(".")
            if known:
                return ", ".join(f"`{one}`" if one.isidentifier() else one
                                 for one in known.split(", "))  # fmt: skip
        for path in sorted(self.folder.parent.glob("*.py")):
            named = f"{self.module.__name__}.{path.stem}"
            inner = importlib.import_module(named) if path.stem != "__init__" else self.module
            for constant in ("OPTIONS", "PARAMETERS"):
                if found := getattr(inner, constant, None):
                    return ", ".join(f"`{name}`" for name in sorted(found))
        return "none"

    def _fields(self) -> list[str]:
        kind = KINDS[self.made.kind]
        readings = [one for one in ("card", "full") if any(x.reading == one for x in self.shown)]
        filled = {one: self.filled(one) for one in readings}
        seen = set().union(*filled.values()) if filled else set()
        lines = ["| field | " + " | ".join(readings) + " | meaning |",
                 "| --- | " + "--- | " * len(readings) + "--- |"]  # fmt: skip
        lines += [
            f"| `{field.name}` | "
            + " | ".join("yes" if field.name in filled[one] else "" for one in readings)
            + f" | {line(field.meaning)} |"
            for field in kind.shown
            if field.name in seen
        ]
        rest = [f"`{field.name}`" for field in kind.shown if field.name not in seen]
        return [
            "## What it shows",
            f"Read from: {self.layers()}. As the site writes it; the steps interpret.",
            "\n".join(lines),
            f"In no recorded page: {', '.join(rest)}." if rest else "",
        ]

    def _recorded(self) -> list[str]:
        states = sorted({case.error for case in self.cases if case.error})
        told = ", ".join(f"`{state}`" for state in states)
        lines = ["| recorded page | says |", "| --- | --- |", *(c.row() for c in self.cases)]
        return ["## Recorded pages", "\n".join(lines), f"States among them: good, {told}."]


def _query(query: Query | None) -> str:
    if query is None:
        return ""
    parts = [f"{name} `{text}`" for name, text in (("words", query.words), ("place", query.place))
             if text]  # fmt: skip
    parts += [f"the last {query.since_hours} hours"] if query.since_hours is not None else []
    parts += [f"`{name}` = `{text}`" for name, text in query.options.items()]
    return ", ".join(parts) or "everything"


def _lowered(method: Any) -> str:
    """Return what a method's docstring promises, without its errors."""
    told = line((inspect.getdoc(method) or "").partition("\n\n")[0])
    told = re.sub(r"^(Yield|Return) ", "", told).replace("``", "`").replace("*", "`")
    return told[:1].lower() + told[1:]


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 160 else flat[:159] + "…"


def sources_page() -> str:
    """What each source is, its terms and its settings."""
    lines = [
        "# Sources\n",
        (
            "`vigie sources list` shows how each does here, `vigie sources show NAME` all "
            "about one. Terms that nobody has read yet are said to be unread; nothing is "
            "taken for granted.\n"
        ),
    ]
    for name, found in sources.find_all().items():
        terms, only = found.terms, getattr(found, "files_only", False)
        how = "imported: `vigie import`" if only else "visited: `vigie collect`"
        read_on = terms.read_on or "nobody yet"
        lines += [
            f"\n## {name}\n",
            f"{found.label}, kind `{found.kind}`, {how}. Dates are read in {found.zone}.\n",
            f"- Terms: <{terms.url}>, read by {read_on}. Reuse: {terms.reuse}."
            if terms.read_on is None
            else f"- Terms: <{terms.url}>, read on {read_on}. Reuse: {terms.reuse}.",
            f"- Attribution: {terms.attribution}",
        ]
        login = sources.login_class(name)
        if login is not None:
            keys = ", ".join(f"`{part.name}`" for part in fields(login))
            lines.append(f"- Needs credentials: {keys} in `[logins.{name}]`")
        lines += [f"\nSettings (`[sources.{name}]`):\n", *_setting_rows(found)]
    return "\n".join(lines) + "\n"


def _setting_rows(found: type[Any]) -> list[str]:
    meanings = _meanings(found)
    return [
        "| setting | default | meaning |", "| --- | --- | --- |",
        *(
            f"| `{part.name}` | `{_default(part)!r}` | {meanings.get(part.name, '')} |"
            for part in fields(found)
            if not part.metadata.get("secret")
        ),
    ]  # fmt: skip


def _settings_of(found: type[Any], name: str) -> list[str]:
    return ["## Settings", f"In `[sources.{name}]`:", "\n".join(_setting_rows(found))]


def _default(part: Any) -> Any:
    return part.default if part.default_factory is MISSING else part.default_factory()


def _meanings(found: type[Any]) -> dict[str, str]:
    """Return the text below each setting of a source's class."""
    origin = Files if issubclass(found, Files) else found
    (made,) = ast.parse(textwrap.dedent(inspect.getsource(origin))).body
    told: dict[str, str] = {
        "pause_seconds": "Least pause between two requests to the site, seconds."
    }
    body = getattr(made, "body", [])
    for node, below in pairwise(body):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            match below:
                case ast.Expr(value=ast.Constant(value=str(text))):
                    told[node.target.id] = line(text)
    return told


def line(text: str) -> str:
    """Return *text* on one line, as a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")

"""From a template and its facts to an answer, in the visitor's language and colours."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import Response

from vigie import __version__
from vigie.web.amounts import whole
from vigie.web.assets import asset
from vigie.web.facts import word
from vigie.web.freshness import answer
from vigie.web.labels import Labels
from vigie.web.language import Language, choose, languages
from vigie.web.picture import outward
from vigie.web.site import Site
from vigie.web.slug import listing_path

THEMES: Final = ("auto", "light", "dark")
TEMPLATES: Final = Path(__file__).parents[1] / "templates"
TONES: Final = 6
"""Colours that tell sources apart beside their names."""
_VARY: Final = "Accept, Accept-Language, Cookie, HX-Request, HX-History-Restore-Request"
RENAME: Final = {"lang": "content_lang"}
"""On pages `lang` is the language of the page; the listings' own is asked as `content_lang`."""


class Visitor(msgspec.Struct, frozen=True):
    """What one request says about who reads."""

    language: str
    theme: str
    now: datetime
    path: str
    query: str
    htmx: bool

    @property
    def here(self) -> str:
        """This very address, less the language it asks for: where a switch leads back to."""
        kept = [p for p in self.query.split("&") if p and p.partition("=")[0] != "lang"]
        return f"{self.path}?{'&'.join(kept)}" if kept else self.path

    def switch(self, name: str, choice: str) -> str:
        """Return the address that keeps a preference and comes back here."""
        return f"/preferences?{urlencode({name: choice, 'back': self.here})}"


class Pages:
    """Draws templates for one site: one Jinja environment a language, all escaping."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.languages = languages()
        self.labels = {
            code: Labels(language, site.sources) for code, language in self.languages.items()
        }
        self._environments = {
            code: self._environment(language) for code, language in self.languages.items()
        }

    def visitor(self, request: Request) -> Visitor:
        """Return who asks: `?lang=`, then the cookie, then the browser, then the setting."""
        theme = request.cookies.get("theme", "auto")
        return Visitor(
            language=choose(
                request.query_params.get("lang"),
                request.cookies.get("lang"),
                request.headers.get("accept-language"),
                self.site.settings.language,
            ),
            theme=theme if theme in THEMES else "auto",
            now=self.site.now(),
            path=request.url.path,
            query=request.url.query,
            htmx="hx-request" in request.headers,
        )

    def draw(
        self, request: Request, template: str, facts: Mapping[str, Any], *,
        visitor: Visitor | None = None, status: int = 200, noindex: bool = False,
        headers: dict[str, str] | None = None,
    ) -> Response:  # fmt: skip
        """Return the page *template* with *facts*."""
        visitor = visitor or self.visitor(request)
        environment = self._environments[visitor.language]
        html = environment.get_template(template).render(
            visitor=visitor,
            now=visitor.now,
            noindex=noindex or not self.site.settings.index,
            **facts,
        )
        more = {"content-language": visitor.language, **(headers or {})}
        if noindex:
            more["x-robots-tag"] = "noindex, nofollow"
        response = answer(
            request, html.encode(), "text/html; charset=utf-8",
            cache="private, no-cache", vary=_VARY,
            status=status, headers=more,
        )  # fmt: skip
        if request.query_params.get("lang") == visitor.language:
            # Until the browser closes: the next link should not fall back to another language.
            response.set_cookie("lang", visitor.language, httponly=True, samesite="lax")
        return response

    def _environment(self, language: Language) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        environment.install_gettext_callables(  # type: ignore[attr-defined]  # the extension adds it
            language.gettext, language.ngettext, newstyle=True,
            pgettext=language.pgettext, npgettext=language.npgettext,
        )  # fmt: skip
        environment.globals["ngettext"] = _counting(environment.globals["ngettext"], language)
        labels = self.labels[language.code]
        tones = {name: place % TONES for place, name in enumerate(sorted(self.site.sources))}
        environment.globals |= {
            "language": language,
            "languages": self.languages,
            "themes": THEMES,
            "demo": self.site.demo,
            "version": __version__,
            "asset": asset,
            "number": language.number,
            "money": language.money,
            "span": language.span,
            "whole": whole,
            "percent": language.percent,
            "ago": language.ago,
            "exact": language.exact,
            "field": labels.field,
            "value": labels.value,
            "why": labels.why,
            "word": word,
            "outward": outward,
            "listing_path": listing_path,
            "snippet": snippet,
            "tone": lambda name: tones.get(name, 0),
        }
        return environment


def _counting(ngettext: Any, language: Language) -> Any:
    """Return *ngettext* with its number written as the language writes numbers."""

    @pass_context
    def counted(context: Any, one: str, many: str, count: int, **words: Any) -> Any:
        return ngettext(context, one, many, count, **{"num": language.number(count), **words})

    return counted


def snippet(text: str) -> Markup:
    """Return a passage with its matches, marked ⟦so⟧ by the search, in `<mark>`."""
    marked = str(escape(text)).replace("⟦", "<mark>").replace("⟧", "</mark>")
    opened, closed = marked.count("<mark>"), marked.count("</mark>")
    # A passage that holds the marks itself could leave a tag open: then it is shown plain.
    if opened != closed:
        return escape(text.replace("⟦", "").replace("⟧", ""))
    return Markup(marked)  # noqa: S704  # escaped above; only our own tags were added

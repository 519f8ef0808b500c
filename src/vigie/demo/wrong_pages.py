"""What a stand-in site answers when its fault is in what it says: our own pages."""

from typing import Any, Final

import msgspec

from vigie.demo.site import Ask, Page

LOGIN: Final = Page(
    200,
    b"<!DOCTYPE html><html lang=fr><head><title>Connexion</title></head><body>"
    b'<form method="post" action="/login"><label>Adresse <input type="email" name="login"></label>'
    b'<label>Mot de passe <input type="password" name="password"></label>'
    b"<button>Se connecter</button></form></body></html>",
)
"""What a site answers once it wants to know who asks."""

_WORDS: Final = frozenset({
    "q", "k", "query", "what", "keywords", "motsCles", "search", "text", "where", "location", "l",
    "departement", "commune",
})  # fmt: skip
"""Parameters that say what is looked for, as the stand-ins' sites call them."""


def without_words(ask: Ask) -> Ask:
    """Return the question as a site hears it that ignores what it is asked for."""
    query = {name: value for name, value in ask.query.items() if name not in _WORDS}
    body = ask.body
    if body[:1] in (b"{", b"["):
        body = msgspec.json.encode(_without(msgspec.json.decode(body)))
    return ask._replace(query=query, body=body)


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _without(inner) for name, inner in value.items()
            if name not in _WORDS or (isinstance(inner, dict) and name == "query")
        }  # fmt: skip
    if isinstance(value, list):
        return [_without(inner) for inner in value]
    return value

"""A stand-in for a Mastodon server: timelines of hashtags and of all, paged by the Link header."""

import html
import re
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote, urlencode

import msgspec

from vigie.demo.contents import Contents
from vigie.demo.posts import DemoPost, folded
from vigie.demo.site import NOT_FOUND, Ask, Page

ORIGIN: Final = "https://mastodon.social"
TIMELINES: Final = "/api/v1/timelines/"
_JSON: Final = "application/json; charset=utf-8"
_TAG: Final = re.compile(r"#(\w+)")
_ADDRESSED: Final = re.compile(r"@(compte_\d+)")
_LINK: Final = re.compile(r"https://\S+")
_WIDEST: Final = 40


class MastodonSite:
    """The server on one port. Boosts are in no timeline, as on real servers."""

    name = "mastodon"
    origins: tuple[str, ...] = (ORIGIN,)
    robots = "User-agent: *\nDisallow: /media_proxy/\n"
    anchor = b'"uri"'

    def answer(self, ask: Ask, contents: Contents) -> Page:
        """Answer a timeline."""
        place = ask.path.removeprefix(TIMELINES)
        if not ask.path.startswith(TIMELINES) or not (place == "public" or place[:4] == "tag/"):
            return NOT_FOUND
        tag = "" if place == "public" else folded(place[4:])
        bounds = {name: ask.query.get(name, "") for name in ("max_id", "since_id", "limit")}
        if any(value and not value.isdigit() for value in bounds.values()):
            return Page(400, b'{"error":"Invalid parameter"}', _JSON)
        size = min(_WIDEST, int(bounds["limit"] or 20))
        highest, lowest = int(bounds["max_id"] or 10**20), int(bounds["since_id"] or 0)
        found = [one for one in _timeline(contents, tag) if lowest < int(post_id(one)) < highest]
        chosen = found[:size]
        headers: tuple[tuple[str, str], ...] = ()
        if chosen:
            asked = {"limit": str(size)} | ({"since_id": str(lowest)} if lowest else {})
            here = f"{ORIGIN}{quote(ask.path)}?"
            after = f"{here}{urlencode(asked | {'max_id': post_id(chosen[-1])})}"
            before = f"{here}{urlencode(asked | {'min_id': post_id(chosen[0])})}"
            headers = (("Link", f'<{after}>; rel="next", <{before}>; rel="prev"'),)
        return Page(200, msgspec.json.encode([_status(one) for one in chosen]), _JSON, headers)

    def first_page(self, ask: Ask) -> Ask:
        """Return the question for the newest posts."""
        return ask._replace(query={k: v for k, v in ask.query.items() if k != "max_id"})


def post_id(post: DemoPost) -> str:
    """Return a post's number on the server: newer posts have larger ones."""
    return str(int(post.written.timestamp() * 1000) << 16 | post.number)


@lru_cache(maxsize=40)
def _timeline(contents: Contents, tag: str) -> tuple[DemoPost, ...]:
    return tuple(
        post
        for post in contents.posts
        if post.repeats is None and (not tag or tag in _TAG.findall(post.search))
    )


def _status(post: DemoPost) -> dict[str, Any]:
    number, account = post_id(post), f"compte_{post.account}"
    tags = [{"name": tag.lower(), "url": _tag_url(tag)} for tag in _TAG.findall(post.text)]
    answered = None if post.answers is None else str(post.answers)
    return {
        "id": number, "created_at": f"{post.written:%Y-%m-%dT%H:%M:%S}.000Z", "edited_at": None,
        "in_reply_to_id": answered, "in_reply_to_account_id": answered, "sensitive": False,
        "spoiler_text": "", "visibility": "public", "language": post.lang,
        "uri": f"{ORIGIN}/users/{account}/statuses/{number}",
        "url": f"{ORIGIN}/@{account}/{number}",
        "replies_count": post.replies, "reblogs_count": post.reposts,
        "favourites_count": post.likes, "content": _content(post.text), "reblog": None,
        "account": _account(account, post.account), "media_attachments": [],
        "mentions": [{"username": name, "acct": name, "url": f"{ORIGIN}/@{name}"}
                     for name in _ADDRESSED.findall(post.text)],
        "tags": tags, "emojis": [], "card": None, "poll": None,
    }  # fmt: skip


def _account(name: str, number: int) -> dict[str, Any]:
    return {
        "id": str(number), "username": name, "acct": name, "url": f"{ORIGIN}/@{name}",
        "display_name": f"Personne Fictive {number}", "uri": f"{ORIGIN}/users/{name}",
        "note": "<p>Un compte inventé</p>", "avatar": f"{ORIGIN}/avatars/{name}.png", "bot": False,
    }  # fmt: skip


def _content(text: str) -> str:
    """Return the text in the markup of Mastodon."""
    text = html.escape(text, quote=False)
    text = _LINK.sub(lambda found: f'<a href="{found[0]}" rel="nofollow">{found[0]}</a>', text)
    text = _TAG.sub(
        lambda found: (
            f'<a href="{_tag_url(found[1])}" class="mention hashtag" rel="tag">'
            f"#<span>{found[1]}</span></a>"
        ),
        text,
    )
    text = _ADDRESSED.sub(
        lambda found: (
            f'<span class="h-card" translate="no"><a href="{ORIGIN}/@{found[1]}" '
            f'class="u-url mention">@<span>{found[1]}</span></a></span>'
        ),
        text,
    )
    return f"<p>{text}</p>"


def _tag_url(tag: str) -> str:
    return f"{ORIGIN}/tags/{quote(tag.lower())}"


STAND_IN = MastodonSite

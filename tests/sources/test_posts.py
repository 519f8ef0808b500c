"""What the sources of posts promise together: no author, one key an author, mentions counted."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from vigie import sources
from vigie.contracts import AnySource
from vigie.errors import ConfigError, Empty, PageChanged, SourceRefused
from vigie.model.capture import Capture, Query, Request
from vigie.model.pseudonym import author_key, without_handles

Make = Callable[..., Capture]
POSTS = ("x_api", "mastodon", "bluesky", "posts_archive")
TEXT = "Débat ! .@Zoé_Fictif, ＠autre, medium.com/@tiers et zoe@exemple.invalid 06 39 98 12 34"


def make(name: str, secret: bytes = b"one") -> AnySource:
    source: AnySource = sources.find_all()[name](author_secret=secret)
    return source


def body(name: str, text: str = TEXT, author: str = "zoe_fictif", number: int = 1) -> bytes:
    """Return a page of one post, in the site's shape."""
    shapes: dict[str, Any] = {
        "x_api": {"data": [{"id": f"{number}", "text": text, "author_id": author}]},
        "mastodon": [{
            "id": f"{number}", "uri": f"https://a.example/users/{author}/statuses/{number}",
            "content": text, "account": {"id": "9", "url": f"https://a.example/@{author}"},
        }],
        "bluesky": {"posts": [{
            "uri": f"at://did:plc:{author}/app.bsky.feed.post/{number}",
            "author": {"did": f"did:plc:{author}", "handle": f"{author}.bsky.social"},
            "record": {"text": text},
        }]},
        "posts_archive": [{"id": number, "text": text, "username": author, "name": "Zoé"}],
    }  # fmt: skip
    return json.dumps(shapes[name], ensure_ascii=False).encode()


def key(source: AnySource, page: Capture) -> object:
    kept = source.scrub(page)
    return source.read(source.items(kept)[0], kept).values["author_key"]


@pytest.mark.parametrize("name", POSTS)
def test_an_author_has_one_key(page: Make, name: str) -> None:
    """Posts of one author share a key; other authors and other secrets have others; without a
    secret there is none, and the id of the post is the same in every case."""
    one, same = page(body(name)), page(body(name, "Autre", number=2))
    other = page(body(name, author="yan_fictif"))

    assert key(make(name), one) == key(make(name), same) is not None
    assert key(make(name), other) != key(make(name), one)
    assert key(make(name, b"two"), one) != key(make(name), one)
    assert key(make(name, b""), one) is None
    ids = set()
    for source in (make(name), make(name, b"two"), make(name, b"")):
        kept = source.scrub(one)
        ids.add(source.read(source.items(kept)[0], kept).native_id)
        assert source.scrub(kept) == kept
    assert len(ids) == 1


@pytest.mark.parametrize("name", POSTS)
def test_a_text_names_nobody_and_counts_everybody(page: Make, name: str) -> None:
    """Handles, mail addresses and phones leave a mark each; handles can be counted after it."""
    kept = make(name).scrub(page(body(name)))

    told = make(name).read(make(name).items(kept)[0], kept).values["text_raw"]

    assert told == "Débat ! .@[…], @[…], medium.com/@[…] et […] […]"
    assert "zoe" not in kept.body.decode().lower()


@pytest.mark.parametrize("name", POSTS)
def test_a_broken_page_keeps_no_name_that_can_be_told(page: Make, name: str) -> None:
    """A page that was cut on its way is blanked as far as it can be told."""
    whole = body(name)
    for end in range(len(whole) // 2, len(whole) - 1, 7):
        kept = make(name).scrub(page(whole[:end]))
        assert make(name).scrub(kept) == kept
        text = kept.body.decode("utf-8", "replace")
        assert "Zoé_Fictif" not in text
        assert "06 39 98" not in text


def test_a_key_needs_its_secret() -> None:
    """Keys are keyed: the same for a long secret, none without, never the bare hash of the id."""
    long = b"s" * 200

    assert author_key(long, "x_api", "1") == author_key(long, "x_api", "1")
    assert author_key(long, "x_api", "1") != author_key(long, "mastodon", "1")
    assert author_key(b"", "x_api", "1") is None
    assert author_key(b"s", "x_api", "") is None
    assert len(str(author_key(b"s", "x_api", "1"))) == 16


def test_handles_of_all_networks_are_known() -> None:
    """Handles with dots, hyphens, servers and letters of any script go; a lone sign stays."""
    text = "@a.b-c @user@server.tld @nom_é @مستخدم 5 @ 3 @[…]"

    assert without_handles(text) == ("@[…] @[…] @[…] @[…] 5 @ 3 @[…]", 4)


def test_the_secret_is_shown_nowhere() -> None:
    """A source's text does not show the secret."""
    for name in POSTS:
        assert "hush" not in repr(make(name, b"hush"))


def test_a_token_signs_without_a_question() -> None:
    """X's token needs no answer; a missing one is refused before anything is asked."""
    login = sources.login_class("x_api")
    assert login is not None
    request = Request(url="https://api.x.com/", headers=(("Authorization", "old"), ("A", "b")))

    assert login(bearer_token="t").request() is None
    signed = login(bearer_token="t").sign(request, None)

    assert signed.headers == (("A", "b"), ("Authorization", "Bearer t"))
    assert "t'" not in repr(login(bearer_token="t"))
    with pytest.raises(SourceRefused, match="bearer_token"):
        login(bearer_token=" ").request()


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("x_api", Query(name="q")),
        ("x_api", Query(name="q", words="a", options={"sinceid": "1"})),
        ("bluesky", Query(name="q")),
        ("bluesky", Query(name="q", words="a", options={"x": "1"})),
        ("mastodon", Query(name="q", options={"tag": "a"})),
        ("posts_archive", Query(name="q")),
        ("election_results", Query(name="q", options={"year": "1965"})),
        ("election_results", Query(name="q", options={"years": "2022"})),
    ],
)
def test_a_senseless_question_is_refused(name: str, query: Query) -> None:
    """What the site cannot be asked is an error of the recipe, before anything is asked."""
    with pytest.raises(ConfigError):
        list(sources.make(name).first(query))


def test_a_server_is_a_name() -> None:
    """The server of Mastodon cannot be an address, a path or an account."""
    for server in ("https://a.tld", "a.tld/x", "u@a.tld", "127.0.0.1", "localhost", "a.tld:80", ""):
        with pytest.raises(ConfigError):
            list(sources.make("mastodon", {"server": server}).first(Query(words="a")))
    found = list(sources.make("mastodon", {"server": "piaille.fr"}).first(Query(words="#Été 2022")))
    assert [one.url for one in found] == [
        "https://piaille.fr/api/v1/timelines/tag/%C3%89t%C3%A92022?limit=40"
    ]


def test_no_search_of_posts_closes_anything() -> None:
    """What a search of posts does not show may still be there: every request says so."""
    for name in ("x_api", "mastodon", "bluesky"):
        source = sources.make(name)
        for request in source.first(source.example):
            assert {"bounded", "since_hours"} & request.note.keys()


def test_old_posts_end_the_pages(page: Make) -> None:
    """When the last post of a page is older than was asked for, the next page is not."""
    answer = {"data": [{"id": "1", "text": "a", "created_at": "2026-11-20T01:00:00.000Z"}],
              "meta": {"next_token": "n"}}  # fmt: skip
    site = sources.make("x_api")
    at = datetime(2026, 11, 20, 10, tzinfo=UTC)
    asked = next(site.first(Query(words="a", since_hours=8)))
    raw = page(json.dumps(answer).encode(), url=asked.url, status=200, note=asked.note, at=at)

    assert list(site.follow(raw)) == []
    longer = next(site.first(Query(words="a", since_hours=10)))
    raw = page(json.dumps(answer).encode(), url=longer.url, status=200, note=longer.note, at=at)
    assert len(list(site.follow(raw))) == 1


def test_an_archive_of_any_columns(page: Make) -> None:
    """Columns that no tool names so are named by a setting; all others are not kept."""
    site = sources.find_all()["posts_archive"](columns={"text": "contenu", "id": "numéro"})
    raw = page("numéro;contenu;note privée\n7;Bonjour @nom;secret\n".encode())

    kept = site.scrub(raw)

    assert kept.body.decode() == "numéro;contenu\n7;Bonjour @[…]\n"
    assert site.read(site.items(kept)[0], kept).values["text_raw"] == "Bonjour @[…]"


def test_an_archive_is_cut_between_records() -> None:
    """A record whose text has line ends stays whole; every piece has the header."""
    row = b'1,"deux\nlignes, ""et"" des guillemets"\n'
    whole = b"id,text\n" + row * 60_000

    pieces = list(sources.make("posts_archive").split(io.BytesIO(whole), "a.csv"))  # type: ignore[attr-defined]  # a file's own

    assert len(pieces) > 1
    assert all(piece.body.startswith(b"id,text\n1,") for piece in pieces)
    assert sum(piece.body.count(row) for piece in pieces) == 60_000


def test_a_broken_workbook_is_a_changed_page(page: Make) -> None:
    """A workbook that cannot be opened is a changed page; a table without rows is empty."""
    site = sources.make("election_results")
    with pytest.raises(PageChanged):
        site.items(page(b"PK\x03\x04nothing", note={"file": "a.xlsx"}))
    with pytest.raises(Empty):
        site.items(page(b"Inscrits;Exprim\xe9s;Code du d\xe9partement\n", note={}))


@pytest.mark.parametrize(
    ("said", "kept"),
    [("Marine Le Pen à Hénin", True), ("LE PEN !", True), ("Le pen\u0301 aussi", True),
     ("le stylo : a pen", False), ("pen le", False), ("Le Pennec", False)],
)  # fmt: skip
def test_the_stream_keeps_phrases(said: str, kept: bool) -> None:
    """Words in quotes stand side by side, in their order, whatever their case."""
    event = {"kind": "commit", "time_us": 1, "did": "did:plc:x", "commit": {
        "operation": "create", "collection": "app.bsky.feed.post", "record": {"text": said},
    }}  # fmt: skip
    query = Query(name="Le Pen", words='"Le Pen"')

    found = make("bluesky").keep(json.dumps(event).encode(), (query,))  # type: ignore[attr-defined]  # of sources with a stream

    assert list(found) == (["Le Pen"] if kept else [])


PROFILES = {
    "bluesky": {
        "did": "did:plc:zoefictif", "handle": "zoe.bsky.social", "displayName": "Zoé Fictif",
        "description": "Boulangère à Brest, mon site : zoe-fictif.example",
        "pinned": [{"about": "Zoé aime le vélo"}], "followersCount": 12,
    },
    "mastodon": {
        "id": "9", "username": "zoe", "url": "https://a.example/@zoe", "note": "<p>Boulangère</p>",
        "fields": [{"name": "Site", "value": "zoe-fictif.example, Brest"}],
    },
    "x_api": {"profile": {"id": "9", "bio": "Zoé, boulangère", "site": "zoe-fictif.example"}},
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_a_profile_leaves_nothing(page: Make, name: str) -> None:
    """A page that is none of posts, which the reader refuses, is kept without a text: neither
    biography nor links nor counts of somebody."""
    source = make(name)
    for shown in (PROFILES[name], [PROFILES[name]]):
        kept = source.scrub(page(json.dumps(shown, ensure_ascii=False).encode()))

        for word in ("Boulang", "boulang", "fictif", "Zoé", "zoe", "Brest", "12"):
            assert word not in kept.body.decode(), kept.body
        assert source.scrub(kept) == kept
        assert kept.note["reduced"]


def test_a_profile_in_markup_or_broken_leaves_nothing(page: Make) -> None:
    """So is a page of HTML, and JSON that breaks off."""
    source = make("bluesky")
    for shown in (
        b"<html><title>Zo\xc3\xa9 Fictif</title><p class='bio'>Boulang\xc3\xa8re</p></html>",
        b'{"description": "Boulang\xc3\xa8re \xc3\xa0 Brest, zoe-fictif.example", "han',
    ):
        kept = source.scrub(page(shown))

        assert b"Boulang" not in kept.body
        assert b"ictif" not in kept.body
        assert source.scrub(kept) == kept


def test_an_error_of_the_api_still_says_why(page: Make) -> None:
    """What an answer says of itself is no person's."""
    shown = b'{"title": "Client Forbidden", "detail": "When authenticating requests"}'

    assert make("x_api").scrub(page(shown)).body == shown

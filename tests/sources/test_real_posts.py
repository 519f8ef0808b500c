"""Captured posts and official results read to the counts that a person took from them."""

import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from vigie import sources
from vigie.contracts import AnySource
from vigie.errors import RecordError
from vigie.model.capture import Capture
from vigie.model.listing import Listing

pytestmark = pytest.mark.data

Make = Callable[..., Capture]
SECRET = b"a secret of this test"


def make(name: str) -> AnySource:
    source: AnySource = sources.find_all()[name](author_secret=SECRET)
    return source


def read(site: AnySource, page: Capture) -> tuple[list[Listing], Counter[str]]:
    """Return what a blanked page lists, and the reasons of what cannot be read."""
    kept = site.scrub(page)
    assert site.scrub(kept) == kept
    found, wrong = list[Listing](), Counter[str]()
    for item in site.items(kept):
        try:
            found.append(site.read(item, kept))
        except RecordError as error:
            wrong[error.reason] += 1
    return found, wrong


def x_pages(path: Path) -> list[dict[str, Any]]:
    found = []
    for line in path.read_text().splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


@pytest.mark.parametrize(
    ("name", "posts", "cards", "wrong"),
    [
        ("2sets", 200, 0, {}),
        ("brexit", 100, 0, {}),
        ("cashtags", 1, 0, {}),
        ("flat", 100, 0, {}),
        ("noflat", 100, 0, {}),
        ("withheld", 215, 30, {}),
        ("streaming_output_with_error", 7, 0, {"bad_line": 1}),
        ("users", 0, 0, {"not_a_post": 96}),
    ],
)
def test_x_files(
    data: Path, page: Make, name: str, posts: int, cards: int, wrong: dict[str, int]
) -> None:
    """Every post of every file is read, in the shape the API or a tool wrote it; users are none."""
    path = data / "captured" / "x_api_v2" / f"{name}.jsonl"

    found, bad = read(make("x_api"), page(path.read_bytes()))

    assert len(found) == posts
    assert sum(one.reading == "card" for one in found) == cards
    assert bad == wrong
    told = {
        post["id"]: post
        for answer in x_pages(path)
        for post in (answer["data"] if isinstance(answer.get("data"), list) else [answer])
        if "text" in post
    }
    for listing in found:
        post = told.get(listing.native_id)
        if post is None:
            continue
        assert listing.values["posted_raw"] == post["created_at"]
        assert listing.values["lang_raw"] == post["lang"]
        refers = {one["type"]: one["id"] for one in post.get("referenced_tweets", ())}
        assert listing.values["repost_of"] == refers.get("retweeted")
        assert listing.values["reply_to"] == refers.get("replied_to")
        likes = None if "retweeted" in refers else post["public_metrics"]["like_count"]
        assert listing.values["likes"] == likes


def test_x_reposts_have_the_text_of_what_they_repeat(data: Path, page: Make) -> None:
    """The same hundred posts, flattened and not, read alike; no repost's text is cut."""
    folder = data / "captured" / "x_api_v2"
    site = make("x_api")

    whole, _ = read(site, page((folder / "noflat.jsonl").read_bytes()))
    flat, _ = read(site, page((folder / "flat.jsonl").read_bytes()))

    both = {one.native_id: one.values["text_raw"] for one in flat}
    same = [one for one in whole if both.get(one.native_id) == one.values["text_raw"]]
    assert len(same) == 100
    reposts = [one for one in whole if one.values["repost_of"]]
    raw = x_pages(folder / "noflat.jsonl")[0]["data"]
    assert len(reposts) == sum("RT @" in post["text"][:4] for post in raw) == 47
    assert not any(str(one.values["text_raw"]).startswith("RT @") for one in whole)


def test_x_authors_are_gone(data: Path, page: Make) -> None:
    """No user's name, handle or id is left in any file but in words of the posts themselves."""
    for path in sorted((data / "captured" / "x_api_v2").glob("*.jsonl")):
        if path.stem == "users_compliance":
            continue
        body = path.read_bytes()
        text = make("x_api").scrub(page(body)).body.decode()
        assert not re.search(r"@\w", text)
        assert not re.search(r"\"(?:username|profile_image_url|author)\":\"[^\"]", text)
        ids = set(re.findall(r'"author_id": ?"(\d+)"', body.decode()))
        assert not [one for one in ids if re.search(rf'"{one}"', text)]


def test_jetstream(data: Path, page: Make) -> None:
    """Of 152 events 17 are new posts and one is a deletion; likes and follows are no posts."""
    site = make("bluesky")
    body = (data / "captured" / "bluesky" / "expected_v1.jsonl").read_bytes()

    found, wrong = read(site, page(body))
    kept = site.scrub(page(body))

    assert len(found) == len({one.native_id for one in found}) == 17
    assert not wrong
    assert len(site.removed(kept).native_ids) == 1  # type: ignore[attr-defined]  # the stream's own
    assert not re.search(rb"did:(?:plc|web):", kept.body)
    assert sum(one.values["reply_to"] is not None for one in found) == sum(
        b'"reply":{' in line and b"feed.post" in line for line in body.splitlines()
    )
    assert all(re.match(r"2026-07-04T14:3[78]", str(one.values["posted_raw"])) for one in found)
    assert all(one.values["author_key"] for one in found)
    asked = sources.find_all()["bluesky"]()
    assert [asked.position(line) for line in body.splitlines()[:1]] == ["1783175888085434"]


def cassette(path: Path) -> Iterable[tuple[str, str]]:
    """Yield address and body of each answer of a recorded session (YAML, folded by its writer)."""
    for part in path.read_text().split("\n- request:")[1:]:
        address = re.search(r"\n    uri: (\S+)", part)
        body = re.search(r"\n      string: '((?:[^']|'')*)'\n", part)
        if address and body:
            text = re.sub(r"\n\n? *", lambda at: "\n" if "\n\n" in at[0] else " ", body[1])
            yield address[1], text.replace("''", "'")


@pytest.mark.parametrize(
    ("name", "pages", "posts"),
    [("hashtag_tl", 1, 1), ("public_tl", 2, 16), ("pagination_iterator", 5, 50)],
)
def test_mastodon_timelines(data: Path, page: Make, name: str, pages: int, posts: int) -> None:
    """Every post of the recorded timelines is read, and no account is left."""
    site = make("mastodon")
    path = data / "captured" / "mastodon" / f"test_{name}.yaml"
    found: list[Listing] = []
    read_pages = 0
    for address, body in cassette(path):
        if "/timelines/" not in address or body == "[]":
            continue
        raw = page(body.encode(), url=address, status=200)
        told = json.loads(body)
        listings, wrong = read(site, raw)
        assert len(listings) == len(told)
        assert not wrong
        assert [one.values["posted_raw"] for one in listings] == [p["created_at"] for p in told]
        text = site.scrub(raw).body.decode()
        names = {post["account"]["acct"] for post in told}
        assert not [one for one in names if one in text]
        found += listings
        read_pages += 1

    assert (read_pages, len(found)) == (pages, posts)


@pytest.mark.parametrize(
    ("name", "count"),
    [("EmmanuelMacron", 3291), ("PhilippePoutou", None), ("yjadot", None), ("n_arthaud", None)],
)
def test_archives_of_candidates(data: Path, page: Make, name: str, count: int | None) -> None:
    """Every row of an archive is one post, in pieces or whole; nobody is named by a handle."""
    site = make("posts_archive")
    path = data / "political" / "candidates_2022_tweets" / f"{name}.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    assert count in (None, len(rows))

    found: list[Listing] = []
    with path.open("rb") as raw:
        for piece in site.split(raw, path.name):  # type: ignore[attr-defined]  # a file's own
            listings, wrong = read(site, page(piece.body, note=piece.note))
            assert not wrong
            found += listings
            text = site.scrub(page(piece.body, note=piece.note)).body.decode()
            assert not re.search(r"@\w", text)
            assert name not in text.replace(f"#{name}", "")

    assert {one.native_id for one in found} == set(rows)
    kinds = Counter(row["type"] for row in rows.values())
    assert sum(one.values["repost_of"] is not None for one in found) == kinds["retweet"]
    assert sum(one.values["reply_to"] is not None for one in found) == sum(
        row["type"] == "reply" and bool(row["referenced_tweet_id"]) for row in rows.values()
    )
    assert len({one.values["author_key"] for one in found}) == 1


def figures(data: Path, page: Make, name: str) -> dict[str, float | None]:
    """Return the figures of a file by their natural key."""
    site = sources.make("election_results")
    path = data / "elections" / name
    found: dict[str, float | None] = {}
    with path.open("rb") as file:
        for piece in site.split(file, name):  # type: ignore[attr-defined]  # a file's own
            raw = page(piece.body, note=piece.note, url=f"file:{name}")
            listings = [site.read(item, raw) for item in site.items(raw)]
            for one in listings:
                value = one.values["value"]
                assert value is None or isinstance(value, float)
                assert one.native_id not in found
                found[one.native_id] = value
    return found


def total(found: dict[str, float | None], head: str, tail: str) -> int:
    chosen = [v for k, v in found.items() if k.startswith(head) and k.endswith(tail)]
    assert chosen
    return int(sum(value or 0 for value in chosen))


def test_departements_of_2022(data: Path, page: Make) -> None:
    """107 areas, overseas and abroad among them under the codes of the ministry; votes add up."""
    first = figures(data, page, "resultats-par-niveau-dpt-t1-france-entiere.xlsx")
    second = figures(data, page, "resultats-par-niveau-dpt-t2-france-entiere.xlsx")

    head = "presidentielle|2022|1|dep|"
    areas = {key.split("|")[4] for key in first}
    assert len(areas) == len({key.split("|")[4] for key in second}) == 107
    assert {"01", "2A", "2B", "ZA", "ZD", "ZN", "ZZ"} <= areas
    assert total(first, head, "|registered") == 48_747_876
    assert total(first, head, "|MACRON|votes") == 9_783_058
    assert total(first, head, "|LE PEN|votes") == 8_133_828
    assert total(first, head, "|MÉLENCHON|votes") == 7_712_520
    assert total(first, head, "|votes") == total(first, head, "|expressed")
    assert total(second, "presidentielle|2022|2|dep|", "|MACRON|votes") == 18_768_639
    assert total(second, "presidentielle|2022|2|dep|", "|LE PEN|votes") == 13_288_686


def test_departements_of_2017(data: Path, page: Make) -> None:
    """Sheets by département and region are read; title rows, cantons and circonscriptions not."""
    first = figures(data, page, "Presidentielle_2017_Resultats_Tour_1_c.xls")
    second = figures(data, page, "Presidentielle_2017_Resultats_Tour_2_c.xls")

    head = "presidentielle|2017|1|dep|"
    assert {key.split("|")[3] for key in first} == {"dep", "region"}
    assert len({key.split("|")[4] for key in first if key.startswith(head)}) == 107
    assert first[f"{head}01|LE PEN|votes"] == 81455.0
    assert total(first, head, "|registered") == 47_582_183
    assert total(first, head, "|votes") == total(first, head, "|expressed")
    assert total(second, "presidentielle|2017|2|dep|", "|votes") == total(
        second, "presidentielle|2017|2|dep|", "|expressed"
    )


def test_communes_add_up_to_their_departement(data: Path, page: Make) -> None:
    """Three files that others cut from the ministry's agree with its own: the Rhône's votes."""
    communes = figures(data, page, "2022-pres-t2-commune-rhone-69-bronze.csv")
    stations = figures(data, page, "2022-pres-t1-commune-rhone-69-bronze.csv")
    everywhere = figures(data, page, "pres2017_t1_by_commune.csv")
    dep_2 = figures(data, page, "resultats-par-niveau-dpt-t2-france-entiere.xlsx")
    dep_2017 = figures(data, page, "Presidentielle_2017_Resultats_Tour_1_c.xls")

    for name in ("MACRON", "LE PEN"):
        assert (
            total(communes, "presidentielle|2022|2|commune|69", f"|{name}|votes")
            == dep_2[f"presidentielle|2022|2|dep|69|{name}|votes"]
        )
        assert (
            total(everywhere, "presidentielle|2017|1|commune|01", f"|{name}|votes")
            == dep_2017[f"presidentielle|2017|1|dep|01|{name}|votes"]
        )
    assert len({key.split("|")[4] for key in stations}) == 1317
    assert len({key.split("|")[4] for key in everywhere}) == 35711

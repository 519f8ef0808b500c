"""The API's shape is the model's: every field once, nested by prefix, private ones never."""

from typing import Any

import pytest

from vigie.model.kinds import KINDS
from vigie.model.owners import OWNERS
from vigie.web.api.schema import listing
from vigie.web.envelope import NESTED, path_of, visible


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_stored_field_has_one_place(kind: Any) -> None:
    """No two fields share a place in the JSON, and no field is both a value and an object."""
    paths = [path_of(field.name) for field in kind.stored]
    assert len(set(paths)) == len(paths)
    assert not {path for path in paths if len(path) == 1} & {(path[0],) for path in paths if path[1:]}  # noqa: E501  # fmt: skip


def test_the_table_of_prefixes_holds_no_dead_entry() -> None:
    """Every nested prefix is used by at least two fields of some kind."""
    for prefix in NESTED:
        counts = [sum(f.name.startswith(f"{prefix}_") for f in kind) for kind in KINDS.values()]
        assert max(counts) >= 2, prefix


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
@pytest.mark.parametrize("owner", [True, False])
def test_private_fields_are_nobodys(kind: Any, owner: bool) -> None:
    """A private field is shown to nobody, not even to the owner."""
    assert not [field for field in visible(kind, owner=owner) if field.private]


def test_what_a_post_says_is_the_owners() -> None:
    """The public sees neither a post's words nor what leads to its author."""
    post = KINDS["post"]
    public = {field.name for field in visible(post, owner=False)}
    assert not public & {"text", "text_plain", "html", "title", "summary", "hashtags", "url",
                         "native_id", "reply_to", "repost_of", "author_key"}  # fmt: skip
    assert OWNERS["post"] <= set(post.by_name)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_the_described_schema_has_every_visible_field(kind: Any) -> None:
    """OpenAPI's listing and the answer come from the same declarations."""
    properties = listing(kind)["properties"]
    for field in visible(kind, owner=True):
        path = path_of(field.name)
        inner = properties[path[0]]
        assert len(path) == 1 or path[1] in inner["properties"]

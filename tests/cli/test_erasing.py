"""`vigie erase`: what somebody wants to be gone is gone, and said."""

import json

from tests.cli.conftest import Call


def test_a_listing_is_erased_everywhere(offers: Call) -> None:
    """Looked at first, then gone from search and database; an id that is none erases nothing."""
    one, other = listed(offers)[:2]

    looked = offers("erase", one, "--dry-run")
    wrong = offers("erase", one, "no-such-id")
    assert (looked.code, looked.out) == (0, "1 would be erased\n")
    assert f"{one}: job, shown by 1 capture(s)" in looked.err
    assert (wrong.code, "no listing has the id no-such-id" in wrong.err) == (2, True)
    assert offers("show", one).code == 0

    told = offers("erase", one, one)
    assert (told.code, told.out) == (0, "1 erased\n")
    assert offers("show", one).code == 2
    assert one not in listed(offers)
    assert other in listed(offers)


def listed(offers: Call) -> list[str]:
    told = offers("search", "--format", "ndjson").out
    return [json.loads(line)["id"] for line in told.splitlines()]

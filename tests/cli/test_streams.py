"""Standard output holds data that programs can read; everything else goes to standard error."""

import csv
import io
import json

import pytest

from tests.cli.conftest import Call

AS_JSON = (
    ["search", "--json"],
    ["search", "-k", "jobs", "--facet", "contract", "--format", "json"],
    ["stats", "--json"],
    ["stats", "job", "--json"],
    ["sources", "list", "--json"],
    ["sources", "show", "offres", "--json"],
    ["runs", "list", "--json"],
    ["runs", "show", "--json"],
    ["spool", "list", "--json"],
    ["db", "status", "--json"],
    ["config", "show", "--json"],
    ["watch", "show", "annonces-maroc"],
)


def test_json_is_one_document_and_nothing_else(offers: Call) -> None:
    """Whatever prints JSON prints one valid document on standard output."""
    for arguments in AS_JSON:
        told = offers(*arguments)
        assert told.code == 0, told
        assert json.loads(told.out), arguments


def test_json_of_an_empty_folder_is_valid_too(vigie: Call) -> None:
    """An honest empty result is 0, and an empty list or document."""
    for arguments in AS_JSON:
        if arguments[:2] in (["sources", "show"], ["runs", "show"]):
            continue
        told = vigie(*arguments)
        assert told.code == 0, told
        json.loads(told.out)
    assert json.loads(vigie("search", "--json").out)["items"] == []


def test_search_has_the_api_s_shape(offers: Call) -> None:
    """Totals and facets agree with the items, and numbers are numbers."""
    told = json.loads(offers("search", "--json", "--facet", "place_city").out)

    assert told["total"] == {"value": 4, "relation": "eq"}
    assert len(told["items"]) == 4
    cities = {bucket["value"]: bucket["count"] for bucket in told["facets"]["place_city"]}
    assert cities == {"Lyon": 1, "Rennes": 1, "Paris": 1, "Brest": 1}
    lyon = next(item for item in told["items"] if item["place"]["city"] == "Lyon")
    assert lyon["title"] == "Développeur Python (H/F)"
    assert lyon["pay"]["min"] == 45000


def test_every_format_of_search_has_the_same_rows(offers: Call) -> None:
    """Table, JSON, NDJSON and CSV list the same ids; the count goes to standard error."""
    listed = [item["id"] for item in json.loads(offers("search", "--json").out)["items"]]

    table = offers("search").out
    lines = offers("search", "--format", "ndjson").out.splitlines()
    rows = list(csv.DictReader(io.StringIO(offers("search", "--format", "csv").out)))

    assert [line.split()[0] for line in table.splitlines()[1:]] == listed
    assert [json.loads(line)["id"] for line in lines] == listed
    assert [row["id"] for row in rows] == listed
    assert offers("search").err == "4 found, 4 shown\n"


def test_accents_do_not_matter_and_filters_narrow(offers: Call) -> None:
    """`developpeur` finds `Développeur`; a département and a filter narrow."""
    assert offers("search", "developpeur").err == "1 found, 1 shown\n"
    assert offers("search", "--where", "35").err == "1 found, 1 shown\n"
    assert offers("search", "-f", "remote=hybrid").err == "1 found, 1 shown\n"
    assert offers("search", "-f", "place_city=!Lyon").err == "3 found, 3 shown\n"
    assert offers("search", "zzzz").err == "0 found, 0 shown\n"


def test_quiet_says_nothing_beside_data(offers: Call) -> None:
    """With -q standard error is empty; the data stays."""
    told = offers("-q", "search", "--format", "ndjson")

    assert told.err == ""
    assert len(told.out.splitlines()) == 4


def test_events_of_the_log_do_not_stand_among_data(offers: Call) -> None:
    """Rebuilding the index logs to standard error, a JSON object a line when it is no terminal."""
    told = offers("db", "reindex")

    assert told.out == "4 listings indexed\n"
    (event,) = (json.loads(line) for line in told.err.splitlines())
    assert event["event"] == "view rebuilt"
    assert event["level"] == "info"


def test_a_listing_is_shown_with_its_values(offers: Call) -> None:
    """`show` prints what is known, and nothing for what is not."""
    (line,) = offers("search", "developpeur", "--format", "ndjson").out.splitlines()
    listing = json.loads(line)["id"]

    told = offers("show", listing)
    as_json = json.loads(offers("show", listing, "--json").out)

    assert "Éclair & Fils" in told.out
    assert "None" not in told.out
    assert as_json["company"] == "Éclair & Fils"
    assert as_json["history"] == []


@pytest.mark.parametrize(
    "arguments",
    [["doctor"], ["spool", "verify"], ["config", "validate"], ["replay", "--dry-run"],
     ["process"], ["watch", "list"], ["config", "path"], ["config", "show"], ["db", "status"],
     ["spool", "prune", "--dry-run"]],
    ids=" ".join,
)  # fmt: skip
def test_looking_after_a_healthy_folder_is_0(offers: Call, arguments: list[str]) -> None:
    """What finds nothing wrong ends with 0."""
    told = offers(*arguments)

    assert told.code == 0, told
    assert "wrong" not in told.out


def test_credentials_are_not_printed(vigie: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """`config show` names a credential and where it comes from, and hides it."""
    monkeypatch.setenv("VIGIE_LOGINS__FRANCE_TRAVAIL__CLIENT_SECRET", "planted-8f2e")

    for arguments in (["config", "show"], ["config", "show", "--json"]):
        told = vigie(*arguments)
        assert "client_secret" in told.out
        assert "planted-8f2e" not in told.out + told.err

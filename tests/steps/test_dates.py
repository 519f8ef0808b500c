"""Dates as sites write them."""

from datetime import UTC, datetime

import pytest

from tests.steps.rows import READ_AT, refine
from vigie.steps.clean.instants import read_instant

PARIS, CASA, NEW_YORK = "Europe/Paris", "Africa/Casablanca", "America/New_York"

# zone, text, instant in UTC, precision; read on Saturday 2026-11-21 at 10:30:45 UTC.
DATES = (
    (PARIS, "2024-11-30", "2024-11-30T00:00", "day"),
    (PARIS, "2024-11-30T14:44:37.123Z", "2024-11-30T14:44:37.123", "second"),
    (PARIS, "2024-11-30T14:44:37", "2024-11-30T13:44:37", "second"),
    (PARIS, "2024-11-30 14:44", "2024-11-30T13:44", "minute"),
    (PARIS, "2024-11-30T14:44:37.000+0000", "2024-11-30T14:44:37", "second"),
    (PARIS, "2026-07-17 11:00:39 UTC", "2026-07-17T11:00:39", "second"),
    (PARIS, "20241130", "2024-11-30T00:00", "day"),
    (PARIS, "2024-11", "2024-11-01T00:00", "month"),
    (PARIS, "2024", "2024-01-01T00:00", "year"),
    (PARIS, "1692828000", "2023-08-23T22:00", "second"),
    (PARIS, "1692828000123", "2023-08-23T22:00:00.123", "second"),
    (PARIS, "1692828000000.0", "2023-08-23T22:00", "second"),
    (PARIS, "1.6928E12", "2023-08-23T00:00", "day"),
    (PARIS, "1.692828E12", "2023-08-23T22:00", "hour"),
    (PARIS, "publié le 3 déc. 2024", "2024-12-03T00:00", "day"),
    (PARIS, "3 décembre 2024 à 14h30", "2024-12-03T13:30", "minute"),
    (PARIS, "1er janvier 2025", "2025-01-01T00:00", "day"),
    (PARIS, "03/12/2024", "2024-12-03T00:00", "day"),
    (PARIS, "14/04/25", "2025-04-14T00:00", "day"),
    (PARIS, "12/31/2024", "2024-12-31T00:00", "day"),
    (PARIS, "Dec 3, 2024", "2024-12-03T00:00", "day"),
    (PARIS, "December 3rd, 2024 5:30 PM", "2024-12-03T16:30", "minute"),
    (PARIS, "Wed Aug 05 12:00:00 2015", "2015-08-05T10:00", "second"),
    (PARIS, "Tue, 21 Nov 2023 10:00:00 +0000", "2023-11-21T10:00", "second"),
    (PARIS, "Sat Nov 30 2024 14:44:37 GMT+0100", "2024-11-30T13:44:37", "second"),
    (PARIS, "décembre 2024", "2024-12-01T00:00", "month"),
    (PARIS, "12 mars", "2026-03-12T00:00", "day"),
    (PARIS, "22 nov.", "2026-11-22T00:00", "day"),
    (PARIS, "23 nov.", "2025-11-23T00:00", "day"),
    (PARIS, "29 févr.", "2024-02-29T00:00", "day"),
    (PARIS, "il y a 6 minutes", "2026-11-21T10:24", "minute"),
    (PARIS, "il y a une heure", "2026-11-21T09:00", "hour"),
    (PARIS, "Publiée il y a 2 heures", "2026-11-21T08:00", "hour"),
    (PARIS, "il y a 3 j", "2026-11-18T00:00", "day"),
    (PARIS, "il y a 8 mois", "2026-03-21T00:00", "month"),
    (PARIS, "il y a 5 ans", "2021-11-21T00:00", "year"),
    (PARIS, "il y a plus d'un mois", "2026-10-21T00:00", "month"),
    (PARIS, "Il y a plus de 30 jours", "2026-10-22T00:00", "month"),
    (PARIS, "30+ days ago", "2026-10-22T00:00", "month"),
    (PARIS, "hace 30+ días", "2026-10-22T00:00", "month"),
    (PARIS, "Posted 3 days ago", "2026-11-18T00:00", "day"),
    (PARIS, "2 weeks ago", "2026-11-07T00:00", "week"),
    (PARIS, "an hour ago", "2026-11-21T09:00", "hour"),
    (PARIS, "3d", "2026-11-18T00:00", "day"),
    (PARIS, "Just posted", "2026-11-21T10:30", "hour"),
    (PARIS, "Yesterday", "2026-11-20T00:00", "day"),
    (PARIS, "Expire dans 3 jours", "2026-11-24T00:00", "day"),
    (CASA, "14 Apr-10:20", "2026-04-14T09:20", "minute"),
    (CASA, "Publiée le: 14 Apr-10:20", "2026-04-14T09:20", "minute"),
    (CASA, "Aujourd'hui 10:20", "2026-11-21T09:20", "minute"),
    (CASA, "Hier 09:16", "2026-11-20T08:16", "minute"),
    (CASA, "Hier, à 9h05", "2026-11-20T08:05", "minute"),
    (CASA, "20 Déc", "2025-12-20T00:00", "day"),
    (CASA, "منذ 3 أيام", "2026-11-18T00:00", "day"),
    (CASA, "منذ يومين", "2026-11-19T00:00", "day"),
    (CASA, "قبل ساعة", "2026-11-21T09:00", "hour"),
    (CASA, "أمس", "2026-11-20T00:00", "day"),
    (CASA, "١٢ نونبر ٢٠٢٤", "2024-11-12T00:00", "day"),
    (NEW_YORK, "03/12/2024", "2024-03-12T00:00", "day"),
)  # fmt: skip


@pytest.mark.parametrize(("zone", "shown", "instant", "precision"), DATES)
def test_a_date_is_read_as_exactly_as_it_is_written(
    zone: str, shown: str, instant: str, precision: str
) -> None:
    """Every shape that sites write gives its instant and no more exactness than it has."""
    expected = datetime.fromisoformat(instant).replace(tzinfo=UTC)

    assert read_instant(shown, READ_AT, zone) == (expected, precision)


@pytest.mark.parametrize(
    "shown",
    ["", "abc", "à discuter", "31/02/2024", "31 juin", "0", "0001-01-01T00:00:00", "9999-12-31",
     "1970-01-01", "Active 3 days ago", "EmployerActive 3 days ago", "06 12 34 56 78", "75001"],
)  # fmt: skip
def test_what_is_no_date_is_null(shown: str) -> None:
    """Impossible days, sentinels, phone numbers and other people's activity are no dates."""
    assert read_instant(shown, READ_AT, PARIS) is None


@pytest.mark.parametrize(
    "shown",
    ["il y a 6 minutes", "Hier 09:16", "14 Apr-10:20", "12 Mar", "Yesterday", "Just posted",
     "30+ days ago", "أمس", "lundi", "last week", "2 weeks 1 day ago"],
)  # fmt: skip
def test_what_is_relative_needs_the_time_of_reading(shown: str) -> None:
    """An undated capture's "yesterday" is unknown, never our yesterday."""
    assert read_instant(shown, None, PARIS) is None


def test_a_full_date_needs_no_time_of_reading() -> None:
    """What a text says in full stays known in an undated import."""
    for shown in ("2024-11-30", "3 déc. 2024", "1692828000", "Dec 3, 2024"):
        assert read_instant(shown, None, PARIS) == read_instant(shown, READ_AT, PARIS) is not None


def test_a_naive_time_needs_the_site_s_zone() -> None:
    """Without a known zone only what names its own is read."""
    assert read_instant("2024-11-30T10:00:00", READ_AT, "Nowhere/Land") is None
    assert read_instant("2024-11-30T10:00:00Z", READ_AT, None) is not None


def test_dates_reach_their_fields() -> None:
    """Posted, updated and expires are read; absurd publications are null."""
    row = refine("job", posted_raw="Hier 09:16", updated_raw="2026-11-20", expires_raw="2031-01-01")

    assert row["posted_at"] == datetime(2026, 11, 20, 8, 16, tzinfo=UTC)
    assert row["posted_precision"] == "minute"
    assert row["updated_at"] == datetime(2026, 11, 20, tzinfo=UTC)
    assert row["expires_at"] == datetime(2031, 1, 1, tzinfo=UTC)
    assert refine("job", posted_raw="2031-01-01")["posted_at"] is None
    assert refine("job", posted_raw="2026-12-01")["posted_at"] is not None
    assert refine("job", expires_raw="2099-12-31")["expires_at"] is None

"""What every list of steps promises: the schema, the rows, their order, and no surprise."""

import random
import time

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tests.steps.rows import EVERYTHING, frame, refine
from vigie.model.frames import refined_schema
from vigie.model.kinds import KINDS
from vigie.steps import STANDARD, run

TEXTS = (
    "Data Engineer H/F",
    "<p>Télétravail 2 jours par semaine.</p><ul><li>3 ans d'expérience</li></ul>",
    "dÃ©veloppeur &amp; co",
    "مهندس بيانات في الدار البيضاء",
    "👩‍💻 Rust 🦀",
    "45-55 k€ brut/an",
    "28 M Cts",
    "69 - LYON 02",
    "il y a 6 minutes",
    "14 Apr-10:20",
    "https://example.org/a?utm_source=x&id=3#top",
    "",
    "   \u200b ",
    "a\x00b\x1fc",
    "&lt;p&gt;R&amp;amp;D&lt;/p&gt;",
    "a < b and c > d",
    "\u202eright to left\u202c",
    "1e400",
    "9" * 300,
    "31/02/2024",
    "²⁰²⁴ ½",
    "﷽ İ ß ﬁ",
    "{%s}" * 20,
    "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    None,
)


def shown_names(kind: str) -> list[str]:
    return [field.name for field in KINDS[kind].shown if field.type == "text"]


def mixed(kind: str, count: int, seed: int) -> pl.DataFrame:
    """Return rows whose every text is drawn from `TEXTS`."""
    draw = random.Random(seed)
    names = shown_names(kind)
    return frame(
        kind,
        [
            {name: draw.choice(TEXTS) for name in names}
            | {"native_id": str(at), "fate": draw.choice([None, None, None, "quarantined"])}
            for at in range(count)
        ],
    )


@pytest.mark.parametrize("kind", KINDS)
def test_rows_come_out_as_the_store_receives_them(kind: str) -> None:
    """Every standard list gives exactly `refined_schema`, every row, in order."""
    rows = mixed(kind, 60, 1)

    refined = run(kind, rows, STANDARD[kind])

    assert dict(refined.schema) == refined_schema(KINDS[kind])
    assert refined["native_id"].to_list() == rows["native_id"].to_list()


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_batch_stays_empty(kind: str) -> None:
    """No row in, no row out, the same columns."""
    refined = run(kind, frame(kind, []), STANDARD[kind])

    assert dict(refined.schema) == refined_schema(KINDS[kind])
    assert refined.height == 0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(3))
def test_a_row_depends_on_itself_alone(kind: str, seed: int) -> None:
    """Any split and any order of a batch give the same rows."""
    rows = mixed(kind, 90, seed)
    whole = run(kind, rows, STANDARD[kind])

    shuffled = rows.sample(fraction=1, shuffle=True, seed=seed)
    pieces = [run(kind, piece, STANDARD[kind]) for piece in shuffled.iter_slices(seed * 9 + 1)]

    again = pl.concat(pieces).sort(pl.col("native_id").cast(pl.Int32))
    assert_frame_equal(again, whole)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
@pytest.mark.parametrize("kind", ["job", "ad", "post"])
def test_no_text_stops_a_batch(kind: str, data: st.DataObject) -> None:
    """Whatever a site writes in any field, the row comes out."""
    text = st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.sampled_from(TEXTS)
    row = {name: data.draw(text, label=name) for name in shown_names(kind)}

    assert refine(kind, **row)["fate"] in (None, "rejected")


HOSTILE = (
    "<", "<p ", "<p a", '<a href="', "<!--", "]]>", "&", "&#", "1 ", "1,", "1.", "111 ", "1h",
    "k€", "€", "-", "- ", "( ", "a-", "@a", "#a", "@a.a", "utm_", "?&", "%", ";sid=", "http://a",
    "télétravail ", "remote hybrid ", "expérience ", "3 ans ", "sur 13 ", "plus de ", "à ",
    "il y a ", "12 jan ", "lundi ", "Ã©", "Ã", "👩‍", "ـ", "\u0301", "paris ", "st ",
)  # fmt: skip


@pytest.mark.parametrize("kind", ["job", "ad", "post"])
def test_time_grows_with_the_text_and_not_faster(kind: str) -> None:
    """100 kB of any hostile repetition in every field costs at most a second a listing."""
    slow = {}
    for piece in HOSTILE:
        text = piece * (100_000 // len(piece))
        row = frame(kind, [dict.fromkeys(shown_names(kind), text)])
        start = time.process_time()
        run(kind, row, STANDARD[kind])
        spent = time.process_time() - start
        if spent > 1:
            slow[piece] = spent
    assert not slow


def test_a_decided_row_passes_untouched() -> None:
    """A row that is quarantined keeps its shown values, its mark and its place."""
    rows = frame(
        "job", [{"title": " A "}, {"title": " B ", "fate": "quarantined", "reason": "held"}]
    )

    refined = run("job", rows, STANDARD["job"])

    assert refined["title"].to_list() == ["A", " B "]
    assert refined["reason"].to_list() == [None, "held"]


@pytest.mark.parametrize("title", ["", " \u200b\n", None, "&nbsp;"])
def test_a_job_needs_a_title(title: str | None) -> None:
    """A job whose title is blank is rejected with a reason, and kept."""
    row = refine("job", title=title)

    assert (row["fate"], row["reason"]) == ("rejected", "no_title")


def test_a_page_that_does_not_tell_the_title_is_no_reason() -> None:
    """A full page that carries no title completes its card: it is not rejected."""
    bit = 1 << [field.name for field in KINDS["ad"].shown].index("title")

    assert refine("ad", title=None, carried=EVERYTHING & ~bit)["fate"] is None
    assert refine("ad", title=None, carried=0, reading="card")["fate"] == "rejected"


def test_a_post_needs_no_title() -> None:
    """Posts have no title, and are none the worse."""
    assert refine("post", title=None, text_raw="Bonjour")["fate"] is None

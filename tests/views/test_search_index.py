"""The index as a view: one commit, disposable, never wrong in silence."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from random import Random

import polars as pl
import pytest

from tests.views.listings import Shown
from vigie.errors import FromTheFuture, StoreError, ViewError
from vigie.model.ask import Ask
from vigie.model.frames import stored_schema
from vigie.model.kinds import JOB, KINDS
from vigie.views.search import plan
from vigie.views.search.index import SearchIndex
from vigie.views.search.passages import mark
from vigie.views.search.rows import entries


def opened(path: Path, shown: Shown) -> SearchIndex:
    return SearchIndex(path, members=shown.members)


def test_what_is_applied_is_found_at_once_and_after_a_restart(shown: Shown, tmp_path: Path) -> None:
    """Content and position are in the same commit and on disk."""
    with opened(tmp_path, shown) as index:
        shown.follow(index, shown.put("a", title="Data engineer"))
        assert index.ask(Ask(kind="job", text="engineer")).seq == index.cursor() == 1

    with opened(tmp_path, shown) as again:
        assert again.cursor() == 1
        assert again.ask(Ask(kind="job", text="engineer")).total == 1


def test_applying_twice_changes_nothing(shown: Shown, index: SearchIndex) -> None:
    """A batch that was interrupted is given again."""
    changes = [shown.put("a", title="Data"), shown.put("b", title="Data")]
    shown.follow(index, *changes)
    shown.follow(index, *changes)

    assert index.ask(Ask(kind="job")).total == 2
    assert not index.reconcile(shown.frames().items())


def test_a_listing_without_a_row_is_gone(shown: Shown, index: SearchIndex) -> None:
    """Erased in the store, erased here."""
    shown.follow(index, shown.put("a", title="Data"), shown.put("b", title="Data"))
    shown.follow(index, shown.erase("a"))

    assert index.ask(Ask(kind="job", status="all")).total == 1


def test_a_failed_batch_leaves_no_trace(shown: Shown, index: SearchIndex) -> None:
    """What was not committed is undone, the next commit does not carry it."""
    shown.follow(index, shown.put("a", title="Data"))
    shown.put("b", title="Canari")
    shown.put("c", title="Canari")
    changes = shown.gather("b", "c")
    shown.broken = StoreError("the store is busy")

    with pytest.raises(StoreError):
        shown.follow(index, *changes)
    shown.broken = None
    shown.follow(index, shown.put("d", title="Data"))

    assert index.ask(Ask(kind="job", text="canari")).total == 0
    assert index.ask(Ask(kind="job")).total == 2


def test_another_schema_makes_the_index_stale(shown: Shown, tmp_path: Path) -> None:
    """It stands at 0, refuses to answer wrongly, and is rebuilt beside and swapped."""
    with opened(tmp_path, shown) as index:
        shown.follow(index, shown.put("a", title="Data"))
    label = tmp_path / "view.json"
    before = json.loads(label.read_text())
    label.write_text(json.dumps(before | {"schema": "another"}))

    with opened(tmp_path, shown) as index:
        assert index.stale
        assert index.cursor() == 0
        with pytest.raises(ViewError, match="rebuilt"):
            index.ask(Ask(kind="job"))
        with pytest.raises(ViewError):
            shown.follow(index, shown.put("b", title="Data"))
        shown.rebuild(index)
        assert not index.stale
        assert index.cursor() == shown.seq
        assert index.ask(Ask(kind="job")).total == 2
    assert json.loads(label.read_text())["index"] != before["index"]
    assert len(list(tmp_path.glob("index-*"))) == 1


@pytest.mark.parametrize("field", ["version", "format"])
def test_an_index_from_the_future_is_refused(shown: Shown, tmp_path: Path, field: str) -> None:
    """One line, and nothing was changed."""
    opened(tmp_path, shown).close()
    label = tmp_path / "view.json"
    label.write_text(json.dumps(json.loads(label.read_text()) | {field: 99}))
    before = sorted(str(path) for path in tmp_path.rglob("*"))

    with pytest.raises(FromTheFuture, match="99"):
        opened(tmp_path, shown)
    assert sorted(str(path) for path in tmp_path.rglob("*")) == before


@pytest.mark.parametrize("damage", ["label", "meta", "segments", "folder"])
def test_a_damaged_index_is_stale_and_can_be_rebuilt(
    shown: Shown, tmp_path: Path, damage: str
) -> None:
    """An index is disposable: damage costs a rebuild, never an error for good."""
    with opened(tmp_path, shown) as index:
        shown.follow(index, shown.put("a", title="Data"))
    inside = next(tmp_path.glob("index-*"))
    if damage == "label":
        (tmp_path / "view.json").write_bytes(b"{")
    elif damage == "meta":
        (inside / "meta.json").write_bytes(b"")
    else:
        for file in inside.iterdir():
            if damage == "folder" or file.name.split(".")[-1] in ("idx", "fast", "store"):
                file.unlink()

    with opened(tmp_path, shown) as index:
        assert index.stale
        shown.rebuild(index)
        assert index.ask(Ask(kind="job")).total == 1


def test_a_failed_rebuild_leaves_the_index_as_it_was(shown: Shown, index: SearchIndex) -> None:
    """The old index answers until the new one can."""
    shown.follow(index, shown.put("a", title="Data"))

    def broken() -> Iterator[tuple[str, pl.DataFrame]]:
        yield from shown.frames().items()
        raise ViewError("the disk is full")

    with pytest.raises(ViewError):
        index.rebuild(99, broken())
    assert index.cursor() == 1
    assert index.ask(Ask(kind="job")).total == 1
    shown.follow(index, shown.put("b", title="Data"))
    assert index.ask(Ask(kind="job")).total == 2


def test_another_process_sees_commits_and_swaps(shown: Shown, tmp_path: Path) -> None:
    """Who only asks need not be told that the index moved on."""
    with opened(tmp_path, shown) as writer, opened(tmp_path, shown) as reader:
        for number in range(12):
            shown.follow(writer, shown.put(f"n{number}", title="Data"))
            assert reader.ask(Ask(kind="job")).total == number + 1
        shown.erase("n0")
        shown.rebuild(writer)
        assert reader.ask(Ask(kind="job")).total == 11
        assert reader.cursor() == shown.seq


def test_two_writers_are_refused(shown: Shown, tmp_path: Path) -> None:
    """The second one is told, and what the first one wrote stays."""
    with opened(tmp_path, shown) as first, opened(tmp_path, shown) as second:
        shown.follow(first, shown.put("a", title="Data"))
        with pytest.raises(ViewError, match="another process"):
            shown.follow(second, shown.put("b", title="Data"))
        assert second.ask(Ask(kind="job")).total == 1


def test_an_answer_is_of_one_generation(shown: Shown, index: SearchIndex) -> None:
    """While changes are applied, hits, total and counts of an answer agree with each other."""
    draw = Random(3)  # a drawn example, always the same
    changes = [shown.put(f"n{n}", title="Data", source=draw.choice("ab")) for n in range(20)]
    shown.follow(index, *changes)
    wrong: list[object] = []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            answer = index.ask(Ask(kind="job", text="data", facets=("source",), limit=1000))
            counted = sum(bucket.count for bucket in answer.facets["source"])
            if not len(answer.ids) == answer.total == counted:
                wrong.append(answer)

    askers = [threading.Thread(target=ask) for _ in range(2)]
    for asker in askers:
        asker.start()
    for number in range(20, 50):
        shown.follow(index, shown.put(f"n{number}", title="Data", source=draw.choice("ab")))
    done.set()
    for asker in askers:
        asker.join()
    assert wrong == []


def test_the_reconciler_proves_that_index_and_store_agree(shown: Shown, index: SearchIndex) -> None:
    """A missing, an extra and a different document are each found and named."""
    changes = [shown.put(name, title=f"Data {name}") for name in "abcdef"]
    shown.gather("e", "f")
    shown.follow(index, *changes)
    assert not index.reconcile(shown.frames().items())

    by_name = {row["native_id"]: one for one, row in shown.rows.items()}
    shown.put("a", title="Autre")
    shown.erase("b")
    shown.put("g", title="Data g")
    shown.put("e", place_city="Lyon")
    found = index.reconcile(shown.frames().items())

    cluster = min(by_name["e"], by_name["f"])
    assert set(found.different) == {by_name["a"], by_name["e"], f"{cluster}/all"}
    assert found.extra == (by_name["b"],)
    assert [shown.rows[one]["native_id"] for one in found.missing] == ["g"]


def test_any_order_of_changes_gives_the_same_index(shown: Shown, index: SearchIndex) -> None:
    """After whatever happened, the index is what a rebuild would give."""
    draw = Random(11)  # a drawn example, always the same
    names = [f"n{number}" for number in range(25)]
    for _ in range(60):
        changes = []
        for _ in range(draw.randrange(1, 6)):
            name = draw.choice(names)
            present = {row["native_id"]: one for one, row in shown.rows.items()}
            choice = draw.random()
            if name in present and choice < 0.15:
                cluster = shown.rows[present[name]]["cluster"]
                changes.append(shown.erase(name))
                left = [r["native_id"] for r in shown.rows.values() if r["cluster"] == cluster]
                changes += shown.gather(*left) if left else []
            elif choice < 0.35 and len(present) > 4:
                chosen = draw.sample(sorted(present), 3)
                old = {shown.rows[present[one]]["cluster"] for one in chosen}
                rest = [
                    row["native_id"]
                    for row in shown.rows.values()
                    if row["cluster"] in old and row["native_id"] not in chosen
                ]
                changes += [*shown.gather(*chosen), *(c for one in rest for c in shown.gather(one))]
            else:
                status = draw.choice(("open", "closed"))
                changes.append(shown.put(name, title=draw.choice("abc"), status=status))
        shown.follow(index, *changes)
        assert not index.reconcile(shown.frames().items())


KILLED = """
import sys
from pathlib import Path
from vigie.model.frames import stored_schema
from vigie.model.identity import listing_id
from vigie.model.kinds import JOB
from vigie.model.position import Change, What
from vigie.views.search.index import SearchIndex
from datetime import datetime, UTC
import polars as pl

schema = stored_schema(JOB)
index = SearchIndex(Path(sys.argv[1]), members=lambda clusters: {})
print("ready", flush=True)
seq = index.cursor()
while True:
    seq += 1
    one = listing_id("a", str(seq))
    row = {name: None for name in schema} | {"id": one, "cluster": one, "status": "open"}
    rows = {"job": pl.DataFrame([row], schema=schema)}
    index.apply([Change(seq, "job", one, What.NEW, datetime.now(UTC))], rows, seq)
"""


def test_a_kill_leaves_content_and_position_together(shown: Shown, tmp_path: Path) -> None:
    """Killed anywhere, the index holds exactly the changes up to its position."""
    for tenths in (3, 4, 6):
        writer = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(tmp_path / "index")],
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2] / "src")},
        )
        assert writer.stdout is not None
        writer.stdout.readline()
        threading.Event().wait(tenths / 10)
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        with opened(tmp_path / "index", shown) as index:
            assert index.cursor() == index.ask(Ask(kind="job")).total > 0


def test_a_rebuild_leaves_no_byte_of_what_was_erased(shown: Shown, tmp_path: Path) -> None:
    """Removed documents keep their words in the files; a rebuilt index has new files."""
    with opened(tmp_path, shown) as index:
        shown.follow(index, shown.put("a", title="Canarizqx"), shown.put("b", title="Data"))
        shown.follow(index, shown.erase("a"))
        assert terms(index) == ["canarizqx"]
        old = {path.stat().st_ino for path in tmp_path.rglob("*") if path.is_file()}
        shown.rebuild(index)
        assert terms(index) == []
    assert not old & {path.stat().st_ino for path in tmp_path.rglob("*") if path.is_file()}


def terms(index: SearchIndex) -> list[str]:
    found = index.generation().searcher.terms_with_prefix("words_4", "canari")
    return [term for term, _ in found]


def test_the_schema_follows_the_model() -> None:
    """Names that the model does not declare as roles exist, and every sort has a key."""
    for kind in KINDS.values():
        assert set(plan.amounts(kind) or ()) <= kind.by_name.keys()
        assert any(name in kind.by_name for name in plan.DATED_BY)
        for field in plan.sorts(kind):
            assert field.type in plan.ORDERED_TYPES, f"{field.name}: give it a sort key in rows.py"
    assert [plan.amounts(KINDS[kind]) is None for kind in ("job", "ad", "post")] == [0, 0, 1]
    assert plan.having(KINDS["ad"]).keys() == {"price", "image"}


def test_an_entry_is_made_of_any_row() -> None:
    """A row of nulls is an entry like others."""
    schema = stored_schema(JOB)
    empty = pl.DataFrame([dict.fromkeys(schema) | {"id": "x"}], schema=schema)

    (one,) = entries(JOB, empty)
    assert (one.cluster, one.open, one.words) == ("x", True, {})
    assert not any(map(any, one.values.values()))


@pytest.mark.parametrize(
    ("question", "text", "passage"),
    [
        ("python", "Vous codez en Python, SQL.", "Vous codez en ⟦Python⟧, SQL."),
        ("developpeurs", "Un développeur (H/F)", "Un ⟦développeur⟧ (H/F)"),
        ("c++", "En C++ ou C.", "En ⟦C++⟧ ou C."),
        ("dev*", "Le devis du Développeur", "Le ⟦devis⟧ du ⟦Développeur⟧"),
        ("-python", "Vous codez en Python", ""),
        ("java", "Vous codez en Python", ""),
        ("شقة", "هذه الشقّة للبيع", "هذه ⟦الشقّة⟧ للبيع"),
    ],
)
def test_a_passage_shows_what_was_found(question: str, text: str, passage: str) -> None:
    """The text as it stands, with the words that matched between marks."""
    assert mark(question, text) == passage


def test_snippets_are_cut_from_the_texts_given(shown: Shown) -> None:
    """Only hits of a question with words have one, and only where the text has them."""
    texts: dict[str, str] = {}
    with SearchIndex(members=shown.members, texts=lambda *_: texts) as index:
        shown.follow(index, shown.put("a", title="Data", text="Beaucoup de Python ici."))
        (one,) = shown.rows
        texts[one] = "Beaucoup de Python ici."

        assert index.ask(Ask(kind="job", text="python")).snippets == {
            one: "Beaucoup de ⟦Python⟧ ici."
        }
        assert index.ask(Ask(kind="job")).snippets == {}

"""What a page says to the collector: what it lists, what it leads to, whether to go on.

The same readers that process the capture later are asked now, so that a collection stops at a
challenge and knows when it has seen everything. What they say here is not kept.
"""

from dataclasses import dataclass, field
from typing import Final

from vigie.contracts import AnySource
from vigie.errors import Blocked, Empty, SourceError
from vigie.model.capture import Capture, Request
from vigie.model.fates import State

REFUSALS: Final = frozenset({401, 403, 407, 429, 451})


@dataclass(kw_only=True)
class Study:
    """What one page says."""

    state: State = State.OK
    why: str = ""
    """What condemned the page."""
    ids: set[str] = field(default_factory=set)
    unreadable: int = 0
    total: int | None = None
    resume: str | None = None
    """Where the next run of the query goes on."""
    follow: list[Request] = field(default_factory=list)

    @property
    def stop(self) -> bool:
        """Whether the site refuses us: its other pages are not asked."""
        return self.state is State.BLOCKED


def study(source: AnySource, page: Capture) -> Study:
    """Return what *page* says; a page that cannot be read leads nowhere."""
    if page.status in REFUSALS:
        return Study(state=State.BLOCKED, why=f"http {page.status}")
    if page.status is not None and page.status >= 500:
        return Study(state=State.UNREACHABLE, why=f"http {page.status}")
    found = Study()
    try:
        items = source.items(page)
    except Empty:
        items = ()
    except Blocked as error:
        return Study(state=State.BLOCKED, why=str(error))
    except SourceError as error:
        return Study(state=State(error.state), why=str(error))
    except Exception as error:  # a reader that fails says that the page is not as it knows it
        return Study(state=State.LAYOUT_CHANGED, why=_failed(error))
    for item in items:
        try:
            found.ids.add(source.read(item, page).native_id)
        except Exception:  # counted here, quarantined with its reason when the capture is read
            found.unreadable += 1
    try:
        found.total = source.total(page)
    except SourceError:
        found.total = None  # an empty page may have lost its total with its list
    if hasattr(source, "resume"):
        found.resume = source.resume(page)
    try:
        found.follow = list(source.follow(page))
    except Exception as error:  # the way on is lost: the query is cut, not the collection
        found.state, found.why = State.LAYOUT_CHANGED, _failed(error)
    return found


def _failed(error: Exception) -> str:
    return f"the reader failed: {type(error).__name__}: {error}"[:300]

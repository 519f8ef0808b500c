"""What an import says of each file it was given: read, empty, or unreadable and why."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from vigie.contracts import AnySource
from vigie.errors import Empty, PageChanged, RecordError, VigieError
from vigie.model.capture import Capture

WHY_LIMIT: Final = 300


class FileTold(msgspec.Struct, frozen=True, kw_only=True):
    """One file of an import."""

    file: str
    """Its name, never its path."""
    state: Literal["read", "empty", "unreadable"]
    found: int = 0
    """Records found in it."""
    why: str = ""
    """What is wrong; also of a file that was read in part."""
    other_shape: bool = False
    """It could be opened, and is not what its source reads."""

    @property
    def whole(self) -> bool:
        """Whether all of it was read, or there honestly was nothing."""
        return self.state != "unreadable" and not self.why


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What an import brought to the spool."""

    run: str
    files: tuple[FileTold, ...]
    captures: int
    skipped: tuple[str, ...]
    """Files of a folder that are of no known kind."""


def unreadable(path: Path, error: Exception) -> FileTold:
    """Return what to say of a file that cannot be opened, unpacked or cut."""
    why = error.strerror or str(error) if isinstance(error, OSError) else str(error)
    return FileTold(file=path.name, state="unreadable", why=(why or repr(error))[:WHY_LIMIT])


def page_told(source: AnySource, page: Capture) -> FileTold:
    """Return what *source* says of one capture of a file.

    Its records are read until one can be: a page of which none can be read was not read.
    """
    cut = f"it ends early: {page.note['cut']}" if page.note.get("cut") else ""
    try:
        items = source.items(page)
    except Empty:
        items = ()
    except Exception as error:  # whatever a reader stumbles on is said of its file
        shape, why = _condemned(page.source, error)
        return _told(page, "unreadable", why=why, other_shape=shape)
    if items and (reason := _none_readable(source, items, page)):
        why = f"none of its {len(items)} records can be read ({reason})"
        return _told(page, "unreadable", len(items), why, other_shape=True)
    if not items and cut:
        return _told(page, "unreadable", why=cut)
    return _told(page, "read" if items else "empty", len(items), cut)


def _condemned(source: str, error: Exception) -> tuple[bool, str]:
    """Return whether *error* says that the page is not what *source* reads, and in which words."""
    if isinstance(error, PageChanged):
        return True, f"no {error.missing} in it: it is no page or table of {source}"
    if isinstance(error, VigieError):  # a refusal; a part that is not installed
        return False, str(error)
    return True, f"the reader failed: {type(error).__name__}: {error}"


def joined(path: Path, parts: Sequence[FileTold]) -> FileTold:
    """Return what to say of a file from what its pieces are."""
    if not parts:
        return FileTold(file=path.name, state="unreadable", why="it has no bytes")
    states = [part.state for part in parts]
    state = next(one for one in ("read", "unreadable", "empty") if one in states)
    wrong = [part for part in parts if part.why]
    why = wrong[0].why if wrong else ""
    if state == "read" and any(part.state == "unreadable" for part in parts):
        why = f"{states.count('unreadable')} of its {len(parts)} pieces cannot be read: {why}"
    return FileTold(
        file=path.name, state=state, found=sum(part.found for part in parts), why=why[:WHY_LIMIT],
        other_shape=any(part.other_shape for part in wrong),
    )  # fmt: skip


def _told(
    page: Capture, state: Literal["read", "empty", "unreadable"], found: int = 0, why: str = "",
    *, other_shape: bool = False,
) -> FileTold:  # fmt: skip
    return FileTold(
        file=page.note.get("file", ""), state=state, found=found, why=why[:WHY_LIMIT],
        other_shape=other_shape,
    )  # fmt: skip


def _none_readable(source: AnySource, items: Sequence[Any], page: Capture) -> str:
    """Return why no item can be read; empty as soon as one can."""
    reason = ""
    for item in items:
        try:
            source.read(item, page)
        except RecordError as error:
            reason = reason or error.reason
        except Exception as error:  # quarantined with its reason when the capture is read
            reason = reason or type(error).__name__
        else:
            return ""
    return reason

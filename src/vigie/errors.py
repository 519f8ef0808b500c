"""Every error Vigie raises on purpose, and who has to act on it.

VigieError
├── ConfigError          the operator changes a setting or a recipe
├── UsageError           the caller asked for something that does not exist
├── SourceError          one source or page is skipped, the others keep running
│   ├── SourceRefused    the site said no before we asked (robots.txt, credentials missing)
│   ├── Blocked          the page is a challenge, a login or a refusal: nothing of it is stored
│   ├── Empty            the page says, by its structure, that there is nothing: an honest zero
│   └── PageChanged      the page lost its shape: a developer mends the reader
├── RecordError          one item is quarantined, its page goes on
├── SpoolError           captures cannot be written or read; nothing half-written is acknowledged
├── StoreError           the batch was not kept; it can be given again
│   ├── PositionGap      a batch is missing before this one
│   └── FeedGone         the reader fell behind what the feed keeps: it takes a snapshot
├── FromTheFuture        a database, spool or index written by a newer Vigie
├── ViewError            an index or lake file cannot be read or written; it can be rebuilt
│   └── ViewBusy         another process is writing it, and follows the feed itself
├── EngineGone           what the work is done on has ended: the process is started again
├── ServerError          a server of the developer's stack cannot be started or stopped
│   └── ServerMissing    a program that it needs is not installed; the message says which package
└── Missing              an optional part is not installed; the message says what to type

Facts are attributes; the message says what, where and what to do next. Codes are the exit codes
of the command line.
"""

from typing import ClassVar


class VigieError(Exception):
    """An error that a person can act upon; it is shown as one line without a traceback."""

    code: ClassVar[int] = 1


class ConfigError(VigieError):
    """A setting or a recipe is wrong."""

    code = 2


class UsageError(VigieError):
    """The caller named something that does not exist or cannot be combined."""

    code = 2


class SourceError(VigieError):
    """One source or page cannot be read; the others keep running."""

    code = 4
    state: ClassVar[str] = "unreachable"


class SourceRefused(SourceError):
    """A source may not be asked: robots.txt forbids it, or its credentials are missing."""

    state = "blocked"

    def __init__(self, source: str, why: str) -> None:
        self.source, self.why = source, why
        super().__init__(f"{source}: {why} (see `vigie sources show {source}`)")


class Blocked(SourceError):
    """The site answered with a challenge, a login or a refusal instead of the page."""

    state = "blocked"

    def __init__(self, source: str, url: str, sign: str) -> None:
        self.source, self.url, self.sign = source, url, sign
        super().__init__(
            f"{source}: {url} is not the page asked for but {sign}. Nothing of it is stored; "
            f"the source is asked again later."
        )


class Empty(SourceError):
    """The page says, by its structure, that it lists nothing."""

    state = "empty"

    def __init__(self, source: str, url: str) -> None:
        self.source, self.url = source, url
        super().__init__(f"{source}: {url} lists nothing")


class PageChanged(SourceError):
    """A page lacks a part that its reader needs."""

    state = "layout_changed"

    def __init__(self, source: str, url: str, missing: str) -> None:
        self.source, self.url, self.missing = source, url, missing
        super().__init__(
            f"{source}: no {missing} on {url}. The site may have changed: mend the reader, "
            f"then run `vigie replay --source {source}`."
        )


class RecordError(VigieError):
    """One item cannot be read. *reason* is short, fixed and countable; figures go to *detail*."""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason, self.detail = reason, detail
        super().__init__(f"{reason}: {detail}" if detail else reason)


class SpoolError(VigieError):
    """The spool cannot be written or read."""


class StoreError(VigieError):
    """Nothing of this call was kept, unless the message says that it may have been."""


class PositionGap(StoreError):
    """A batch does not start where the last one ended."""

    def __init__(self, consumer: str, partition: str, stored: int, start: int) -> None:
        self.consumer, self.partition, self.stored, self.start = consumer, partition, stored, start
        super().__init__(
            f"{consumer}: {partition} is stored up to {stored} but this batch starts at {start}. "
            f"Read again from the stored position."
        )


class FeedGone(StoreError):
    """The entries after *after* are no longer kept; the reader takes a snapshot instead."""

    def __init__(self, after: int, first: int) -> None:
        self.after, self.first = after, first
        super().__init__(
            f"the feed starts at {first}, entries after {after} are gone: take a snapshot"
        )


class FromTheFuture(VigieError):
    """A file was written by a newer Vigie than this one."""

    def __init__(self, what: str, where: str, found: str, known: str) -> None:
        self.what, self.where, self.found, self.known = what, where, found, known
        super().__init__(
            f"the {what} at {where} was written by a newer Vigie (version {found}, this one knows "
            f"{known}). Nothing was changed: upgrade Vigie, or point it to another folder."
        )


class ViewError(VigieError):
    """A derived view cannot be read or written; it can be rebuilt from the store."""


class ViewBusy(ViewError):
    """Another process is writing the view."""


class EngineGone(VigieError):
    """What the work is done on has ended under us; what was stored stays stored."""

    def __init__(self, engine: str, why: str) -> None:
        self.engine = engine
        super().__init__(
            f"{engine} has ended ({why}). Nothing of its last batch was kept: start the command "
            f"again, or let your service manager do so."
        )


class ServerError(VigieError):
    """A server of the developer's own stack (`vigie stack`) cannot be started or stopped."""


class ServerMissing(ServerError):
    """A program that a server needs is not on this machine."""

    code = 2

    def __init__(self, server: str, program: str, remedy: str) -> None:
        self.server, self.program, self.remedy = server, program, remedy
        super().__init__(f"{server} needs {program}, which is not here: {remedy}")


class Missing(VigieError):
    """An optional part is not installed."""

    code = 2

    def __init__(self, what: str, extra: str) -> None:
        self.what, self.extra = what, extra
        super().__init__(
            f"{what} needs an optional part: ./vigie extras installs it (here: {extra})"
        )

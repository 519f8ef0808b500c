"""One source's run: its queries one after the other, each page spooled before the next is asked."""

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Collection, Iterable
from datetime import datetime

import msgspec

from vigie.collect.address import without_keys_in
from vigie.collect.answer import Answer
from vigie.collect.door import Door
from vigie.collect.fetch import Fetcher
from vigie.collect.job import Job, Options, Progress, Report
from vigie.collect.places import goes_on, going_on, place_name
from vigie.collect.sentinel import Sentinel, ignored
from vigie.collect.study import Study, study
from vigie.collect.tally import BARREN_PAGES, Tally
from vigie.collect.unanswered import AGAIN, CLOSED, REFUSED, Unanswered
from vigie.collect.undisturbed import undisturbed
from vigie.contracts import Agenda, Spool
from vigie.errors import SpoolError, VigieError
from vigie.model.capture import (
    Capture,
    Failure,
    Query,
    Request,
    Scan,
    capture_id,
    merge_notes,
)
from vigie.model.fates import State
from vigie.model.identity import run_id
from vigie.model.structure import sketch

Key = tuple[str, str, bytes | None]

_BOUNDS = frozenset({"since_hours", "bounded"})
"""Notes of a request whose answers do not show everything: absence from them means nothing."""
_ASKED = "asked_url"
"""Note of a capture that was redirected: the address that was asked first."""


class Visit:
    """Asks one source everything that its job wants."""

    def __init__(
        self,
        *,
        job: Job,
        fetcher: Fetcher,
        spool: Spool,
        agenda: Agenda,
        options: Options,
        now: Callable[[], datetime],
        tell: Callable[[Progress], None],
    ) -> None:
        self._job, self._spool, self._agenda = job, spool, agenda
        self._options, self._now, self._tell = options, now, tell
        self._run = run_id(now(), f"{job.name} {secrets.token_hex(8)}")
        self._details: set[Key] = set()
        """Pages of single listings that a list had shown before: asked once in a run."""
        self._door = Door(job, fetcher)
        self._sentinel = Sentinel(job, agenda, self._run)
        self._checked = False
        self._ignored = 0
        """How many listings the site showed where it should have shown none."""
        self._interrupted = False

    async def run(self) -> list[Report]:
        """Ask every query; each has its end in the spool, also when the visit is cancelled.

        Raises:
            SpoolError: the spool cannot be written.
        """
        return [await self._visit(query) for query in self._job.queries]

    async def _visit(self, query: Query) -> Report:
        tally = Tally(job=self._job, query=query, run=self._run, started_at=self._now())
        try:
            if not self._interrupted:
                await self._check(tally)
            if self._ignored:
                await self._refuse(tally)
            elif not self._interrupted:
                await self._ask_all(tally)
        except asyncio.CancelledError:
            self._interrupted = True
            if (task := asyncio.current_task()) is not None:
                task.uncancel()
        except SpoolError:
            raise
        except VigieError as error:
            await self._fail(tally, "", Unanswered("config", str(error)))
        except Exception as error:  # one source's fault stays its own
            await self._fail(tally, "", Unanswered("fault", f"{type(error).__name__}: {error}"))
        if self._interrupted:
            tally.worsen(State.TRUNCATED, "interrupted")
        scan = tally.finish()
        await undisturbed(lambda: self._end(tally, scan))
        self._tell(tally.progress(done=True))
        return tally.report(scan)

    def _end(self, tally: Tally, scan: Scan) -> None:
        """Spool the end of a query, then note where its next run goes on."""
        self._spool.append([tally.end(self._now(), scan)])
        place = tally.place(scan)
        if place is not None and goes_on(self._job.source, tally.query):
            name = place_name(self._job.watch, tally.query, self._job.source)
            self._agenda.stop_at(self._job.name, name, place)

    async def _resumed(self, query: Query) -> Query:
        """Return *query* with the place where its last run ended, for a source that goes on."""
        if not goes_on(self._job.source, query):
            return query
        name = place_name(self._job.watch, query, self._job.source)
        return going_on(query, await asyncio.to_thread(self._agenda.resume, self._job.name, name))

    async def _ask_all(self, tally: Tally) -> None:
        # A list that two queries share is asked for both: the scope of each must see all of it.
        queue, seen = deque[Request](), set[Key]()
        _add(queue, seen, self._job.source.first(await self._resumed(tally.query)))
        opening = len(queue)
        while queue:
            request = queue.popleft()
            tally.bounded = tally.bounded or not _BOUNDS.isdisjoint(request.note)
            try:
                answer = await self._door.ask(request)
            except Unanswered as error:
                left = len(queue) if error.why in CLOSED else 0
                rest = f"; {left} more pages were not asked" if left else ""
                told = Unanswered(error.why, f"{error.detail}{rest}")
                await self._fail(tally, request.url, told)
                if error.why in CLOSED:
                    break
                continue
            found = await self._keep(tally, request, answer)
            if opening > 0:
                opening -= 1
                tally.announce(found.total)
            if found.state is State.OK:
                await self._door.heal(request.url)
            else:
                tally.worsen(found.state, found.why)
            if found.stop:
                await self._door.refused(request.url, found.why)
                break
            if found.ids and found.ids <= tally.listed and not found.follow:
                self._details.add(_key(request))
            leads = _add(queue, seen, found.follow, self._details)
            tally.brought(found.ids, found.unreadable, leads)
            tally.reached(found.resume)
            self._tell(tally.progress())
            if queue and self._enough(tally):
                break
        await self._door.settle()

    def _enough(self, tally: Tally) -> bool:
        """Whether to stop although pages are left: a limit is reached, or they lead nowhere."""
        if tally.full:
            tally.left = hasattr(self._job.source, "resume")
            return True
        if tally.barren >= BARREN_PAGES:
            tally.worsen(State.TRUNCATED, f"{BARREN_PAGES} pages in a row listed nothing new")
            return True
        if tally.pages >= self._options.most_pages:
            tally.worsen(State.TRUNCATED, f"more than {self._options.most_pages} pages")
            return True
        return False

    async def _check(self, tally: Tally) -> None:
        """Ask the sentinel, once in the run; its pages are counted with the first query's."""
        if self._checked:
            return
        self._checked = True
        due = await asyncio.to_thread(self._sentinel.due, self._now())
        sound = bool(due)
        for request in due:
            try:
                answer = await self._door.ask(request)
            except Unanswered as error:
                sound = False
                if error.why in AGAIN | CLOSED:  # the run's own pages would fare no better
                    self._door.shut(error.why, error.detail)
                    return
                continue
            found = await self._keep(tally, request, answer)
            if found.stop:
                await self._door.refused(request.url, found.why)
                return
            sound = sound and found.state in (State.OK, State.EMPTY)
            self._ignored += ignored(found)
        if sound and not self._ignored:
            await asyncio.to_thread(self._sentinel.passed, self._now())

    async def _refuse(self, tally: Tally) -> None:
        """The site does not heed what it is asked: nothing it would answer is worth asking for."""
        found = f"the sentinel found {self._ignored}"
        tally.worsen(State.LAYOUT_CHANGED, f"ignores what it is asked: {found}")
        await self._fail(tally, "", Unanswered("ignored", found))
        await self._door.settle()

    async def _keep(self, tally: Tally, request: Request, answer: Answer) -> Study:
        """Scrub and spool the page, then study it."""
        job = self._job
        redirected = {_ASKED: request.url} if answer.url != request.url else {}
        note = {key: value for key, value in request.note.items() if key != _ASKED}
        page = Capture(
            id="", at=answer.at, source=job.name, url=answer.url, body=answer.body, run=self._run,
            watch=job.watch, query=tally.query.name, method=request.method, status=answer.status,
            headers=answer.headers, request_body=request.body,
            note=merge_notes(note, redirected),
        )  # fmt: skip

        def kept() -> Study:
            clean = job.source.scrub(page)
            identity = capture_id(
                source=clean.source, url=clean.url, body=clean.body, at=clean.at,
                method=clean.method, status=clean.status, request_body=clean.request_body,
            )  # fmt: skip
            clean = msgspec.structs.replace(clean, id=identity)
            found = study(job.source, clean)
            if found.state is State.OK and (found.ids or found.unreadable):
                shape = {"structure": sketch(clean.body, clean.header("content-type") or "")}
                clean = msgspec.structs.replace(clean, note=merge_notes(clean.note, shape))
            self._spool.append([clean])
            tally.pages += 1
            return found

        return await undisturbed(kept)

    async def _fail(self, tally: Tally, url: str, error: Unanswered) -> None:
        error = Unanswered(error.why, without_keys_in(error.detail), until=error.until)
        failure = Failure(
            at=self._now(), source=self._job.name, url=url, run=self._run, why=error.why,
            watch=self._job.watch, query=tally.query.name, detail=error.detail[:300],
        )  # fmt: skip
        await undisturbed(lambda: self._spool.append([failure]))
        tally.failures += 1
        tally.worsen(State.BLOCKED if error.why in REFUSED else State.UNREACHABLE, str(error)[:300])
        self._tell(tally.progress())


def _key(request: Request) -> Key:
    return request.method, request.url, request.body


def _add(
    queue: deque[Request],
    seen: set[Key],
    requests: Iterable[Request],
    details: Collection[Key] = (),
) -> int:
    """Put what was not asked yet into the queue; return how many."""
    before = len(queue)
    for request in requests:
        if _key(request) not in seen and _key(request) not in details:
            seen.add(_key(request))
            queue.append(request)
    return len(queue) - before

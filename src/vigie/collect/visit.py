"""One source's run: its queries one after the other, each page spooled before the next is asked."""

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import TypeVar

import msgspec

from vigie.collect.fetch import Answer, Fetcher
from vigie.collect.job import Job, Options, Progress, Report
from vigie.collect.study import Study, study
from vigie.collect.tally import BARREN_PAGES, Tally
from vigie.collect.unanswered import CLOSED, Unanswered
from vigie.contracts import Spool
from vigie.errors import SourceRefused, SpoolError, VigieError
from vigie.model.capture import Capture, Failure, Query, Request, capture_id, merge_notes
from vigie.model.fates import State
from vigie.model.identity import run_id

Done = TypeVar("Done")
Key = tuple[str, str, bytes | None]

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
        options: Options,
        now: Callable[[], datetime],
        tell: Callable[[Progress], None],
    ) -> None:
        self._job, self._fetcher, self._spool = job, fetcher, spool
        self._options, self._now, self._tell = options, now, tell
        self._run = run_id(now(), f"{job.name} {secrets.token_hex(8)}")
        self._details: set[Key] = set()
        """Pages of single listings that a list had shown before: asked once in a run."""
        self._letter: Capture | None = None
        """The login's answer; never spooled."""
        self._closed: Unanswered | None = None
        """Why the source is not asked any more in this run."""
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
        await _undisturbed(lambda: self._spool.append([tally.end(self._now(), scan)]))
        self._tell(tally.progress(done=True))
        return tally.report(scan)

    async def _ask_all(self, tally: Tally) -> None:
        # A list that two queries share is asked for both: the scope of each must see all of it.
        queue, seen = deque[Request](), set[Key]()
        _add(queue, seen, self._job.source.first(tally.query))
        opening = len(queue)
        hosts: set[str] = set()
        while queue:
            request = queue.popleft()
            tally.bounded = tally.bounded or "since_hours" in request.note
            try:
                answer = await self._answer(request, hosts)
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
                await self._fetcher.turns.heal(self._fetcher.host(request.url))
            else:
                tally.worsen(found.state, found.why)
            if found.stop:
                await self._refused(request.url, found.why)
                break
            if found.ids and found.ids <= tally.listed and not found.follow:
                self._details.add(_key(request))
            leads = _add(queue, seen, found.follow, self._details)
            tally.brought(found.ids, found.unreadable, leads)
            self._tell(tally.progress())
            if queue and self._enough(tally):
                break
        for host in hosts:
            await self._fetcher.settle(host)

    def _enough(self, tally: Tally) -> bool:
        """Whether to stop although pages are left: a limit is reached, or they lead nowhere."""
        if tally.full:
            return True
        if tally.barren >= BARREN_PAGES:
            tally.worsen(State.TRUNCATED, f"{BARREN_PAGES} pages in a row listed nothing new")
            return True
        if tally.pages >= self._options.most_pages:
            tally.worsen(State.TRUNCATED, f"more than {self._options.most_pages} pages")
            return True
        return False

    async def _answer(self, request: Request, hosts: set[str]) -> Answer:
        if self._closed is not None:
            raise self._closed
        hosts.add(self._fetcher.host(request.url))
        pause = self._job.source.pause_seconds
        if self._job.login is None:
            return await self._fetcher.fetch(request, pause)
        fresh = self._letter is None
        answer = await self._fetcher.fetch(await self._signed(request), pause)
        if answer.status == 401 and not fresh:  # the token has expired meanwhile
            self._letter = None
            answer = await self._fetcher.fetch(await self._signed(request), pause)
        return answer

    async def _signed(self, request: Request) -> Request:
        """Return *request* with what the login gave us; log in when that has not been done."""
        login = self._job.login
        assert login is not None  # noqa: S101 - the caller has looked
        try:
            if self._letter is None:
                asked = login.request()
                try:
                    got = await self._fetcher.fetch(
                        asked, self._job.source.pause_seconds, obey=False
                    )
                except Unanswered as error:
                    raise self._shut("login", f"its login was not answered ({error})") from None
                self._letter = Capture(
                    id="", at=got.at, source=self._job.name, url=got.url, body=got.body,
                    run=self._run, status=got.status, headers=got.headers,
                )  # fmt: skip
            return login.sign(request, self._letter)
        except SourceRefused as error:
            raise self._shut("login", error.why) from None

    def _shut(self, why: str, detail: str) -> Unanswered:
        self._closed = Unanswered(why, detail)
        return self._closed

    async def _refused(self, url: str, why: str) -> None:
        """The site refuses us: leave it alone, for this run and for a while."""
        self._shut("breaker", f"refused before in this run: {why}")
        await self._fetcher.turns.trip(self._fetcher.host(url))

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
            self._spool.append([clean])
            tally.pages += 1
            return study(job.source, clean)

        return await _undisturbed(kept)

    async def _fail(self, tally: Tally, url: str, error: Unanswered) -> None:
        failure = Failure(
            at=self._now(), source=self._job.name, url=url, run=self._run, why=error.why,
            watch=self._job.watch, query=tally.query.name, detail=error.detail[:300],
        )  # fmt: skip
        await _undisturbed(lambda: self._spool.append([failure]))
        tally.failures += 1
        blocked = error.why in ("robots", "breaker", "waiting", "login")
        tally.worsen(State.BLOCKED if blocked else State.UNREACHABLE, str(error)[:300])
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


async def _undisturbed(work: Callable[[], Done]) -> Done:
    """Do *work* on another thread, to its end even when we are cancelled meanwhile.

    Half of a page's work would be a page that is spooled and not counted.
    """
    task = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise

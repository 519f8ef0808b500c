"""A source's door: asking its site at the source's pace, with its login, while it is open."""

from vigie.collect.answer import Answer
from vigie.collect.fetch import Fetcher
from vigie.collect.job import Job
from vigie.collect.unanswered import Unanswered
from vigie.errors import SourceRefused
from vigie.model.capture import Capture, Request


class Door:
    """How one job's pages are asked for. A login's answer stays here; it is never spooled."""

    def __init__(self, job: Job, fetcher: Fetcher) -> None:
        self._job, self._fetcher = job, fetcher
        self._letter: Capture | None = None
        """The login's answer."""
        self._hosts: set[str] = set()
        self.closed: Unanswered | None = None
        """Why the source is not asked any more in this run."""

    async def ask(self, request: Request) -> Answer:
        """Return the answer to *request*; any status may come.

        Raises:
            Unanswered: nothing acceptable came, or the site is not to be asked.
        """
        if self.closed is not None:
            raise self.closed
        self._hosts.add(self._fetcher.host(request.url))
        if self._job.login is None:
            return await self._fetch(request)
        fresh = self._letter is None
        answer = await self._fetch(await self._signed(request))
        if answer.status == 401 and not fresh:  # the token has expired meanwhile
            self._letter = None
            answer = await self._fetch(await self._signed(request))
        return answer

    def shut(self, why: str, detail: str) -> Unanswered:
        """Ask nothing more in this run; return what every further page is told."""
        self.closed = Unanswered(why, detail)
        return self.closed

    async def refused(self, url: str, why: str) -> None:
        """The site refuses us: leave it alone, for this run and for a while."""
        self.shut("breaker", f"refused before in this run: {why}")
        await self._fetcher.turns.trip(self._fetcher.host(url), refused=True)

    async def heal(self, url: str) -> None:
        """The site answered well."""
        await self._fetcher.turns.heal(self._fetcher.host(url))

    async def settle(self) -> None:
        """Open the breakers of hosts whose last answer was a failure."""
        for host in self._hosts:
            await self._fetcher.settle(host)
        self._hosts.clear()

    async def _fetch(self, request: Request, *, obey: bool = True) -> Answer:
        job = self._job
        return await self._fetcher.fetch(
            request, job.source.pause_seconds, source=job.name, rule=job.pause_rule, obey=obey
        )

    async def _signed(self, request: Request) -> Request:
        """Return *request* with what the login gave us; log in when that has not been done."""
        login = self._job.login
        assert login is not None  # noqa: S101 - the caller has looked
        try:
            if self._letter is None:
                asked = login.request()
                if asked is None:
                    return login.sign(request, None)
                try:
                    got = await self._fetch(asked, obey=False)
                except Unanswered as error:
                    raise self.shut("login", f"its login was not answered ({error})") from None
                self._letter = Capture(
                    id="", at=got.at, source=self._job.name, url=got.url, body=got.body,
                    run="", status=got.status, headers=got.headers,
                )  # fmt: skip
            return login.sign(request, self._letter)
        except SourceRefused as error:
            raise self.shut("login", error.why) from None

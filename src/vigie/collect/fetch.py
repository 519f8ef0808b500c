"""Asking for one page: address judged, robots.txt obeyed, turns awaited, retries, redirects.

Everything that reaches a site goes through `Fetcher.fetch`. One request to a host is under way at
a time; each of its attempts, and the host's robots.txt, waits for a turn of its own and is a line
of the book of requests (`ledger`), and so is what we refuse to ask.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urljoin

import msgspec
from scrapy import Request as ScrapyRequest

from vigie.collect.address import host_of, is_public, origin_of
from vigie.collect.answer import REDIRECTS, Answer, headers_of, redirected
from vigie.collect.courtesy import backoff, retry_after
from vigie.collect.job import Options
from vigie.collect.ledger import Ledger, later
from vigie.collect.origins import Origins
from vigie.collect.robots import Rules, rules_of
from vigie.collect.spider import Download
from vigie.collect.study import REFUSALS
from vigie.collect.turns import Turn, Turns
from vigie.collect.unanswered import AGAIN, Unanswered, told
from vigie.model.capture import Request
from vigie.model.politeness import ROBOTS_PATH, Asked, without_keys

__all__ = ["Answer", "Fetcher", "Pace"]

LATER: Final = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
"""Statuses that may pass; asked again."""
OVERLOADED: Final = frozenset({429, 503})
"""The host itself asks for quiet: after retries, its breaker opens at once."""


class Pace(msgspec.Struct, frozen=True):
    """Who asks, with which pause between two requests, and whose pause that is."""

    source: str
    seconds: float
    rule: str


class Fetcher:
    """Asks for pages on behalf of all sources of a collection."""

    def __init__(
        self,
        download: Download,
        turns: Turns,
        options: Options,
        now: Callable[[], datetime],
        *,
        withheld: dict[str, str],
        ledger: Ledger,
    ) -> None:
        self._download, self._options, self._now = download, options, now
        self._ledger = ledger
        self.turns = turns
        self._withheld = withheld
        """Hosts that the guard withheld, and the address it withheld them for."""
        self._origins = Origins(options.rewrite)
        self._robots: dict[str, Rules] = {}
        self._suspects: set[str] = set()

    async def fetch(
        self, request: Request, pause_seconds: float, *, source: str = "", rule: str = "source",
        obey: bool = True,
    ) -> Answer:  # fmt: skip
        """Return the answer to *request*, redirects followed; any status may come.

        Args:
            source: On whose behalf: for the book of requests.
            rule: Whose pause it is: the source's or the settings'.
            obey: False for a login alone: an address that the site gave us to use.

        Raises:
            Unanswered: nothing came, nothing acceptable came, or the site is not to be asked.
        """
        pace = Pace(source, pause_seconds, rule)
        if self._options.pause_seconds is not None:
            pace = Pace(source, self._options.pause_seconds, "settings")
        hop, seen = request, set[tuple[str, str]]()
        for _ in range(self._options.redirects + 1):
            answer = await self._asked(hop, pace, obey=obey)
            location = answer.header("location")
            if answer.status not in REDIRECTS or location is None:
                return answer
            seen.add((hop.method, hop.url))
            hop = redirected(hop, answer.status, location, self._origins)
            if (hop.method, hop.url) in seen:
                raise Unanswered("redirect", f"in circles, back to {without_keys(hop.url)[:200]}")
        raise Unanswered(
            "redirect",
            f"more than {self._options.redirects} from {without_keys(request.url)[:200]}",
        )

    def host(self, url: str) -> str:
        """Return the host and port that *url* leads to."""
        return host_of(self._origins.outward(url))

    async def settle(self, host: str) -> None:
        """Open the breaker of a host whose last answer was a failure."""
        if host in self._suspects:
            self._suspects.discard(host)
            await self.turns.trip(host)

    async def _asked(self, request: Request, pace: Pace, *, obey: bool) -> Answer:
        place = self._origins.outward(request.url)
        host = host_of(place)
        try:
            self._judge_literal(host)
        except Unanswered as error:
            self._note(request, host, pace, outcome=error.why)
            raise
        async with self.turns.alone(host):
            if obey:
                rules = await self._rules(place, host, pace)
                if rules.delay_seconds > pace.seconds:
                    pace = Pace(pace.source, rules.delay_seconds, "crawl-delay")
                if not rules.allow(place):
                    self._note(request, host, pace, outcome="robots")
                    raise Unanswered("robots", rules.closed or "robots.txt forbids this address")
            return await self._answered(request, place, host, pace)

    async def _answered(self, request: Request, place: str, host: str, pace: Pace) -> Answer:
        """Ask, and ask again where that may help; keep the host's breaker."""
        probing = self.turns.probing(host) or host in self._suspects
        for attempt in range(self._options.retries + 1):
            turn = await self._turn(request, host, pace)
            outcome = await self._try(request, place, host)
            if isinstance(outcome, Answer) and outcome.status not in LATER:
                self._suspects.discard(host)
                self._note(request, host, pace, turn=turn, came=outcome)
                return outcome
            if isinstance(outcome, Unanswered) and outcome.why not in AGAIN:
                self._note(request, host, pace, turn=turn, came=outcome)
                raise outcome
            named = (
                retry_after(outcome.header("retry-after"), self._now())
                if isinstance(outcome, Answer)
                else None
            )
            until = None if named is None else await self.turns.refuse(host, named)
            patient = named is None or named - self._now() <= timedelta(
                seconds=self._options.patience_seconds
            )
            again = attempt < self._options.retries and not probing and patient
            if not again:
                until = later(until, await self._failed(host, outcome, probing=probing))
            elif named is None:
                wait = backoff(attempt, self._options.backoff_seconds)
                until = await self.turns.refuse(host, self._now() + wait, "backoff")
            self._note(request, host, pace, turn=turn, came=outcome, until=until)
            if not again:
                break
        if isinstance(outcome, Unanswered):
            raise outcome
        return outcome

    async def _turn(self, request: Request, host: str, pace: Pace) -> Turn:
        try:
            return await self.turns.wait(host, pace.seconds, pace.rule)
        except Unanswered as error:
            rule = self.turns.why_refused(host, error.why)
            now = self._now()
            left = 0.0 if error.until is None else (error.until - now).total_seconds()
            turn = Turn(now, left, rule, error.until or now)
            self._note(request, host, pace, turn=turn, came=error)
            raise

    def _note(
        self, request: Request, host: str, pace: Pace, *, turn: Turn | None = None,
        came: Answer | Unanswered | None = None, until: datetime | None = None, outcome: str = "",
    ) -> None:  # fmt: skip
        """Write one line into the book of requests."""
        if isinstance(came, Unanswered):
            outcome = came.why
        self._ledger.note(
            Asked(
                at=self._now() if turn is None else turn.at, host=host, source=pace.source,
                method=request.method, url=without_keys(self._origins.inward(request.url)),
                status=came.status if isinstance(came, Answer) else None,
                outcome=outcome or "answered", rule=pace.rule if turn is None else turn.rule,
                pause_seconds=pace.seconds if turn is None else turn.pause_seconds,
                next_at=None if turn is None else later(turn.next_at, until),
            )
        )  # fmt: skip

    async def _failed(
        self, host: str, outcome: Answer | Unanswered, *, probing: bool
    ) -> datetime | None:
        """After the last attempt: a second failing page, a dead host, a plea open the breaker.

        Returns:
            Until when the host is left alone, if it is.
        """
        told_quiet = isinstance(outcome, Unanswered) or outcome.status in OVERLOADED
        if probing or told_quiet:
            self._suspects.discard(host)
            refused = isinstance(outcome, Answer) and outcome.status in REFUSALS
            return await self.turns.trip(host, refused=refused)
        self._suspects.add(host)
        return None

    async def _try(self, request: Request, place: str, host: str) -> Answer | Unanswered:
        options = self._options
        asked = ScrapyRequest(
            place,
            method=request.method,
            headers=list(request.headers),
            body=request.body or b"",
            dont_filter=True,
            meta={
                "download_slot": host,  # Scrapy's own leaves the port out
                "download_timeout": options.timeout_seconds,
                "download_maxsize": options.body_limit_bytes,
                "proxy": options.proxy,  # None: not the environment's either
            },
        )
        try:
            response = await self._download(asked)
        except Exception as error:  # whatever a network does becomes a reason
            if host in self._withheld:
                address = self._withheld.pop(host)
                return Unanswered("bad_address", f"{host} leads to {address}, which is not public")
            return told(error, options.body_limit_bytes)
        return Answer(
            url=request.url,
            status=response.status,
            headers=headers_of(response),
            body=response.body,
            at=self._now(),
        )

    async def _rules(self, place: str, host: str, pace: Pace) -> Rules:
        """Return the rules of the origin of *place*; its turn lock is held."""
        origin = origin_of(place)
        if origin not in self._robots:
            self._robots[origin] = await self._read_rules(origin, host, pace)
        return self._robots[origin]

    async def _read_rules(self, origin: str, host: str, pace: Pace) -> Rules:
        hop = Request(url=f"{origin}{ROBOTS_PATH}")
        try:
            for _ in range(self._options.redirects + 1):
                answer = await self._answered(hop, hop.url, host_of(hop.url), pace)
                location = answer.header("location")
                if answer.status not in REDIRECTS or location is None:
                    await self.settle(host)
                    return rules_of(answer.status, answer.body)
                hop = Request(url=self._origins.outward(urljoin(hop.url, location)))
                self._judge_literal(host_of(hop.url))
        except Unanswered as error:
            if error.why in ("too_large", "redirect"):
                return Rules(closed=f"robots.txt could not be read ({error})")
            raise Unanswered(error.why, f"robots.txt: {error.detail or error.why}") from None
        return Rules(closed="robots.txt is redirected without end")

    def _judge_literal(self, host: str) -> None:
        """Refuse an address written as such before anything is asked, a proxy included.

        Names are judged by the guard as they are resolved. Behind a proxy only the proxy resolves
        names: what it may reach is its operator's rule.
        """
        if host in self._options.allow_hosts:
            return
        name = host.rpartition(":")[0].strip("[]")
        literal = ":" in name or name.replace(".", "").isdigit() or name.lower().startswith("0x")
        local = name.rstrip(".").lower().endswith(("localhost", ".local", ".internal"))
        if (literal and not is_public(name)) or local:
            raise Unanswered("bad_address", f"{name} is not a public address")

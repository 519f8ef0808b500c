"""Whether a live site still is as its source knows it: a few polite requests and what they show.

The sentinel must find nothing; the example must find listings, its second page others than its
first, as many as announced when all are shown, with title and address; and pages that were pinned
at an earlier check must show the same listing. Nothing of it is spooled.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from vigie.collect.address import without_keys_in
from vigie.collect.door import Door
from vigie.collect.fetch import Fetcher
from vigie.collect.findings import finding, listings_of, paging_of, required_of, total_of
from vigie.collect.job import Job
from vigie.collect.sentinel import NOTE
from vigie.collect.study import Study, study
from vigie.collect.unanswered import Unanswered
from vigie.model.capture import Capture, Request
from vigie.model.checks import Checked, Finding, Pin, digests
from vigie.model.fates import State
from vigie.model.kinds import KINDS
from vigie.model.listing import Listing

MOST_PAGES: Final = 3
PINS: Final = 5
MOST_UNREADABLE: Final = 0.05
"""Of the items of the example's pages."""


async def check(job: Job, fetcher: Fetcher, pins: Sequence[Pin]) -> Checked:
    """Ask the source's site and compare; a site that cannot be asked fails its checks."""
    checker = _Checker(job, fetcher)
    findings: list[Finding] = []
    try:
        findings.append(await checker.sentinel())
        findings += await checker.example()
        told, kept = await checker.pinned(pins)
        findings.append(told)
    except Unanswered as error:
        kept = list(pins)
        findings.append(Finding(check="answers", passed=False, said=without_keys_in(str(error))))
    except Exception as error:  # one source's fault stays its own
        kept = list(pins)
        said = f"the source failed: {type(error).__name__}: {error}"[:300]
        findings.append(Finding(check="answers", passed=False, said=said))
    finally:
        await checker.door.settle()
    return Checked(source=job.name, findings=tuple(findings), pins=tuple(kept))


class _Checker:
    def __init__(self, job: Job, fetcher: Fetcher) -> None:
        self._job = job
        # Pages of single listings are worth pinning: they are asked for where the source can.
        self._source: Any = job.source
        if any(one.name == "details" for one in dataclasses.fields(job.source)):  # type: ignore[arg-type]  # sources are dataclasses
            self._source = dataclasses.replace(job.source, details=True)  # type: ignore[type-var]  # sources are dataclasses
        self.door = Door(job, fetcher)
        self._shown: dict[str, tuple[Request, Listing]] = {}
        """Native id → the list's page that showed it, and how."""
        self._details: dict[str, Request] = {}

    async def sentinel(self) -> Finding:
        """Ask what must find nothing."""
        query = self._source.sentinel
        if query is None:
            return finding("sentinel", None, "this source cannot be asked for nothing")
        count = 0
        for request in self._job.source.first(query):
            page, found = await self._ask(
                msgspec.structs.replace(request, note=request.note | NOTE)
            )
            if found.state is not State.OK:
                return finding("sentinel", False, found.why)
            count += len(found.ids) + found.unreadable
            del page
        if count:
            return finding("sentinel", False, f"lists {count} for words that match nothing")
        return finding("sentinel", True, "finds nothing, as it must")

    async def example(self) -> list[Finding]:
        """Ask the example: its first pages."""
        query = self._source.example
        queue = list(self._source.first(query))
        if not queue:
            return [finding("answers", None, "its settings name nothing to ask for")]
        # A list of the newest ends before what is announced for all of it.
        bounded = query.since_hours is not None or "since_hours" in queue[0].note
        asked: list[set[str]] = []
        listings: list[Listing] = []
        items = unreadable = 0
        announced: int | None = None
        while queue and len(asked) < MOST_PAGES:
            request = queue.pop(0)
            page, found = await self._ask(request)
            if found.state is not State.OK:
                return [finding("answers", False, found.why)]
            if not asked:
                announced = found.total
            named = listings_of(self._source, page)
            for name, listing in named.items():
                self._shown.setdefault(name, (request, listing))
            listings += named.values()
            items += len(named) + found.unreadable
            unreadable += found.unreadable
            asked.append(found.ids)
            for lead in found.follow:
                if "native_id" in lead.note:
                    self._details.setdefault(lead.note["native_id"], lead)
                else:
                    queue.append(lead)
        distinct = set().union(*asked)
        if not distinct:
            return [finding("answers", False, "its example finds nothing")]
        return [
            finding("answers", True, f"{len(distinct)} listings on {len(asked)} pages"),
            total_of(announced, len(distinct) + unreadable, whole=not queue and not bounded),
            paging_of(asked),
            required_of(self._source.kind, listings),
            finding("readable", unreadable <= MOST_UNREADABLE * items,
                   f"{items - unreadable} of {items} items can be read"),
        ]  # fmt: skip

    async def pinned(self, pins: Sequence[Pin]) -> tuple[Finding, list[Pin]]:
        """Ask pinned pages again; pin new ones where some are missing or gone."""
        if self._source.kind == "post":
            return finding("pinned pages", None, "posts' addresses name their authors"), []
        kept: list[Pin] = []
        wrong: list[str] = []
        changed, gone = set[str](), 0
        for pin in pins[:PINS]:
            listing = await self._again(pin)
            if listing is None:
                gone += 1
                continue
            if isinstance(listing, str):
                wrong.append(f"{pin.native_id}: {listing}")
                kept.append(pin)
                continue
            now = self._digests(listing)
            lost = sorted(name for name, told in pin.fields.items() if told and not now.get(name))
            if lost:
                wrong.append(f"{pin.native_id}: no {', '.join(lost)} any more")
                kept.append(pin)
                continue
            changed |= {name for name, told in pin.fields.items() if now.get(name) != told}
            kept.append(msgspec.structs.replace(pin, fields=now))
        same = len(kept) - len(wrong)
        new = await self._new_pins(PINS - len(kept), {pin.native_id for pin in kept})
        parts = [f"{same} of {len(pins[:PINS])} as they were" if pins else "none before"]
        parts += [f"changed: {', '.join(sorted(changed))}"] if changed else []
        parts += [f"{gone} gone"] if gone else []
        parts += [f"{len(new)} pinned"] if new else []
        said = "; ".join([*wrong, *parts])
        return finding("pinned pages", not wrong, said), kept + new

    async def _again(self, pin: Pin) -> Listing | str | None:
        """Return the pinned listing as it is shown now; None: it is gone; else what is wrong."""
        if not pin.own_page:
            shown = self._shown.get(pin.native_id)
            return None if shown is None else shown[1]
        try:
            page, found = await self._ask(Request(url=pin.url, note=pin.note))
        except Unanswered as error:
            return without_keys_in(str(error))
        if page.status in (404, 410):
            return None
        if found.state is not State.OK:
            return found.why
        named = listings_of(self._source, page)
        if pin.native_id not in named:
            return f"shows {', '.join(named) or 'nothing'} instead"
        return named[pin.native_id]

    async def _new_pins(self, count: int, known: set[str]) -> list[Pin]:
        new: list[Pin] = []
        tries = 0
        for name, (request, listing) in self._shown.items():
            if len(new) >= count:
                break
            lead = self._details.get(name)
            if name in known or (lead is not None and (lead.body or lead.method != "GET")):
                continue
            if lead is None:
                new.append(Pin(url=request.url, native_id=name, own_page=False,
                               fields=self._digests(listing)))  # fmt: skip
                continue
            if tries >= 2 * PINS:  # its pages fail: asking more of them would be no check
                break
            tries += 1
            made = Pin(url=lead.url, native_id=name, note=dict(lead.note))
            own = await self._again(made)
            if isinstance(own, Listing):
                new.append(msgspec.structs.replace(made, fields=self._digests(own)))
        return new

    def _digests(self, listing: Listing) -> dict[str, str]:
        kind = KINDS[listing.kind]
        return digests({
            name: value for name, value in listing.values.items()
            if name in kind.by_name and not kind[name].private and not kind[name].volatile
        })  # fmt: skip

    async def _ask(self, request: Request) -> tuple[Capture, Study]:
        answer = await self.door.ask(request)
        page = Capture(
            id="", at=answer.at, source=self._job.name, url=answer.url, body=answer.body, run="",
            query=self._source.example.name, method=request.method, status=answer.status,
            headers=answer.headers, request_body=request.body, note=dict(request.note),
        )  # fmt: skip
        page = self._source.scrub(page)
        found = study(self._source, page)
        if found.stop:
            await self.door.refused(request.url, found.why)
            raise Unanswered("refused_us", found.why)
        if found.state is State.OK:
            await self.door.heal(request.url)
        return page, found

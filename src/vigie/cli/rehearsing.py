"""Printing what a run would ask: one line a request, what belongs to it indented below."""

from typing import TYPE_CHECKING

from vigie.cli.context import say
from vigie.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from vigie.model.capture import Request
    from vigie.wiring import Instance, Job
    from vigie.wiring.dry_run import Plan


def print_plans(
    here: "Instance", jobs: "Sequence[Job]", *, fallback: "Collection[str]" = (),
    notes: "Mapping[str, str] | None" = None,
) -> None:  # fmt: skip
    """Print the requests that open every query of *jobs*; nothing is asked.

    Args:
        fallback: Sources that are asked only when another cannot be seen.
        notes: Source → what is to be said of one that is not asked.

    Raises:
        ConfigError: a query cannot be asked; the others are printed first.
    """
    from vigie.wiring.dry_run import common_headers, plan_of

    plans = [plan_of(here, job) for job in jobs]
    openings = [opening for plan in plans for opening in plan.openings]
    wrong = [opening.error for opening in openings if opening.error]
    if wrong and len(wrong) == len(openings):
        raise ConfigError(wrong[0])
    for name, value in common_headers(here):
        print(f"# every request carries {name}: {value}")
    if jobs:
        print("# the robots.txt of every host is asked first, and obeyed")
    for plan in plans:
        _print_plan(plan, fallback=plan.source in fallback)
    for name, note in (notes or {}).items():
        print(f"# {name}: {note}")
    say("nothing was asked; further requests follow from the answers")
    if wrong:
        raise ConfigError(wrong[0])


def _goal(request: "Request") -> str:
    """Return what a query will ask for once its first page is there, from the request's note."""
    told = (f"{name} {value}" for name, value in request.note.items() if value.strip(" -"))
    return ", ".join(told).replace("_", " ")


def _print_plan(plan: "Plan", *, fallback: bool) -> None:
    from vigie.wiring.dry_run import sent

    pace = f"one request in {plan.pause_seconds:g} s at most"
    when = "; a fallback, asked only when another source cannot be seen" if fallback else ""
    print(f"# {plan.source} ({plan.label}): {pace}{when}")
    if plan.needs:
        lacking = f"; not set: {', '.join(plan.lacking)}" if plan.lacking else ""
        print(f"# needs [logins.{plan.source}] {', '.join(plan.needs)}{lacking}")
    if plan.follow and plan.more:
        print(f"# may then ask: {plan.follow}")
    elif plan.follow:
        print(f"# may then ask nothing more: {plan.follow}")
    if plan.signing_in is not None:
        print("# signs in first; the other requests carry what it is given")
        _print_request(plan, "(sign in)", plan.signing_in)
    for request in plan.sentinel:
        _print_request(plan, "(once a day: must find nothing)", request)
    twins = plan.twins
    for opening in plan.openings:
        for request in opening.requests:
            _print_request(plan, opening.query, request)
            if sent(request) in twins and (goal := _goal(request)):
                print(f"\t\t(the same page for several queries; this one then asks for {goal})")
        if opening.error:
            print(f"# {plan.source} {opening.query}: cannot be asked: {opening.error}")


def _print_request(plan: "Plan", query: str, request: "Request") -> None:
    print(f"{plan.source}\t{query}\t{request.method} {request.url}")
    for name, value in (*request.headers, *plan.signed):
        print(f"\t\t{name}: {value}")
    if request.body:
        print(f"\t\t{request.body.decode('utf-8', 'replace')}")

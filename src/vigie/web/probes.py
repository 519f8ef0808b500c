"""What machines ask: is it alive, is it ready, may it be indexed."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vigie.errors import VigieError
from vigie.model.ask import Ask
from vigie.web.site import Site


class Probes:
    """``/healthz``, ``/readyz``, ``/robots.txt``."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[Route]:
        return [
            Route("/healthz", self.health, methods=["GET"]),
            Route("/readyz", self.ready, methods=["GET"]),
            Route("/robots.txt", self.robots, methods=["GET"]),
        ]

    def health(self, _: Request) -> Response:
        """Say that the process answers."""
        return _json({"status": "alive"}, 200)

    def ready(self, _: Request) -> Response:
        """Say whether store and search answer; 503 and the reason when they do not."""
        try:
            self._site.shelf.counts("job")
            seq = self._site.search.ask(Ask(kind="job", limit=0)).seq
        except VigieError as error:
            return _json({"status": "not ready", "reason": str(error)}, 503)
        return _json({"status": "ready", "data_version": seq}, 200)

    def robots(self, _: Request) -> Response:
        """Return the rules for crawlers: by default a copy must not outrank its publisher."""
        rule = "Disallow: /api/" if self._site.settings.index else "Disallow: /"
        return Response(f"User-agent: *\n{rule}\n", media_type="text/plain")


def _json(body: dict[str, object], status: int) -> Response:
    return Response(msgspec.json.encode(body), status, {"cache-control": "no-store"},
                    "application/json")  # fmt: skip

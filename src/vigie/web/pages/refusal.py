"""Pages that say no, in the visitor's language and with the right status."""

from starlette.requests import Request
from starlette.responses import Response

from vigie.web.pages.draw import Pages


def not_found(pages: Pages, request: Request) -> Response:
    """Return the page of an address that leads nowhere."""
    return pages.draw(request, "refusal.html", {"code": 404, "request_id": ""}, status=404,
                      noindex=True)  # fmt: skip


def refused(pages: Pages, request: Request, status: int, request_id: str = "") -> Response:
    """Return the page of another refusal or failure; *request_id* is also in the log."""
    return pages.draw(request, "refusal.html", {"code": status, "request_id": request_id},
                      status=status, noindex=True)  # fmt: skip

"""Style, script, font and icon: served from here, with a content hash in their address."""

import hashlib
import mimetypes
from functools import cache
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

FOLDER: Final = Path(__file__).parent / "static"
_SERVED: Final = frozenset({".css", ".js", ".svg", ".woff2", ".txt"})
_FOR_EVER: Final = "public, max-age=31536000, immutable"

mimetypes.add_type("font/woff2", ".woff2")


@cache
def _read(name: str) -> tuple[bytes, str, str] | None:
    """Return body, type and hash of a file; None when it is not one that is served."""
    path = (FOLDER / name).resolve()
    if FOLDER.resolve() not in path.parents or path.suffix not in _SERVED or not path.is_file():
        return None
    body = path.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return body, kind, hashlib.blake2b(body, digest_size=6).hexdigest()


def asset(name: str) -> str:
    """Return the address of a file of `static/`: another content has another address.

    Raises:
        FileNotFoundError: there is no such file (a template names a wrong one).
    """
    found = _read(name)
    if found is None:
        raise FileNotFoundError(f"static/{name}")
    return f"/static/{name}?v={found[2]}"


def serve(request: Request) -> Response:
    """Return the file; for ever fresh when asked with its hash."""
    name = request.path_params["name"]
    found = _read(name)
    if found is None:
        return Response("Not found\n", 404, media_type="text/plain")
    body, kind, version = found
    named = request.query_params.get("v") == version
    # The font is named by the style sheet, without its hash; what is vendored changes rarely.
    plain = "public, max-age=86400" if name.startswith("vendor/") else "public, max-age=300"
    headers = {"cache-control": _FOR_EVER if named else plain, "etag": f'W/"{version}"'}
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=kind)


def favicon(_: Request) -> Response:
    """Return the icon where browsers look for it unasked."""
    body = (FOLDER / "mark.svg").read_bytes()
    return Response(body, headers={"cache-control": "public, max-age=86400"},
                    media_type="image/svg+xml")  # fmt: skip


routes = [
    Route("/static/{name:path}", serve, methods=["GET"]),
    Route("/favicon.ico", favicon, methods=["GET"]),
    Route("/favicon.svg", favicon, methods=["GET"]),
]

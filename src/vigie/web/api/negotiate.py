"""Whether a caller wants a page or data."""

_PAGE = ("text/html", "application/xhtml+xml")
_DATA = ("application/json", "application/*")


def prefers_html(accept: str | None) -> bool:
    """Return whether *accept* prefers a page: it names HTML, and no JSON above it.

    Browsers name text/html. A caller that says nothing, or `*/*` as programs do, gets data.
    """
    page = data = 0.0
    for part in (accept or "").split(","):
        kind, _, rest = part.partition(";")
        quality = 1.0
        for parameter in rest.split(";"):
            name, _, value = parameter.partition("=")
            if name.strip() == "q":
                try:
                    quality = float(value)
                except ValueError:
                    quality = 0.0
        if kind.strip() in _PAGE:
            page = max(page, quality)
        elif kind.strip() in _DATA:
            data = max(data, quality)
    return page > 0 and page >= data

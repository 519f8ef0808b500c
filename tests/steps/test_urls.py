"""One address per page."""

import pytest

from vigie.model.web_address import canonical_url

URLS = (
    ("https://example.org/a", "https://example.org/a"),
    ("HTTPS://Example.ORG:443/A?b=1#frag", "https://example.org/A?b=1"),
    ("http://example.org:8080", "http://example.org:8080/"),
    ("https://example.org/?utm_source=x&id=3&fbclid=y", "https://example.org/?id=3"),
    ("https://fr.indeed.com/rc/clk?jk=0a1b&from=serp&tk=1h2&vjs=3", "https://fr.indeed.com/rc/clk?jk=0a1b&from=serp"),
    ("https://boards.greenhouse.io/acme/jobs/12?gh_jid=12&gh_src=ab", "https://boards.greenhouse.io/acme/jobs/12?gh_jid=12"),
    ("https://www.linkedin.com/jobs/view/3888/?trk=a&refId=b&trackingId=c", "https://www.linkedin.com/jobs/view/3888/"),
    ("https://a.example/job;jsessionid=A1?id=2", "https://a.example/job?id=2"),
    ("https://a.example/jobs#/job/12", "https://a.example/jobs#/job/12"),
    ("https://user:pw@a.example/x", "https://a.example/x"),
    ("https://www.avito.ma/fr/a/à_vendre_1.htm", "https://www.avito.ma/fr/a/%C3%A0_vendre_1.htm"),
    ("https://www.avito.ma/fr/a/%c3%a0_vendre_1.htm", "https://www.avito.ma/fr/a/%C3%A0_vendre_1.htm"),
    ("https://a.example/100% sure?q=a b", "https://a.example/100%25%20sure?q=a%20b"),
    ("https://bücher.example/", "https://xn--bcher-kva.example/"),
    ("https://a.example/?q=data+engineer&page=2", "https://a.example/?q=data+engineer&page=2"),
    ("javascript:alert(1)", None),
    ("mailto:a@b.example", None),
    ("/relative/path", None),
    ("careers.example.org", None),
    ("http://", None),
    ("http://[bad", None),
    ("https://a.example:99999/", None),
    ("ftp://a.example/", None),
)  # fmt: skip


@pytest.mark.parametrize(("shown", "url"), URLS)
def test_an_address_has_one_spelling(shown: str, url: str | None) -> None:
    """Ids stay, tracking and visit tokens go; what is not absolute http is null."""
    assert canonical_url(shown) == url


@pytest.mark.parametrize("url", [url for _, url in URLS if url])
def test_a_canonical_address_stays(url: str) -> None:
    """Cleaning twice is cleaning once."""
    assert canonical_url(url) == url

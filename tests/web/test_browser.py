"""In a real browser: typing, going back, no script, narrow screens, and nothing from elsewhere."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.web.cargo import NOW
from tests.web.harbour import SOURCES, Harbour
from vigie.settings import ServeSettings
from vigie.web.app import create_app

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]


@contextmanager
def served(harbour: Harbour) -> Iterator[str]:
    """The site over *harbour*, on a free port of this machine."""
    from granian.constants import Interfaces
    from granian.server.embed import Server

    app = create_app(harbour.store, harbour.search, ServeSettings(), sources=SOURCES,
                     now=lambda: NOW)  # fmt: skip
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server: Any = Server(
        app, address="127.0.0.1", port=port, interface=Interfaces.ASGI, log_enabled=False
    )
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=lambda: loop.run_until_complete(server.serve()), daemon=True)
    thread.start()
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    loop.call_soon_threadsafe(server.stop)
    thread.join(10)
    loop.close()


@pytest.fixture(scope="module")
def site(harbour: Harbour) -> Iterator[str]:
    with served(harbour) as address:
        yield address


@pytest.fixture(scope="module")
def storm(stormy: Harbour) -> Iterator[str]:
    """The address of a site where not everything went well."""
    with served(stormy) as address:
        yield address


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with playwright.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Any, site: str) -> Iterator[Any]:
    with watched(chromium, site) as made:
        yield made


@pytest.fixture
def glass_box(chromium: Any, storm: str) -> Iterator[Any]:
    with watched(chromium, storm) as made:
        yield made


@contextmanager
def watched(chromium: Any, site: str) -> Iterator[Any]:
    """A page that fails its test when the console complains or another server is asked."""
    context = chromium.new_context(base_url=site, locale="fr", viewport={"width": 1280, "height": 900})  # noqa: E501  # fmt: skip
    made, complaints = context.new_page(), list[str]()
    made.on("console", lambda m: complaints.append(m.text) if m.type in {"error", "warning"} else None)  # noqa: E501  # fmt: skip
    made.on("pageerror", lambda error: complaints.append(str(error)))
    made.on("request", lambda r: complaints.append(r.url) if not r.url.startswith((site, "data:")) else None)  # noqa: E501  # fmt: skip
    yield made
    context.close()
    assert complaints == []


def test_typing_searches_and_back_restores(page: Any) -> None:
    """Words typed without accents find those with; address, focus and count follow; Back undoes."""
    page.goto("/jobs")
    before = page.locator("#count").inner_text()
    page.locator("#q").press_sequentially("developpeur", delay=20)
    page.wait_for_url("**/jobs?q=developpeur")
    playwright.expect(page.locator("#count")).not_to_have_text(before)
    playwright.expect(page.locator(".log h2").first).to_contain_text("Développeu")
    playwright.expect(page.locator("#q")).to_be_focused()
    page.go_back()
    page.wait_for_url("**/jobs")
    playwright.expect(page.locator("#count")).to_have_text(before)
    playwright.expect(page.locator("#q")).to_have_value("")


def test_a_ticked_box_narrows_and_keeps_focus(page: Any) -> None:
    """The list follows the box, the box keeps the focus, the address can be pasted elsewhere."""
    page.goto("/jobs?q=data")
    box = page.locator('input[name="contract"][value="permanent"]')
    box.check()
    page.wait_for_url("**/jobs?q=data&contract=permanent")
    playwright.expect(page.locator(".chips li")).to_have_count(3)
    playwright.expect(box).to_be_focused()
    count = page.locator("#count").inner_text()
    page.locator(".log h2 a").first.click()
    page.wait_for_url("**/jobs/*/*")
    page.go_back()
    playwright.expect(page.locator("#count")).to_have_text(count)
    playwright.expect(page.locator('input[name="contract"][value="permanent"]')).to_be_checked()


def test_everything_works_without_scripts(chromium: Any, site: str) -> None:
    """Search, filter, next page, theme and detail are plain links and forms."""
    context = chromium.new_context(base_url=site, java_script_enabled=False, locale="fr")
    page = context.new_page()
    page.goto("/")
    page.locator("#q").fill("data")
    page.locator(".ask button").click()
    page.wait_for_url("**/jobs?q=data")
    page.locator('input[name="contract"][value="permanent"]').check()
    page.locator("button.apply").click()
    assert "contract=permanent" in page.url
    assert page.locator(".chips li").count() == 3
    page.goto("/ads")
    page.locator(".pager a[rel=next]").click()
    assert page.url.endswith("/ads?page=2")
    page.locator(".menu summary").click()
    page.locator('.menu a[href*="theme=dark"]').click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.url.endswith("/ads?page=2")
    page.locator(".ad h2 a").first.click()
    assert page.locator("h1").count() == 1
    context.close()


@pytest.mark.parametrize(("width", "columns"), [(1280, 3), (900, 2), (560, 1), (375, 1)])
def test_ads_stand_in_as_many_columns_as_fit(page: Any, width: int, columns: int) -> None:
    """Three at 1280, two at 900, one at 560 and below; never a sideways scroll."""
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/ads")
    made = page.locator(".grid").evaluate("e => getComputedStyle(e).gridTemplateColumns.split(' ').length")  # noqa: E501  # fmt: skip
    assert made == columns


@pytest.mark.parametrize("width", [320, 375, 1280])
def test_no_page_scrolls_sideways_and_targets_are_large(page: Any, width: int) -> None:
    """At every width the page fits; what is pressed is at least 24 pixels high."""
    page.set_viewport_size({"width": width, "height": 800})
    listing = [page.request.get(f"/api/v1/{kind}?limit=1").json()["items"][0]["page"]
               for kind in ("jobs", "ads")]  # fmt: skip
    narrowed = "/jobs?q=data&contract=permanent"
    for path in ("/", narrowed, "/ads", "/figures", "/sources", *listing):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        assert page.evaluate(SPILLED) == [], path
        # Links within a sentence are exempt (WCAG 2.2, 2.5.8).
        small = page.evaluate(
            """() => [...document.querySelectorAll(
              `button, select, summary, nav a,
               .chips a, .presets a, .pager a, .facets label, .not`)]
            .filter(e => e.checkVisibility() && !e.closest(".sr"))
            .map(e => [e.getBoundingClientRect(), e.outerHTML.slice(0, 90)])
            .filter(([box]) => box.height > 1 && (box.height < 24 || box.width < 24))
            .map(([box, html]) => `${box.width}x${box.height} ${html}`)"""
        )
        assert small == [], path


def test_the_api_can_be_read_and_tried_offline(page: Any) -> None:
    """/docs draws the description without asking another server."""
    page.goto("/docs")
    playwright.expect(page.locator("#api .opblock").first).to_be_visible(timeout=15_000)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_is_legible_in_both_themes(page: Any, theme: str) -> None:
    """Every text has a contrast of at least 4.5 to the colour behind it (WCAG 1.4.3)."""
    page.emulate_media(color_scheme=theme)
    for path in ("/", "/jobs?q=data&contract=permanent", "/ads?sort=-changed_at", "/sources"):
        page.goto(path)
        faint = page.evaluate(CONTRAST)
        assert faint == [], (theme, path)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize("width", [320, 375, 1280])
def test_the_glass_box_fits_and_is_legible(
    glass_box: Any, width: int, direction: str, theme: str
) -> None:
    """Alarms, strips and what was set aside: on every screen, in both themes and directions."""
    glass_box.set_viewport_size({"width": width, "height": 800})
    glass_box.emulate_media(color_scheme=theme)
    run = glass_box.request.get("/api/v1/alarms").json()["items"][0]["run"]
    for path in ("/sources", f"/runs/{run}"):
        glass_box.goto(path)
        glass_box.evaluate(
            "way => { document.documentElement.dir = way;"
            " document.querySelectorAll('details:not(.menu)').forEach(d => { d.open = true; }) }",
            direction,
        )
        assert glass_box.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        assert glass_box.evaluate(SPILLED) == [], path
        assert glass_box.evaluate(CONTRAST) == [], path


def test_a_strip_reads_from_the_start_of_the_line(glass_box: Any) -> None:
    """The newest hour stands at the line's end, in either direction, over its day's name."""
    glass_box.goto("/sources")
    for direction in ("ltr", "rtl"):
        glass_box.evaluate("way => { document.documentElement.dir = way; }", direction)
        right, weeks = glass_box.evaluate(
            """() => [...document.querySelectorAll(".week")].map(week => [
              [...week.querySelectorAll("rect:not(.not_scheduled)")]
                .sort((a, b) => parseFloat(a.getAttribute("x")) - parseFloat(b.getAttribute("x")))
                .pop().getBoundingClientRect(),
              [...week.querySelectorAll(".days li")].pop().getBoundingClientRect()])
            .map(([bar, day]) => [document.documentElement.dir === "rtl" ? bar.left : bar.right,
                                  day.left, day.right])
            .reduce(([a, b], [x, l, r]) => [a + (l <= x && x <= r ? 1 : 0), b + 1], [0, 0])"""
        )
        assert right == weeks > 0


# Cards whose content is wider than they are: it would lie over the card beside.
SPILLED = """() => [...document.querySelectorAll("article, .panel, .total, .lamps li")]
  .filter(e => e.scrollWidth > e.clientWidth + 1)
  .map(e => `${e.scrollWidth} > ${e.clientWidth} ${e.outerHTML.slice(0, 80)}`)"""

# Relative luminance and contrast as WCAG 2.2 defines them; colours are drawn on a canvas so that
# the browser itself turns any notation into red, green and blue.
CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = colour => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = rgba(getComputedStyle(e).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const e of document.querySelectorAll("body *")) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || !e.checkVisibility() || e.closest(".sr, svg, [aria-hidden=true], .photo")) continue;
    const [a, b] = [light(rgba(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) faint.push(`${ratio.toFixed(2)} ${e.outerHTML.slice(0, 80)}`);
  }
  return faint;
}"""

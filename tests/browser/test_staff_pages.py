"""Staff pages as a browser shows them: for everybody, on every width, and by keyboard alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.browser.conftest import Site

_WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_LISTS = (
    "/home", "/claims", "/claims?queue=waiting", "/claims?queue=held", "/denials", "/remittances",
    "/patients", "/messages", "/ledger", "/ledger/aging", "/ledger/entries", "/ledger/open",
    "/preferences", "/sign-in",
)  # fmt: skip
# From which page to go on, and the link that leads there.
_BEHIND = (
    ("/remittances", r"/remittances/[0-9a-f-]{36}"),
    ("/patients", r"/patients/P[0-9A-Z]+"),
    ("/ledger/entries", r"/ledger/postings/[0-9a-f-]{36}"),
)


def _open(
    browser: Browser, *, language: str = "en-US", width: int = 1280, scheme: str = "light"
) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        locale=language,
        color_scheme="dark" if scheme == "dark" else "light",
    )
    return context.new_page()


def _list_pages(page: Page, site: Site) -> list[str]:
    paths = [*_LISTS, f"/claims/{site.answered}", f"/claims/{site.answered}/fields"]
    for start, pattern in _BEHIND:
        page.goto(site.url + start)
        found = re.search(pattern, page.content())
        assert found is not None, start
        paths.append(found[0])
    return paths


@pytest.mark.parametrize(
    ("language", "width", "scheme"),
    [
        ("en-US", 1280, "light"),
        ("es-US", 390, "dark"),
        ("en-US", 390, "light"),
        ("es-US", 1280, "dark"),
    ],
)
def test_no_page_shuts_anybody_out_or_scrolls_sideways(
    browser: Browser, site: Site, language: str, width: int, scheme: str
) -> None:
    page = _open(browser, language=language, width=width, scheme=scheme)
    troubles: list[str] = []
    page.on("console", lambda m: troubles.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    foreign: list[str] = []
    page.on("request", lambda r: None if r.url.startswith(site.url) else foreign.append(r.url))
    axe = Axe()
    for path in _list_pages(page, site):
        page.goto(site.url + path)
        result = axe.run(page, options={"runOnly": {"type": "tag", "values": _WCAG}})
        found = [(v["id"], v["nodes"][0]["target"]) for v in result.response["violations"]]
        assert found == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert page.evaluate("document.documentElement.lang") == language[:2]
    assert troubles == []
    assert foreign == []
    page.context.close()


def test_worklist_is_walked_by_keyboard_and_left_and_found_again(
    browser: Browser, site: Site
) -> None:
    page = _open(browser)
    page.goto(f"{site.url}/claims?queue=waiting")
    page.keyboard.press("j")
    page.keyboard.press("j")
    number = page.evaluate("document.activeElement.textContent")
    assert number in site.waiting
    page.keyboard.press("x")
    assert page.inner_text("#key-status") == "1 selected"
    page.keyboard.press("o")
    page.wait_for_url(f"**/claims/{number}")
    page.keyboard.press("u")
    page.wait_for_url("**/claims?queue=waiting")
    page.wait_for_selector(f"tr.at:has-text('{number}')")
    for letter, path in (("d", "/denials"), ("e", "/remittances"), ("p", "/patients")):
        page.keyboard.press("g")
        page.keyboard.press(letter)
        page.wait_for_url(f"**{path}")
    page.keyboard.press("/")
    page.keyboard.type("jk?")
    assert page.input_value("#words") == "jk?"
    page.context.close()


def test_palette_finds_pages_and_claims(browser: Browser, site: Site) -> None:
    page = _open(browser)
    page.goto(f"{site.url}/home")
    page.keyboard.press("Control+k")
    page.keyboard.type("ledg")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ledger")
    page.keyboard.press("Control+k")
    page.keyboard.type(site.answered.lower())
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/claims/{site.answered}")
    page.context.close()


def test_letters_do_nothing_when_switched_off_and_other_letters_when_remapped(
    browser: Browser, site: Site
) -> None:
    page = _open(browser)
    page.goto(f"{site.url}/preferences")
    page.fill("#key-j", "s")
    page.get_by_role("button", name="Save").click()
    page.goto(f"{site.url}/claims")
    page.keyboard.press("j")
    assert page.query_selector("tr.at") is None
    page.keyboard.press("s")
    assert page.query_selector("tr.at") is not None
    page.goto(f"{site.url}/preferences")
    page.get_by_label("Off", exact=True).check()
    page.get_by_role("button", name="Save").click()
    page.goto(f"{site.url}/claims?queue=waiting")
    page.keyboard.press("s")
    assert page.query_selector("tr.at") is None
    page.context.close()


def test_without_script_every_page_still_says_all(browser: Browser, site: Site) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.url}/claims/{site.answered}")
    assert "above the agreed fee" in page.inner_text("main")
    page.get_by_role("button", name="Español").click()
    assert "por encima de la tarifa acordada" in page.inner_text("main")
    context.close()

"""What pages do for hands and eyes: lists follow the typing, keys reach the content, mistakes are found."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visitor

LISTS = ["/needs", "/software"]


@pytest.mark.parametrize("path", LISTS)
def test_a_list_follows_the_typing_and_the_typing_goes_on(visitor: Visitor, path: str) -> None:
    page = visitor()
    page.goto(path)
    search = page.locator("[data-search]")
    search.focus()
    with page.expect_response(lambda answer: "q=pro" in answer.url):
        page.keyboard.type("pro")
    page.wait_for_url(re.compile("q=pro"))
    page.keyboard.type("v")
    page.wait_for_url(re.compile("q=prov"))
    assert search.input_value() == "prov"
    assert search.evaluate("field => field === document.activeElement")


@pytest.mark.parametrize("path", LISTS)
def test_the_same_search_works_by_its_button(visitor: Visitor, path: str) -> None:
    page = visitor(javascript=False)
    page.goto(path)
    page.locator("[data-search]").fill("prov")
    page.locator("form[role=search] button").first.click()
    assert "q=prov" in page.url
    assert page.locator("[data-search]").input_value() == "prov"


def test_the_keyboard_reaches_the_content_at_once(visitor: Visitor) -> None:
    page = visitor()
    page.goto("/campaigns")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.classList.contains('skip')")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('#content').contains(document.activeElement)")


def test_a_page_that_came_by_htmx_starts_at_its_heading(visitor: Visitor) -> None:
    page = visitor()
    page.goto("/needs")
    page.locator("a[href$='/campaigns']").first.click()
    page.wait_for_url(re.compile("/campaigns$"))
    expect(page.locator("main h1")).to_be_focused()


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without"])
def test_a_refused_form_starts_at_its_mistakes_and_leads_to_each(visitor: Visitor, javascript: bool) -> None:
    page = visitor(javascript=javascript, width=360)
    page.goto("/apply")
    page.locator("form[action$='/apply'] button").last.click()
    summary = page.locator(".mistakes")
    expect(summary).to_be_in_viewport()
    if javascript:
        expect(summary).to_be_focused()
    link = summary.locator("a").last
    link.click()
    expect(page.locator(str(link.get_attribute("href")))).to_be_focused()


def test_a_printed_page_has_no_menu_and_its_links_tell_where_they_lead(visitor: Visitor) -> None:
    page = visitor()
    page.goto("/")
    page.emulate_media(media="print")
    expect(page.locator("header.top")).to_be_hidden()
    written = page.evaluate("getComputedStyle(document.querySelector('.card-head a'), '::after').content")
    assert "/campaigns" in written or "attr(href)" in written

def test_axe_sees_a_barrier_and_a_page_without(chromium, find_barriers):
    page = chromium.new_page()
    page.set_content(
        "<!doctype html><html lang=en><title>t</title><main><h1>x</h1><img src='data:,'></main></html>"
    )
    assert any(b.startswith("image-alt") for b in find_barriers(page))
    page.set_content("<!doctype html><html lang=en><title>t</title><main><h1>x</h1></main></html>")
    assert find_barriers(page) == []

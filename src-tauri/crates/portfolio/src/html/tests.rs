use super::html;
use crate::{
    Portfolio,
    tests::{empty, told},
};

#[test]
fn the_page_is_whole_in_one_file() {
    let page = html(&told());
    assert!(page.starts_with("<!doctype html>\n<html lang=\"en\">") && page.ends_with("</html>\n"), "{page}");
    for part in [
        "<title>Ada Obi: AI systems engineering, built and checked</title>",
        "<section>\n<h2>Introduction</h2>\n<p>Ten years of clouds behind me.</p>\n<h3>What I was after</h3>",
        "<h4>Decided</h4>\n<p>One file of settings: &lt;b&gt;settings.toml&lt;/b&gt;.</p>",
        "<a href=\"https://example.org/trace.png\">the trace</a>",
        "<td>1.84</td>",
        "<td>One settings file</td>",
        "<section class=\"record\">\n<p class=\"mark\">From the record</p>\n<h2>Orientation</h2>",
        "prefers-color-scheme: dark",
        "@media print",
    ] {
        assert!(page.contains(part), "{part} is not in:\n{page}");
    }
    // Title, how checked, two halves of each lab, the end; introduction and one reflection.
    assert_eq!((page.matches("<section class=\"record\">").count(), page.matches("<section>").count()), (7, 2));
    for loads in ["<script", "<img", "<link", "<iframe", " src=", "url(", "@import"] {
        assert!(!page.contains(loads), "{loads}");
    }
}

#[test]
fn the_title_is_text() {
    let page = html(&Portfolio { title: "</title><script>alert(1)</script> & co".into(), ..empty() });
    assert!(page.contains("<title>&lt;/title>&lt;script>alert(1)&lt;/script> &amp; co</title>"), "{page}");
    assert!(!page.contains("<script"), "{page}");
}

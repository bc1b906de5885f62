from corpus import Document
from chunks import sections


def read(body: str) -> list[tuple[tuple[str, ...], str]]:
    document = Document("handbook/x.md", "Title", "current", body)
    return [(section.headings, section.text.strip()) for section in sections(document)]


def test_each_heading_begins_a_section():
    assert read("# Title\n\nIntro.\n\n## Rate\n\n500.\n\n## Sizes\n\n25.\n") == [
        ((), "Intro."),
        (("Rate",), "500."),
        (("Sizes",), "25."),
    ]


def test_headings_above_are_kept():
    assert read("# T\n## Rate\na\n### Partner\nb\n#### Who\nc\n") == [
        (("Rate",), "a"),
        (("Rate", "Partner"), "b"),
        (("Rate", "Partner", "Who"), "c"),
    ]


def test_a_higher_heading_closes_the_lower_ones():
    assert read("# T\n## Rate\n### Partner\na\n## Sizes\nb\n### Body\nc\n") == [
        (("Rate", "Partner"), "a"),
        (("Sizes",), "b"),
        (("Sizes", "Body"), "c"),
    ]


def test_comments_in_code_are_not_headings():
    code = "```sh\n# restart the second one only\nskerryctl dns flush\n```"
    body = f"# T\n## Flush\n{code}\nThen wait.\n"
    assert read(body) == [
        (("Flush",), f"{code}\nThen wait."),
    ]


def test_text_before_any_heading_is_kept():
    assert read("Nobody owns this page.\n\n## Old\n\nx\n") == [
        ((), "Nobody owns this page."),
        (("Old",), "x"),
    ]


def test_sections_without_text_are_left_out():
    assert read("# T\n\n## Empty\n\n## Full\n\nx\n") == [(("Full",), "x")]


def test_a_hash_without_a_blank_is_text():
    assert read("# T\n#skerry-help is the channel.\n") == [((), "#skerry-help is the channel.")]

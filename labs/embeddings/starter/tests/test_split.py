from corpus import Document
from chunks import chunks, split
from tokens import WINDOW, count


def words_of(texts) -> list[str]:
    return " ".join(texts).split()


def test_what_fits_stays_whole():
    assert split("Pools are per node.\n\nNot per cluster.", 50) == [
        "Pools are per node.\n\nNot per cluster."
    ]


def test_cut_between_paragraphs_first():
    paragraphs = ["one two three four five", "six seven eight nine ten", "eleven twelve"]
    # The first two have 12 tokens together, the third would make it 14.
    assert split("\n\n".join(paragraphs), 12) == ["\n\n".join(paragraphs[:2]), paragraphs[2]]


def test_as_few_pieces_as_greed_makes():
    text = "\n\n".join(["one two three four"] * 6)
    assert [count(piece) for piece in split(text, 14)] == [14, 14]


def test_a_long_paragraph_is_cut_between_lines():
    lines = [f"| row {number} | value |" for number in range(12)]
    for piece in split("\n".join(lines), 40):
        assert all(line in lines for line in piece.split("\n"))


def test_a_long_line_is_cut_between_words():
    text = " ".join(f"word{number}" for number in range(300))
    pieces = split(text, 60)
    assert words_of(pieces) == text.split()
    assert max(count(piece) for piece in pieces) <= 60


def test_one_word_of_many_tokens_is_cut_as_well():
    blob = "Zm9v/YmFy9" * 90  # No blank, and a hundred tokens and more.
    pieces = split(f"key: {blob} end", 64)
    assert max(count(piece) for piece in pieces) <= 64
    assert "".join("".join(pieces).split()) == f"key:{blob}end"


def test_blank_text_makes_no_piece():
    assert split("\n \n", 20) == []


def document(paragraphs: int, title: str = "Edge certificate renewal") -> Document:
    body = "\n\n".join(
        f"Step {number}: renew on gw-eun-{number}, then probe :443." for number in range(paragraphs)
    )
    return Document("runbooks/x.md", title, "current", f"# {title}\n\n## By hand\n\n{body}\n")


def test_label_and_text_fit_the_window_together():
    long_title = (
        "Edge certificate renewal on every node of every region when SDS does not reload " * 3
    )
    for made in (document(60), document(60, long_title.strip())):
        sizes = [count(chunk.content()) for chunk in chunks(made)]
        assert len(sizes) > 1
        assert max(sizes) <= WINDOW


def test_the_window_is_used():
    # Beside the last one, no chunk has room for another paragraph.
    sizes = [count(chunk.content()) for chunk in chunks(document(60))]
    assert min(sizes[:-1]) > WINDOW - 30


def test_chunks_are_numbered_through_the_document():
    found = chunks(document(60))
    assert [chunk.number for chunk in found] == list(range(len(found)))
    assert {chunk.document for chunk in found} == {"runbooks/x.md"}


def test_the_label_is_title_and_headings():
    chunk = chunks(document(1))[0]
    assert chunk.label == "Edge certificate renewal > By hand"
    assert chunk.content().split("\n")[0] == chunk.label
    assert chunk.content(titled=False) == chunk.text

"""Copies a journal's first entry, each copy a moment later and with its own share of the text, until there are COUNT of
them: FILE COUNT."""

import sqlite3
import sys

journal = sqlite3.connect(sys.argv[1])
count = int(sys.argv[2])

journal.execute(
    """
    WITH RECURSIVE
        first AS (SELECT * FROM entries ORDER BY id LIMIT 1),
        copies (number) AS (VALUES (1) UNION ALL SELECT number + 1 FROM copies LIMIT ?)
    INSERT INTO entries (workspace, at, sort, title, text, url)
    SELECT workspace, at + number, sort, title || ' ' || number, substr(text, 1, 60 + number * 37 % 200), url
    FROM copies, first
    """,
    [count - 1],
)
(held,) = journal.execute("SELECT count(*) FROM entries").fetchone()
if held != count:
    sys.exit(f"the journal holds {held} entries, not {count}")
journal.commit()

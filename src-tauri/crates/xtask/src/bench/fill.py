"""Copies a journal's first report, with its outcomes, until the journal holds COUNT outcomes: FILE COUNT."""

import sqlite3
import sys

journal = sqlite3.connect(sys.argv[1])
count = int(sys.argv[2])


def columns(table):
    names = [row[1] for row in journal.execute(f"PRAGMA table_info({table})")]
    return ", ".join(name for name in names if name not in ("id", "report"))


(report,) = journal.execute("SELECT min(report) FROM outcomes").fetchone()
reports, outcomes = columns("reports"), columns("outcomes")
while journal.execute("SELECT count(*) FROM outcomes").fetchone()[0] < count:
    copy = journal.execute(f"INSERT INTO reports ({reports}) SELECT {reports} FROM reports WHERE id = ?", [report])
    journal.execute(
        f"INSERT INTO outcomes (report, {outcomes}) SELECT ?, {outcomes} FROM outcomes WHERE report = ? ORDER BY id",
        [copy.lastrowid, report],
    )
journal.execute(
    "UPDATE latest_outcomes SET outcome = (SELECT max(id) FROM outcomes WHERE check_id = latest_outcomes.check_id)"
)
journal.commit()

"""Looks at plan.toml and boundaries.toml, where a rule needs more than one value of them.

python checks/plan.py communities | verified | patterns | cadence
python checks/plan.py list [azure | aws | neutral]      what there is to choose from
python checks/plan.py events                            what is still to come, by the list
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from outcome import Failed, line_of, read_toml, tell

PLAN = "plan.toml"
BOUNDARIES = "boundaries.toml"
LIST = "data/communities.toml"

Checked = tuple[str, list[tuple[str, Any, str]]]


def chosen() -> list[dict[str, Any]]:
    """Each chosen community with what the list knows of it; what the learner wrote wins."""
    known = {row["id"]: row for row in read_toml(LIST)["communities"]}
    rows = []
    for entry in read_toml(PLAN).get("communities", []):
        name = str(entry.get("id", "")).strip()
        if name not in known and not (entry.get("url") and entry.get("side")):
            raise Failed(
                f"Nothing is known of the community `{name}`.",
                expected="an id of data/communities.toml, or your own `url` and `side` beside it",
                actual=f"id = {json.dumps(name)}",
                place=line_of(PLAN, f'id = "{name}"'),
                next_step="Copy the id from the list, letter by letter, or add url and side.",
            )
        rows.append({**known.get(name, {}), **entry})
    return rows


def communities() -> Checked:
    rows = chosen()
    names = [row["id"] for row in rows]
    if not 2 <= len(set(names)) == len(names) <= 3:
        raise Failed(
            "Two communities, or three, and none twice.",
            expected="2 or 3 different communities",
            actual=f"{len(names)}: {', '.join(names) or 'none'}",
            place={"file": PLAN},
            next_step="More than three is a reading list. Fewer than two is one person's opinion.",
        )
    for row in rows:
        if row.get("status") == "archived":
            raise Failed(
                f"{row['name']} has ended.",
                expected="a community that one can still join",
                actual=f"{row['id']} is archived, as of {row['known']}",
                place=line_of(PLAN, f'id = "{row["id"]}"'),
                next_step="Its row says where that comes from. Choose one that is open.",
            )
        for key in ("why", "leave_if"):
            words = len(str(row.get(key, "")).split())
            if words < 6:
                raise Failed(
                    f"`{key}` of {row['id']} says too little.",
                    expected="at least 6 words",
                    actual=f"{words} words",
                    place=line_of(PLAN, f'id = "{row["id"]}"'),
                    next_step=(
                        "Write it for yourself in three months, when you wonder why you are there."
                    ),
                )
    sides = {row["side"] for row in rows}
    if not sides & {"azure", "aws"} or "neutral" not in sides:
        raise Failed(
            "One of them belongs to a cloud that you use, and one to no cloud provider.",
            expected="azure or aws, and neutral",
            actual=", ".join(f"{row['id']} is {row['side']}" for row in rows),
            place={"file": PLAN},
            next_step="Keep the one that you want most and exchange another.",
        )
    return f"{len(rows)} communities: {', '.join(names)}.", [("communities", len(rows), "")]


def day(text: str, key: str, path: str) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise Failed(
            f"`{key}` is not a day.",
            expected="a day such as 2026-11-30",
            actual=json.dumps(str(text)),
            place=line_of(path, key),
            next_step="Year, month and day, joined by hyphens.",
        ) from None


def month_end(known: str) -> date:
    """The last day that `2026-06` or `2026-08-21` can mean."""
    if len(known) > 7:
        return date.fromisoformat(known)
    first = date.fromisoformat(f"{known}-01")
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def verified() -> Checked:
    tomorrow = datetime.now(timezone.utc).date() + timedelta(days=1)
    for row in chosen():
        place = line_of(PLAN, f'id = "{row["id"]}"')
        when = day(row.get("verified", ""), "verified", PLAN)
        if when > tomorrow:
            raise Failed(
                f"{row['id']} was looked at in the future.",
                expected="a day that has been",
                actual=when.isoformat(),
                place=place,
                next_step="Write the day on which you looked.",
            )
        if "known" in row and when <= month_end(row["known"]):
            raise Failed(
                f"{row['id']} was not looked at since its row was written.",
                expected=f"a day after {month_end(row['known'])}",
                actual=f"verified = {when}",
                place=place,
                next_step="Open the address, look, and write today's date.",
            )
        found = str(row.get("found", ""))
        number = "with" if re.search(r"\d", found) else "without"
        if len(found.split()) < 15 or number == "without":
            raise Failed(
                f"`found` of {row['id']} does not tell what was seen there.",
                expected="at least 15 words, with a date or a number that you saw",
                actual=f"{len(found.split())} words, {number} a number",
                place=place,
                next_step=(
                    "The last answer's date, how many open questions, what the "
                    "rules ask for: what you saw."
                ),
            )
    return "Each was looked at, with what was found.", []


def patterns() -> Checked:
    rows = read_toml(BOUNDARIES).get("internal", [])
    if len(rows) < 3:
        raise Failed(
            f"There are {len(rows)} patterns for names from inside.",
            expected="at least 3",
            actual=f"{len(rows)} patterns",
            place={"file": BOUNDARIES},
            next_step=(
                "Domains, clusters, ticket numbers, customers, projects: take what "
                "your last three tickets hold."
            ),
        )
    for number, row in enumerate(rows, start=1):
        name, example = row.get("name") or f"number {number}", row.get("example", "")
        place = line_of(BOUNDARIES, f'name = "{row.get("name", "")}"')
        try:
            pattern = re.compile(row.get("pattern", ""))
        except re.error as fault:
            raise Failed(
                f"The pattern “{name}” cannot be read: {fault}.",
                expected="a regular expression of Python's",
                actual=str(fault),
                place=place,
                next_step="Escape what is meant as it stands: a dot is \\., a bracket \\(.",
            ) from None
        if not example or not pattern.pattern or not pattern.search(example):
            raise Failed(
                f"The pattern “{name}” does not find its own example.",
                expected="a match",
                actual="no match",
                place=place,
                next_step=(
                    "Mend the pattern. One that never finds anything looks just like clean drafts."
                ),
            )
        if pattern.search("") or pattern.search("The service answers after 530 ms."):
            raise Failed(
                f"The pattern “{name}” finds everything.",
                expected="no match in a sentence without internal names",
                actual="a match in `The service answers after 530 ms.`",
                place=place,
                next_step="Make it narrower, or you will stop reading what the scan says.",
            )
    return f"{len(rows)} patterns find their examples.", [("internal patterns", len(rows), "")]


def cadence() -> Checked:
    text = Path(PLAN).read_text(encoding="utf-8")
    made = json.loads(Path("cadence.json").read_text(encoding="utf-8"))
    now = hashlib.sha256(text.encode()).hexdigest()
    if made.get("plan_sha256") != now:
        raise Failed(
            "cadence.json was made from another plan.toml than this one.",
            expected=f"plan_sha256 = {now[:12]}...",
            actual=f"plan_sha256 = {str(made.get('plan_sha256'))[:12]}...",
            place={"file": "cadence.json"},
            next_step="Run `python cadence.py` again.",
        )
    return "cadence.json was made from this plan.", []


def show(side: str) -> None:
    for row in read_toml(LIST)["communities"]:
        if row["status"] == "open" and side in ("", row["side"]):
            print(f"{row['id']:<22}{row['side']:<9}{row['kind']:<24}{row['rhythm']}")


def show_events() -> None:
    today = datetime.now(timezone.utc).date()
    rows = [row for row in read_toml(LIST)["events"] if month_end(row["ends"]) >= today]
    for row in sorted(rows, key=lambda row: row["begins"]):
        print(f"{row['begins']:<12}{row['side']:<9}{row['name']}, {row['place']}")
        print(f"{'':<21}{row['url']}")
        print(f"{'':<21}{row['checked']}; as of {row['known']}, from {row['from']}")
    print("Open the address before you plan with a date." if rows else "All of them are over.")


if __name__ == "__main__":
    if sys.argv[1] == "list":
        show("".join(sys.argv[2:]))
        sys.exit()
    if sys.argv[1] == "events":
        show_events()
        sys.exit()
    looks = {
        "communities": communities,
        "verified": verified,
        "patterns": patterns,
        "cadence": cadence,
    }
    tell(sys.argv[1], looks[sys.argv[1]])

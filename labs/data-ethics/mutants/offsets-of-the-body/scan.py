"""Finds personal data with rules: patterns with validators, lists, and the words around a name.

python scan.py support/2024-12-leaver-thread.md
"""

from __future__ import annotations

import ipaddress
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from corpus import Document, Span, read_document, read_documents, read_table

# Where two spans overlap, the kind further left wins: a handle inside a mail address is part of the
# address.
PRIORITY = (
    "email",
    "key",
    "iban",
    "address",
    "phone",
    "account",
    "ip",
    "handle",
    "health",
    "person",
)


def scan(document: Document) -> list[Span]:
    """All personal data of a document, sorted, no two spans overlapping."""
    document = Document(document.name, document.text[document.body :], document.meta, 0)
    text = document.text
    found = [
        *emails(text),
        *phones(text),
        *ips(text),
        *accounts(text),
        *ibans(text),
        *keys(text),
        *handles(text),
        *addresses(text),
        *health(text),
        *persons(document),
    ]
    return resolve(found)


def resolve(spans: list[Span]) -> list[Span]:
    kept: list[Span] = []
    for span in sorted(spans, key=lambda s: (PRIORITY.index(s.kind), s.start - s.end, s.start)):
        if not any(span.overlaps(other) for other in kept):
            kept.append(span)
    return sorted(kept)


def matches(
    kind: str,
    pattern: re.Pattern[str],
    text: str,
    valid: Callable[[str], bool] = lambda value: True,
    who: Callable[[str], str] = lambda value: "",
) -> Iterator[Span]:
    """Spans of the pattern's group `it`, or of the whole match, that are valid."""
    group = "it" if "it" in pattern.groupindex else 0
    for match in pattern.finditer(text):
        value = match.group(group)
        if valid(value):
            yield Span(match.start(group), match.end(group), kind, value, who(value))


# --- what has a form --------------------------------------------------------------------------

EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@\w[\w-]*(?:\.\w[\w-]*)+")
# "name at host dot tld", also "(at)" and "(dot)": at least one spelled-out dot, or every "at" in
# prose would match.
DOT = r"\s?\(?\bdot\b\)?\s?"
SPELLED_EMAIL = re.compile(
    rf"(?<![\w.])\w+(?:(?:{DOT}|\.)\w+)*\s\(?\bat\b\)?\s\w+(?:{DOT}\w+)+", re.IGNORECASE
)


def emails(text: str) -> Iterator[Span]:
    yield from matches(
        "email", EMAIL, text, who=lambda value: directory().by_mail.get(value.lower(), "")
    )
    yield from matches(
        "email",
        SPELLED_EMAIL,
        text,
        who=lambda value: directory().by_mail.get(spelled_out(value), ""),
    )


def spelled_out(value: str) -> str:
    """ "h dot daly at kestrel dot example dot com" as the address that it means."""
    value = re.sub(rf"{DOT}", ".", value.lower())
    return re.sub(r"\s\(?at\)?\s", "@", value)


PHONE = re.compile(
    r"(?<![\w.,:/+-])(?<!\d )"
    r"(?:\((?:\+|00)\d{1,2}\)|(?:\+|00)\d{1,2}|\(\d{3}\)|0)"  # (+44), 0044, (202) or a trunk 0
    r"[ .-]?(?:\(0\) ?)?(?:\(?\d{1,4}\)?[ .-]?){2,7}\d"
    r"(?![\w-]|[.:,]\d)"
)


def phones(text: str) -> Iterator[Span]:
    yield from matches(
        "phone", PHONE, text, is_phone, lambda value: directory().by_phone.get(digits(value), "")
    )


def digits(value: str) -> str:
    """As dialled from abroad, without signs: 07700 900454 and +44 (0)7700 900 454 are one."""
    only = re.sub(r"\D", "", re.sub(r"\(0\)", "", value))
    if value.lstrip("(").startswith("+"):
        return only
    if only.startswith("00"):
        return only[2:]
    return ("44" if only.startswith("0") else "1") + only.lstrip("0")


def is_phone(value: str) -> bool:
    # E.164 allows 15 digits with the country's; below eleven there is no mobile number of the
    # countries here.
    return 11 <= len(digits(value)) <= 13


# RFC 5737 and RFC 3849 ranges stand for public addresses here, and Python calls them private. So
# the ranges that are nobody's are named: private and local ones, and Fennmark's own front ends.
NOBODYS = [
    ipaddress.ip_network(net)
    for net in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "192.0.2.0/24",
        "::/16",
        "fc00::/7",
        "fe80::/10",
    )
]
IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?!\w|\.\d|/(?!32\b))")
IPV6 = re.compile(
    r"(?<![\w:])(?:[0-9a-fA-F]{1,4}:){2,7}(?::|[0-9a-fA-F]{1,4})?(?::?[0-9a-fA-F]{1,4})*(?![\w:/])"
)


def ips(text: str) -> Iterator[Span]:
    yield from matches("ip", IPV4, text, is_somebodys)
    yield from matches("ip", IPV6, text, is_somebodys)


def is_somebodys(value: str) -> bool:
    try:
        address = ipaddress.ip_address(value)
    except ValueError:  # 300.1.2.3, or a time such as 01:02:03
        return False
    return not any(address in net for net in NOBODYS)


ACCOUNT = re.compile(r"\b(?:FM|CU)-\d{5}\b")


def accounts(text: str) -> Iterator[Span]:
    yield from matches("account", ACCOUNT, text, who=lambda value: value)


IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,3})?\b")


def ibans(text: str) -> Iterator[Span]:
    yield from matches("iban", IBAN, text, is_iban)


def is_iban(value: str) -> bool:
    """ISO 7064: country and check digits to the end, letters as 10 to 35, remainder 1 of 97."""
    plain = value.replace(" ", "")
    if not 15 <= len(plain) <= 34:
        return False
    return int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 == 1


KEY = re.compile(
    r"(?<![\w/.-])(?:sk-|hvs\.|gl[a-z]{2,4}-|AKIA|[a-z]{2,5}-(?=[A-Z]))"
    r"[A-Za-z0-9!_.-]{10,}(?<![.,!_-])"
)
SECRET = re.compile(
    r"\b(?:pass(?:word|wd|phrase)|secret|token|api[_ ]?key|key)\b[^\n`'\"]{0,25}"
    r"[:=`'\"]\s?[`'\"]?(?P<it>[A-Za-z0-9!$%_.+-]{12,})",
    re.IGNORECASE,
)


def keys(text: str) -> Iterator[Span]:
    yield from matches("key", KEY, text, looks_random)
    yield from matches("key", SECRET, text, looks_random)


def looks_random(value: str) -> bool:
    """Digits and upper and lower case together, which names of things seldom have."""
    return all(re.search(part, value) for part in (r"\d", r"[a-z]", r"[A-Z]"))


# --- what stands in a list -------------------------------------------------------------------

# Names that are words too. Alone they count only where what stands around them speaks for a person.
WORDS = {
    "april",
    "art",
    "burns",
    "frost",
    "grace",
    "hope",
    "joy",
    "mark",
    "may",
    "ray",
    "reed",
    "rook",
    "sage",
    "stone",
    "summers",
    "will",
    "winter",
}
MONTHS = {"april", "may"}
# Called like people, and nobody: the clusters, the job scheduler, the old machines.
THINGS = {"ada", "turing", "hopper", "noether", "kay", "curie", "babbage"}


@dataclass(frozen=True)
class Directory:
    """What the lists tell: who has this mail, number, handle or name. Keys are in lower case."""

    by_mail: dict[str, str]
    by_phone: dict[str, str]
    by_handle: dict[str, str]
    by_name: dict[str, str]  # full names, first names, surnames, initial and surname
    first_names: frozenset[str]
    companies: frozenset[str]  # each word of them

    @property
    def logins(self) -> dict[str, str]:
        """The part of a mail address before the @, which is the account on machines too."""
        house = "@fennmark.example"
        logins = {
            mail.removesuffix(house): who for mail, who in self.by_mail.items() if house in mail
        }
        # Leavers have lost their mailbox, and their logins follow the same pattern: r.pascoe.
        shortened = {
            name.replace(" ", ""): who for name, who in self.by_name.items() if name[1:2] == "."
        }
        plain = {login.replace(".", ""): who for login, who in logins.items()}
        return shortened | plain | logins


@lru_cache(maxsize=1)
def directory() -> Directory:
    people = [*read_table("staff"), *read_table("leavers"), *read_table("contacts")]
    by_name: dict[str, str] = {}
    for row in people:
        for form in forms(row["name"], row.get("handle", "")):
            # What two people are called says that it is a name, and not whose.
            by_name[form] = "" if form in by_name else row["number"]
    return Directory(
        by_mail={row["mail"].lower(): row["number"] for row in people if "mail" in row},
        by_phone={digits(row["phone"]): row["number"] for row in people if "phone" in row},
        by_handle={row["handle"].lower(): row["number"] for row in people if "handle" in row},
        by_name=by_name,
        first_names=frozenset(row["name"].split()[0].lower() for row in people),
        companies=frozenset(
            word.lower() for row in people for word in row.get("company", "").split()
        ),
    )


def forms(name: str, handle: str) -> set[str]:
    """What somebody of this name is called in the archive."""
    first, surname = name.lower().split(" ", 1)
    nick = handle.lstrip("@")
    # Some handles are what somebody is called: @tomek is, @mstone and @willc are not.
    called = (
        {nick} if nick.isalpha() and nick[:2] == first[:2] and not nick.startswith(first) else set()
    )
    return called | {
        name.lower(),
        first,
        surname,
        f"{first[0]}. {surname}",
        f"{first} {surname[0]}.",
    }


def any_of(words: Iterable[str], flags: int = 0) -> re.Pattern[str]:
    """One pattern for all of them, the longest first, each a whole word and in no path."""
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile(
        rf"(?<![\w@.-])(?:{'|'.join(map(re.escape, longest_first))})(?![^\W_]|@|[.-]\w)", flags
    )


HANDLE = re.compile(r"(?<![\w@/.`-])@[a-z]\w*(?:\.\w+)*(?!:[0-9a-f]{6})")
# Signs with an @ that are nobody's: groups, image digests, cron's nicknames, log fields.
NOBODY = {
    "@all",
    "@channel",
    "@daily",
    "@here",
    "@hourly",
    "@kv",
    "@sha256",
    "@timestamp",
    "@tsv",
    "@weekly",
}
HOME = re.compile(r"/(?:home|builds|users)/(?P<it>[a-z][\w.]+)(?=/)", re.IGNORECASE)


def handles(text: str) -> Iterator[Span]:
    known, logins = directory().by_handle, directory().logins
    yield from matches(
        "handle", HANDLE, text, lambda it: it not in NOBODY, lambda it: known.get(it, "")
    )
    # The same without its sign: the owner of a process, a folder in a path.
    yield from matches("handle", any_of(logins), text, who=logins.__getitem__)
    yield from matches(
        "handle", HOME, text, lambda it: it in logins or it.rstrip("s") in directory().by_name
    )


# --- names, from the words around them -------------------------------------------------------

CAPITAL = r"[A-ZÅÄÖØÆÉ]\w*[a-zà-ÿ](?:-[A-ZÅÄÖ]\w+)?"
SURNAME = rf"(?:(?:van der|van den|van|de|von) )?{CAPITAL}"
STRANGERS = [
    re.compile(rf"(?<![\w@/.`-])(?P<it>{CAPITAL} {SURNAME})(?![\w@`]|-\w)"),
    re.compile(rf"(?<![\w.])(?P<it>[A-Z]\. {SURNAME})\b"),
]
INTRODUCED = re.compile(
    rf"\b(?:(?:Mr|Mrs|Ms|Dr|Frau|Herr)\.?"
    rf"|colleagues?|student|husband|wife|daughter|son|sister|brother)"
    rf" (?P<it>(?:[A-Z]\. )?{CAPITAL}(?: {CAPITAL})?)"
)
TITLES = {"mr", "mrs", "ms", "dr", "frau", "herr"}


def persons(document: Document) -> Iterator[Span]:
    text = document.text
    for match in any_of(directory().by_name, re.IGNORECASE).finditer(text):
        if is_name_here(text, match.start(), match.end()):
            who = directory().by_name[match.group().lower()]
            yield Span(match.start(), match.end(), "person", match.group(), who)
    strangers = list(matches("person", INTRODUCED, text, lambda it: it.lower() not in vocabulary()))
    for pattern in STRANGERS:
        strangers += matches("person", pattern, text, is_stranger)
    # Whoever was named in full is called by half of it further down, and is the same person.
    halves: dict[str, str] = {}
    for span in sorted(strangers, key=lambda span: len(span.text)):
        for half in span.text.split():
            if len(half) > 2 and half.lower() not in vocabulary() | WORDS:
                halves[half] = span.text.lower()
    for span in strangers:
        yield Span(
            span.start, span.end, "person", span.text, halves.get(span.text, span.text.lower())
        )
    if halves:
        yield from matches("person", any_of(halves), text, who=halves.__getitem__)


OF_A_MONTH = re.compile(
    r"(?:\d\.?(?:st|nd|rd|th)?|[–-]|\b(?:in|since|until|till|from|of|by|to|early|late|mid|end"
    r"|before|after|last|next|this|the|and|or)) $",
    re.IGNORECASE,
)
BEGINS_A_SENTENCE = re.compile(r"""(?:^|[.!?:"|>*]|\n|\n[ ]*[-*]|\d\d:\d\d)\s*$""")
AS_AFTER_A_NAME = re.compile(
    r"['’]s\b|[,;):|*?]|\.?\s*(?:\n|$)|\.\s| [(|<–-]"
    r"| (?:and|has|had|was|is|will|would|can|on|at)\b"
    r"| (?!this\b|as\b|us\b|its\b|always\b|needs\b)[a-z]+(?:s|ed)\b"
    r"| (?:wrote|took|saw|found|did|told|said|went|ran|knew|thought|got|gave)\b"
)


def is_name_here(text: str, start: int, end: int) -> bool:
    """Whether this form from the lists is a person at this place of the text."""
    value, before, after = text[start:end], text[max(0, start - 30) : start], text[end : end + 30]
    if any(word.lower() in directory().companies for word in after.split()[:1]):
        return False  # "Kestrel Pharma", "Palomar Books"
    if value.lower() not in WORDS:
        return True
    if not value.istitle():
        return value.islower() and is_called(text[text.rfind("\n", 0, start) + 1 : start], after)
    if value.lower() in MONTHS and (OF_A_MONTH.search(before) or re.match(r" ?[\d–-]", after)):
        return False
    # A sentence begins with a capital anyway: there, what follows has to be what follows a name.
    return not BEGINS_A_SENTENCE.search(before) or bool(AS_AFTER_A_NAME.match(after))


CHAT = re.compile(r"^\W*\d\d:\d\d|@\w+")
SPOKEN_TO = re.compile(r"(?:,|\b(?:thx|thanks|ask|hi|hey|sorry|cc|and|with|tell|told)) $")


def is_called(line: str, after: str) -> bool:
    """In a chat, a word in lower case is a name where it is spoken to, quoted, or has something."""
    if line.endswith('"'):
        return not after.startswith('"') or '"' in after[1:]
    if not CHAT.search(line):
        return False
    if re.match(r"['’]s\b", after):
        return True
    if re.search(
        r"(?::|\d\d:\d\d ) $", line
    ):  # the first word of a message, or the column of who was called
        return bool(re.match(r"[,:?]|\s*\n|\s{2,}| \(", after))
    return bool(SPOKEN_TO.search(line) and re.match(r"\s*(?:$|[\n.?!,;)])", after))


@lru_cache(maxsize=1)
def vocabulary() -> frozenset[str]:
    """Words in lower case somewhere in the archive: ordinary, even at a sentence's beginning."""
    words: set[str] = set()
    for document in read_documents():
        words.update(re.findall(r"(?<![\w@./-])[a-zà-ÿ]{2,}(?![\w@]|[.-]\w)", document.text))
    return frozenset(words)


def is_stranger(value: str) -> bool:
    """Words with capitals, none of them an ordinary word, a thing, a company of ours or a title."""
    words = [word.lower() for word in re.findall(r"[\w'’-]{2,}", value)]
    never = THINGS | TITLES | MONTHS | directory().companies
    if never.intersection(words) or words[-1] in directory().first_names:
        return False  # "Participants Anjali" is a heading and a name
    return not any(word in vocabulary() and word not in WORDS for word in words)


# --- what has neither form nor list -----------------------------------------------------------

UK_POSTCODE = r"[A-Z]{1,2}\d{1,2}[A-Z]? \d[A-Z]{2}"
PLACE = r"[A-Z][\w'’-]+(?: (?:[A-Z][\w'’-]+|aan|van|de|den|Zee))*"
ADDRESS = re.compile(
    rf"(?:(?:Flat|Unit|Apt) \w+, )?(?:\d{{1,4}}[a-z]? )?(?:The )?"
    rf"{PLACE}(?: \d{{1,4}} ?[a-zA-Z]?)?,(?: {PLACE},)?"
    rf"(?: Flat \w+,)? (?:{PLACE},? {UK_POSTCODE}|\d{{4}} [A-Z]{{2}} {PLACE}|\d{{4,5}} {PLACE})\b"
)
STREET = r"(?:Street|Row|Lane|Yard|Road|Close|Wynd|Quay|Maltings|End|Terrace|Avenue)"
NO_POSTCODE = re.compile(rf"\b\d{{1,4}}[a-z]? (?:[A-Z][\w'’]+ )+{STREET}\b(?:, {PLACE})?")
CONTINENTAL = re.compile(
    r"\b[A-Z]\w{2,}(?:gata|gatan|gate|vej|straat|kade|weg|laan|brug|strasse|straße|hof)"
    r" ?\d{1,4}(?: ?[A-Za-z]\b)?(?:, [A-Z]\w+)?"
)


def addresses(text: str) -> Iterator[Span]:
    for pattern in (ADDRESS, NO_POSTCODE, CONTINENTAL):
        yield from matches("address", pattern, text)


# Of a person: a disk can be sick too, a node can die, and a cluster has operations.
ILLNESS = re.compile(
    r"\b(?:in (?:the )?hospital|at the hospital|emergency room|surgery|surgeon|dentist"
    r"|(?:knee|back|hip|heart|his|her) operation|second knee|physiotherapy|physio|dialysis"
    r"|painkillers|anaesthetic|shingles|flu|fever|ear infection|hernia|diagnos\w+ with|chemo\w*"
    r"|sick leave|is ill|burn-?out|depress\w+|pregnan\w+|new baby|the baby|miscarriage"
    r"|(?:his|her|my) (?:knee|back|shoulder|mother's hip|father is|son's check-up)"
    r"|custody|funeral|(?:he|she|who|father|mother) died)\b",
    re.IGNORECASE,
)
CLAUSE = re.compile(r"[^,;.()|\n]+")


def health(text: str) -> Iterator[Span]:
    """The whole clause in which a word of illness stands."""
    for clause in CLAUSE.finditer(text):
        if ILLNESS.search(clause.group()):
            value = clause.group().strip(" *_>-")
            start = clause.start() + clause.group().index(value)
            yield Span(start, start + len(value), "health", value)


if __name__ == "__main__":
    for span in scan(read_document(sys.argv[1])):
        print(f"{span.start:6} {span.kind:8} {span.text!r} {span.who}")

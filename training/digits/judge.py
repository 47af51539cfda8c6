"""Lets the classifier say what the generator has drawn, both as they will be served: on onnxruntime.

    python -m digits.judge --generator models/generator/digits --classifier models/vision/digit-classifier

Writes `quality.json` and `samples.png`, ten of each digit, beside the generator.
"""

from __future__ import annotations

import argparse
import json
import struct
import zlib
from pathlib import Path

import numpy
import onnxruntime

from .mnist import PACKAGE

SAMPLES = 2_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--generator", type=Path, required=True)
    parser.add_argument("--classifier", type=Path, required=True)
    arguments = parser.parse_args()
    generator = onnxruntime.InferenceSession(str(arguments.generator / "1" / "model.onnx"))
    classifier = onnxruntime.InferenceSession(str(arguments.classifier / "1" / "model.onnx"))
    noise = numpy.random.default_rng(1).standard_normal((SAMPLES, 64)).astype(numpy.float32)
    asked = numpy.arange(SAMPLES) % 10
    (images,) = generator.run(["image"], {"z": noise, "label": asked})
    (logits,) = classifier.run(["logits"], {"image": images})
    right = logits.argmax(1) == asked
    spread = [float(images[asked == digit].std(0).mean()) for digit in range(10)]
    quality = {
        "data": PACKAGE,
        "samples": SAMPLES,
        "recognised": round(float(right.mean()), 4),
        "recognisedByDigit": [round(float(right[asked == digit].mean()), 3) for digit in range(10)],
        "spreadByDigit": [round(value, 3) for value in spread],
    }
    (arguments.generator / "quality.json").write_text(json.dumps(quality, indent=2) + "\n")
    write_sheet(arguments.generator / "samples.png", images[:100].reshape(10, 10, 28, 28))
    print(quality)


def write_sheet(file: Path, tiles: numpy.ndarray) -> None:
    """Tiles [rows, columns, 28, 28], dark ink on white, as a grey PNG."""
    rows, columns = tiles.shape[:2]
    pixels = (255 - tiles * 255).astype(numpy.uint8).transpose(0, 2, 1, 3).reshape(rows * 28, columns * 28)
    lines = b"".join(b"\0" + line.tobytes() for line in pixels)

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", columns * 28, rows * 28, 8, 0, 0, 0, 0)
    file.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines, 9)) + chunk(b"IEND", b"")
    )


if __name__ == "__main__":
    main()

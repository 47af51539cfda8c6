"""Trains the classifier of digits, and exports it: image [n, 1, 28, 28] from 0 to 1 → logits [n, 10].

    python -m digits.classifier --work /tmp/digits --target models/vision/digit-classifier
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from .mnist import PACKAGE, load_digits

EPOCHS = 8
BATCH = 128


def classifier() -> nn.Sequential:
    def block(before: int, after: int) -> list[nn.Module]:
        return [nn.Conv2d(before, after, 3, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU()]

    return nn.Sequential(
        *block(1, 24),
        *block(24, 24),
        nn.MaxPool2d(2),
        *block(24, 48),
        *block(48, 48),
        nn.MaxPool2d(2),
        *block(48, 64),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.3),
        nn.Linear(64 * 9, 10),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--target", type=Path, required=True)
    arguments = parser.parse_args()
    torch.manual_seed(1)
    images, labels = load_digits(arguments.work, "train")
    model = classifier()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-2)
    steps = EPOCHS * (len(images) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=4e-3, total_steps=steps)
    for epoch in range(EPOCHS):
        model.train()
        order = torch.randperm(len(images))
        for first in range(0, len(images) - BATCH + 1, BATCH):
            chosen = order[first : first + BATCH]
            loss = functional.cross_entropy(model(shifted(images[chosen])), labels[chosen])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
        print(f"epoch {epoch + 1}: {accuracy(model, arguments.work):.4f} of the test images", flush=True)
    folder: Path = arguments.target / "1"
    folder.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        model.eval(),
        (torch.zeros(2, 1, 28, 28),),
        str(folder / "model.onnx"),
        input_names=["image"],
        output_names=["logits"],
        dynamic_axes={"image": {0: "n"}, "logits": {0: "n"}},
        opset_version=18,
        dynamo=False,
    )
    torch.save(model.state_dict(), arguments.work / "classifier.pt")
    quality = {"data": PACKAGE, "testImages": 10_000, "testAccuracy": round(accuracy(model, arguments.work), 4)}
    (arguments.target / "quality.json").write_text(json.dumps(quality, indent=2) + "\n")
    print(quality)


def shifted(images: Tensor) -> Tensor:
    """By up to two pixels, slightly turned and scaled, each image its own way."""
    count = len(images)
    angle = (torch.rand(count) - 0.5) * 0.35
    scale = 1 + (torch.rand(count) - 0.5) * 0.2
    move = (torch.rand(count, 2) - 0.5) * (4 / 14)
    cosine, sine = angle.cos() * scale, angle.sin() * scale
    matrix = torch.stack(
        [torch.stack([cosine, -sine, move[:, 0]], 1), torch.stack([sine, cosine, move[:, 1]], 1)], 1
    )
    grid = functional.affine_grid(matrix, list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, align_corners=False)


def accuracy(model: nn.Module, work: Path) -> float:
    model.eval()
    images, labels = load_digits(work, "t10k")
    with torch.no_grad():
        guesses = torch.cat([model(part).argmax(1) for part in images.split(500)])
    return (guesses == labels).float().mean().item()


if __name__ == "__main__":
    main()

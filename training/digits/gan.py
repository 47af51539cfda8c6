"""Trains the generator of digits against a discriminator, both told which digit it is, and exports the generator:
noise z [n, 64] and label [n] → image [n, 1, 28, 28] from 0 to 1.

    python -m digits.gan --work /tmp/digits --target models/generator/digits

Mirza and Osindero, "Conditional Generative Adversarial Nets" (2014), with the projection discriminator of Miyato and Koyama (2018),
spectral normalization, the hinge loss, and a running mean of the generator's weights, which is what is kept.
"""

from __future__ import annotations

import argparse
import copy
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

from .mnist import load_digits

NOISE = 64
BATCH = 64


class Generator(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.label = nn.Embedding(10, 32)
        self.first = nn.Linear(NOISE + 32, 96 * 7 * 7)
        self.norms = nn.ModuleList([nn.BatchNorm2d(96), nn.BatchNorm2d(64), nn.BatchNorm2d(32)])
        self.to14 = nn.ConvTranspose2d(96, 64, 4, 2, 1, bias=False)
        self.to28 = nn.ConvTranspose2d(64, 32, 4, 2, 1, bias=False)
        self.last = nn.Conv2d(32, 1, 3, padding=1)

    def forward(self, z: Tensor, label: Tensor) -> Tensor:
        x = self.first(torch.cat([z, self.label(label)], 1)).view(-1, 96, 7, 7)
        x = self.to14(functional.relu(self.norms[0](x)))
        x = self.to28(functional.relu(self.norms[1](x)))
        return torch.sigmoid(self.last(functional.relu(self.norms[2](x))))


class Discriminator(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            spectral_norm(nn.Conv2d(1, 32, 4, 2, 1)),
            nn.LeakyReLU(0.1),
            spectral_norm(nn.Conv2d(32, 64, 4, 2, 1)),
            nn.LeakyReLU(0.1),
            spectral_norm(nn.Conv2d(64, 128, 3, 1, 1)),
            nn.LeakyReLU(0.1),
        )
        self.score = spectral_norm(nn.Linear(128, 1))
        self.label = spectral_norm(nn.Embedding(10, 128))

    def forward(self, image: Tensor, label: Tensor) -> Tensor:
        features = self.features(image).mean((2, 3))
        return self.score(features)[:, 0] + (features * self.label(label)).sum(1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--target", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=10)
    arguments = parser.parse_args()
    torch.manual_seed(1)
    images, labels = load_digits(arguments.work, "train")
    generator, discriminator = Generator(), Discriminator()
    kept = copy.deepcopy(generator).eval()
    of_generator = torch.optim.Adam(generator.parameters(), lr=4e-4, betas=(0.0, 0.9))
    of_discriminator = torch.optim.Adam(discriminator.parameters(), lr=8e-4, betas=(0.0, 0.9))
    for epoch in range(arguments.epochs):
        order = torch.randperm(len(images))
        for first in range(0, len(images) - BATCH + 1, BATCH):
            chosen = order[first : first + BATCH]
            real, label = images[chosen], labels[chosen]
            fake = generator(torch.randn(BATCH, NOISE), label).detach()
            gap = functional.relu(1 - discriminator(real, label)) + functional.relu(1 + discriminator(fake, label))
            step(of_discriminator, gap.mean())
            asked = torch.randint(0, 10, (BATCH,))
            step(of_generator, -discriminator(generator(torch.randn(BATCH, NOISE), asked), asked).mean())
            follow(kept, generator)
        print(f"epoch {epoch + 1}: gap {gap.mean().item():.3f}", flush=True)
        torch.save(kept.state_dict(), arguments.work / "generator.pt")
    folder: Path = arguments.target / "1"
    folder.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        kept,
        (torch.zeros(2, NOISE), torch.zeros(2, dtype=torch.int64)),
        str(folder / "model.onnx"),
        input_names=["z", "label"],
        output_names=["image"],
        dynamic_axes={"z": {0: "n"}, "label": {0: "n"}, "image": {0: "n"}},
        opset_version=18,
        dynamo=False,
    )


def step(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()


def follow(kept: Generator, generator: Generator) -> None:
    with torch.no_grad():
        for mean, latest in zip(kept.parameters(), generator.parameters()):
            mean.lerp_(latest, 0.002)
        for mean, latest in zip(kept.buffers(), generator.buffers()):
            mean.copy_(latest)


if __name__ == "__main__":
    main()

"""Trains the language model. Ends at any time without loss: it goes on from its last checkpoint.

    python -m language_model.train --work /tmp/language-model
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path

import numpy
import torch
from torch.nn import functional

from .corpus import load_corpus
from .model import Decoder, Shape
from .tokenizer import BEGIN, END, load_tokenizer, train_tokenizer

WINDOW = 256
BATCH = 16
PEAK_RATE = 2e-3
WARM_UP = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=2600)
    arguments = parser.parse_args()
    work: Path = arguments.work
    work.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    corpus = load_corpus(work)
    tokens_file = work / "tokenizer.json"
    if not tokens_file.exists():
        train_tokenizer(corpus.training).save(str(tokens_file))
    stream = token_stream(work, corpus.training)
    model = Decoder(Shape(), dropout=0.1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=PEAK_RATE, betas=(0.9, 0.95), weight_decay=0.1)
    checkpoint = work / "checkpoint.pt"
    first = 0
    if checkpoint.exists():
        state = torch.load(checkpoint)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        first = state["step"]
    print(f"{sum(p.numel() for p in model.parameters())} parameters, {len(stream)} tokens, from step {first}", flush=True)
    recent, started = [], time.monotonic()
    for step in range(first, arguments.steps):
        for group in optimizer.param_groups:
            group["lr"] = rate(step, arguments.steps)
        loss = learn(model, optimizer, windows(stream, step))
        recent.append(loss)
        if (step + 1) % 50 == 0 or step + 1 == arguments.steps:
            seconds = (time.monotonic() - started) / len(recent)
            print(f"step {step + 1}: loss {sum(recent) / len(recent):.3f}, {seconds:.2f} s a step", flush=True)
            recent, started = [], time.monotonic()
            whole = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step + 1}
            torch.save(whole, checkpoint.with_suffix(".part"))
            checkpoint.with_suffix(".part").replace(checkpoint)


def token_stream(work: Path, texts: list[str]) -> numpy.ndarray:
    """All texts one behind the other, each between its marks."""
    tokenizer = load_tokenizer(work / "tokenizer.json")
    begin, end = tokenizer.token_to_id(BEGIN), tokenizer.token_to_id(END)
    encoded = tokenizer.encode_batch(texts, add_special_tokens=False)
    return numpy.concatenate([numpy.array([begin, *text.ids, end]) for text in encoded])


def windows(stream: numpy.ndarray, step: int) -> torch.Tensor:
    """Drawn by the number of the step, so that a run that goes on sees what it would have seen."""
    starts = numpy.random.default_rng(step).integers(0, len(stream) - WINDOW - 1, BATCH)
    return torch.from_numpy(numpy.stack([stream[start : start + WINDOW + 1] for start in starts]))


def learn(model: Decoder, optimizer: torch.optim.Optimizer, tokens: torch.Tensor) -> float:
    inputs, targets = tokens[:, :-1], tokens[:, 1:]
    positions = torch.arange(inputs.shape[1])[None].expand(inputs.shape)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits, _ = model(inputs, torch.ones_like(inputs), positions)
    loss = functional.cross_entropy(logits.float().flatten(0, 1), targets.flatten())
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return loss.item()


def rate(step: int, steps: int) -> float:
    if step < WARM_UP:
        return PEAK_RATE * (step + 1) / WARM_UP
    return PEAK_RATE * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * (step - WARM_UP) / (steps - WARM_UP))))


if __name__ == "__main__":
    main()

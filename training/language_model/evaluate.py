"""Measures the exported model as it will be served: on onnxruntime, from its files.

    python -m language_model.evaluate --work /tmp/language-model --target models/nlp/<name>

Writes `quality.json` beside the model: the perplexity of the held-out addresses, a token, of the decoder and of a 5-gram model of the same
tokens; how many of the words it writes are words of the corpus; a few samples.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

import numpy
import onnxruntime
from tokenizers import Tokenizer

from .corpus import PACKAGE, load_corpus
from .kneser_ney import KneserNey
from .tokenizer import BEGIN, END, VOCABULARY, load_tokenizer

WINDOW = 256
STRIDE = 128
SAMPLES = 200
PROMPTS = ["", "The state of our Union is", "We must", "In the past year, the Congress", "My fellow Americans,"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--target", type=Path, required=True)
    arguments = parser.parse_args()
    corpus = load_corpus(arguments.work)
    tokenizer = load_tokenizer(arguments.target / "tokenizer.json")
    session = onnxruntime.InferenceSession(str(arguments.target / "1" / "model.onnx"))
    held_out = documents(tokenizer, corpus.held_out)
    yardstick = KneserNey(documents(tokenizer, corpus.training), VOCABULARY).perplexity(held_out)
    perplexity = decoder_perplexity(session, held_out)
    vocabulary = {word for text in corpus.training + corpus.held_out for word in words(text)}
    samples = [sample(session, tokenizer, PROMPTS[seed % len(PROMPTS)], seed) for seed in range(SAMPLES)]
    # The last word may be cut off.
    written = [word for text in samples for word in words(text)[:-1]]
    known = sum(word in vocabulary for word in written) / len(written)
    quality = {
        "corpus": PACKAGE,
        "heldOutAddresses": len(held_out),
        "heldOutTokens": sum(len(document) - 1 for document in held_out),
        "perplexity": round(perplexity, 2),
        "kneserNey5Perplexity": round(yardstick, 2),
        "writtenWords": len(written),
        "knownWords": round(known, 4),
        "temperature": 0.8,
        "topP": 0.95,
        "samples": samples[:10],
    }
    (arguments.target / "quality.json").write_text(json.dumps(quality, indent=2, ensure_ascii=False) + "\n")
    print(json.dumps({key: value for key, value in quality.items() if key != "samples"}, indent=2))
    print("\n\n".join(samples[:5]))


def documents(tokenizer: Tokenizer, texts: list[str]) -> list[list[int]]:
    begin, end = tokenizer.token_to_id(BEGIN), tokenizer.token_to_id(END)
    return [[begin, *text.ids, end] for text in tokenizer.encode_batch(texts, add_special_tokens=False)]


def infer(session: onnxruntime.InferenceSession, ids: numpy.ndarray, past: dict[str, numpy.ndarray]):
    """One step of one sequence: logits [1, s, vocabulary], and the cache for the next."""
    if not past:
        past = {
            node.name: numpy.zeros((1, node.shape[1], 0, node.shape[3]), numpy.float32)
            for node in session.get_inputs()
            if node.name.startswith("past_key_values.")
        }
    before = next(iter(past.values())).shape[2]
    feeds = {
        "input_ids": ids,
        "attention_mask": numpy.ones((1, before + ids.shape[1]), numpy.int64),
        "position_ids": numpy.arange(before, before + ids.shape[1])[None],
        **past,
    }
    names = [node.name for node in session.get_outputs()]
    outputs = dict(zip(names, session.run(names, feeds)))
    present = {name.replace("present.", "past_key_values."): outputs[name] for name in names if name != "logits"}
    return outputs["logits"], present


def decoder_perplexity(session: onnxruntime.InferenceSession, held_out: list[list[int]]) -> float:
    """Each token behind at least 128 others of its address, or all there are."""
    total, tokens = 0.0, 0
    for document in held_out:
        counted = 1
        for start in range(0, len(document) - 1, STRIDE):
            window = numpy.array(document[start : start + WINDOW])
            if start + len(window) <= counted:
                break
            logits, _ = infer(session, window[None, :-1], {})
            first = counted - start
            rows = logits[0, first - 1 :].astype(numpy.float64)
            peak = rows.max(-1, keepdims=True)
            normal = (peak + numpy.log(numpy.exp(rows - peak).sum(-1, keepdims=True)))[:, 0]
            targets = window[first:]
            total += float((normal - rows[numpy.arange(len(targets)), targets]).sum())
            tokens += len(targets)
            counted = start + len(window)
    return float(numpy.exp(total / tokens))


def sample(session: onnxruntime.InferenceSession, tokenizer: Tokenizer, prompt: str, seed: int) -> str:
    """60 tokens at temperature 0.8 from the most probable 95 %."""
    random = numpy.random.default_rng(seed)
    end = tokenizer.token_to_id(END)
    ids = tokenizer.encode(prompt).ids
    logits, past = infer(session, numpy.array([ids]), {})
    for _ in range(60):
        scaled = logits[0, -1].astype(numpy.float64) / 0.8
        probabilities = numpy.exp(scaled - scaled.max())
        probabilities /= probabilities.sum()
        order = numpy.argsort(-probabilities)
        kept = order[: int(numpy.searchsorted(numpy.cumsum(probabilities[order]), 0.95)) + 1]
        token = int(random.choice(kept, p=probabilities[kept] / probabilities[kept].sum()))
        if token == end:
            break
        ids.append(token)
        logits, past = infer(session, numpy.array([[token]]), past)
    return tokenizer.decode(ids)


def words(text: str) -> list[str]:
    return re.findall(r"[A-Za-z]+(?:['’][A-Za-z]+)?", text.lower())


if __name__ == "__main__":
    main()

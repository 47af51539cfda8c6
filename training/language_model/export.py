"""Writes the trained model as Hugging Face's ONNX exports are laid out, its weights in 16 bits.

    python -m language_model.export --work /tmp/language-model --target models/nlp/<name>
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from .model import Decoder, Shape

OPSET = 18


class Flat(torch.nn.Module):
    """The cache as separate tensors: keys and values of each layer in turn."""

    def __init__(self, model: Decoder) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask, position_ids, *past):
        pairs = [(past[index], past[index + 1]) for index in range(0, len(past), 2)]
        logits, present = self.model(input_ids, attention_mask, position_ids, pairs)
        return logits, *(tensor for pair in present for tensor in pair)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--target", type=Path, required=True)
    arguments = parser.parse_args()
    shape = Shape()
    model = Decoder(shape)
    model.load_state_dict(torch.load(arguments.work / "checkpoint.pt")["model"])
    folder: Path = arguments.target / "1"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "model.onnx"
    export(model.eval(), file)
    halve_weights(file)
    (arguments.target / "tokenizer.json").write_bytes((arguments.work / "tokenizer.json").read_bytes())
    print(f"{file}: {file.stat().st_size} bytes")


def export(model: Decoder, file: Path) -> None:
    shape = model.shape
    names = [f"{index}.{part}" for index in range(shape.layers) for part in ("key", "value")]
    past = [torch.zeros(2, shape.key_heads, 3, shape.head_width) for _ in names]
    axes = {
        "input_ids": {0: "batch_size", 1: "sequence_length"},
        "attention_mask": {0: "batch_size", 1: "total_sequence_length"},
        "position_ids": {0: "batch_size", 1: "sequence_length"},
        "logits": {0: "batch_size", 1: "sequence_length"},
    }
    for name in names:
        axes[f"past_key_values.{name}"] = {0: "batch_size", 2: "past_sequence_length"}
        axes[f"present.{name}"] = {0: "batch_size", 2: "total_sequence_length"}
    ids = torch.ones(2, 2, dtype=torch.int64)
    torch.onnx.export(
        Flat(model),
        (ids, torch.ones(2, 5, dtype=torch.int64), torch.tensor([[3, 4], [3, 4]]), *past),
        str(file),
        input_names=["input_ids", "attention_mask", "position_ids", *(f"past_key_values.{name}" for name in names)],
        output_names=["logits", *(f"present.{name}" for name in names)],
        dynamic_axes=axes,
        opset_version=OPSET,
        dynamo=False,
    )


def halve_weights(file: Path) -> None:
    """Large initializers in 16 bits, with a cast behind each: the runtime folds it away when it loads the model."""
    model = onnx.load(str(file))
    graph = model.graph
    casts = []
    for weight in list(graph.initializer):
        if weight.data_type != TensorProto.FLOAT or numpy.prod(weight.dims) < 1024:
            continue
        halved = numpy_helper.from_array(numpy_helper.to_array(weight).astype(numpy.float16), f"{weight.name}.half")
        casts.append(helper.make_node("Cast", [halved.name], [weight.name], to=TensorProto.FLOAT))
        graph.initializer.remove(weight)
        graph.initializer.append(halved)
    nodes = list(graph.node)
    del graph.node[:]
    graph.node.extend([*casts, *nodes])
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, str(file))


if __name__ == "__main__":
    main()

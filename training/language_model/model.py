"""A small decoder of the Llama family: RMSNorm, rotary positions, grouped-query attention, SwiGLU, tied embeddings.

Inputs, outputs and the cache are those of Hugging Face's ONNX exports: `input_ids`, `attention_mask`, `position_ids` and
`past_key_values.<layer>.key|value` in, `logits` and `present.<layer>.key|value` out. Sequences of one batch may have pasts of
different lengths: each is padded on the left, and the attention mask says where.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

Past = list[tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Shape:
    vocabulary: int = 4096
    width: int = 192
    layers: int = 4
    heads: int = 6
    key_heads: int = 2
    hidden: int = 512
    rotary_base: float = 10_000.0
    context: int = 512

    @property
    def head_width(self) -> int:
        return self.width // self.heads


class RmsNorm(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * self.weight


class Layer(nn.Module):
    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        self.shape = shape
        keys = shape.key_heads * shape.head_width
        self.attention_norm = RmsNorm(shape.width)
        self.query = nn.Linear(shape.width, shape.width, bias=False)
        self.key = nn.Linear(shape.width, keys, bias=False)
        self.value = nn.Linear(shape.width, keys, bias=False)
        self.out = nn.Linear(shape.width, shape.width, bias=False)
        self.hidden_norm = RmsNorm(shape.width)
        self.gate = nn.Linear(shape.width, shape.hidden, bias=False)
        self.up = nn.Linear(shape.width, shape.hidden, bias=False)
        self.down = nn.Linear(shape.hidden, shape.width, bias=False)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self, x: Tensor, rotation: tuple[Tensor, Tensor], mask: Tensor, past: tuple[Tensor, Tensor] | None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """x [b, s, width]; rotation: cosine and sine [b, 1, s, head]; mask, added to scores [b, 1, s, past + s]."""
        attended, present = self.attend(self.attention_norm(x), rotation, mask, past)
        x = x + self.dropout(attended)
        normed = self.hidden_norm(x)
        return x + self.dropout(self.down(functional.silu(self.gate(normed)) * self.up(normed))), present

    def attend(
        self, x: Tensor, rotation: tuple[Tensor, Tensor], mask: Tensor, past: tuple[Tensor, Tensor] | None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        shape = self.shape
        batch, length = x.shape[0], x.shape[1]

        def split(flat: Tensor, heads: int) -> Tensor:
            return flat.view(batch, length, heads, shape.head_width).transpose(1, 2)

        query = rotate(split(self.query(x), shape.heads), rotation)
        key = rotate(split(self.key(x), shape.key_heads), rotation)
        value = split(self.value(x), shape.key_heads)
        if past is not None:
            key = torch.cat([past[0], key], dim=2)
            value = torch.cat([past[1], value], dim=2)
        if self.training:
            # The fused kernel halves the time of a step. Whole windows, unpadded and without a past: causality is all of their mask.
            fused = functional.scaled_dot_product_attention(
                query.to(value.dtype), key.to(value.dtype), value, is_causal=True, enable_gqa=True
            )
            return self.out(fused.transpose(1, 2).reshape(batch, length, shape.width)), (key, value)
        group = shape.heads // shape.key_heads
        scores = query @ key.repeat_interleave(group, dim=1).transpose(2, 3) / shape.head_width**0.5 + mask
        weights = functional.softmax(scores, dim=-1)
        mixed = weights @ value.repeat_interleave(group, dim=1)
        return self.out(mixed.transpose(1, 2).reshape(batch, length, shape.width)), (key, value)


class Decoder(nn.Module):
    def __init__(self, shape: Shape, dropout: float = 0.0) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocabulary, shape.width)
        self.layers = nn.ModuleList(Layer(shape, dropout) for _ in range(shape.layers))
        self.norm = RmsNorm(shape.width)
        self.dropout = nn.Dropout(dropout)
        self.apply(initialise)
        for layer in self.layers:
            for last in (layer.out, layer.down):
                nn.init.normal_(last.weight, std=0.02 / (2 * shape.layers) ** 0.5)

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, position_ids: Tensor, past: Past | None = None
    ) -> tuple[Tensor, Past]:
        """Tokens and positions [b, s], mask [b, past + s] → logits [b, s, vocabulary] and the cache [b, key heads, past + s, head]."""
        shape = self.shape
        length, total = input_ids.shape[1], attention_mask.shape[1]
        frequencies = shape.rotary_base ** (
            -torch.arange(0, shape.head_width, 2, dtype=torch.float32) / shape.head_width
        )
        angles = position_ids.to(torch.float32)[:, None, :, None] * frequencies.repeat(2)
        columns = torch.arange(total)[None, :]
        rows = torch.arange(length)[:, None] + (total - length)
        visible = (columns <= rows)[None, None] & (attention_mask[:, None, None, :] > 0)
        # Not minus infinity: a row that sees nothing, of padding, would be no number.
        mask = torch.where(visible, 0.0, -1e9)
        x = self.dropout(self.embedding(input_ids))
        present: Past = []
        for index, layer in enumerate(self.layers):
            x, cache = layer(x, (angles.cos(), angles.sin()), mask, None if past is None else past[index])
            present.append(cache)
        return functional.linear(self.norm(x), self.embedding.weight), present


def rotate(x: Tensor, rotation: tuple[Tensor, Tensor]) -> Tensor:
    """Su et al., "RoFormer" (2021), in the half-and-half order that Llama's exports use."""
    cosine, sine = rotation
    first, second = x.chunk(2, dim=-1)
    return x * cosine + torch.cat([-second, first], dim=-1) * sine


def initialise(module: nn.Module) -> None:
    if isinstance(module, (nn.Linear, nn.Embedding)):
        nn.init.normal_(module.weight, std=0.02)

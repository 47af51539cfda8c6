"""An interpolated 5-gram model with modified Kneser-Ney smoothing, the yardstick for the decoder.

Chen and Goodman, "An Empirical Study of Smoothing Techniques for Language Modeling" (1999): three discounts an order, estimated
from the counts of counts; continuation counts below the highest order. It reads the same tokens as the decoder.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

ORDER = 5


class KneserNey:
    def __init__(self, documents: Iterable[Sequence[int]], vocabulary: int) -> None:
        self.vocabulary = vocabulary
        counts: list[Counter[tuple[int, ...]]] = [Counter() for _ in range(ORDER + 1)]
        for document in documents:
            padded = pad(document)
            for end in range(ORDER - 1, len(padded)):
                counts[ORDER][padded[end - ORDER + 1 : end + 1]] += 1
        for order in range(ORDER, 1, -1):
            for gram in counts[order]:
                counts[order - 1][gram[1:]] += 1
        self.counts = counts[1:]
        self.discounts = [discounts(level) for level in self.counts]
        self.contexts: list[dict[tuple[int, ...], list[float]]] = []
        for level in self.counts:
            contexts: dict[tuple[int, ...], list[float]] = defaultdict(lambda: [0, 0, 0, 0])
            for gram, count in level.items():
                context = contexts[gram[:-1]]
                context[0] += count
                context[min(count, 3)] += 1
            self.contexts.append(dict(contexts))

    def probability(self, context: tuple[int, ...], token: int) -> float:
        """Of the token behind the last four of the context."""
        estimate = 1 / self.vocabulary
        for order in range(1, ORDER + 1):
            part = context[len(context) - order + 1 :] if order > 1 else ()
            seen = self.contexts[order - 1].get(part)
            if seen is None:
                continue
            one, two, more = self.discounts[order - 1]
            count = self.counts[order - 1].get((*part, token), 0)
            taken = (0.0, one, two, more)[min(count, 3)]
            left = (one * seen[1] + two * seen[2] + more * seen[3]) / seen[0]
            estimate = max(count - taken, 0.0) / seen[0] + left * estimate
        return estimate

    def perplexity(self, documents: Iterable[Sequence[int]]) -> float:
        """Of every token but the first of each document."""
        total, tokens = 0.0, 0
        for document in documents:
            padded = pad(document)
            for at in range(ORDER - 1, len(padded)):
                total -= math.log(self.probability(padded[at - ORDER + 1 : at], padded[at]))
                tokens += 1
        return math.exp(total / tokens)


def pad(document: Sequence[int]) -> tuple[int, ...]:
    """Its first token is the mark of the beginning, which nobody has to guess: it fills the first context."""
    return (document[0],) * (ORDER - 1) + tuple(document[1:])


def discounts(level: Counter[tuple[int, ...]]) -> tuple[float, float, float]:
    seen = Counter(min(count, 4) for count in level.values())
    one, two, three, four = (max(seen[count], 1) for count in (1, 2, 3, 4))
    y = one / (one + 2 * two)
    estimated = (1 - 2 * y * two / one, 2 - 3 * y * three / two, 3 - 4 * y * four / three)
    # Of the few tokens of the lowest order hardly any is rare, and the counts of counts say nothing there.
    first, second, third = (min(max(discount, 0.1), count) for count, discount in enumerate(estimated, 1))
    return first, second, third

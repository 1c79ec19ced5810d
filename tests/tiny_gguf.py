"""A model of three megabytes that a real engine runs, made here and knowing one sentence.

Embeddings are one-hot, attention and feed-forward add nothing, and the output matrix is a table of which token
follows which: the newline that ends the prompt leads to the first word, each word to the next, the last one to the end.
So llama.cpp answers every prompt with the same words, and tokenises, caches, streams and stops as with any model.
"""

from itertools import pairwise
from pathlib import Path

import gguf
import numpy as np
from gguf import TokenType

REPLY = "Hello there! I am a tiny test model, and everything between us works from end to finish."

CHATML = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)

CONTEXT, HEADS, FEED_FORWARD = 32_768, 4, 32
SPACE = "\u2581"
"""How a SentencePiece vocabulary writes a space."""


class Vocabulary:
    """Tokens in the order of their numbers: the special ones, every byte, every printable character, the words."""

    def __init__(self, words: list[str]) -> None:
        self.tokens: list[bytes] = []
        self.types: list[int] = []
        self.unknown = self._add("<unk>", TokenType.UNKNOWN)
        self.begin = self._add("<s>", TokenType.CONTROL)
        self._add("<|im_start|>", TokenType.CONTROL)
        self.end = self._add("<|im_end|>", TokenType.CONTROL)
        self.newline = [self._add(f"<0x{byte:02X}>", TokenType.BYTE) for byte in range(256)][ord("\n")]
        for character in (SPACE, *map(chr, range(0x21, 0x7F))):
            self._add(character, TokenType.NORMAL)
        first, *others = words
        self.words = [self._add(piece, TokenType.NORMAL) for piece in (first, *(SPACE + word for word in others))]

    def _add(self, token: str, kind: TokenType) -> int:
        if token.encode() in self.tokens:
            raise ValueError(f"{token!r} stands twice in the vocabulary; the words of a reply must be distinct.")
        self.tokens.append(token.encode())
        self.types.append(int(kind))
        return len(self.tokens) - 1

    @property
    def scores(self) -> list[float]:
        return [-float(number) for number in range(len(self.tokens))]


def write_tiny_gguf(path: Path, reply: str = REPLY, *, endless: bool = False) -> Path:
    """Write a model that says `reply`, and return its path; an endless one goes back to the second word at the end.

    Raises:
        ValueError: a word stands twice in the reply, or is a single character.
    """
    vocabulary = Vocabulary(reply.split())
    last = vocabulary.words[1] if endless else vocabulary.end
    chain = [vocabulary.newline, *vocabulary.words, last]
    size = len(vocabulary.tokens)
    width = -(-size // 32) * 32
    writer = gguf.GGUFWriter(path, "llama")
    _describe(writer, size, width)
    _add_vocabulary(writer, vocabulary)
    _add_weights(writer, _following(chain, size, width), width)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _describe(writer: gguf.GGUFWriter, size: int, width: int) -> None:
    writer.add_name("tiny")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(width)
    writer.add_block_count(1)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(1)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(width // HEADS)
    writer.add_rope_freq_base(10_000.0)
    writer.add_vocab_size(size)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)


def _add_vocabulary(writer: gguf.GGUFWriter, vocabulary: Vocabulary) -> None:
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(vocabulary.tokens)
    writer.add_token_scores(vocabulary.scores)
    writer.add_token_types(vocabulary.types)
    writer.add_unk_token_id(vocabulary.unknown)
    writer.add_bos_token_id(vocabulary.begin)
    writer.add_eos_token_id(vocabulary.end)
    writer.add_add_bos_token(False)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(CHATML)


def _following(chain: list[int], size: int, width: int) -> np.ndarray:
    """Return the output matrix in which each token of the chain leads to the next one."""
    table = np.zeros((size, width), np.float32)
    for token, follower in pairwise(chain):
        table[follower, token] = 1.0
    return table


def _add_weights(writer: gguf.GGUFWriter, following: np.ndarray, width: int) -> None:
    keys = width // HEADS
    nothing = {
        "attn_q": (width, width),
        "attn_k": (keys, width),
        "attn_v": (keys, width),
        "attn_output": (width, width),
        "ffn_gate": (FEED_FORWARD, width),
        "ffn_up": (FEED_FORWARD, width),
        "ffn_down": (width, FEED_FORWARD),
    }
    writer.add_tensor("token_embd.weight", np.eye(*following.shape, dtype=np.float32))
    writer.add_tensor("output_norm.weight", np.ones(width, np.float32))
    writer.add_tensor("output.weight", following)
    for norm in ("attn_norm", "ffn_norm"):
        writer.add_tensor(f"blk.0.{norm}.weight", np.ones(width, np.float32))
    for name, shape in nothing.items():
        writer.add_tensor(f"blk.0.{name}.weight", np.zeros(shape, np.float32))

"""Embeddings without a model: the same text always gives the same vector, and texts that share words lie near each other."""

import base64
import hashlib
import math
import re
import struct

DIMENSIONS = 64
_WORD = re.compile(r"\w+")


def embed(text: str, dimensions: int = DIMENSIONS) -> list[float]:
    """Give a vector of length 1: each word adds to one place, with a sign, both told by its hash."""
    vector = [0.0] * dimensions
    for word in _WORD.findall(text.lower()) or [text]:
        digest = hashlib.sha256(word.encode("utf-8", "surrogatepass")).digest()
        vector[int.from_bytes(digest[:4], "big") % dimensions] += 1.0 if digest[4] & 1 else -1.0
    length = math.sqrt(sum(value * value for value in vector))
    return [value / length for value in vector] if length else [1.0, *vector[1:]]


def in_base64(vector: list[float]) -> str:
    """Write a vector as OpenAI does on request: little-endian 32-bit floats in base64."""
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode("ascii")

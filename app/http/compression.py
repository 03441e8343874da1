"""Content coding: zstd, Brotli or gzip, as the client accepts (RFC 9110, 8.4 and 12.5.3)."""

import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Protocol

import brotli
import zstandard

MIN_COMPRESSED_BYTES = 1000
"""Bytes: a smaller answer fits into one packet anyway."""

COMPRESSIBLE = re.compile(
    r"(text/|application/(json|ld\+json|problem\+json|x-ndjson|javascript|x-bibtex|vnd\.citationstyles|x-research))"
)


class Compressor(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


class _Brotli:
    def __init__(self) -> None:
        self._compressor = brotli.Compressor(quality=5)

    def compress(self, data: bytes, /) -> bytes:
        return bytes(self._compressor.process(data))

    def flush(self) -> bytes:
        return bytes(self._compressor.finish())


# In order of preference. A response is compressed once and cached: levels for size, not speed.
CODINGS: Mapping[str, Callable[[], Compressor]] = {
    "zstd": lambda: zstandard.ZstdCompressor(level=9).compressobj(),
    "br": _Brotli,
    "gzip": lambda: zlib.compressobj(6, zlib.DEFLATED, 31),
}


@lru_cache(maxsize=256)
def choose_encoding(accept_encoding: bytes) -> str | None:
    """Return the coding to answer with, given the client's Accept-Encoding; None for none."""
    qualities: dict[str, float] = {}
    for part in accept_encoding.decode("latin-1").lower().split(","):
        name, _, parameter = part.partition(";")
        found = re.fullmatch(r"q=(0(\.[0-9]{0,3})?|1(\.0{0,3})?)", parameter.replace(" ", ""))
        qualities[name.strip()] = float(found[1]) if found else 1.0
    best = max(
        CODINGS, key=lambda name: qualities.get(name, qualities.get("*", 0))
    )  # max takes the first of equals
    return best if qualities.get(best, qualities.get("*", 0)) > 0 else None


def compress(body: bytes, name: str) -> bytes:
    """Return a body in a coding."""
    compressor = CODINGS[name]()
    return compressor.compress(body) + compressor.flush()


def compress_stream(chunks: Iterator[bytes], name: str) -> Iterator[bytes]:
    """Give a stream in a coding."""
    compressor = CODINGS[name]()
    for chunk in chunks:
        piece = compressor.compress(chunk)
        if piece:
            yield piece
    yield compressor.flush()


def is_compressible(media_type: str) -> bool:
    """Tell whether compressing a media type saves anything."""
    return COMPRESSIBLE.match(media_type) is not None

"""Changes of ONNX models and ExecuTorch programs, after which their digest is right again."""

import hashlib
import json
import random

from namedtorch.archive.document import LONGEST
from namedtorch.archive.executorch_file import find_manifest as find_in_program
from namedtorch.archive.manifest import MANIFEST_NAME
from namedtorch.archive.onnx_file import find_manifest, manifest_field
from namedtorch.archive.protobuf import BYTES, Field, Walk
from tests.fuzz.json_mutators import Mutate, mutated_json, signed

_EXTERNAL = (
    b"\x6a\x18\x0a\x08location\x12\x0c../../passwd",
    b"\x70\x01",
    b"\x70\x80\x80\x80\x80\x80\x01",
    b"\x70\x00",
)
_ODD = (
    b"\x0b\x0c",
    b"\x08\x80\x00",
    b"\x3a\x00",
    b"\x0a\x00",
    b"\xf2\xff\xff\xff\x0f\x00",
    b"\x72\x02\x0a\x00",
    b"\x2a\x00",
)
_PLACES = tuple(range(1, 26))


def mutated_onnx(data: bytes, most: int, draw: random.Random, mutate: Mutate) -> bytes:
    """A model with its fields moved, doubled, wrapped or changed as bytes, and a manifest of its digest behind it."""
    try:
        found = find_manifest(lambda at, count: data[at : at + count], len(data), MANIFEST_NAME)
    except ValueError:
        found = None
    if found is None or draw.random() < 0.15:
        return mutate(data, most)
    graph, manifest = data[: found.begin], data[found.start : found.stop]
    match draw.randrange(4):
        case 0:
            graph = mutate(graph, max(1, len(graph) + 64))
        case 1:
            manifest = mutated_json(manifest, len(manifest) + 2000, draw, mutate)
        case _:
            for _ in range(draw.choice((1, 1, 2, 5))):
                graph = _message(graph, draw, mutate)
    return (graph + manifest_field(MANIFEST_NAME, _digested(manifest, graph)))[:most]


def _message(data: bytes, draw: random.Random, mutate: Mutate, depth: int = 0) -> bytes:
    """A message with one of its fields changed, or one of a message in it."""
    try:
        fields = list(Walk(lambda at, count: data[at : at + count]).fields(0, len(data)))
    except ValueError:
        return mutate(data, len(data) + 16)
    if not fields:
        return draw.choice([*_EXTERNAL, *_ODD])
    one = draw.choice(fields)
    before, own, behind = data[: one.begin], data[one.begin : one.end], data[one.end :]
    if one.wire == BYTES and depth < 12 and draw.random() < 0.7:
        inner = _message(data[one.start : one.end], draw, mutate, depth + 1)
        return before + _field(one.number, inner) + behind
    match draw.randrange(7):
        case 0:
            return before + behind
        case 1:
            return before + own + own + behind
        case 2:
            return before + own + draw.choice([*_EXTERNAL, *_ODD]) + behind
        case 3:
            return before + mutate(own, len(own) + 16) + behind
        case 4:
            return behind + own + before
        case 5 if one.wire == BYTES:
            return before + _field(draw.choice(_PLACES), data[one.start : one.end]) + behind
        case _:
            return before + _wrapped(one, own, draw) + behind


def _wrapped(one: Field, own: bytes, draw: random.Random) -> bytes:
    """A field inside of messages of its kind, some or many deep."""
    for _ in range(draw.choice((1, 3, 70))):
        own = _field(one.number if draw.random() < 0.5 else draw.choice(_PLACES), own)
    return own


def _field(number: int, content: bytes) -> bytes:
    return _number(number << 3 | BYTES) + _number(len(content)) + content


def _number(value: int) -> bytes:
    found = bytearray()
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def mutated_program(data: bytes, most: int, draw: random.Random, mutate: Mutate) -> bytes:
    """A program with its bytes or its distances changed, and the digest of what it has become."""
    try:
        found = find_in_program(lambda at, count: data[at : at + count], len(data))
    except ValueError:
        found = None
    if found is None or draw.random() < 0.15:
        return mutate(data, most)
    start, stop = found.start, found.stop
    manifest = data[start:stop]
    if draw.random() < 0.2 and stop - start < LONGEST:
        # Its text has the length that its vector says, so a change of it is filled up with space.
        changed = mutated_json(manifest, len(manifest), draw, mutate)
        manifest = changed.ljust(len(manifest))[: len(manifest)]
    before, behind = bytearray(data[:start]), bytearray(data[stop:])
    for _ in range(draw.choice((1, 1, 2, 8))):
        part = before if draw.random() < 0.5 or len(behind) < 4 else behind
        at = draw.randrange(0, max(1, len(part) - 3), draw.choice((1, 2, 4)))
        value = draw.choice(
            [0, 1, 2, 4, 6, 8, 0xFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, draw.randrange(len(data))]
        )
        width = draw.choice((1, 2, 4))
        part[at : at + width] = (value & (1 << 8 * width) - 1).to_bytes(width, "little")
    rest = bytes(before + behind)
    return (bytes(before) + _digested(manifest, rest).ljust(len(manifest))[: len(manifest)] + bytes(behind))[
        :most
    ]


def _digested(manifest: bytes, rest: bytes) -> bytes:
    """A manifest with the digest of the rest of its file, and its own."""
    try:
        document = json.loads(manifest)
        document["digests"]["file"] = hashlib.sha256(rest).hexdigest()
    except (ValueError, RecursionError, TypeError, KeyError):
        return manifest
    fresh = json.loads(signed(document))
    return json.dumps(fresh, sort_keys=True, indent=1).encode() + b"\n"

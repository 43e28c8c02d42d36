"""How surely a word in a comment is the name of a dim, or one entry of a shape."""

import keyword
import re
from enum import IntEnum


class Sureness(IntEnum):
    """How surely a word is a dim: not at all, beside surer ones, or by itself."""

    NONE = 0
    WEAK = 1
    STRONG = 2


# fmt: off
_STRONG = frozenset({
    "b_size", "batch", "batchsize", "bsz", "channel", "channels", "d_ff", "d_k", "d_model", "d_v", "dim",
    "dims", "emb_dim", "embd", "embed_dim", "head_dim", "headdim", "hid_dim", "in_channels", "n_embd",
    "n_head", "n_heads", "n_kv", "nchannels", "ndim", "nhead", "nheads", "out_channels", "seq", "seq_len",
    "seq_length", "seqlen", "timesteps", "vocab",
})

# Sizes, but also what tensors are called by what they hold.
_WEAK = frozenset({
    "anchors", "bins", "bs", "bz", "classes", "codebooks", "ctx", "depth", "emb", "embed", "experts",
    "feat", "feats", "feature", "features", "filters", "frame", "frames", "freq", "groups", "half", "head",
    "heads", "height", "hid", "hidden", "hsz", "keys", "klen", "latent", "layers", "len", "length", "nodes",
    "patches", "points", "qlen", "queries", "samples", "seqs", "sequence", "slen", "spatial", "steps",
    "time", "time1", "time2", "tokens", "views", "width",
})
# fmt: on

_ENDS = re.compile(
    r"(\w+_)?(dims?|size|len|length|channels?|features|heads?|classes|embd?|tokens|patches|queries|frames|steps|keys"
    r"|experts|boxes|points|anchors|layers|groups|height|width)"
)
_PARTS = re.compile(r"\w+_[hwdtcqkv]|len_[a-z]|n[hwc]_[a-z]")
_COUNTS = re.compile(r"(num|n|nb|no)_[a-z_]+s")

_LETTER = re.compile(r"[A-WT](\d|_[a-z0-9]{1,6})?")
_CAPITALS = re.compile(r"[A-Z]{2,3}\d?")
_SIDES = re.compile(r"[BCDFHKLNTW]_?(in|out|[qkvhwcst])\d?")
_SHORT = re.compile(r"[a-z]{1,2}")

# fmt: off
_PROSE = frozenset({
    "am", "an", "as", "at", "be", "by", "ce", "cv", "do", "eg", "ex", "go", "he", "hi", "id", "ie", "if", "in", "io",
    "is", "it", "kl", "lo", "lr", "me", "mm", "ms", "mu", "my", "ne", "no", "np", "nn", "of", "ok", "on", "op", "or",
    "os", "pd", "pm", "pr", "py", "re", "so", "tf", "th", "to", "tv", "ui", "up", "us", "vs", "we", "xx", "xy", "yy",
})
_NO_CAPITALS = frozenset({
    "AND", "API", "AWS", "BCE", "BGR", "BN", "CE", "CLS", "CNN", "CPU", "CUDA", "DDP", "EMA", "EOS", "BOS", "FFN",
    "FFT", "FPN", "GAN", "GPU", "GRU", "HSV", "ID", "IF", "IO", "IOU", "JIT", "KL", "KV", "LAB", "LN", "LR", "LSTM",
    "MAE", "MIT", "MLP", "MPS", "MSE", "NCE", "NLP", "NMS", "NO", "NOT", "OK", "ONNX", "OR", "PAD", "PR", "QK", "QKV",
    "RAM", "RGB", "RNN", "ROI", "RPN", "SEP", "SGD", "TF", "TODO", "TPU", "TTA", "UNK", "URL", "UV", "VAE", "XY",
    "YUV", "FP", "BF", "TP", "TN", "FN", "DP", "MP", "AR", "GT", "II", "III", "IV", "VI", "OOM", "NB", "PS", "CLI",
    "OS", "QA", "AI", "ML", "DL", "US", "UK", "EU", "PE", "CI", "PEP", "SA", "CA", "SDP", "MHA", "MQA", "GQA", "NAN",
    "INF", "MAX", "MIN", "SUM", "AVG", "ALL", "ANY", "ONE", "TWO", "YES", "NEW", "OLD", "THE", "FOR", "END", "SOS",
})
# fmt: on

_TUPLES = tuple(
    frozenset(names.split())
    for names in (
        "q k v",
        "Q K V",
        "r g b",
        "R G B",
        "b g r",
        "i j k",
        "h c",
        "h w",
        "U S V",
        "u s v",
        "R t",
        "R T",
        "K R T",
        "p q",
        "l t r b",
        "L T R B",
        "L A B",
        "P R",
        "s e",
        "m v",
    )
)


def sureness(name: str) -> Sureness:
    """How surely a name is that of a dim."""
    lower = name.lower()
    if keyword.iskeyword(name) or keyword.iskeyword(lower) or lower in _PROSE or name in _NO_CAPITALS:
        return Sureness.NONE
    if lower in _STRONG or _LETTER.fullmatch(name) or _SIDES.fullmatch(name):
        return Sureness.STRONG
    if lower in _WEAK or _CAPITALS.fullmatch(name) or (_SHORT.fullmatch(name) and name not in _COORDINATES):
        return Sureness.WEAK
    if "_" in name and _PARTS.fullmatch(name) and not _COUNTS.fullmatch(lower):
        return Sureness.WEAK
    if "_" in name and (_ENDS.fullmatch(lower) or _COUNTS.fullmatch(lower)):
        return Sureness.STRONG
    return Sureness.NONE


_COORDINATES = frozenset({"x", "y", "z", "cx", "cy", "dx", "dy", "tx", "ty"})

_FIRST_LETTERS = frozenset("abcdefABCDEFG")


def is_other_tuple(names: tuple[str, ...]) -> bool:
    """Tells whether names stand together for values (coordinates, colors, items) more often than for dims."""
    found = frozenset(names)
    if any(found <= one and len(found) >= len(one) - 1 for one in _TUPLES):
        return True
    # Items of an example: a, b, c.
    if found >= {"A", "B", "C"} or found >= {"a", "b", "c"}:
        return True
    return (
        len(found) > 1 and found <= _FIRST_LETTERS and names[0] not in ("B", "b", "C") and names != ("a", "b")
    )

"""Words and values that inputs are made of."""

# fmt: off
TEXTS = [
    "", "a", "N", "N C=3 H W", "*batch C", "#C", "?H", "(h w)", "min(N,4)", "where N % 8 == 0", "@ channels_last",
    "self.x", "{n}", "x.shape", "2**64", "((((a+b)**9)))", "0", "-1", "N//0", "__import__", "\x1b[2J", "\u202e",
    "\ufb01", "\uff4c\uff45\uff4e", "\0", "\n", "..", "../x", "/etc/passwd", "<script>", "</script>", "<!--",
    '"', "'", "\\", "lambda", "torch.os.system", "torch.ops.aten.add.Tensor", "__import__('os')", "torch.Tensor",
    "numpy.ndarray", "Any", "Float", "float32", "int64", "Optional[int]", "list[int]", "self", "if", "forward",
    "positional", "keyword", "var-positional", "var-keyword", "list", "tuple", "dict", "record", "union",
]
NUMBERS = [
    0, 1, -1, 2, 3, 7, 63, 64, 65, 127, 1000, 2**31 - 1, 2**31, 2**32, 2**53, 2**63 - 1, 2**63, 2**64, -(2**63),
]
ODD = ["null", "true", "false", "0.5", "-0.0", "1e308", "[]", "{}", '""', "[[]]", "[null]", '{"": null}']
"""Values that seldom stand where they are put, as JSON: each is made anew, since trees share no parts."""
# fmt: on

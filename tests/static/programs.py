"""Random programs that are right for all sizes of their dims, as annotated source.

A program is drawn statement by statement. Each of its tensors has axes: sizes as texts of the dims' language (`N`, `2*C`,
`H-2`), which are known by construction and say nothing of how the checker works. The sizes of the dims are distinct
primes, so that the axes of a value tell where it comes from.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from hypothesis import strategies as st

DIMS = {"N": 11, "C": 13, "H": 17, "W": 19, "T": 23}
"""The dims of the parameters, and the sizes that programs are run at."""
OTHER = {"N": 29, "C": 31, "H": 37, "W": 41, "T": 43}
"""Sizes that tell apart what happens to be equal at the first ones."""
ARGUMENTS = {"width": 7, "depth": 3}
"""The constructor arguments of the module that the program is in."""
HEADER = """import torch
import torch.nn as nn
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor


"""
LARGEST = 60_000
"""Larger tensors are not joined or multiplied any more."""

Axes = tuple[str, ...]


def value(axis: str, sizes: dict[str, int]) -> int:
    """An axis as a number."""
    return eval(axis, {"__builtins__": {}, "min": min, "max": max}, sizes)


def same(left: str, right: str) -> bool:
    """Whether two axes are of one size whatever the dims are."""
    return all(value(left, sizes | ARGUMENTS) == value(right, sizes | ARGUMENTS) for sizes in (DIMS, OTHER))


def is_number(axis: str) -> bool:
    return axis.isdigit()


@dataclass
class Program:
    """Statements, and the tensors that they have made: names with their axes."""

    draw: st.DrawFn
    inside: list[str] = field(default_factory=list[str])
    before: list[str] = field(default_factory=list[str])
    layers: list[str] = field(default_factory=list[str])
    tensors: dict[str, Axes] = field(default_factory=dict[str, Axes])
    taken: list[str] = field(default_factory=list[str])
    """The families of the statements that it is made of."""
    count: int = 0

    def pick(self, options: Sequence[str]) -> str:
        return self.draw(st.sampled_from(options))

    def number(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def fresh(self, stem: str = "v") -> str:
        self.count += 1
        return f"{stem}{self.count}"

    def tensor(self, wanted: Callable[[Axes], bool] = bool) -> tuple[str, Axes] | None:
        """One of the tensors that have what a statement needs, of the latest ones more often."""
        fitting = [name for name, axes in self.tensors.items() if wanted(axes)]
        if not fitting:
            return None
        name = self.pick(fitting[-4:])
        return name, self.tensors[name]

    def add(self, expression: str, axes: Sequence[str]) -> None:
        """Assigns an expression with these axes to a new name."""
        name = self.fresh()
        self.inside.append(f"{name} = {expression}")
        self.tensors[name] = tuple(axes)

    def source(self) -> str:
        """The program as a file; `Net(**ARGUMENTS).forward` takes the parameters, and gives all its names.

        Each tensor is assigned to a probe at the end, where its dims are known whatever paths lead there.
        """
        name, axes = list(self.tensors.items())[-1]
        parameters = [f'{key}: Float[Tensor, "{" ".join(self.tensors[key])}"]' for key in self.parameters]
        probes = [f"probe_{one} = {one}" for one in self.tensors]
        last = f'result: Float[Tensor, "{" ".join(axes)}"] = {name}'
        made = ["super().__init__()", "self.depth = depth", *self.layers]
        lines = [
            *self.before,
            "class Net(nn.Module):",
            "    def __init__(self, width: int, depth: int) -> None:",
            *(f"        {line}" for line in made),
            "",
            f"    def forward(self, {', '.join(parameters)}, flag: bool = True, times: int = 2) -> dict:",
            *(f"        {line}" for line in [*self.inside, *probes, last]),
            "        return locals()",
        ]
        return HEADER + "\n".join(lines) + "\n"

    @property
    def parameters(self) -> list[str]:
        return [name for name in self.tensors if name.startswith("x")]


def size(axes: Axes) -> int:
    total = 1
    for axis in axes:
        total *= value(axis, DIMS | ARGUMENTS)
    return total


def pointwise(program: Program) -> None:
    name, axes = program.tensor(lambda axes: True) or ("", ())
    form = program.pick(["{}.relu()", "{} * 2 - 1", "torch.exp({})", "F.gelu({})", "-{}", "{} / {}", "torch.where({0} > 0, {0}, -1.0)",
                         "{}.clamp(min=0).sqrt()", "F.dropout({}, 0.1)", "torch.maximum({0}, {0} * 2)", "{}.masked_fill({} > 1, 0.0)"])  # fmt: skip
    program.add(form.format(name, name), axes)


def broadcast(program: Program) -> None:
    name, axes = program.tensor(lambda axes: len(axes) >= 1) or ("", ())
    if not name:
        return
    place = program.number(0, len(axes) - 1)
    kept = f"{name}.mean({place}, keepdim=True)"
    form = program.pick(["{0} - {1}", "{1} * {0}", "torch.add({0}, {1})", "{0} + {2}", "{0} + {2}.sum()"])
    behind = f"{name}[{', '.join(['0'] * place)}]" if place else name
    program.add(form.format(name, kept, behind), axes)


def reduction(program: Program) -> None:
    name, axes = program.tensor(lambda axes: len(axes) >= 1) or ("", ())
    if not name:
        return
    place = program.number(0, len(axes) - 1)
    left = (*axes[:place], *axes[place + 1 :])
    kept = (*axes[:place], "1", *axes[place + 1 :])
    at = program.pick([str(place), str(place - len(axes))])
    form, result = program.draw(
        st.sampled_from(
            [
                ("{}.sum({})", left), ("{}.mean(dim={}, keepdim=True)", kept), ("torch.amax({}, {})", left),
                ("{}.max(dim={}).values", left), ("{}.cumsum({})", axes), ("{}.square().sum({})", left),
                ("torch.logsumexp({}, dim={})", left), ("{}.norm(dim={})", left), ("{}.argmax({}).float()", left),
                ("{}.std(({},))", left),
            ]
        )
    )  # fmt: skip
    program.add(form.format(name, at), result)


def view(program: Program) -> None:
    name, axes = program.tensor(lambda axes: len(axes) >= 2) or ("", ())
    if not name:
        return
    place = program.number(0, len(axes) - 2)
    merged = f"({axes[place]})*({axes[place + 1]})"
    result = (*axes[:place], merged, *axes[place + 2 :])
    sizes = [f"{name}.shape[{index}]" for index in range(len(axes))]
    written = [*sizes[:place], f"{sizes[place]} * {sizes[place + 1]}", *sizes[place + 2 :]]
    asked = [*sizes[:place], "-1", *sizes[place + 2 :]]
    form = program.pick(["flatten", "reshape", "-1", "names"])
    if form == "flatten":
        program.add(f"{name}.flatten({place}, {place + 1})", result)
    elif form == "reshape":
        program.add(f"{name}.reshape({', '.join(written)})", result)
    elif form == "-1":
        program.add(f"{name}.contiguous().view({', '.join(asked)})", result)
    else:
        names = [program.fresh("s") for _ in axes]
        program.inside.append(f"{', '.join(names)} = {name}.shape")
        again = [*names[:place], f"{names[place]} * {names[place + 1]}", *names[place + 2 :]]
        program.add(f"{name}.reshape({', '.join(again)})", result)


def split_axis(program: Program) -> None:
    found = program.tensor(lambda axes: any(is_number(axis) and int(axis) % 2 == 0 for axis in axes))
    if found is None:
        return
    name, axes = found
    place = next(index for index, axis in enumerate(axes) if is_number(axis) and int(axis) % 2 == 0)
    half = int(axes[place]) // 2
    form = program.pick(["unflatten", "reshape", "chunk", "split"])
    if form == "unflatten":
        program.add(f"{name}.unflatten({place}, (2, {half}))", (*axes[:place], "2", str(half), *axes[place + 1 :]))
    elif form == "reshape":
        sizes = [f"{name}.size({index})" for index in range(len(axes))]
        sizes[place : place + 1] = ["2", "-1"]
        program.add(f"{name}.reshape({', '.join(sizes)})", (*axes[:place], "2", str(half), *axes[place + 1 :]))
    else:
        first, second = program.fresh(), program.fresh()
        count = 2 if form == "chunk" else half
        program.inside.append(f"{first}, {second} = {name}.{form}({count}, dim={place})")
        program.tensors[first] = program.tensors[second] = (*axes[:place], str(half), *axes[place + 1 :])


def permutation(program: Program) -> None:
    name, axes = program.tensor(lambda axes: len(axes) >= 2) or ("", ())
    if not name:
        return
    form = program.pick(["transpose", "permute", "movedim", "unsqueeze", "flip", "None", "mT"])
    last = len(axes) - 1
    if form == "permute":
        places = program.draw(st.permutations(range(len(axes))))
        program.add(f"{name}.permute({', '.join(map(str, places))})", [axes[place] for place in places])
    elif form == "transpose":
        result = [*axes[:-2], axes[-1], axes[-2]]
        program.add(f"{name}.transpose({last - 1}, -1)", result)
    elif form == "mT":
        program.add(f"{name}.mT", [*axes[:-2], axes[-1], axes[-2]])
    elif form == "movedim":
        program.add(f"torch.movedim({name}, 0, -1)", [*axes[1:], axes[0]])
    elif form == "unsqueeze":
        place = program.number(0, len(axes))
        program.add(f"{name}.unsqueeze({place})", [*axes[:place], "1", *axes[place:]])
    elif form == "None":
        program.add(f"{name}[:, None]", [axes[0], "1", *axes[1:]])
    else:
        program.add(f"{name}.flip({last})", axes)


def squeeze(program: Program) -> None:
    found = program.tensor(lambda axes: "1" in axes)
    if found is None:
        return
    name, axes = found
    place = axes.index("1")
    if program.draw(st.booleans()):
        program.add(f"{name}.squeeze({place})", [*axes[:place], *axes[place + 1 :]])
    else:
        sizes = ["-1"] * len(axes)
        sizes[place] = "5"
        program.add(f"{name}.expand({', '.join(sizes)})", [*axes[:place], "5", *axes[place + 1 :]])


def joined(program: Program) -> None:
    name, axes = program.tensor(lambda axes: len(axes) >= 1 and size(axes) < LARGEST) or ("", ())
    if not name:
        return
    place = program.number(0, len(axes) - 1)
    form = program.pick(["cat", "stack", "repeat", "cat other", "list", "interleave"])
    doubled = [*axes[:place], f"2*({axes[place]})", *axes[place + 1 :]]
    if form == "cat":
        program.add(f"torch.cat([{name}, {name} * 2], dim={place})", doubled)
    elif form == "stack":
        program.add(f"torch.stack(({name}, {name}), {place})", [*axes[:place], "2", *axes[place:]])
    elif form == "repeat":
        counts = ["1"] * len(axes)
        counts[place] = "2"
        program.add(f"{name}.repeat({', '.join(counts)})", doubled)
    elif form == "interleave":
        program.add(f"{name}.repeat_interleave(2, dim={place})", doubled)
    elif form == "list":
        parts = program.fresh("p")
        program.inside += [f"{parts} = []", "for i in range(3):", f"    {parts}.append({name} * i)"]
        program.add(f"torch.stack({parts})", ["3", *axes])
    else:
        sizes = [f"{name}.size({index})" for index in range(len(axes))]
        sizes[place] = "4"
        other = f"torch.zeros({', '.join(sizes)})"
        program.add(
            f"torch.cat(({name}, {other}), {place})", [*axes[:place], f"{axes[place]}+4", *axes[place + 1 :]]
        )


def product(program: Program) -> None:
    name, axes = program.tensor(lambda axes: len(axes) >= 2 and size(axes) < LARGEST) or ("", ())
    if not name:
        return
    form = program.pick(["gram", "weight", "linear", "einsum", "sdpa"])
    if form == "gram":
        program.add(f"{name} @ {name}.transpose(-2, -1)", [*axes[:-1], axes[-2]])
    elif form == "weight":
        program.add(f"torch.matmul({name}, torch.ones({name}.shape[-1], 6))", [*axes[:-1], "6"])
    elif form == "linear":
        program.add(f"F.linear({name}, torch.ones(4, {name}.size(-1)))", [*axes[:-1], "4"])
    elif form == "einsum" and len(axes) <= 4:
        letters = "abcd"[: len(axes)]
        other = letters[:-1] + "z"
        program.add(f'torch.einsum("{letters},{other}->{letters[0]}z", {name}, {name})', [axes[0], axes[-1]])
    elif len(axes) == 3:
        program.add(f"F.scaled_dot_product_attention({name}, {name}, {name})", axes)


def convolution(program: Program) -> None:
    def fits(axes: Axes) -> bool:
        return len(axes) == 4 and all(value(axis, DIMS | ARGUMENTS) >= 6 for axis in axes[2:]) and size(axes) < LARGEST

    found = program.tensor(fits)
    if found is None:
        return
    name, axes = found
    n, c, h, w = axes
    form = program.pick(["conv2d", "max", "avg", "adaptive", "interpolate", "pad", "layer"])
    if form == "conv2d":
        program.add(f"F.conv2d({name}, torch.ones(8, {name}.shape[1], 3, 3))", [n, "8", f"{h}-2", f"{w}-2"])
    elif form == "max":
        program.add(f"F.max_pool2d({name}, 2)", [n, c, f"({h})//2", f"({w})//2"])
    elif form == "avg":
        program.add(
            f"F.avg_pool2d({name}, 3, stride=2, padding=1)", [n, c, f"(({h})-1)//2+1", f"(({w})-1)//2+1"]
        )
    elif form == "adaptive":
        program.add(f"F.adaptive_avg_pool2d({name}, (5, 6))", [n, c, "5", "6"])
    elif form == "interpolate":
        program.add(f"F.interpolate({name}, scale_factor=2)", [n, c, f"2*({h})", f"2*({w})"])
    elif form == "pad":
        program.add(f"F.pad({name}, (1, 2, 0, 3))", [n, c, f"{h}+3", f"{w}+3"])
    elif is_number(c):
        layer = program.fresh("m")
        program.layers.append(f"self.{layer} = nn.Sequential(nn.Conv2d({c}, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU())")  # fmt: skip
        program.add(f"self.{layer}({name})", [n, "width", h, w])


def normalization(program: Program) -> None:
    # What is normalised along one element, or along the batch, is remarked on.
    name, axes = program.tensor(lambda axes: len(axes) >= 2 and axes[-1] not in ("1", "N")) or ("", ())
    if not name:
        return
    form = program.pick(["F.layer_norm({0}, {0}.shape[-1:])", "F.normalize({0}, dim=-1)", "{0}.log_softmax(-1)", "F.softmax({0}, dim=-1)",
                         "({0} - {0}.mean(-1, keepdim=True)) / {0}.std(-1, keepdim=True)"])  # fmt: skip
    program.add(form.format(name), axes)


def layers(program: Program) -> None:
    found = program.tensor(lambda axes: len(axes) >= 2 and is_number(axes[-1]) and size(axes) < LARGEST)
    if found is None:
        return
    name, axes = found
    layer, last = program.fresh("m"), axes[-1]
    form = program.pick(["linear", "list", "stack", "norm", "gru"])
    if form == "linear":
        program.layers.append(f"self.{layer} = nn.Linear({last}, 2 * width)")
        program.add(f"self.{layer}({name})", [*axes[:-1], "2*width"])
    elif form == "list":
        program.layers.append(
            f"self.{layer} = nn.ModuleList([nn.Linear({last}, {last}) for _ in range(depth)])"
        )
        result = program.fresh()
        program.inside += [f"{result} = {name}", f"for layer in self.{layer}:", f"    {result} = {result} + layer({result})"]  # fmt: skip
        program.tensors[result] = axes
    elif form == "stack":
        program.layers.append(f"self.{layer} = nn.Sequential(nn.Linear({last}, 12), nn.GELU(), nn.Linear(12, 10))")
        program.add(f"self.{layer}({name})", [*axes[:-1], "10"])
    elif form == "norm":
        program.layers.append(f"self.{layer} = nn.LayerNorm({last})")
        program.add(f"self.{layer}({name})", axes)
    elif len(axes) == 3:
        program.layers.append(f"self.{layer} = nn.GRU({last}, width, batch_first=True)")
        name_of_state = program.fresh()
        result = program.fresh()
        program.inside.append(f"{result}, {name_of_state} = self.{layer}({name})")
        program.tensors[result] = (*axes[:-1], "width")
        program.tensors[name_of_state] = ("1", axes[0], "width")


def index(program: Program) -> None:
    name, axes = program.tensor(
        lambda axes: len(axes) >= 2 and value(axes[-1], DIMS) >= 3 if not _of_arguments(axes) else False
    ) or ("", ())
    if not name:
        return
    first, last = axes[0], axes[-1]
    form, result = program.draw(
        st.sampled_from(
            [
                ("{}[0]", axes[1:]), ("{}[..., -1]", axes[:-1]), ("{}[:, 0]", (first, *axes[2:])),
                ("{}[..., 1:]", (*axes[:-1], f"{last}-1")), ("{}[..., :2]", (*axes[:-1], "2")),
                ("{}[None]", ("1", *axes)), ("{}[..., ::2]", (*axes[:-1], f"(({last})+1)//2")),
                ("{}[:, [0, 0, 0]]", (first, "3", *axes[2:])), ("{0}[torch.arange({0}.shape[0])]", axes),
                ("{}.narrow(-1, 0, 2)", (*axes[:-1], "2")), ("{}.select(-1, 0)", axes[:-1]),
            ]
        )
    )  # fmt: skip
    program.add(form.format(name), result)


def _of_arguments(axes: Axes) -> bool:
    return any(argument in axis for axis in axes for argument in ARGUMENTS)


def loop(program: Program) -> None:
    name, axes = program.tensor(lambda axes: True) or ("", ())
    result = program.fresh()
    head = program.pick(
        ["for _ in range(3):", "for _ in range(times):", "for i, _ in enumerate([1, 2]):", "for _ in range(self.depth):"]
    )
    body = program.pick(["{0} = {0} + {1}", "{0} = {0} * 2", "{0} += 1", "{0} = torch.tanh({0}) * {1}.mean()"])
    program.inside += [f"{result} = {name} * 1", head, f"    {body.format(result, name)}"]
    program.tensors[result] = axes


def condition(program: Program) -> None:
    name, axes = program.tensor(lambda axes: True) or ("", ())
    result = program.fresh()
    true = [f"{name}.dim() == {len(axes)}", "2 > 1", f"{name} is not None", "not False", f"len({name}.shape) < {len(axes) + 1}"]
    if program.draw(st.booleans()):
        wrong = program.pick(["{}.sum()", "None", "{}[None]"]).format(name)
        program.inside += [f"if {program.pick(true)}:", f"    {result} = {name} * 2", "else:", f"    {result} = {wrong}"]
    else:
        program.inside += ["if flag:", f"    {result} = {name} * 2", "else:", f"    {result} = {name}.relu()"]
    program.tensors[result] = axes


def function(program: Program) -> None:
    name, axes = program.tensor(lambda axes: 1 <= len(axes) <= 4) or ("", ())
    if not name:
        return
    called = program.fresh("f")
    letters = [f"d{place}" for place in range(len(axes))]
    before = " ".join(letters)
    form = program.pick(["plain", "annotated", "default", "lambda"])
    if form == "plain":
        program.before += [f"def {called}(x):", "    y = x * 2", "    return y.unsqueeze(0)", "", ""]
        program.add(f"{called}({name})", ["1", *axes])
    elif form == "annotated":
        behind = " ".join(letters[::-1])
        back = ", ".join(str(place) for place in reversed(range(len(axes))))
        program.before += [
            f'def {called}(x: Float[Tensor, "{before}"]) -> Float[Tensor, "{behind}"]:',
            f"    return x.permute({back})",
            "",
            "",
        ]
        program.add(f"{called}({name})", axes[::-1])
    elif form == "default":
        program.before += [f"def {called}(x, axis=0, *, keep=True):", "    return x.sum(axis, keepdim=keep)", "", ""]
        program.add(f"{called}({name}, keep=False)", axes[1:])
    else:
        program.inside.append(f"{called} = lambda x: x.flatten()")
        merged = "*".join(f"({axis})" for axis in axes)
        program.add(f"{called}({name})", [merged])


STEPS: dict[str, Callable[[Program], None]] = {
    step.__name__: step
    for step in (
        pointwise, broadcast, reduction, view, split_axis, permutation, squeeze, joined, product, convolution, normalization,
        layers, index, loop, condition, function,
    )
}  # fmt: skip


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """Programs of a few statements over one or two parameters."""
    program = Program(draw)
    axis = st.sampled_from([*DIMS, "6", "8"])
    for place in range(draw(st.integers(1, 2))):
        axes = draw(st.lists(axis, min_size=1, max_size=4, unique=True))
        program.tensors[f"x{place}"] = tuple(axes)
    for name in draw(st.lists(st.sampled_from(list(STEPS)), min_size=3, max_size=9)):
        before = program.count
        STEPS[name](program)
        if program.count > before:
            program.taken.append(name)
    return program

"""Statements of random programs that compute: pointwise, reductions, products, layers."""

from hypothesis import strategies as st

from tests.static.program_source import ARGUMENTS, DIMS, Axes, Program, is_number, value

LARGEST = 60_000
"""Larger tensors are not joined or multiplied any more."""


def size(axes: Axes) -> int:
    total = 1
    for axis in axes:
        total *= value(axis, DIMS | ARGUMENTS)
    return total


def pointwise(program: Program) -> None:
    name, axes = program.tensor(lambda axes: True) or ("", ())
    form = program.pick(
        [
            "{}.relu()",
            "{} * 2 - 1",
            "torch.exp({})",
            "F.gelu({})",
            "-{}",
            "{} / {}",
            "torch.where({0} > 0, {0}, -1.0)",
            "{}.clamp(min=0).sqrt()",
            "F.dropout({}, 0.1)",
            "torch.maximum({0}, {0} * 2)",
            "{}.masked_fill({} > 1, 0.0)",
        ]
    )
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
                ("{}.sum({})", left),
                ("{}.mean(dim={}, keepdim=True)", kept),
                ("torch.amax({}, {})", left),
                ("{}.max(dim={}).values", left),
                ("{}.cumsum({})", axes),
                ("{}.square().sum({})", left),
                ("torch.logsumexp({}, dim={})", left),
                ("{}.norm(dim={})", left),
                ("{}.argmax({}).float()", left),
                ("{}.std(({},))", left),
            ]
        )
    )
    program.add(form.format(name, at), result)


def normalization(program: Program) -> None:
    # What is normalised along one element, or along the batch, is remarked on.
    name, axes = program.tensor(lambda axes: len(axes) >= 2 and axes[-1] not in ("1", "N")) or ("", ())
    if not name:
        return
    form = program.pick(
        [
            "F.layer_norm({0}, {0}.shape[-1:])",
            "F.normalize({0}, dim=-1)",
            "{0}.log_softmax(-1)",
            "F.softmax({0}, dim=-1)",
            "({0} - {0}.mean(-1, keepdim=True)) / {0}.std(-1, keepdim=True)",
        ]
    )
    program.add(form.format(name), axes)


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
        return (
            len(axes) == 4
            and all(value(axis, DIMS | ARGUMENTS) >= 6 for axis in axes[2:])
            and size(axes) < LARGEST
        )

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
        program.layers.append(
            f"self.{layer} = nn.Sequential(nn.Conv2d({c}, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU())"
        )
        program.add(f"self.{layer}({name})", [n, "width", h, w])


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
        program.inside += [
            f"{result} = {name}",
            f"for layer in self.{layer}:",
            f"    {result} = {result} + layer({result})",
        ]
        program.tensors[result] = axes
    elif form == "stack":
        program.layers.append(
            f"self.{layer} = nn.Sequential(nn.Linear({last}, 12), nn.GELU(), nn.Linear(12, 10))"
        )
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

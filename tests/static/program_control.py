"""Statements of random programs that hold statements: loops, branches, functions."""

from hypothesis import strategies as st

from tests.static.program_source import Program


def loop(program: Program) -> None:
    name, axes = program.tensor(lambda axes: True) or ("", ())
    result = program.fresh()
    head = program.pick(
        [
            "for _ in range(3):",
            "for _ in range(times):",
            "for i, _ in enumerate([1, 2]):",
            "for _ in range(self.depth):",
        ]
    )
    body = program.pick(
        ["{0} = {0} + {1}", "{0} = {0} * 2", "{0} += 1", "{0} = torch.tanh({0}) * {1}.mean()"]
    )
    program.inside += [f"{result} = {name} * 1", head, f"    {body.format(result, name)}"]
    program.tensors[result] = axes


def condition(program: Program) -> None:
    name, axes = program.tensor(lambda axes: True) or ("", ())
    result = program.fresh()
    true = [
        f"{name}.dim() == {len(axes)}",
        "2 > 1",
        f"{name} is not None",
        "not False",
        f"len({name}.shape) < {len(axes) + 1}",
    ]
    if program.draw(st.booleans()):
        wrong = program.pick(["{}.sum()", "None", "{}[None]"]).format(name)
        program.inside += [
            f"if {program.pick(true)}:",
            f"    {result} = {name} * 2",
            "else:",
            f"    {result} = {wrong}",
        ]
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
        program.before += [
            f"def {called}(x, axis=0, *, keep=True):",
            "    return x.sum(axis, keepdim=keep)",
            "",
            "",
        ]
        program.add(f"{called}({name}, keep=False)", axes[1:])
    else:
        program.inside.append(f"{called} = lambda x: x.flatten()")
        merged = "*".join(f"({axis})" for axis in axes)
        program.add(f"{called}({name})", [merged])

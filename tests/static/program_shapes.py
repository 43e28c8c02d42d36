"""Statements of random programs that change the axes of a tensor and none of its elements."""

from hypothesis import strategies as st

from tests.static.program_source import ARGUMENTS, DIMS, Axes, Program, is_number, value


def _of_arguments(axes: Axes) -> bool:
    return any(argument in axis for axis in axes for argument in ARGUMENTS)


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
        program.add(
            f"{name}.unflatten({place}, (2, {half}))", (*axes[:place], "2", str(half), *axes[place + 1 :])
        )
    elif form == "reshape":
        sizes = [f"{name}.size({index})" for index in range(len(axes))]
        sizes[place : place + 1] = ["2", "-1"]
        program.add(
            f"{name}.reshape({', '.join(sizes)})", (*axes[:place], "2", str(half), *axes[place + 1 :])
        )
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
                ("{}[0]", axes[1:]),
                ("{}[..., -1]", axes[:-1]),
                ("{}[:, 0]", (first, *axes[2:])),
                ("{}[..., 1:]", (*axes[:-1], f"{last}-1")),
                ("{}[..., :2]", (*axes[:-1], "2")),
                ("{}[None]", ("1", *axes)),
                ("{}[..., ::2]", (*axes[:-1], f"(({last})+1)//2")),
                ("{}[:, [0, 0, 0]]", (first, "3", *axes[2:])),
                ("{0}[torch.arange({0}.shape[0])]", axes),
                ("{}.narrow(-1, 0, 2)", (*axes[:-1], "2")),
                ("{}.select(-1, 0)", axes[:-1]),
            ]
        )
    )
    program.add(form.format(name), result)

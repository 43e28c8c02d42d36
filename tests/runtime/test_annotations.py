"""Where annotations come from: objects, texts, other modules, closures, classes that do not exist yet."""

import asyncio
import textwrap
import types
from typing import Annotated, Any, Optional

import jaxtyping
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from namedtorch import AnnotationError, DimError, Dims, Float, Int, Shaped, checked, checking
from tests.runtime import later_annotations as later

z = torch.zeros


def test_a_module_of_texts() -> None:
    assert later.scale(z(2, 3), z(3)).shape == (2, 3)
    with pytest.raises(DimError, match="`by` has size 2 at axis 0, but `C` is 3"):
        later.scale(z(2, 3), z(2))
    with pytest.raises(DimError, match="`times` is the str 'a', but the annotation asks for float"):
        later.scale(z(2, 3), None, "a")


def test_names_defined_later() -> None:
    assert later.uses_later(z(2), later.Options()).shape == (2,)
    with pytest.raises(DimError, match="`options` is the int 3, but the annotation asks for Options"):
        later.uses_later(z(2), 3)


def test_records_of_texts() -> None:
    later.Batch(z(2, 3, 4, 4), z(2).long())
    with pytest.raises(DimError, match="`labels` has size 3 at axis 0, but `N` is 2"):
        later.Batch(z(2, 3, 4, 4), z(3).long())
    later.Pair(z(2), right=z(2))
    with pytest.raises(DimError, match="`right` has size 3 at axis 0, but `N` is 2"):
        later.Pair(z(2), z(3))


def test_a_class_of_texts_may_mention_itself() -> None:
    head = later.Head(3)
    assert head(z(2, 3)).shape == (2,)
    assert head.same(later.Head(2)).width == 2
    with pytest.raises(DimError, match="`other` is the int 3"):
        head.same(3)
    with pytest.raises(DimError, match=r"but `self\.width` is 3"):
        head(z(2, 4))


def test_generators_of_texts() -> None:
    assert len(list(later.rows(z(2, 3)))) == 2

    async def count() -> int:
        return len([row async for row in later.arows(z(2, 3))])

    assert asyncio.run(count()) == 2


def test_local_names_in_texts() -> None:
    inner, limits = later.local()
    assert inner(z(2), limits()).shape == (2,)
    with pytest.raises(DimError, match="`limits` is"):
        inner(z(2), 3)


def test_a_name_that_never_comes() -> None:
    """One that static checkers alone import says nothing; the dims beside it are checked all the same."""
    inner = later.missing()
    inner(z(2), 3)
    with pytest.raises(DimError, match="`x` has rank 2"):
        inner(z(2, 2), 3)


def test_an_array_type_that_never_comes() -> None:
    @checked
    def inner(x: 'Flaot[Tensor, "N"]') -> None: ...

    with pytest.raises(
        AnnotationError, match=r"the annotation of `x` of .*Flaot.*\n  help: check the spelling"
    ):
        inner(z(2))
    with checking("off"):
        inner(z(2))


def test_texts_of_single_parameters() -> None:
    @checked
    def f(x: 'Float[Tensor, "N C"]', y: "Optional[Float[Tensor, 'C']]" = None) -> "Float[Tensor, 'N']":
        return x.sum(1)

    f(z(2, 3), z(3))
    with pytest.raises(DimError, match="`y` has size 2"):
        f(z(2, 3), z(2))


def test_local_classes_and_closures() -> None:
    class Local:
        pass

    width = 4

    @checked
    def f(x: Float[Tensor, "N"], local: "Local") -> int:
        return width

    assert f(z(1), Local()) == 4
    with pytest.raises(DimError, match="`local` is the int 1, but the annotation asks for Local"):
        f(z(1), 1)


def test_a_local_class_that_comes_later() -> None:
    @checked
    def f(x: Float[Tensor, "N"], local: "Local") -> Any:
        return Local

    class Local:
        pass

    assert f(z(1), Local()) is Local


WRONG = [
    ("Float[Tensor, 'n * c']", "whitespace separates axes, so arithmetic has none inside"),
    ("Float[Tensor, '2*C']", "nothing binds `C` in the annotation of `x`"),
    ("Float[Tensor, '?H']", "`\\?H` is bound anew for every element"),
    ("Float[Tensor, 3]", "the shape is a text"),
    ("Float['Tensor', 'N']", "the array type 'Tensor' is a text"),
    ("Float[Tensor, 'other.width']", "no parameter is called `other`"),
    ("Float[Tensor, '{other}']", "no parameter is called `other`"),
    ("Float[Tensor 'N']", "is no Python expression"),
]


@pytest.mark.parametrize(("annotation", "message"), WRONG)
def test_a_wrong_annotation_is_refused_when_decorated(annotation: str, message: str) -> None:
    def blamed(x):
        return x

    blamed.__annotations__ = {"x": annotation}
    with pytest.raises(AnnotationError, match=message) as caught:
        checked(blamed)
    assert "blamed" in str(caught.value)
    assert __file__.rsplit("/", 1)[-1] in str(caught.value)


def test_annotated_jaxtyping_and_numpy() -> None:
    @checked
    def f(
        a: Annotated[Tensor, Dims("N C")],
        b: jaxtyping.Float[Tensor, "N C"],
        c: Float[np.ndarray, "C"],
        d: jaxtyping.Int[np.ndarray, "N"],
        e: Annotated[Tensor, Dims("N", dtype=Int)],
        p: Float[nn.Parameter, "C"],
    ) -> None: ...

    good = (z(2, 3), z(2, 3), np.zeros(3), np.zeros(2, np.int8), z(2).long(), nn.Parameter(z(3)))
    f(*good)
    wrong = (z(2, 3), z(3, 3), np.zeros(2), np.zeros(3, np.int8), z(2), z(3))
    with pytest.raises(DimError) as caught:
        f(*wrong)
    assert [one.message for one in caught.value.failures] == [
        "`b` has size 3 at axis 0, but `N` is 2 (bound by `a` at axis 0)",
        "`c` has size 2 at axis 0, but `C` is 3 (bound by `a` at axis 1)",
        "`d` has size 3 at axis 0, but `N` is 2 (bound by `a` at axis 0)",
        "`e` has dtype float32, but the annotation says Int",
        "`p` is a float32 Tensor (3,), but the annotation asks for a Parameter",
    ]


def test_dims_that_are_keywords() -> None:
    @checked
    def f(
        x: Float[Tensor, "in class d0 s0"], y: Float[Tensor, "in*class def"], d0: int = 1
    ) -> Float[Tensor, "def"]:
        return y[0]

    f(z(2, 3, 4, 5), z(6, 7))
    with pytest.raises(DimError, match=r"`y` has size 5 at axis 0, but `class\*in` is 6"):
        f(z(2, 3, 4, 5), z(5, 7))


def test_parameters_named_as_variables_of_a_guard() -> None:
    @checked
    def f(
        s0: Float[Tensor, "N C"],
        d0: Float[Tensor, "C"],
        e1: list[Float[Tensor, "N ?H"]],
        _call: int = 1,
        _switch: int = 2,
        _result: int = 3,
        _refuse: int = 4,
        g0: Float[Tensor, "*b"] | None = None,
        len: int = 5,
        isinstance: int = 6,
        list: int = 7,
        torch: int = 8,
    ) -> Float[Tensor, "C"]:
        assert (_call, _switch, _result, _refuse, len, isinstance, list, torch) == (1, 2, 3, 4, 5, 6, 7, 8)
        return d0

    f(z(2, 3), z(3), [z(2, 1)])
    with pytest.raises(DimError, match="`d0` has size 2"):
        f(z(2, 3), z(2), [z(2, 1)])


def test_unannotated_parameters_take_anything() -> None:
    @checked
    def f(x, y: Float[Tensor, "N"], z=None):
        return x

    assert f("any", z(2), z=3) == "any"


def test_nothing_annotated() -> None:
    @checked
    def f(x, *args, **kwargs):
        return x

    assert f(1, 2, k=3) == 1


def test_lambda() -> None:
    f = checked(lambda x, y: x + y, "x: N C, y: C -> N C")
    assert f(z(2, 3), z(3)).shape == (2, 3)
    assert checked(lambda x: x)(3) == 3


CELL = """
    from torch import Tensor
    from namedtorch import Float, checked

    @checked
    def first(x: Float[Tensor, "N C"]) -> Float[Tensor, "N"]:
        return x.sum(1)

    @checked
    class Model:
        width = 3
        def __call__(self, x: "Float[Tensor, 'N self.width']", other: "Model | None" = None) -> Float[Tensor, "N"]:
            return first(x)
"""


@pytest.mark.parametrize("future", ["", "from __future__ import annotations\n"])
def test_cells_without_source(future: str) -> None:
    """As Jupyter runs cells: exec in one namespace, whose module has no file."""
    module = types.ModuleType("__main__")
    exec(compile(future + textwrap.dedent(CELL), "<ipython-input-1>", "exec"), module.__dict__)
    model = module.Model()
    assert model(z(2, 3), model).shape == (2,)
    with pytest.raises(DimError, match=r"but `self\.width` is 3") as caught:
        model(z(2, 4))
    assert "<ipython-input-1>:" in str(caught.value)
    with pytest.raises(DimError, match="`other` is the int 3"):
        model(z(2, 3), 3)


def test_a_cell_redefines() -> None:
    space: dict[str, Any] = {}
    for size in (2, 3):
        text = textwrap.dedent(f"""
            from torch import Tensor
            from namedtorch import Float, checked
            @checked
            def f(x: Float[Tensor, "C={size}"]) -> int: return {size}
        """)
        exec(compile(text, "<cell>", "exec"), space)
        assert space["f"](z(size)) == size


@pytest.mark.parametrize(
    "path", ["self.cfg.width", "{self.cfg.width}", "self.sizes.width", "{width}", "cfg.width"]
)
def test_attribute_paths(path: str) -> None:
    class Config:
        width = 3

    def run(self, x, cfg, width):
        return x

    run.__annotations__ = {"x": Float[Tensor, f"N {path}"]}
    function = checked(run)
    receiver = types.SimpleNamespace(cfg=Config, sizes={"width": 3})
    function(receiver, z(2, 3), Config, 3)
    with pytest.raises(DimError, match=r"`x` has size 4 at axis 1, but `.*width.*` is 3"):
        function(receiver, z(2, 4), Config, 3)


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "None"), (True, "True"), ("3", "'3'"), (3.0, "3.0"), (torch.tensor(3.5), "tensor")],
)
def test_attributes_that_are_no_integers(value: Any, text: str) -> None:
    @checked
    def f(self: Any, x: Float[Tensor, "self.width"]) -> None: ...

    with pytest.raises(DimError) as caught:
        f(types.SimpleNamespace(width=value), z(3))
    (failure,) = caught.value.failures
    assert failure.code == "attribute-missing"
    assert failure.dim == "self.width"
    assert failure.message.startswith("`self.width` in the annotation of `x` is ")
    assert text in failure.message


@pytest.mark.parametrize("value", [3, torch.tensor(3), np.int64(3)])
def test_attributes_that_are_integers(value: Any) -> None:
    @checked
    def f(self: Any, x: Float[Tensor, "self.width"]) -> None: ...

    f(types.SimpleNamespace(width=value), z(3))
    with pytest.raises(DimError):
        f(types.SimpleNamespace(width=value), z(4))


def test_an_attribute_of_the_result_is_missing() -> None:
    class Head(nn.Module):
        @checked
        def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N self.classes"]:
            return x

    with pytest.raises(DimError) as caught:
        Head()(z(2, 3))
    (failure,) = caught.value.failures
    assert failure.code == "attribute-missing"
    assert (
        failure.message
        == "`self.classes` in the annotation of `result` leads nowhere: `Head` has no `classes`"
    )


def test_an_attribute_that_the_call_sets() -> None:
    """What a result is held to may come into being in the call."""

    class Lazy(nn.Module):
        @checked
        def forward(self, x: Shaped[Tensor, "N C"]) -> Shaped[Tensor, "N self.width"]:
            self.width = 3
            return x

    assert Lazy()(z(2, 3)).shape == (2, 3)
    with pytest.raises(DimError, match=r"but `self\.width` is 3"):
        Lazy()(z(2, 4))

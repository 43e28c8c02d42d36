"""Checked classes: every annotated method of a plain class, of a module, and of their heirs."""

import abc
import enum
import inspect
import typing
from typing import Any, ClassVar, Generic, TypeVar

import pytest
import torch
from torch import Tensor, nn

from namedtorch import AnnotationError, DimError, Float, checked

z = torch.zeros
T = TypeVar("T")


@checked
class Plain:
    width: ClassVar[int] = 3

    def __init__(self, weight: Float[Tensor, "C self.width"]) -> None:
        self.weight = weight

    def method(self, x: Float[Tensor, "N self.width"]) -> Float[Tensor, "N"]:
        return x.sum(1)

    @staticmethod
    def static(x: Float[Tensor, "N C"], y: Float[Tensor, "C"]) -> Float[Tensor, "N C"]:
        return x + y

    @classmethod
    def made(cls, x: Float[Tensor, "C cls.width"]) -> "Plain":
        return cls(x)

    @property
    def first(self) -> Float[Tensor, "self.width"]:
        return self.weight[0]

    @first.setter
    def first(self, value: Float[Tensor, "self.width"]) -> None:
        self.weight[0] = value

    @first.deleter
    def first(self) -> None:
        self.weight = z(0, 3)

    def __call__(self, x: Float[Tensor, "N self.width"]) -> Float[Tensor, "N"]:
        return self.method(x)

    def __add__(self, other: "Plain") -> "Plain":
        return Plain(self.weight + other.weight)

    def unannotated(self, x):
        return x

    class Inner:
        def f(self, x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
            return x


PLAIN = [
    (lambda p: p.method(z(2, 4)), "`x` has size 4 at axis 1, but `self.width` is 3"),
    (lambda p: p(z(2, 4)), "`x` has size 4 at axis 1, but `self.width` is 3"),
    (lambda p: Plain(z(2, 4)), "`weight` has size 4 at axis 1, but `self.width` is 3"),
    (
        lambda p: Plain.static(z(2, 3), z(2)),
        "`y` has size 2 at axis 0, but `C` is 3 (bound by `x` at axis 1)",
    ),
    (lambda p: p.static(z(2, 3), y=z(2)), "`y` has size 2 at axis 0, but `C` is 3 (bound by `x` at axis 1)"),
    (lambda p: Plain.made(z(2, 4)), "`x` has size 4 at axis 1, but `cls.width` is 3"),
    (lambda p: p.made(z(2, 4)), "`x` has size 4 at axis 1, but `cls.width` is 3"),
    (lambda p: setattr(p, "first", z(4)), "`value` has size 4 at axis 0, but `self.width` is 3"),
    (lambda p: p + 3, "`other` is the int 3, but the annotation asks for Plain"),
]


@pytest.mark.parametrize(("call", "message"), PLAIN)
def test_methods_of_all_kinds(call: Any, message: str) -> None:
    with pytest.raises(DimError) as caught:
        call(Plain(z(2, 3)))
    assert [one.message for one in caught.value.failures] == [message]


def test_methods_of_all_kinds_accept() -> None:
    plain = Plain(z(2, 3))
    assert plain.method(z(5, 3)).shape == plain(z(5, 3)).shape == (5,)
    assert Plain.static(z(2, 3), z(3)).shape == (2, 3)
    assert isinstance(Plain.made(z(1, 3)), Plain)
    plain.first = z(3)
    assert plain.first.shape == (3,)
    assert (plain + plain).weight.shape == (2, 3)
    assert plain.unannotated("x") == "x"
    del plain.first
    assert inspect.isfunction(Plain.__dict__["static"].__func__)
    assert isinstance(Plain.__dict__["made"], classmethod)


def test_a_property_that_gives_the_wrong_shape() -> None:
    plain = Plain(z(2, 3))
    plain.weight = z(2, 4)
    with pytest.raises(DimError, match=r"`result` has size 4 at axis 0, but `self\.width` is 3"):
        _ = plain.first


def test_the_class_stays_the_same_object() -> None:
    class Mine:
        """Doc."""

        def f(self, x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
            return x

    assert checked(Mine) is Mine
    assert Mine.f.__qualname__.endswith("Mine.f")
    assert Mine.__doc__ == "Doc."


def test_inner_classes_are_left_alone() -> None:
    assert Plain.Inner().f(z(1, 1)).shape == (1, 1)


@pytest.mark.parametrize("order", ["checked first", "checked last"])
@pytest.mark.parametrize("kind", [staticmethod, classmethod, property])
def test_order_of_decorators(kind: Any, order: str) -> None:
    def f(first: Any, x: Any = None) -> Float[Tensor, "N"]:
        return z(2, 2)

    def static(x: Any = None) -> Float[Tensor, "N"]:
        return z(2, 2)

    function = static if kind is staticmethod else f
    member = checked(kind(function)) if order == "checked last" else kind(checked(function))
    holder = type("Holder", (), {"member": member})
    call = (lambda: holder().member) if kind is property else (lambda: holder().member())
    with pytest.raises(DimError, match="`result` has rank 2"):
        call()


class Base(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width
        self.linear = nn.Linear(width, 2)

    def forward(self, x: Float[Tensor, "N self.width"]) -> Float[Tensor, "N 2"]:
        return self.linear(x)


CheckedBase = checked(type("CheckedBase", (Base,), {"forward": Base.forward, "__init__": Base.__init__}))


@checked
class Network(nn.Module):
    def __init__(self, width: int, *, dropout: float = 0.1) -> None:
        super().__init__()
        self.width = width
        self.dropout = dropout
        self.linear = nn.Linear(width, 2)

    def forward(self, x: Float[Tensor, "N self.width"]) -> Float[Tensor, "N 2"]:
        return self.linear(x)


@checked
class Heir(Network):
    def __init__(self, width: int, depth: int) -> None:
        super().__init__(width)
        self.depth = depth

    def forward(self, x: Float[Tensor, "N self.depth self.width"]) -> Float[Tensor, "N self.depth 2"]:
        return torch.stack([super(Heir, self).forward(one) for one in x.unbind(1)], 1)


class UncheckedHeir(Network):
    def forward(self, x):
        return super().forward(x[0])


class OnlyInherits(Network):
    pass


def test_a_module() -> None:
    network = Network(3, dropout=0)
    assert network(z(4, 3)).shape == (4, 2)
    assert network(x=z(4, 3)).shape == (4, 2)
    with pytest.raises(DimError) as caught:
        network(z(4, 5))
    assert str(caught.value).splitlines()[0] == "`x` has size 5 at axis 1, but `self.width` is 3"
    assert caught.value.function == "Network.forward"
    with pytest.raises(DimError, match="`width` is the str 'a', but the annotation asks for int"):
        Network("a")


def test_heirs() -> None:
    assert Heir(3, 4)(z(2, 4, 3)).shape == (2, 4, 2)
    with pytest.raises(DimError, match=r"but `self\.depth` is 4"):
        Heir(3, 4)(z(2, 5, 3))
    assert UncheckedHeir(3)([z(2, 3)]).shape == (2, 2)
    with pytest.raises(DimError, match=r"in Network\.forward"):
        UncheckedHeir(3)([z(2, 4)])
    with pytest.raises(DimError, match=r"in Network\.forward"):
        OnlyInherits(3)(z(2, 4))


def test_super_without_arguments() -> None:
    @checked
    class A:
        def f(self, x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
            return x

    @checked
    class B(A):
        def f(self, x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
            return super().f(x) + 1

        @classmethod
        def g(cls, x: Float[Tensor, "N"]) -> str:
            return __class__.__name__ + cls.__name__

    assert B().f(z(2)).sum() == 2
    assert B.g(z(2)) == "BB"


def test_an_undecorated_class_stays_unchecked() -> None:
    assert Base(3)(z(4, 3)).shape == (4, 2)
    assert not hasattr(Base.forward, "__namedtorch__")
    assert CheckedBase(3)(z(4, 3)).shape == (4, 2)
    with pytest.raises(DimError):
        CheckedBase(3)(z(4, 4))


def test_module_hooks_and_training_state_work() -> None:
    network = Network(3)
    seen: list[Any] = []
    network.register_forward_pre_hook(lambda module, args: seen.append(args[0].shape))
    network.register_forward_hook(lambda module, args, result: seen.append(result.shape))
    network(z(4, 3))
    assert [tuple(one) for one in seen] == [(4, 3), (4, 2)]
    network(z(4, 3)).sum().backward()
    assert network.linear.weight.grad is not None
    assert set(network.state_dict()) == {"linear.weight", "linear.bias"}
    assert network.eval().train().to(torch.float64).linear.weight.dtype == torch.float64


def test_protocols_enums_and_abstract_classes() -> None:
    @checked
    class Encoder(typing.Protocol):
        width: int

        def encode(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N"]: ...

    @checked
    class Kind(enum.Enum):
        RED = 1

        def scale(self, x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
            return x

    @checked
    class Abstract(abc.ABC):
        @abc.abstractmethod
        def f(self, x: Float[Tensor, "N"]) -> Float[Tensor, "N"]: ...

    class Concrete(Abstract):
        def f(self, x):
            return x

    with pytest.raises(TypeError, match="abstract"):
        Abstract()
    assert Concrete().f(3) == 3
    assert Kind.RED.scale(z(2)).shape == (2,)
    with pytest.raises(DimError):
        Kind.RED.scale(z(2, 2))


def test_generic_classes_and_slots() -> None:
    @checked
    class Box(Generic[T]):
        __slots__ = ("value",)

        def __init__(self, value: T, x: Float[Tensor, "N"]) -> None:
            self.value = value

        def get(self) -> T:
            return self.value

    assert Box[int](3, z(1)).get() == 3
    with pytest.raises(DimError):
        Box[int](3, z(1, 1))


def test_class_getitem_init_subclass_and_new() -> None:
    log: list[Any] = []

    @checked
    class A:
        def __init_subclass__(cls, size: int = 1, **rest: Any) -> None:
            log.append(size)

        def __class_getitem__(cls, item: int) -> int:
            return item

        def __new__(cls, x: Float[Tensor, "N"]) -> "A":
            return super().__new__(cls)

    class B(A, size=3):
        pass

    assert log == [3]
    assert A[4] == 4
    assert isinstance(B(z(2)), B)
    with pytest.raises(DimError, match="`x` has rank 2"):
        B(z(2, 2))


def test_autograd_function() -> None:
    class Double(torch.autograd.Function):
        @staticmethod
        @checked
        def forward(ctx: Any, x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
            return x * 2

        @staticmethod
        @checked
        def backward(ctx: Any, grad: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
            return grad * 2

    x = torch.ones(3, requires_grad=True)
    Double.apply(x).sum().backward()
    assert x.grad is not None
    with pytest.raises(DimError):
        Double.apply(torch.ones(2, 2))


def test_an_instance_needs_a_text() -> None:
    with pytest.raises(AnnotationError, match="a module is checked by its class"):
        checked(nn.Linear(2, 3))


def test_a_descriptor_of_another_kind_is_left_alone() -> None:
    import functools

    @checked
    class A:
        @functools.cached_property
        def value(self) -> int:
            return 3

        partial = functools.partial(print)
        number: int = 3

        def f(self, x: Float[Tensor, "N"]) -> None: ...

        def __init__(self) -> None: ...

    assert A().value == 3

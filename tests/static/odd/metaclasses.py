"""Classes made by others, slots, generic classes."""

import torch
import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


class Meta(type):
    def __new__(mcs, name, bases, space, **kw):
        return super().__new__(mcs, name, bases, space)

    def __call__(cls, *args):
        return 3

    def __getattr__(cls, name):
        return cls


class A(nn.Module, metaclass=Meta, flag=1):
    __slots__ = ("a", "b")

    def __init_subclass__(cls, **kw):
        cls.x = cls

    def __class_getitem__(cls, item):
        return cls[item]

    def __getattr__(self, name):
        return getattr(self, name)

    def __call__(self, x):
        return self(x)


class B(A, flag=2):
    pass


B(1).a.b.c(torch.zeros(2))
B[3]
B()(B)

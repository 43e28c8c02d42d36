"""Numbers and lists beyond all limits."""

import torch
import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


mask = 0xFFFFFFFFFFFFFFFF
bits = mask & -0x8000000000000000
big = 10**400
huge = 123456789**9999
shift = 1 << 100000
real = 1e400
neg = -0.0
imag = 3j
dots = ...
a = torch.zeros(10**30, 3) @ torch.zeros(3, big)
b = a.view(huge, -1)
c = a[10**50 :]
d = a.repeat(big, big)
e = [0] * 10**12
f = "x" * 10**12
g = 2**2**2**2**2
h = 0**-1
i = 5 // 0
j = 5 % 0
k = 1.0 // 0
m = -7 // 2
n = (-8) ** 0.5
o = range(10**18)
p = torch.zeros(*range(10**9))
q = torch.zeros(-3)
r = torch.zeros(0, 2).max()
s = int("9" * 5000)
t = real - real
u = torch.zeros(2.5, "x", None)
v = torch.zeros(2, 3).view(0, -1)
w = a.sum(10**40)
x = 1 if huge else 2
y = list(o)
z = [*o]
aa = sum(o)
bb = max(o)
cc = sorted(o)
dd = tuple(o)[5]
ee = dict.fromkeys(o)
ff = 3 @ 4
gg = ~real

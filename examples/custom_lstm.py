"""A recurrent network of one's own, written with names: compared with torch's, trained, scripted, and measured.

`python examples/custom_lstm.py` runs in a few seconds. The exit status is 1 when anything that it shows does not hold;
with `--at-least 1.5` also when the scripted network is not that much faster than plain torch in eager mode.

The cell is the one of the TorchScript talks, which showed that a loop over time need not run in Python. Here its body
speaks of dims, and what is scripted has none left: plain torch, with the loops kept.

Source: https://github.com/pytorch/pytorch/blob/main/benchmarks/fastrnns/custom_lstms.py
"""

import argparse
import math
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import namedtorch
from namedtorch import DimError, Float, Int, NamedTensor, checked, lower, named, named_module

SEED = 0
HIDDEN, LAYERS = 64, 2
TOKENS, DELAY, TRAINING = 8, 2, 60
WARM_UP, ROUNDS = 5, 60


class LSTMCell(nn.Module):
    """One step: what to forget, what to write, and what to show."""

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.inputs = inputs
        self.hidden = hidden
        bound = 1 / math.sqrt(hidden)
        self.weight_ih = nn.Parameter(torch.empty(4 * hidden, inputs).uniform_(-bound, bound))
        self.weight_hh = nn.Parameter(torch.empty(4 * hidden, hidden).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.zeros(4 * hidden))

    def forward(
        self,
        x: Float[NamedTensor, "N D=self.inputs"],
        state: tuple[Float[NamedTensor, "N hidden=self.hidden"], Float[NamedTensor, "N hidden"]],
    ) -> tuple[Float[NamedTensor, "N hidden"], Float[NamedTensor, "N hidden"]]:
        h, c = state
        gates = x @ named(self.weight_ih, "gates D").mT + h @ named(self.weight_hh, "gates hidden").mT
        gates = gates + named(self.bias, "gates")
        i, f, g, o = gates.unflatten("gates", (("gate", 4), ("hidden", self.hidden))).unbind("gate")
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return o.sigmoid() * c.tanh(), c


class LSTMLayer(nn.Module):
    """A cell, step by step over time."""

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.hidden = hidden
        self.cell = LSTMCell(inputs, hidden)

    def forward(self, x: Float[NamedTensor, "N T D"]) -> Float[NamedTensor, "N T hidden"]:
        h = namedtorch.zeros(N=x.size("N"), hidden=self.hidden, dtype=x.dtype, device=x.device)
        c = namedtorch.zeros_like(h)
        outputs: list[NamedTensor] = []
        for step in x.unbind("T"):
            h, c = self.cell(step, (h, c))
            outputs.append(h)
        return namedtorch.stack(outputs, "T", place=1)


class StackedLSTM(nn.Module):
    """Layers, each of which reads the one below."""

    def __init__(self, inputs: int, hidden: int, layers: int) -> None:
        super().__init__()
        self.inputs = inputs
        self.hidden = hidden
        self.layers = nn.ModuleList(LSTMLayer(inputs if i == 0 else hidden, hidden) for i in range(layers))

    @checked
    def forward(
        self, x: Float[NamedTensor, "N T D=self.inputs"]
    ) -> Float[NamedTensor, "N T hidden=self.hidden"]:
        for layer in self.layers:
            x = layer(x).rename(hidden="D")
        return x.rename(D="hidden")


class Echo(nn.Module):
    """Tells at each step of a text which token stood there `DELAY` steps before."""

    def __init__(self, tokens: int, hidden: int, layers: int) -> None:
        super().__init__()
        self.tokens = tokens
        self.embed = named_module(nn.Embedding(tokens, hidden), "N T -> N T D")
        self.network = StackedLSTM(hidden, hidden, layers)
        self.classify = named_module(nn.Linear(hidden, tokens), "hidden -> token")

    @checked
    def forward(self, text: Int[NamedTensor, "N T"]) -> Float[NamedTensor, "N T token=self.tokens"]:
        scores: NamedTensor = self.classify(self.network(self.embed(text)))
        return scores


class CellByHand(nn.Module):
    """The cell in positions, with the weights of another one: what names and scripting are measured against."""

    def __init__(self, cell: LSTMCell) -> None:
        super().__init__()
        self.weight_ih, self.weight_hh, self.bias = cell.weight_ih, cell.weight_hh, cell.bias

    def forward(self, x: Tensor, state: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        h, c = state
        gates = x @ self.weight_ih.mT + h @ self.weight_hh.mT + self.bias
        i, f, g, o = gates.chunk(4, 1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return o.sigmoid() * c.tanh(), c


class NetworkByHand(nn.Module):
    """The whole network in positions."""

    def __init__(self, network: StackedLSTM) -> None:
        super().__init__()
        self.hidden = network.hidden
        self.cells = nn.ModuleList(CellByHand(cell) for cell in cells(network))

    def forward(self, x: Tensor) -> Tensor:
        for cell in self.cells:
            h = torch.zeros(x.size(0), self.hidden, dtype=x.dtype, device=x.device)
            c = torch.zeros_like(h)
            outputs: list[Tensor] = []
            for step in x.unbind(1):
                h, c = cell(step, (h, c))
                outputs.append(h)
            x = torch.stack(outputs, 1)
        return x


def cells(network: StackedLSTM) -> list[LSTMCell]:
    """The cells of a network, from the lowest layer up."""
    return [one for one in network.modules() if isinstance(one, LSTMCell)]


def as_torch_has_it() -> float:
    """How far the numbers are from `nn.LSTM`'s."""
    torch.manual_seed(SEED)
    ours = StackedLSTM(12, HIDDEN, LAYERS)
    theirs = nn.LSTM(12, HIDDEN, LAYERS, batch_first=True)
    x = namedtorch.randn(N=3, T=7, D=12)
    with torch.no_grad():
        for i, cell in enumerate(cells(ours)):
            getattr(theirs, f"weight_ih_l{i}").copy_(cell.weight_ih)
            getattr(theirs, f"weight_hh_l{i}").copy_(cell.weight_hh)
            # torch's cell has two biases, which are added.
            getattr(theirs, f"bias_ih_l{i}").copy_(cell.bias)
            getattr(theirs, f"bias_hh_l{i}").zero_()
        found: NamedTensor = ours(x)
        expected, _ = theirs(x.tensor)
        assert torch.equal(found.tensor, NetworkByHand(ours)(x.tensor))
    return float((found.tensor - expected).abs().max())


def trained() -> tuple[Echo, float]:
    """Trains a few steps; gives the model and the share of tokens that it echoes afterwards."""
    torch.manual_seed(SEED)
    model = Echo(TOKENS, HIDDEN, LAYERS)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for step in range(TRAINING):
        text = namedtorch.randint(0, TOKENS, N=32, T=12)
        scores: NamedTensor = model(text)
        heard, said = scores["T", DELAY:], text["T", :-DELAY]
        # cross_entropy takes the classes second; `call`, as torch's own annotations know plain tensors only.
        loss = namedtorch.call(F.cross_entropy, heard.align_to("N", "token", "T"), said)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 20 == 0:
            print(f"step {step:3}: loss {loss.item():.3f}")
    text = namedtorch.randint(0, TOKENS, N=64, T=20)
    with torch.no_grad():
        scores = model.eval()(text)
    right = scores["T", DELAY:].argmax("token") == text["T", :-DELAY]
    return model, float(right.float().mean())


def scripted(model: Echo) -> bool:
    """Scripts the trained model, saves it, and reads it back; tells whether the numbers are the same at any size."""
    lowered = lower(model)
    print(f"\nscripted: {lowered.signature}")
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        file = Path(folder) / "echo.pt"
        lowered.save(file)
        loaded = torch.jit.load(file)
        for n, t in ((1, 5), (4, 31)):
            text = torch.randint(0, TOKENS, (n, t))
            expected: NamedTensor = model(named(text, "N T"))
            for found in (lowered(text), loaded(text)):
                if not torch.allclose(found, expected.tensor, atol=1e-5):
                    return False
    return True


def refused() -> str:
    """What the scripted network says of features that stand before time."""
    lowered = lower(StackedLSTM(12, HIDDEN, LAYERS))
    try:
        lowered(torch.randn(3, 12, 7))
    except DimError as error:
        return str(error)
    raise AssertionError("time was taken for features")


def milliseconds(calls: dict[str, Callable[[], object]], device: torch.device) -> dict[str, float]:
    """The median of each call, which take turns, so that what else the machine does meets all of them.

    Kernels of a GPU run behind Python's back: the clock is read when they are done.
    """

    def finish() -> None:
        if device.type == "cuda":
            torch.cuda.synchronize(device)

    # The first calls are those that TorchScript watches, and optimizes what it saw.
    for call in calls.values():
        for _ in range(WARM_UP):
            call()
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            finish()
            start = time.perf_counter()
            call()
            finish()
            taken[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) * 1000 for name, times in taken.items()}


def speed(batch: int = 1, steps: int = 20) -> float:
    """Prints how long the network takes in eager mode and scripted; gives how much faster than plain torch that is."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network = StackedLSTM(HIDDEN, HIDDEN, LAYERS).to(device).eval()
    by_hand, lowered = NetworkByHand(network), lower(network)
    x = namedtorch.randn(N=batch, T=steps, D=HIDDEN, device=device)
    with torch.no_grad():
        found = milliseconds(
            {
                "eager, names": lambda: network(x),
                "eager, by hand": lambda: by_hand(x.tensor),
                "scripted": lambda: lowered.module(x.tensor),
            },
            device,
        )
    print(f"\non {device.type}, hidden {HIDDEN}, {LAYERS} layers, {steps} steps, a batch of {batch}:")
    for name, taken in found.items():
        print(f"  {name:14} {taken:7.2f} ms   {found['eager, by hand'] / taken:4.1f}x")
    return found["eager, by hand"] / found["scripted"]


def shown(at_least: float) -> bool:
    """Shows all of it; tells whether it held."""
    difference = as_torch_has_it()
    print(f"torch's own LSTM: {difference:.1e} off")
    model, right = trained()
    print(f"right after {TRAINING} steps: {right:.1%}")
    same = scripted(model)
    print(f"the same numbers, also from the file: {same}")
    print(f"\nrefused:\n{refused()}")
    faster = speed()
    return difference < 1e-5 and right > 0.95 and same and faster >= at_least


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="An LSTM with names: trained, scripted, measured.")
    parser.add_argument("--at-least", type=float, default=0.0, help="how much faster scripted has to be")
    options = parser.parse_args(arguments)
    warnings.filterwarnings("ignore", message=r"`torch\.jit\.\w+` is deprecated", category=DeprecationWarning)

    # Products of this size are too small to be shared among cores.
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return 0 if shown(options.at_least) else 1
    finally:
        torch.set_num_threads(threads)


if __name__ == "__main__":
    sys.exit(main())

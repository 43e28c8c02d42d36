import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class EncoderRNN(nn.Module):
    def __init__(self, vocab_size: int, hidden_size: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, hidden_size)
        self.rnn = nn.GRU(hidden_size, hidden_size, batch_first=True)

    def forward(
        self, input_var: Int[Tensor, "B S"]
    ) -> tuple[Float[Tensor, "B S hidden_size"], Float[Tensor, "1 B hidden_size"]]:
        output, hidden = self.rnn(self.embedding(input_var))
        return output, hidden


class DecoderRNN(nn.Module):
    def __init__(self, vocab_size: int, hidden_size: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, hidden_size)
        self.rnn = nn.GRU(hidden_size, hidden_size, batch_first=True)
        self.out = nn.Linear(2 * hidden_size, vocab_size)

    def forward(
        self,
        inputs: Int[Tensor, "B T"],
        encoder_hidden: Float[Tensor, "1 B hidden_size"],
        encoder_outputs: Float[Tensor, "B S hidden_size"],
    ) -> Float[Tensor, "B T vocab_size"]:
        output, _ = self.rnn(self.embedding(inputs), encoder_hidden)
        attn = torch.softmax(torch.bmm(output, encoder_outputs.transpose(1, 2)), dim=-1)
        mix = torch.bmm(attn, encoder_outputs)
        return F.log_softmax(self.out(torch.cat((mix, output), dim=2)), dim=-1)


class Seq2seq(nn.Module):
    def __init__(self, src_vocab: int, tgt_vocab: int, hidden_size: int) -> None:
        super().__init__()
        self.encoder = EncoderRNN(src_vocab, hidden_size)
        self.decoder = DecoderRNN(tgt_vocab, hidden_size)

    def forward(
        self, input_variable: Int[Tensor, "B S"], target_variable: Int[Tensor, "B T"]
    ) -> Float[Tensor, "B T tgt_vocab"]:
        encoder_outputs, encoder_hidden = self.encoder(input_variable)
        return self.decoder(target_variable, encoder_hidden, encoder_outputs)


def main() -> Tensor:
    torch.manual_seed(0)
    return Seq2seq(12, 15, 8)(torch.randint(0, 12, (2, 6)), torch.randint(0, 15, (2, 5)))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)

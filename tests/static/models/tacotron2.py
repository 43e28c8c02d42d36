"""Tacotron 2: location-sensitive attention, LSTM-cell decoder, postnet."""

from math import sqrt

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional as F


def get_mask_from_lengths(lengths: Int[Tensor, " B"]) -> Bool[Tensor, "B T"]:
    max_len = torch.max(lengths).item()
    ids = torch.arange(0, max_len, device=lengths.device)
    mask = ids < lengths.unsqueeze(1)
    return mask


class LinearNorm(nn.Module):
    def __init__(self, in_dim, out_dim, bias=True, w_init_gain="linear"):
        super().__init__()
        self.linear_layer = nn.Linear(in_dim, out_dim, bias=bias)
        nn.init.xavier_uniform_(self.linear_layer.weight, gain=nn.init.calculate_gain(w_init_gain))

    def forward(self, x):
        return self.linear_layer(x)


class ConvNorm(nn.Module):
    def __init__(
        self, in_channels, out_channels, kernel_size=1, stride=1, padding=None, dilation=1, bias=True
    ):
        super().__init__()
        if padding is None:
            assert kernel_size % 2 == 1
            padding = int(dilation * (kernel_size - 1) / 2)
        self.conv = nn.Conv1d(in_channels, out_channels, kernel_size, stride, padding, dilation, bias=bias)

    def forward(self, signal):
        return self.conv(signal)


class LocationLayer(nn.Module):
    def __init__(self, attention_n_filters, attention_kernel_size, attention_dim):
        super().__init__()
        padding = int((attention_kernel_size - 1) / 2)
        self.location_conv = ConvNorm(
            2, attention_n_filters, attention_kernel_size, padding=padding, bias=False
        )
        self.location_dense = LinearNorm(attention_n_filters, attention_dim, bias=False, w_init_gain="tanh")

    def forward(self, attention_weights_cat: Float[Tensor, "B 2 T"]) -> Float[Tensor, "B T attention_dim"]:
        processed_attention = self.location_conv(attention_weights_cat)
        processed_attention = processed_attention.transpose(1, 2)
        processed_attention = self.location_dense(processed_attention)
        return processed_attention


class Attention(nn.Module):
    def __init__(self, attention_rnn_dim, embedding_dim, attention_dim, n_filters, kernel_size):
        super().__init__()
        self.query_layer = LinearNorm(attention_rnn_dim, attention_dim, bias=False, w_init_gain="tanh")
        self.memory_layer = LinearNorm(embedding_dim, attention_dim, bias=False, w_init_gain="tanh")
        self.v = LinearNorm(attention_dim, 1, bias=False)
        self.location_layer = LocationLayer(n_filters, kernel_size, attention_dim)
        self.score_mask_value = -float("inf")

    def get_alignment_energies(
        self,
        query: Float[Tensor, "B Q"],
        processed_memory: Float[Tensor, "B T A"],
        attention_weights_cat: Float[Tensor, "B 2 T"],
    ) -> Float[Tensor, "B T"]:
        processed_query = self.query_layer(query.unsqueeze(1))
        processed_attention_weights = self.location_layer(attention_weights_cat)
        energies = self.v(torch.tanh(processed_query + processed_attention_weights + processed_memory))
        energies = energies.squeeze(-1)
        return energies

    def forward(
        self,
        attention_hidden_state: Float[Tensor, "B Q"],
        memory: Float[Tensor, "B T E"],
        processed_memory: Float[Tensor, "B T A"],
        attention_weights_cat: Float[Tensor, "B 2 T"],
        mask: Bool[Tensor, "B T"] | None,
    ) -> tuple[Float[Tensor, "B E"], Float[Tensor, "B T"]]:
        alignment = self.get_alignment_energies(
            attention_hidden_state, processed_memory, attention_weights_cat
        )
        if mask is not None:
            alignment.data.masked_fill_(mask, self.score_mask_value)
        attention_weights = F.softmax(alignment, dim=1)
        attention_context = torch.bmm(attention_weights.unsqueeze(1), memory)
        attention_context = attention_context.squeeze(1)
        return attention_context, attention_weights


class Prenet(nn.Module):
    def __init__(self, in_dim, sizes):
        super().__init__()
        in_sizes = [in_dim] + sizes[:-1]
        self.layers = nn.ModuleList(
            [LinearNorm(in_size, out_size, bias=False) for (in_size, out_size) in zip(in_sizes, sizes)]
        )

    def forward(self, x):
        for linear in self.layers:
            x = F.dropout(F.relu(linear(x)), p=0.5, training=True)
        return x


class Postnet(nn.Module):
    """Five 1-d convolutions with batch norm and tanh."""

    def __init__(self, n_mel_channels, postnet_dim, kernel_size, n_convolutions):
        super().__init__()
        self.convolutions = nn.ModuleList()
        self.convolutions.append(
            nn.Sequential(ConvNorm(n_mel_channels, postnet_dim, kernel_size), nn.BatchNorm1d(postnet_dim))
        )
        for _ in range(1, n_convolutions - 1):
            self.convolutions.append(
                nn.Sequential(ConvNorm(postnet_dim, postnet_dim, kernel_size), nn.BatchNorm1d(postnet_dim))
            )
        self.convolutions.append(
            nn.Sequential(ConvNorm(postnet_dim, n_mel_channels, kernel_size), nn.BatchNorm1d(n_mel_channels))
        )

    def forward(self, x: Float[Tensor, "B M T"]) -> Float[Tensor, "B M T"]:
        for i in range(len(self.convolutions) - 1):
            x = F.dropout(torch.tanh(self.convolutions[i](x)), 0.5, self.training)
        x = F.dropout(self.convolutions[-1](x), 0.5, self.training)
        return x


class Encoder(nn.Module):
    def __init__(self, embedding_dim, kernel_size, n_convolutions):
        super().__init__()
        convolutions = []
        for _ in range(n_convolutions):
            conv_layer = nn.Sequential(
                ConvNorm(embedding_dim, embedding_dim, kernel_size), nn.BatchNorm1d(embedding_dim)
            )
            convolutions.append(conv_layer)
        self.convolutions = nn.ModuleList(convolutions)
        self.lstm = nn.LSTM(embedding_dim, int(embedding_dim / 2), 1, batch_first=True, bidirectional=True)

    def forward(self, x, input_lengths):
        for conv in self.convolutions:
            x = F.dropout(F.relu(conv(x)), 0.5, self.training)
        x = x.transpose(1, 2)
        x = nn.utils.rnn.pack_padded_sequence(x, input_lengths.cpu().numpy(), batch_first=True)
        self.lstm.flatten_parameters()
        outputs, _ = self.lstm(x)
        outputs, _ = nn.utils.rnn.pad_packed_sequence(outputs, batch_first=True)
        return outputs


class Decoder(nn.Module):
    def __init__(self, n_mel_channels, n_frames_per_step, encoder_dim, rnn_dim, prenet_dim):
        super().__init__()
        self.n_mel_channels = n_mel_channels
        self.n_frames_per_step = n_frames_per_step
        self.encoder_embedding_dim = encoder_dim
        self.rnn_dim = rnn_dim
        self.prenet = Prenet(n_mel_channels * n_frames_per_step, [prenet_dim, prenet_dim])
        self.attention_rnn = nn.LSTMCell(prenet_dim + encoder_dim, rnn_dim)
        self.attention_layer = Attention(rnn_dim, encoder_dim, 16, 4, 5)
        self.decoder_rnn = nn.LSTMCell(rnn_dim + encoder_dim, rnn_dim, True)
        self.linear_projection = LinearNorm(rnn_dim + encoder_dim, n_mel_channels * n_frames_per_step)
        self.gate_layer = LinearNorm(rnn_dim + encoder_dim, 1, bias=True, w_init_gain="sigmoid")

    def initialize_decoder_states(self, memory, mask):
        B = memory.size(0)
        MAX_TIME = memory.size(1)
        self.attention_hidden = memory.new_zeros(B, self.rnn_dim)
        self.attention_cell = memory.new_zeros(B, self.rnn_dim)
        self.decoder_hidden = memory.new_zeros(B, self.rnn_dim)
        self.decoder_cell = memory.new_zeros(B, self.rnn_dim)
        self.attention_weights = memory.new_zeros(B, MAX_TIME)
        self.attention_weights_cum = memory.new_zeros(B, MAX_TIME)
        self.attention_context = memory.new_zeros(B, self.encoder_embedding_dim)
        self.memory = memory
        self.processed_memory = self.attention_layer.memory_layer(memory)
        self.mask = mask

    def parse_decoder_inputs(self, decoder_inputs: Float[Tensor, "B M T"]) -> Float[Tensor, "T_out B M_r"]:
        # (B, n_mel_channels, T_out) -> (B, T_out, n_mel_channels)
        decoder_inputs = decoder_inputs.transpose(1, 2)
        decoder_inputs = decoder_inputs.contiguous().view(
            decoder_inputs.size(0), int(decoder_inputs.size(1) / self.n_frames_per_step), -1
        )
        # (B, T_out, n_mel_channels) -> (T_out, B, n_mel_channels)
        return decoder_inputs.transpose(0, 1)

    def parse_decoder_outputs(self, mel_outputs, gate_outputs, alignments):
        # (T_out, B) -> (B, T_out)
        alignments = torch.stack(alignments).transpose(0, 1)
        gate_outputs = torch.stack(gate_outputs).transpose(0, 1).contiguous()
        # (T_out, B, n_mel_channels) -> (B, T_out, n_mel_channels)
        mel_outputs = torch.stack(mel_outputs).transpose(0, 1).contiguous()
        mel_outputs = mel_outputs.view(mel_outputs.size(0), -1, self.n_mel_channels)
        mel_outputs = mel_outputs.transpose(1, 2)
        return mel_outputs, gate_outputs, alignments

    def decode(self, decoder_input):
        cell_input = torch.cat((decoder_input, self.attention_context), -1)
        self.attention_hidden, self.attention_cell = self.attention_rnn(
            cell_input, (self.attention_hidden, self.attention_cell)
        )
        self.attention_hidden = F.dropout(self.attention_hidden, 0.1, self.training)
        attention_weights_cat = torch.cat(
            (self.attention_weights.unsqueeze(1), self.attention_weights_cum.unsqueeze(1)), dim=1
        )
        self.attention_context, self.attention_weights = self.attention_layer(
            self.attention_hidden, self.memory, self.processed_memory, attention_weights_cat, self.mask
        )
        self.attention_weights_cum += self.attention_weights
        decoder_input = torch.cat((self.attention_hidden, self.attention_context), -1)
        self.decoder_hidden, self.decoder_cell = self.decoder_rnn(
            decoder_input, (self.decoder_hidden, self.decoder_cell)
        )
        decoder_hidden_attention_context = torch.cat((self.decoder_hidden, self.attention_context), dim=1)
        decoder_output = self.linear_projection(decoder_hidden_attention_context)
        gate_prediction = self.gate_layer(decoder_hidden_attention_context)
        return decoder_output, gate_prediction, self.attention_weights

    def forward(self, memory: Float[Tensor, "B T E"], decoder_inputs: Float[Tensor, "B M F"], memory_lengths):
        step = self.n_frames_per_step
        decoder_input = memory.new_zeros(memory.size(0), self.n_mel_channels * step).unsqueeze(0)
        decoder_inputs = self.parse_decoder_inputs(decoder_inputs)
        decoder_inputs = torch.cat((decoder_input, decoder_inputs), dim=0)
        decoder_inputs = self.prenet(decoder_inputs)
        self.initialize_decoder_states(memory, mask=~get_mask_from_lengths(memory_lengths))
        mel_outputs, gate_outputs, alignments = [], [], []
        while len(mel_outputs) < decoder_inputs.size(0) - 1:
            decoder_input = decoder_inputs[len(mel_outputs)]
            mel_output, gate_output, attention_weights = self.decode(decoder_input)
            mel_outputs += [mel_output.squeeze(1)]
            gate_outputs += [gate_output.squeeze(1)]
            alignments += [attention_weights]
        return self.parse_decoder_outputs(mel_outputs, gate_outputs, alignments)


class Tacotron2(nn.Module):
    def __init__(self, n_mels=20, n_symbols=30, dim=32, step=1):
        super().__init__()
        self.embedding = nn.Embedding(n_symbols, dim)
        std = sqrt(2.0 / (n_symbols + dim))
        val = sqrt(3.0) * std
        self.embedding.weight.data.uniform_(-val, val)
        self.encoder = Encoder(dim, 5, 3)
        self.decoder = Decoder(n_mels, step, dim, 24, 12)
        self.postnet = Postnet(n_mels, 16, 5, 5)

    def forward(
        self, text: Int[Tensor, "B T"], text_lengths: Int[Tensor, " B"], mels: Float[Tensor, "B M F"]
    ):
        embedded_inputs = self.embedding(text).transpose(1, 2)
        encoder_outputs = self.encoder(embedded_inputs, text_lengths)
        mel_outputs, gate_outputs, alignments = self.decoder(
            encoder_outputs, mels, memory_lengths=text_lengths
        )
        mel_outputs_postnet = self.postnet(mel_outputs)
        mel_outputs_postnet = mel_outputs + mel_outputs_postnet
        return mel_outputs, mel_outputs_postnet, gate_outputs, alignments


def main() -> None:
    torch.manual_seed(0)
    for step in (1, 2):
        model = Tacotron2(step=step)
        for lengths, frames in (([7, 5], 6), ([9, 9, 2], 4)):
            text = torch.randint(0, 30, (len(lengths), max(lengths)))
            mels = torch.randn(len(lengths), 20, frames)
            mel, post, gate, alignment = model(text, torch.tensor(lengths), mels)
            print(tuple(mel.shape), tuple(post.shape), tuple(gate.shape), tuple(alignment.shape))
            assert F.mse_loss(post, mels).item() > 0


if __name__ == "__main__":
    main()

"""A linear-chain CRF over a bidirectional LSTM: partition in batch, gold score, Viterbi with backpointers."""

import torch
import torch.nn as nn
from jaxtyping import Bool, Float, Int
from torch import Tensor


class CRF(nn.Module):
    def __init__(self, num_tags: int, batch_first: bool = False) -> None:
        if num_tags <= 0:
            raise ValueError(f"invalid number of tags: {num_tags}")
        super().__init__()
        self.num_tags = num_tags
        self.batch_first = batch_first
        self.start_transitions = nn.Parameter(torch.empty(num_tags))
        self.end_transitions = nn.Parameter(torch.empty(num_tags))
        self.transitions = nn.Parameter(torch.empty(num_tags, num_tags))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.uniform_(self.start_transitions, -0.1, 0.1)
        nn.init.uniform_(self.end_transitions, -0.1, 0.1)
        nn.init.uniform_(self.transitions, -0.1, 0.1)

    def forward(
        self,
        emissions: Float[Tensor, "a b K"],
        tags: Int[Tensor, "a b"],
        mask: Bool[Tensor, "a b"] | None = None,
    ) -> Float[Tensor, ""]:
        if mask is None:
            mask = torch.ones_like(tags, dtype=torch.bool)
        if self.batch_first:
            emissions = emissions.transpose(0, 1)
            tags = tags.transpose(0, 1)
            mask = mask.transpose(0, 1)
        numerator = self._compute_score(emissions, tags, mask)
        denominator = self._compute_normalizer(emissions, mask)
        llh = numerator - denominator
        return llh.sum() / mask.float().sum()

    def decode(self, emissions: Float[Tensor, "a b K"], mask: Bool[Tensor, "a b"]) -> list[list[int]]:
        if self.batch_first:
            emissions = emissions.transpose(0, 1)
            mask = mask.transpose(0, 1)
        return self._viterbi_decode(emissions, mask)

    def _compute_score(
        self, emissions: Float[Tensor, "T B K"], tags: Int[Tensor, "T B"], mask: Bool[Tensor, "T B"]
    ) -> Float[Tensor, " B"]:
        seq_length, batch_size = tags.shape
        mask = mask.float()
        score = self.start_transitions[tags[0]]
        score += emissions[0, torch.arange(batch_size), tags[0]]
        for i in range(1, seq_length):
            score += self.transitions[tags[i - 1], tags[i]] * mask[i]
            score += emissions[i, torch.arange(batch_size), tags[i]] * mask[i]
        seq_ends = mask.long().sum(dim=0) - 1
        last_tags = tags[seq_ends, torch.arange(batch_size)]
        score += self.end_transitions[last_tags]
        return score

    def _compute_normalizer(
        self, emissions: Float[Tensor, "T B K"], mask: Bool[Tensor, "T B"]
    ) -> Float[Tensor, " B"]:
        seq_length = emissions.size(0)
        # shape: (batch_size, num_tags)
        score = self.start_transitions + emissions[0]
        for i in range(1, seq_length):
            # shape: (batch_size, num_tags, 1)
            broadcast_score = score.unsqueeze(2)
            # shape: (batch_size, 1, num_tags)
            broadcast_emissions = emissions[i].unsqueeze(1)
            # shape: (batch_size, num_tags, num_tags)
            next_score = broadcast_score + self.transitions + broadcast_emissions
            next_score = torch.logsumexp(next_score, dim=1)
            score = torch.where(mask[i].unsqueeze(1), next_score, score)
        score += self.end_transitions
        return torch.logsumexp(score, dim=1)

    def _viterbi_decode(
        self, emissions: Float[Tensor, "T B K"], mask: Bool[Tensor, "T B"]
    ) -> list[list[int]]:
        seq_length, batch_size = mask.shape
        score = self.start_transitions + emissions[0]
        history = []
        for i in range(1, seq_length):
            broadcast_score = score.unsqueeze(2)
            broadcast_emission = emissions[i].unsqueeze(1)
            next_score = broadcast_score + self.transitions + broadcast_emission
            next_score, indices = next_score.max(dim=1)
            score = torch.where(mask[i].unsqueeze(1), next_score, score)
            history.append(indices)
        score += self.end_transitions
        seq_ends = mask.long().sum(dim=0) - 1
        best_tags_list = []
        for idx in range(batch_size):
            _, best_last_tag = score[idx].max(dim=0)
            best_tags = [best_last_tag.item()]
            for hist in reversed(history[: seq_ends[idx]]):
                best_last_tag = hist[idx][best_tags[-1]]
                best_tags.append(best_last_tag.item())
            best_tags.reverse()
            best_tags_list.append(best_tags)
        return best_tags_list


class BiLSTM_CRF(nn.Module):
    def __init__(self, vocab_size: int, tagset_size: int, embedding_dim: int, hidden_dim: int) -> None:
        super().__init__()
        self.embedding_dim = embedding_dim
        self.hidden_dim = hidden_dim
        self.word_embeds = nn.Embedding(vocab_size, embedding_dim)
        self.char_embeds = nn.Embedding(20, 6)
        self.char_lstm = nn.LSTM(6, 5, batch_first=True, bidirectional=True)
        self.lstm = nn.LSTM(
            embedding_dim + 10, hidden_dim // 2, num_layers=1, bidirectional=True, batch_first=True
        )
        self.hidden2tag = nn.Linear(hidden_dim, tagset_size)
        self.crf = CRF(tagset_size, batch_first=True)

    def init_hidden(self, batch_size: int) -> tuple[Tensor, Tensor]:
        return (
            torch.randn(2, batch_size, self.hidden_dim // 2),
            torch.randn(2, batch_size, self.hidden_dim // 2),
        )

    def _char_features(self, chars: Int[Tensor, "B T C"]) -> Float[Tensor, "B T F"]:
        b, t, c = chars.size()
        _, (h, _) = self.char_lstm(self.char_embeds(chars.reshape(-1, c)))
        return h.transpose(0, 1).reshape(b, t, -1)

    def _get_lstm_features(
        self, sentence: Int[Tensor, "B T"], chars: Int[Tensor, "B T C"]
    ) -> Float[Tensor, "B T K"]:
        embeds = torch.cat([self.word_embeds(sentence), self._char_features(chars)], dim=-1)
        lstm_out, _ = self.lstm(embeds, self.init_hidden(sentence.size(0)))
        return self.hidden2tag(lstm_out)

    def neg_log_likelihood(
        self, sentence: Int[Tensor, "B T"], chars: Int[Tensor, "B T C"], tags: Int[Tensor, "B T"]
    ) -> Float[Tensor, ""]:
        mask = sentence.ne(0)
        return -self.crf(self._get_lstm_features(sentence, chars), tags, mask)

    def forward(self, sentence: Int[Tensor, "B T"], chars: Int[Tensor, "B T C"]) -> list[list[int]]:
        return self.crf.decode(self._get_lstm_features(sentence, chars), sentence.ne(0))


def main() -> None:
    torch.manual_seed(0)
    model = BiLSTM_CRF(30, 5, 8, 12)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for b, t in ((2, 7), (3, 11)):
        sentence = torch.randint(1, 30, (b, t))
        sentence[1, t - 2 :] = 0
        chars = torch.randint(0, 20, (b, t, 4))
        loss = model.neg_log_likelihood(sentence, chars, torch.randint(0, 5, (b, t)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        print(loss.shape, [len(path) for path in model(sentence, chars)])


if __name__ == "__main__":
    main()

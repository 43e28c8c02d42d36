"""Losses and metrics of everyday training: focal, distillation, gradient penalty, mixup, accuracy, pairwise terms."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor


class FocalLoss(nn.Module):
    def __init__(
        self, gamma: float = 2.0, alpha: Float[Tensor, " K"] | None = None, reduction: str = "mean"
    ) -> None:
        super().__init__()
        self.gamma = gamma
        self.alpha = alpha
        self.reduction = reduction

    def forward(
        self, input: Float[Tensor, "N K *spatial"], target: Int[Tensor, "N *spatial"]
    ) -> Float[Tensor, "..."]:
        if input.dim() > 2:
            input = input.view(input.size(0), input.size(1), -1)  # N,C,H,W => N,C,H*W
            input = input.transpose(1, 2)  # N,C,H*W => N,H*W,C
            input = input.contiguous().view(-1, input.size(2))  # N,H*W,C => N*H*W,C
        target = target.view(-1, 1)
        logpt = F.log_softmax(input, dim=1)
        logpt = logpt.gather(1, target)
        logpt = logpt.view(-1)
        pt = logpt.exp()
        if self.alpha is not None:
            logpt = logpt * self.alpha.gather(0, target.view(-1))
        loss = -1 * (1 - pt) ** self.gamma * logpt
        return loss.mean() if self.reduction == "mean" else loss


def label_smoothing(
    logits: Float[Tensor, "N K"], target: Int[Tensor, " N"], smoothing: float = 0.1
) -> Float[Tensor, ""]:
    logprobs = F.log_softmax(logits, dim=-1)
    nll_loss = -logprobs.gather(dim=-1, index=target.unsqueeze(1))
    nll_loss = nll_loss.squeeze(1)
    smooth_loss = -logprobs.mean(dim=-1)
    return ((1.0 - smoothing) * nll_loss + smoothing * smooth_loss).mean()


def distillation(
    student: Float[Tensor, "N K"], teacher: Float[Tensor, "N K"], target: Int[Tensor, " N"], T: float = 4.0
) -> Float[Tensor, ""]:
    soft = (
        F.kl_div(F.log_softmax(student / T, dim=1), F.softmax(teacher / T, dim=1), reduction="batchmean")
        * T**2
    )
    return 0.9 * soft + 0.1 * F.cross_entropy(student, target)


def mixup(
    x: Float[Tensor, "N *rest"], y: Int[Tensor, " N"], alpha: float = 1.0
) -> tuple[Float[Tensor, "N *rest"], Int[Tensor, " N"], Int[Tensor, " N"], float]:
    lam = float(torch.distributions.Beta(alpha, alpha).sample())
    index = torch.randperm(x.size(0))
    mixed_x = lam * x + (1 - lam) * x[index, :]
    return mixed_x, y, y[index], lam


def cutmix(
    x: Float[Tensor, "N C H W"], y: Float[Tensor, "N K"]
) -> tuple[Float[Tensor, "N C H W"], Float[Tensor, "N K"]]:
    _, _, h, w = x.shape
    cy, cx = int(torch.randint(h, (1,))), int(torch.randint(w, (1,)))
    y1, y2 = max(cy - h // 4, 0), min(cy + h // 4, h)
    x1, x2 = max(cx - w // 4, 0), min(cx + w // 4, w)
    x = x.clone()
    x[:, :, y1:y2, x1:x2] = x.flip(0)[:, :, y1:y2, x1:x2]
    lam = 1 - (y2 - y1) * (x2 - x1) / (h * w)
    return x, lam * y + (1 - lam) * y.flip(0)


def accuracy(
    output: Float[Tensor, "N K"], target: Int[Tensor, " N"], topk: tuple[int, ...] = (1,)
) -> list[Tensor]:
    """Computes the accuracy over the k top predictions for the specified values of k"""
    maxk = max(topk)
    batch_size = target.size(0)
    _, pred = output.topk(maxk, 1, True, True)
    pred = pred.t()
    correct = pred.eq(target.view(1, -1).expand_as(pred))
    res = []
    for k in topk:
        correct_k = correct[:k].reshape(-1).float().sum(0, keepdim=True)
        res.append(correct_k.mul_(100.0 / batch_size))
    return res


def gradient_penalty(
    critic: nn.Module, real: Float[Tensor, "N C H W"], fake: Float[Tensor, "N C H W"]
) -> Float[Tensor, ""]:
    alpha = torch.rand(real.size(0), 1, 1, 1)
    interpolates = (alpha * real + ((1 - alpha) * fake)).requires_grad_(True)
    d_interpolates = critic(interpolates)
    gradients = torch.autograd.grad(
        outputs=d_interpolates,
        inputs=interpolates,
        grad_outputs=torch.ones_like(d_interpolates),
        create_graph=True,
    )[0]
    gradients = gradients.view(gradients.size(0), -1)
    return ((gradients.norm(2, dim=1) - 1) ** 2).mean()


def supervised_contrastive(
    features: Float[Tensor, "B V D"], labels: Int[Tensor, " B"], temperature: float = 0.07
) -> Float[Tensor, ""]:
    batch_size, anchor_count, _ = features.shape
    labels = labels.contiguous().view(-1, 1)
    mask = torch.eq(labels, labels.T).float()
    contrast_feature = torch.cat(torch.unbind(F.normalize(features, dim=-1), dim=1), dim=0)
    logits = torch.matmul(contrast_feature, contrast_feature.T) / temperature
    logits_max, _ = torch.max(logits, dim=1, keepdim=True)
    logits = logits - logits_max.detach()
    mask = mask.repeat(anchor_count, anchor_count)
    logits_mask = torch.scatter(
        torch.ones_like(mask), 1, torch.arange(batch_size * anchor_count).view(-1, 1), 0
    )
    mask = mask * logits_mask
    exp_logits = torch.exp(logits) * logits_mask
    log_prob = logits - torch.log(exp_logits.sum(1, keepdim=True))
    mean_log_prob_pos = (mask * log_prob).sum(1) / mask.sum(1).clamp(min=1)
    return -mean_log_prob_pos.view(anchor_count, batch_size).mean()


def mmd(
    x: Float[Tensor, "N D"], y: Float[Tensor, "M D"], sigmas: tuple[float, ...] = (1.0, 5.0)
) -> Float[Tensor, ""]:
    def kernel(a: Float[Tensor, "P D"], b: Float[Tensor, "Q D"]) -> Float[Tensor, "P Q"]:
        beta = 1.0 / (2.0 * torch.tensor(sigmas)[:, None])
        dist = (a.unsqueeze(1) - b.unsqueeze(0)).pow(2).sum(-1)
        return torch.exp(-torch.matmul(beta, dist.reshape(1, -1))).sum(0).view(dist.shape)

    return kernel(x, x).mean() + kernel(y, y).mean() - 2 * kernel(x, y).mean()


def masked_mse(
    pred: Float[Tensor, "B T D"], target: Float[Tensor, "B T D"], lengths: Int[Tensor, " B"]
) -> Float[Tensor, ""]:
    mask: Bool[Tensor, "B T"] = torch.arange(pred.size(1))[None, :] < lengths[:, None]
    per_step = ((pred - target) ** 2).mean(dim=-1)
    return (per_step * mask).sum() / mask.sum()


def sequence_nll(
    logits: Float[Tensor, "B T V"], tokens: Int[Tensor, "B T"], pad: int = 0
) -> Float[Tensor, " B"]:
    shift_logits = logits[:, :-1].contiguous()
    shift_labels = tokens[:, 1:].contiguous()
    loss = F.cross_entropy(shift_logits.transpose(1, 2), shift_labels, ignore_index=pad, reduction="none")
    return loss.sum(dim=1) / (shift_labels != pad).sum(dim=1).clamp(min=1)


def perplexity(logits: Float[Tensor, "B T V"], tokens: Int[Tensor, "B T"]) -> Float[Tensor, ""]:
    return F.cross_entropy(logits.reshape(-1, logits.size(-1)), tokens.reshape(-1)).exp()


def dpo(
    chosen: Float[Tensor, " B"],
    rejected: Float[Tensor, " B"],
    ref_chosen: Float[Tensor, " B"],
    ref_rejected,
    beta=0.1,
) -> tuple[Float[Tensor, ""], Float[Tensor, " B"]]:
    logits = (chosen - rejected) - (ref_chosen - ref_rejected)
    return -F.logsigmoid(beta * logits).mean(), (beta * (chosen - ref_chosen)).detach()


def ssim(
    img1: Float[Tensor, "N C H W"], img2: Float[Tensor, "N C H W"], size: int = 5
) -> Float[Tensor, " N"]:
    channel = img1.size(1)
    gauss = torch.exp(-((torch.arange(size) - size // 2) ** 2) / (2 * 1.5**2))
    window_1d = (gauss / gauss.sum()).unsqueeze(1)
    window = window_1d.mm(window_1d.t()).unsqueeze(0).unsqueeze(0).expand(channel, 1, size, size).contiguous()
    mu1 = F.conv2d(img1, window, padding=size // 2, groups=channel)
    mu2 = F.conv2d(img2, window, padding=size // 2, groups=channel)
    sigma1 = F.conv2d(img1 * img1, window, padding=size // 2, groups=channel) - mu1.pow(2)
    sigma2 = F.conv2d(img2 * img2, window, padding=size // 2, groups=channel) - mu2.pow(2)
    sigma12 = F.conv2d(img1 * img2, window, padding=size // 2, groups=channel) - mu1 * mu2
    ssim_map = ((2 * mu1 * mu2 + 1e-4) * (2 * sigma12 + 9e-4)) / (
        (mu1.pow(2) + mu2.pow(2) + 1e-4) * (sigma1 + sigma2 + 9e-4)
    )
    return ssim_map.mean([1, 2, 3])


def ece(probs: Float[Tensor, "N K"], labels: Int[Tensor, " N"], n_bins: int = 5) -> Float[Tensor, " 1"]:
    bounds = torch.linspace(0, 1, n_bins + 1)
    confidences, predictions = torch.max(probs, 1)
    accuracies = predictions.eq(labels)
    error = torch.zeros(1)
    for low, high in zip(bounds[:-1], bounds[1:]):
        in_bin = confidences.gt(low.item()) * confidences.le(high.item())
        prop_in_bin = in_bin.float().mean()
        if prop_in_bin.item() > 0:
            gap = torch.abs(confidences[in_bin].mean() - accuracies[in_bin].float().mean())
            error += gap * prop_in_bin
    return error


def main() -> None:
    torch.manual_seed(0)
    critic = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 1)
    )
    for n, k, h, w in ((4, 7, 12, 10), (6, 5, 8, 9)):
        logits, target = torch.randn(n, k), torch.randint(0, k, (n,))
        image, other = torch.rand(n, 3, h, w), torch.rand(n, 3, h, w)
        print(FocalLoss(alpha=torch.rand(k))(logits, target).shape, label_smoothing(logits, target).shape)
        print(FocalLoss(reduction="none")(torch.randn(n, k, h, w), torch.randint(0, k, (n, h, w))).shape)
        print(
            distillation(logits, logits.flip(0), target).shape,
            [a.shape for a in accuracy(logits, target, (1, 3))],
        )
        mixed, a, b, lam = mixup(image, target)
        print(mixed.shape, a.shape, b.shape, cutmix(image, F.one_hot(target, k).float())[1].shape)
        print(
            gradient_penalty(critic, image, other).shape,
            ssim(image, other).shape,
            ece(logits.softmax(-1), target).shape,
        )
        print(
            supervised_contrastive(torch.randn(n, 2, 9), target).shape,
            mmd(torch.randn(n, 4), torch.randn(k, 4)).shape,
        )
        print(masked_mse(torch.randn(n, 6, k), torch.randn(n, 6, k), target.clamp(min=1)).shape)
        tokens = torch.randint(0, k, (n, h))
        nll = sequence_nll(torch.randn(n, h, k), tokens)
        print(
            perplexity(torch.randn(n, h, k), tokens).shape,
            [o.shape for o in dpo(-nll, nll, -nll * 0.9, nll * 0.9)],
        )


if __name__ == "__main__":
    main()

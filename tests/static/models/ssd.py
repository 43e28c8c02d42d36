"""SSD and RetinaNet heads: predictions permuted and flattened, default boxes, multibox and focal loss."""

from itertools import product
from math import sqrt

import torch
import torch.nn as nn
import torch.nn.functional as F


class L2Norm(nn.Module):
    def __init__(self, n_channels, scale):
        super().__init__()
        self.n_channels = n_channels
        self.gamma = scale or None
        self.eps = 1e-10
        self.weight = nn.Parameter(torch.Tensor(self.n_channels))
        nn.init.constant_(self.weight, self.gamma)

    def forward(self, x):
        norm = x.pow(2).sum(dim=1, keepdim=True).sqrt() + self.eps
        x = torch.div(x, norm)
        out = self.weight.unsqueeze(0).unsqueeze(2).unsqueeze(3).expand_as(x) * x
        return out


class PriorBox:
    def __init__(self, feature_maps, image_size, aspect_ratios):
        self.feature_maps = feature_maps
        self.image_size = image_size
        self.aspect_ratios = aspect_ratios

    def forward(self):
        mean = []
        for k, f in enumerate(self.feature_maps):
            for i, j in product(range(f), repeat=2):
                cx = (j + 0.5) / f
                cy = (i + 0.5) / f
                s_k = (k + 1) / (len(self.feature_maps) + 1)
                mean += [cx, cy, s_k, s_k]
                s_k_prime = sqrt(s_k * (k + 2) / (len(self.feature_maps) + 1))
                mean += [cx, cy, s_k_prime, s_k_prime]
                for ar in self.aspect_ratios[k]:
                    mean += [cx, cy, s_k * sqrt(ar), s_k / sqrt(ar)]
                    mean += [cx, cy, s_k / sqrt(ar), s_k * sqrt(ar)]
        output = torch.Tensor(mean).view(-1, 4)
        output.clamp_(max=1, min=0)
        return output


class SSD(nn.Module):
    def __init__(self, num_classes, size=64, mbox=(4, 6, 4)):
        super(SSD, self).__init__()
        self.num_classes = num_classes
        ratios = [[2], [2, 3], [2]]
        self.vgg = nn.ModuleList(
            [
                nn.Conv2d(3, 16, 3, stride=2, padding=1),
                nn.ReLU(inplace=True),
                nn.Conv2d(16, 24, 3, stride=2, padding=1),
                nn.ReLU(inplace=True),
                nn.Conv2d(24, 24, 3, padding=1),
                nn.ReLU(inplace=True),
            ]
        )
        self.L2Norm = L2Norm(24, 20)
        self.extras = nn.ModuleList(
            [nn.Conv2d(24, 32, 3, stride=2, padding=1), nn.Conv2d(32, 16, kernel_size=3, stride=2, padding=1)]
        )
        sources = [24, 32, 16]
        loc_layers = []
        conf_layers = []
        for k, v in enumerate(sources):
            loc_layers += [nn.Conv2d(v, mbox[k] * 4, kernel_size=3, padding=1)]
            conf_layers += [nn.Conv2d(v, mbox[k] * num_classes, kernel_size=3, padding=1)]
        self.loc = nn.ModuleList(loc_layers)
        self.conf = nn.ModuleList(conf_layers)
        with torch.no_grad():
            self.priors = PriorBox([size // 4, size // 8, size // 16], size, ratios).forward()

    def forward(self, x):
        sources = list()
        loc = list()
        conf = list()
        for k in range(4):
            x = self.vgg[k](x)
        for k in range(4, len(self.vgg)):
            x = self.vgg[k](x)
        s = self.L2Norm(x)
        sources.append(s)
        for k, v in enumerate(self.extras):
            x = F.relu(v(x), inplace=True)
            sources.append(x)
        for x, l, c in zip(sources, self.loc, self.conf):
            loc.append(l(x).permute(0, 2, 3, 1).contiguous())
            conf.append(c(x).permute(0, 2, 3, 1).contiguous())
        loc = torch.cat([o.view(o.size(0), -1) for o in loc], 1)
        conf = torch.cat([o.view(o.size(0), -1) for o in conf], 1)
        output = (loc.view(loc.size(0), -1, 4), conf.view(conf.size(0), -1, self.num_classes), self.priors)
        return output


def point_form(boxes):
    return torch.cat((boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2), 1)


def intersect(box_a, box_b):
    A = box_a.size(0)
    B = box_b.size(0)
    max_xy = torch.min(box_a[:, 2:].unsqueeze(1).expand(A, B, 2), box_b[:, 2:].unsqueeze(0).expand(A, B, 2))
    min_xy = torch.max(box_a[:, :2].unsqueeze(1).expand(A, B, 2), box_b[:, :2].unsqueeze(0).expand(A, B, 2))
    inter = torch.clamp((max_xy - min_xy), min=0)
    return inter[:, :, 0] * inter[:, :, 1]


def jaccard(box_a, box_b):
    inter = intersect(box_a, box_b)
    area_a = (
        ((box_a[:, 2] - box_a[:, 0]) * (box_a[:, 3] - box_a[:, 1])).unsqueeze(1).expand_as(inter)
    )  # [A,B]
    area_b = (
        ((box_b[:, 2] - box_b[:, 0]) * (box_b[:, 3] - box_b[:, 1])).unsqueeze(0).expand_as(inter)
    )  # [A,B]
    union = area_a + area_b - inter
    return inter / union


def match(threshold, truths, priors, labels):
    overlaps = jaccard(truths, point_form(priors))
    best_prior_overlap, best_prior_idx = overlaps.max(1, keepdim=True)
    best_truth_overlap, best_truth_idx = overlaps.max(0, keepdim=True)
    best_truth_idx.squeeze_(0)
    best_truth_overlap.squeeze_(0)
    best_prior_idx.squeeze_(1)
    best_prior_overlap.squeeze_(1)
    best_truth_overlap.index_fill_(0, best_prior_idx, 2)
    for j in range(best_prior_idx.size(0)):
        best_truth_idx[best_prior_idx[j]] = j
    matches = truths[best_truth_idx]
    conf = labels[best_truth_idx] + 1
    conf[best_truth_overlap < threshold] = 0
    g_cxcy = ((matches[:, :2] + matches[:, 2:]) / 2 - priors[:, :2]) / (0.1 * priors[:, 2:])
    g_wh = torch.log((matches[:, 2:] - matches[:, :2]) / priors[:, 2:]) / 0.2
    return torch.cat([g_cxcy, g_wh], 1), conf


class MultiBoxLoss(nn.Module):
    def __init__(self, num_classes, overlap_thresh=0.5, neg_pos=3):
        super().__init__()
        self.num_classes = num_classes
        self.threshold = overlap_thresh
        self.negpos_ratio = neg_pos

    def forward(self, predictions, targets):
        loc_data, conf_data, priors = predictions
        num = loc_data.size(0)
        num_priors = priors.size(0)
        loc_t = torch.Tensor(num, num_priors, 4)
        conf_t = torch.LongTensor(num, num_priors)
        for idx in range(num):
            truths = targets[idx][:, :-1]
            labels = targets[idx][:, -1].long()
            loc_t[idx], conf_t[idx] = match(self.threshold, truths, priors, labels)
        pos = conf_t > 0
        pos_idx = pos.unsqueeze(pos.dim()).expand_as(loc_data)
        loc_p = loc_data[pos_idx].view(-1, 4)
        loc_t = loc_t[pos_idx].view(-1, 4)
        loss_l = F.smooth_l1_loss(loc_p, loc_t, reduction="sum")
        batch_conf = conf_data.view(-1, self.num_classes)
        loss_c = torch.logsumexp(batch_conf, 1, keepdim=True) - batch_conf.gather(1, conf_t.view(-1, 1))
        loss_c = loss_c.view(num, -1)
        loss_c[pos] = 0
        _, loss_idx = loss_c.sort(1, descending=True)
        _, idx_rank = loss_idx.sort(1)
        num_pos = pos.long().sum(1, keepdim=True)
        num_neg = torch.clamp(self.negpos_ratio * num_pos, max=pos.size(1) - 1)
        neg = idx_rank < num_neg.expand_as(idx_rank)
        pos_idx = pos.unsqueeze(2).expand_as(conf_data)
        neg_idx = neg.unsqueeze(2).expand_as(conf_data)
        conf_p = conf_data[(pos_idx + neg_idx).gt(0)].view(-1, self.num_classes)
        targets_weighted = conf_t[(pos + neg).gt(0)]
        loss_c = F.cross_entropy(conf_p, targets_weighted, reduction="sum")
        N = num_pos.sum()
        return loss_l / N, loss_c / N


def sigmoid_focal_loss(inputs, targets, alpha=0.25, gamma=2.0, reduction="none"):
    p = torch.sigmoid(inputs)
    ce_loss = F.binary_cross_entropy_with_logits(inputs, targets, reduction="none")
    p_t = p * targets + (1 - p) * (1 - targets)
    loss = ce_loss * ((1 - p_t) ** gamma)
    if alpha >= 0:
        alpha_t = alpha * targets + (1 - alpha) * (1 - targets)
        loss = alpha_t * loss
    return loss.mean() if reduction == "mean" else loss.sum() if reduction == "sum" else loss


def main():
    torch.manual_seed(0)
    for size, batch in ((64, 2), (96, 3)):
        loc, conf, priors = SSD(4, size)(torch.randn(batch, 3, size, size))
        corner = torch.rand(batch, 2, 2) * 0.5
        boxes = torch.cat([corner, corner + 0.3, torch.randint(0, 3, (batch, 2, 1)).float()], -1)
        print(tuple(loc.shape), tuple(conf.shape), tuple(priors.shape))
        print([x.shape for x in MultiBoxLoss(4)((loc, conf, priors), list(boxes))])
        onehot = F.one_hot(conf.argmax(-1), 4).float()
        print(sigmoid_focal_loss(conf, onehot, reduction="sum").shape)


if __name__ == "__main__":
    main()

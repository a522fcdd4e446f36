"""
What is learnt, on windows of 30 blinks x (frequency, amplitude, duration, velocity); and the statistics of the softmax that
it is compared with. Frequency is left out of the sequence: in the data it is a running mean that hardly changes from blink
to blink.
"""

import numpy as np
import torch
from torch import nn

CLIP_SEQUENCE = 50.0
CLIP_STATISTICS = 10.0
LEVELS = 20
SMALL = 1e-4
QUANTILES = (0, 10, 25, 50, 75, 90, 100)


class Drowsiness(nn.Module):
    """
    `members` networks side by side as batched matrix products. n x 30 x 4 in, n x members x 3 logits out: what dilated
    convolutions see in the sequence of amplitude, duration and velocity, plus what levels and spreads of all four say.
    """

    def __init__(self, members, width, drop):
        super().__init__()
        self.members, self.width = members, width
        self.embed = Layer(members, 6, width)
        self.near = Layer(members, 3 * width, width)
        self.far = Layer(members, 3 * width, width)
        self.norm = nn.BatchNorm1d(members * width * 3)
        self.head = Layer(members, width * 3, 3)
        self.level_norm = nn.BatchNorm1d(LEVELS)
        self.level_head = Layer(members, LEVELS, 3)
        nn.init.zeros_(self.level_head.weight)
        nn.init.zeros_(self.level_head.bias)
        self.drop_some, self.drop = nn.Dropout(drop / 2), nn.Dropout(drop)

    def forward(self, x):
        z = torch.asinh(x.clamp(-CLIP_SEQUENCE, CLIP_SEQUENCE))
        return (self.sequence(z[:, :, 1:]) + self.levels(z)).transpose(0, 1)

    def sequence(self, z):
        e = torch.cat([z, z.abs()], 2)[None].expand(self.members, -1, -1, -1)
        e = self.drop_some(torch.tanh(self.embed(e)))
        e = e + torch.tanh(self.near(neighbours(e, 1)))
        e = e + torch.tanh(self.far(neighbours(e, 2)))
        mean = e.mean(2)
        deviation = ((e - mean[:, :, None]) ** 2).mean(2).add(SMALL).sqrt()
        pooled = torch.cat([mean, deviation, e.amax(2)], 2)
        flat = self.norm(pooled.transpose(0, 1).reshape(len(z), -1))
        return self.head(self.drop(flat.reshape(len(z), self.members, -1).transpose(0, 1)))

    def levels(self, z):
        mean = z.mean(1)
        deviation = z.var(1, unbiased=False).add(SMALL).sqrt()
        above, below = torch.relu(z - 1).mean(1), torch.relu(-1 - z).mean(1)
        levels = torch.cat([mean, (deviation + 0.1).log(), mean.abs(), above, below], 1)
        return self.level_head(self.drop_some(self.level_norm(levels).expand(self.members, -1, -1)))


class Layer(nn.Module):
    """A linear layer for each member: members x n x ... x inputs to members x n x ... x outputs."""

    def __init__(self, members, inputs, outputs):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(members, inputs, outputs).uniform_(-1, 1) / inputs**0.5)
        self.bias = nn.Parameter(torch.empty(members, 1, outputs).uniform_(-1, 1) / inputs**0.5)

    def forward(self, x):
        shape = x.shape
        y = torch.baddbmm(self.bias, x.reshape(shape[0], -1, shape[-1]), self.weight)
        return y.reshape(*shape[:-1], -1)


def neighbours(e, distance):
    """Each blink with the ones `distance` before and after it; zeros beyond the ends."""
    padded = nn.functional.pad(e, (0, 0, distance, distance))
    count = e.shape[2]
    return torch.cat([padded[:, :, i * distance : i * distance + count] for i in range(3)], 3)


def quantile_weights(blinks=30):
    """len(QUANTILES) x 30: quantiles as weighted sums of the sorted values (linear between neighbours)."""
    weights = np.zeros((len(QUANTILES), blinks), dtype=np.float32)
    for row, percent in enumerate(QUANTILES):
        place = percent / 100 * (blinks - 1)
        low = min(int(place), blinks - 2)
        weights[row, low], weights[row, low + 1] = low + 1 - place, place - low
    return weights


def statistics(windows):
    """n x 30 x f -> n x (10 f): mean, deviation, mean size, quantiles, each for all features."""
    z = np.clip(windows, -CLIP_STATISTICS, CLIP_STATISTICS)
    ordered = quantile_weights() @ np.sort(z, axis=1)
    parts = [z.mean(1), z.std(1), np.abs(z).mean(1), ordered.reshape(len(z), -1)]
    return np.concatenate(parts, 1)

"""How the networks learn: first drawn eyes, then those of people."""

import collections
import functools

import numpy as np
import torch
import torch.nn.functional as F

from crops import read_crops
from network import EyeStateNet, with_local_contrast
from pool import drawn_pool, test_inputs, training_pool

GUISES = 12  # augmented copies of every crop
BATCH = 64
WEIGHT_DECAY = 2e-2
LEARNING_RATE = 3e-3
SMOOTHING = 0.05  # some labels are wrong, and half-closed eyes are a matter of taste
DRAWN_BATCHES = 94
DRAWN_EPOCHS = 6
DRAWN_SEED = 77
DRAWN_SMOOTHING = 0.03


class Data:
    def __init__(self, folder, seed):
        self.crops = read_crops(folder)
        self.closed = torch.tensor([float(crop.closed) for crop in self.crops])
        self.subject = np.array([crop.subject for crop in self.crops])
        self.subjects = sorted(set(self.subject))
        self.inputs = test_inputs(self.crops)
        self.seed = seed

    @functools.cached_property
    def pool(self):
        return training_pool(self.crops, GUISES, self.seed)

    @functools.cached_property
    def drawn(self):
        return drawn_pool(DRAWN_BATCHES, DRAWN_SEED)

    def of(self, subjects):
        return np.flatnonzero(np.isin(self.subject, list(subjects)))


def weights(data, index):
    """Both classes count alike, and a subject's 100th crop tells less than the first."""
    keys = [(data.subject[i], float(data.closed[i])) for i in index]
    sizes = collections.Counter(keys)
    weight = torch.tensor([sizes[key] ** -0.5 for key in keys])
    closed = data.closed[index]
    for value in (0, 1):
        weight[closed == value] /= weight[closed == value].sum()
    return weight / weight.mean()


class Steps:
    """One training: AdamW at a rate that rises and falls once, 16-bit floats in the products."""

    def __init__(self, net, count):
        self.net = net
        self.optimiser = torch.optim.AdamW(net.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimiser, LEARNING_RATE, total_steps=count, pct_start=0.15
        )

    def step(self, crops, target, weight):
        with torch.autocast('cpu', dtype=torch.bfloat16):
            logit = self.net(with_local_contrast(crops.float()))
        loss = F.binary_cross_entropy_with_logits(logit.float(), target, weight=weight)
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        self.schedule.step()


def smoothed(closed, smoothing):
    return closed * (1 - 2 * smoothing) + smoothing


def mirrored(crops, step):
    return crops.flip(3) if step % 2 == 1 else crops


def train_on_drawn(data, seed):
    """Knows drawn eyes only; no person is in it, so all folds begin with it."""
    crops, closed = data.drawn
    torch.manual_seed(seed)
    rng = torch.Generator().manual_seed(seed)
    net = EyeStateNet()
    count = len(crops) // BATCH
    steps = Steps(net, count * DRAWN_EPOCHS)
    target = smoothed(closed, DRAWN_SMOOTHING)
    for _ in range(DRAWN_EPOCHS):
        order = torch.randperm(len(crops), generator=rng)
        for step in range(count):
            chosen = order[step * BATCH : (step + 1) * BATCH]
            steps.step(mirrored(crops[chosen], step), target[chosen], None)
    return net.state_dict()


def train(data, index, epochs, seed, start):
    torch.manual_seed(seed)
    rng = torch.Generator().manual_seed(seed)
    net = EyeStateNet()
    net.load_state_dict(start)
    count = len(index) // BATCH
    steps = Steps(net, count * epochs)
    weight = weights(data, index)
    target = smoothed(data.closed, SMOOTHING)
    for _ in range(epochs):
        order = torch.randperm(len(index), generator=rng)
        guise = torch.randint(GUISES, (len(index),), generator=rng)
        for step in range(count):
            chosen = order[step * BATCH : (step + 1) * BATCH]
            crop = torch.from_numpy(index)[chosen]
            steps.step(mirrored(data.pool[guise[chosen], crop], step), target[crop], weight[chosen])
    return net.eval()

"""
Trains the eye-state network (models/eye_state.onnx) on the crops of the MRL Eye dataset and cross-validates it by
subject. Deterministic: one thread, every random number from --seed.

  pip install -r requirements.txt
  python train.py check DATA   # 5 folds by subject -> build/eye-state-check.json
  python train.py final DATA   # all subjects -> ../../eye_state.onnx and card.json with check's figures

Afterwards `npx prettier --write card.json`, golden.py, and the new hash into ../../manifest.json.

DATA is any folder with crops named as the dataset names them. The dataset is for research use only.
"""

import argparse
import collections
import hashlib
import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

from crops import data_sha256, read_crops
from export import write_onnx
from network import EyeStateNet, closed_logits
from pool import test_inputs, training_pool
from score import figures, groups_of

HERE = pathlib.Path(__file__).resolve().parent
MODEL = HERE.parent.parent / 'eye_state.onnx'
CARD = HERE / 'card.json'
CHECKED = HERE.parents[2] / 'build' / 'eye-state-check.json'

FOLDS = 5
GUISES = 12  # augmented copies of every crop
BATCH = 64
LEARNING_RATE = 4e-3
WEIGHT_DECAY = 2e-2
SMOOTHING = 0.05  # some labels are wrong, and half-closed eyes are a matter of taste


class Data:
    def __init__(self, folder, seed):
        self.crops = read_crops(folder)
        self.closed = torch.tensor([float(crop.closed) for crop in self.crops])
        self.subject = np.array([crop.subject for crop in self.crops])
        self.subjects = sorted(set(self.subject))
        self.inputs = test_inputs(self.crops)
        self.seed = seed
        self.made = None

    @property
    def pool(self):
        if self.made is None:
            self.made = training_pool(self.crops, GUISES, self.seed)
        return self.made

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


def train(data, index, epochs, seed):
    torch.manual_seed(seed)
    rng = torch.Generator().manual_seed(seed)
    net = EyeStateNet()
    optimiser = torch.optim.AdamW(net.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    steps = len(index) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, LEARNING_RATE, total_steps=steps * epochs, pct_start=0.15
    )
    weight = weights(data, index)
    for _ in range(epochs):
        order = torch.randperm(len(index), generator=rng)
        guise = torch.randint(GUISES, (len(index),), generator=rng)
        for step in range(steps):
            chosen = order[step * BATCH : (step + 1) * BATCH]
            crop = torch.from_numpy(index)[chosen]
            x = data.pool[guise[chosen], crop].float()
            if step % 2 == 1:
                x = x.flip(3)
            target = data.closed[crop] * (1 - 2 * SMOOTHING) + SMOOTHING
            with torch.autocast('cpu', dtype=torch.bfloat16):
                logit = net(x)
            loss = F.binary_cross_entropy_with_logits(logit.float(), target, weight=weight[chosen])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return net.eval()


def train_all(data, index, options, seed, ready=()):
    """As many networks as asked for, those that are `ready` first."""
    more = range(len(ready), options.nets)
    return [*ready, *(train(data, index, options.epochs, seed * 1000 + i) for i in more)]


def restored(state):
    net = EyeStateNet()
    net.load_state_dict(state)
    return net.eval()


def logits(data, nets, index):
    return torch.cat([closed_logits(nets, data.inputs[part]) for part in np.array_split(index, len(index) // 256 + 1)])


def score(data, index, logit):
    return figures([data.crops[i] for i in index], logit.numpy() > 0)


def check(data, options):
    folds = [data.subjects[fold::FOLDS] for fold in range(FOLDS)]
    everything = np.full(len(data.crops), np.nan, dtype=np.float32)
    rows = []
    for fold, held in enumerate(folds):
        rest = [subject for other in folds if other is not held for subject in other]
        kept = None if options.keep is None else options.keep / f'fold{fold}.pt'
        states = torch.load(kept) if kept is not None and kept.exists() else []
        nets = train_all(data, data.of(rest), options, options.seed + fold, [restored(state) for state in states])
        if kept is not None:
            torch.save([net.state_dict() for net in nets], kept)
        index = data.of(held)
        everything[index] = logits(data, nets, index)
        row = score(data, index, torch.from_numpy(everything[index]))
        rows.append({'subjects': held, **row})
        print(json.dumps(rows[-1]), flush=True)
    index = np.arange(len(data.crops))
    result = {
        'folds': rows,
        'meanBalancedAccuracy': float(np.mean([row['balancedAccuracy'] for row in rows])),
        **score(data, index, torch.from_numpy(everything)),
        'groups': groups_of(data.crops, everything > 0),
        'epochs': options.epochs,
        'nets': options.nets,
        'seed': options.seed,
    }
    CHECKED.write_text(json.dumps(result, indent=2) + '\n')
    print(json.dumps({key: value for key, value in result.items() if key != 'folds'}, indent=2))


def final(data, options):
    checked = json.loads(CHECKED.read_text())
    index = np.arange(len(data.crops))
    nets = train_all(data, index, options, options.seed)
    write_onnx(nets, MODEL)
    card = {
        'model': 'eye_state',
        'sha256': hashlib.sha256(MODEL.read_bytes()).hexdigest(),
        'seed': options.seed,
        'epochs': options.epochs,
        'nets': options.nets,
        'dataSha256': data_sha256(options.data),
        'crops': len(data.crops),
        'subjects': data.subjects,
        'onTrainingCrops': score(data, index, logits(data, nets, index)),
        'crossValidation': checked,
    }
    CARD.write_text(json.dumps(card, indent=2) + '\n')
    print(json.dumps({key: value for key, value in card.items() if key != 'crossValidation'}))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('task', choices=('check', 'final'))
    parser.add_argument('data')
    parser.add_argument('--epochs', type=int, default=24)
    parser.add_argument('--nets', type=int, default=2)
    parser.add_argument('--seed', type=int, default=4)
    parser.add_argument('--keep', type=pathlib.Path, help="folder that keeps the folds' weights, to judge them again")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    data = Data(options.data, options.seed)
    {'check': check, 'final': final}[options.task](data, options)


if __name__ == '__main__':
    main()

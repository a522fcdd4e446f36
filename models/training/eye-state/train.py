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
import hashlib
import json
import pathlib

import numpy as np
import torch

from crops import data_sha256
from export import write_onnx
from learn import Data, train, train_on_drawn
from network import EyeStateNet, closed_logits
from score import figures, groups_of

HERE = pathlib.Path(__file__).resolve().parent
MODEL = HERE.parent.parent / 'eye_state.onnx'
CARD = HERE / 'card.json'
CHECKED = HERE.parents[2] / 'build' / 'eye-state-check.json'

FOLDS = 5


def starts(data, options):
    """What the networks begin with, one each, the same in every fold: no person is in it."""
    return kept(options, 'drawn', lambda: [train_on_drawn(data, options.seed * 1000 + i) for i in range(options.nets)])


def train_all(data, index, options, seed, name, begin):
    def states():
        nets = [train(data, index, options.epochs, seed * 1000 + i, start) for i, start in enumerate(begin)]
        return [net.state_dict() for net in nets]

    return [restored(state) for state in kept(options, name, states)]


def kept(options, name, make):
    """What `make` gives, or gave when it was last asked with the same --keep."""
    if options.keep is None:
        return make()
    file = options.keep / f'{name}.pt'
    if not file.exists():
        options.keep.mkdir(parents=True, exist_ok=True)
        torch.save(make(), file)
    return torch.load(file)


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
    begin = starts(data, options)
    for fold, held in enumerate(folds):
        rest = [subject for other in folds if other is not held for subject in other]
        nets = train_all(data, data.of(rest), options, options.seed + fold, f'fold{fold}', begin)
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
    nets = train_all(data, index, options, options.seed, 'final', starts(data, options))
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
    parser.add_argument('--epochs', type=int, default=12)
    parser.add_argument('--nets', type=int, default=2)
    parser.add_argument('--seed', type=int, default=4)
    parser.add_argument('--keep', type=pathlib.Path, help="folder that keeps what was trained, to go on there")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    data = Data(options.data, options.seed)
    {'check': check, 'final': final}[options.task](data, options)


if __name__ == '__main__':
    main()

"""
Trains the drowsiness model: once on all folds found, and once without each of them, so that every fold can be scored by
a model that never saw it. What was learnt goes to --work; `export.py` makes ONNX files and the card of it.

    python train.py --data DATA/drowsiness/uta-rldd-blinks --work WORK
    python export.py --work WORK
"""

import argparse
import json
import pathlib
import pickle
import time

import torch

from data import data_sha256, fold_files, fold_sha256, read_videos
from learn import learn, train_softmax

SEED = 7
BASELINE_C = 1.0


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument('--data', required=True)
    arguments.add_argument('--work', required=True)
    options = arguments.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    work = pathlib.Path(options.work)
    work.mkdir(parents=True, exist_ok=True)
    files = fold_files(options.data)
    videos = read_videos(files)
    facts = {
        'seed': SEED,
        'dataSha256': data_sha256(files),
        'foldSha256': fold_sha256(files),
        'videos': len(videos),
        'subjects': len({video.subject for video in videos}),
    }
    (work / 'facts.json').write_text(json.dumps(facts))
    for left_out in [*files, None]:
        started = time.time()
        name = left_out or 'all'
        kept = [video for video in videos if video.fold != left_out]
        print(f'{name}: {len(kept)} videos', flush=True)
        learnt = learn(kept, SEED)
        learnt['baseline'] = train_softmax(kept, BASELINE_C)
        with open(work / f'{name}.pickle', 'wb') as file:
            pickle.dump(learnt, file)
        print(f'{name}: {learnt["choices"]}, inner {learnt["innerCrossEntropy"]:.3f}, {time.time() - started:.0f} s', flush=True)


if __name__ == '__main__':
    main()

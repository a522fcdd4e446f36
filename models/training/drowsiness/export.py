"""
Writes what `train.py` learnt: models/drowsiness.onnx from all folds; under folds/ a model and the baseline for each fold
left out; card.json, which `npm run eval drowsiness` reads; and windows with the networks' answers for the tests.
"""

import argparse
import hashlib
import json
import pathlib
import pickle

import numpy as np
import torch
from onnx.reference import ReferenceEvaluator

from data import Video
from graph import baseline_model, drowsiness_model
from learn import log_softmax, score_video, softmax_scores

HERE = pathlib.Path(__file__).parent
MODELS = HERE.parent.parent
GOLDEN = MODELS.parent / 'test' / 'golden' / 'drowsiness' / 'windows.json'
TOLERANCE = 2e-5


def made_up_windows():
    """No recording: noise around different levels, a trend, outliers, constants."""
    rng = np.random.default_rng(11)
    windows = [rng.normal(level, spread, (30, 4)) for level, spread in ((0, 1), (1, 2), (-1, 0.5), (0.5, 4))]
    windows.append(rng.normal(0, 1, (30, 4)) + np.linspace(-1, 3, 30)[:, None])
    windows.append(np.where(rng.random((30, 4)) < 0.1, 120, rng.normal(0, 1, (30, 4))))
    windows += [np.zeros((30, 4)), np.full((30, 4), -0.5)]
    return [np.round(w, 4).astype(np.float32) for w in windows]


def write(model, path, answer):
    """The file's entry for the card, after a comparison of the graph with the networks it came from."""
    evaluator = ReferenceEvaluator(model)
    for window in made_up_windows():
        [found] = evaluator.run(None, {'window': window[None]})
        expected = np.exp(answer(window))
        if np.abs(found[0] - expected).max() > TOLERANCE:
            raise ValueError(f'{path.name}: expected {expected} but the graph gives {found[0]}')
    data = model.SerializeToString(deterministic=True)
    path.write_bytes(data)
    return {'file': path.name, 'bytes': len(data), 'sha256': hashlib.sha256(data).hexdigest()}


def one_window(window):
    return Video('', '', 0, window[None])


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument('--work', required=True)
    work = pathlib.Path(arguments.parse_args().work)
    torch.set_num_threads(1)
    facts = json.loads((work / 'facts.json').read_text())
    (HERE / 'folds').mkdir(exist_ok=True)
    card = {**facts, 'licence': 'MIT', 'leaveOneFoldOut': {}}
    for name in [*facts['foldSha256'], 'all']:
        with open(work / f'{name}.pickle', 'rb') as file:
            learnt = pickle.load(file)

        def answer(window, learnt=learnt):
            return score_video(learnt, one_window(window))

        def baseline_answer(window, learnt=learnt):
            return log_softmax(softmax_scores(learnt['baseline'], one_window(window)))

        low = name.lower()
        path = MODELS / 'drowsiness.onnx' if name == 'all' else HERE / 'folds' / f'without-{low}.onnx'
        baseline_path = HERE / 'folds' / f'baseline-without-{low}.onnx'
        if name == 'all':
            baseline_path = HERE / 'folds' / 'baseline.onnx'
        entry = {
            'model': write(drowsiness_model(learnt, 'drowsiness'), path, answer),
            'baseline': write(baseline_model(learnt, 'baseline'), baseline_path, baseline_answer),
            'choices': {k: round(v, 4) for k, v in learnt['choices'].items()},
            'innerCrossEntropy': round(learnt['innerCrossEntropy'], 4),
        }
        if name == 'all':
            card['final'] = entry
            windows = made_up_windows()
            answers = [np.exp(answer(window)) for window in windows]
        else:
            card['leaveOneFoldOut'][name] = entry
    (HERE / 'card.json').write_text(json.dumps(card, indent=2) + '\n')
    GOLDEN.parent.mkdir(parents=True, exist_ok=True)
    rows = [
        {'window': w.ravel().astype(float).round(4).tolist(), 'probabilities': a.round(6).tolist()}
        for w, a in zip(windows, answers)
    ]
    lines = ',\n'.join('  ' + json.dumps(row) for row in rows)
    GOLDEN.write_text(f'[\n{lines}\n]\n')
    print(f'{card["final"]["model"]}')


if __name__ == '__main__':
    main()

"""
Known answers for test/37-eye-network.test.ts: crops of a formula, cut and normalised by crops.py and network.py, judged
by ONNX's reference evaluator. Run it after training: python golden.py
"""

import json
import pathlib

import numpy as np
import torch
from onnx.reference import ReferenceEvaluator

from crops import SIDE, resample
from network import normalise
from pool import MIN_SPREAD

ROOT = pathlib.Path(__file__).resolve().parents[3]
SIZES = [(53, 53), (90, 70), (48, 48), (177, 177), (31, 120)]


def pattern(width, height, k):
    """A dark ellipse under a brow on a shaded ground, all whole numbers: the test draws the same."""
    y, x = np.mgrid[0:height, 0:width].astype(np.int64)
    u, v = 200 * x // width - 100, 200 * y // height - 100
    ground = 90 + (x * 31 + y * 17 + k * 7) % 23 + u // 4
    eye = u * u + (2 + k) * (v - 10) * (v - 10) < 2500
    brow = (v > -70) & (v < -50)
    return np.where(eye, 30 + (x + y) % 9, np.where(brow, 50, ground)).astype(np.float32)


def main():
    session = ReferenceEvaluator(str(ROOT / 'models' / 'eye_state.onnx'))
    rows = []
    for k, (width, height) in enumerate(SIZES):
        luma = torch.from_numpy(resample(pattern(width, height, k), SIDE))[None, None]
        (closed,) = session.run(None, {'input': normalise(luma, MIN_SPREAD).numpy()})
        rows.append({'k': k, 'width': width, 'height': height, 'closedProbability': float(closed[0, 0])})
    target = ROOT / 'test' / 'golden' / 'eyes' / 'eye-state.json'
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(rows, indent=2) + '\n')
    print(target.read_text())


if __name__ == '__main__':
    main()

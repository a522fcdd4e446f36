"""
Training crops in many guises, made once and shared by all folds: augmentation does not know folds, and drawn eyes have
no person.
"""

import numpy as np
import torch

from augment import augment
from crops import SIDE, SOURCE_SIDE, resample
from drawn import draw_eyes
from network import normalise

MIN_SPREAD = 2.0  # 8-bit steps; a flatter crop is noise and stays near zero
BATCH = 128


def test_inputs(crops):
    """n x 1 x 48 x 48, as the native code makes them."""
    luma = torch.from_numpy(np.stack([resample(crop.luma, SIDE) for crop in crops]))[:, None]
    return normalise(luma, MIN_SPREAD)


def training_pool(crops, guises, seed):
    """guises x n x 1 x 48 x 48, half precision."""
    whole = by_own_range(
        torch.from_numpy(np.stack([resample(crop.luma, SOURCE_SIDE) for crop in crops]))[:, None], MIN_SPREAD
    )
    wears = torch.tensor([crop.glasses == 1 for crop in crops])
    rng = torch.Generator().manual_seed(seed)
    pool = torch.empty(guises, len(crops), 1, SIDE, SIDE, dtype=torch.float16)
    for guise in range(guises):
        for start in range(0, len(crops), BATCH):
            part = slice(start, start + BATCH)
            pool[guise, part] = changed(whole[part].clone(), wears[part], rng)
    return pool


def drawn_pool(batches, seed):
    """Drawn eyes, each in one guise: n x 1 x 48 x 48, half precision, and n times 1 for closed, 0 for open."""
    rng = torch.Generator().manual_seed(seed)
    pool, closed = [], []
    for _ in range(batches):
        eyes, shut = draw_eyes(BATCH, rng)
        pool.append(changed(by_own_range(eyes, 0.02), torch.zeros(BATCH, dtype=torch.bool), rng))
        closed.append(shut)
    return torch.cat(pool), torch.cat(closed)


def by_own_range(luma, min_spread):
    """Black 0 and white 1; what is brighter, a reflection mostly, up to 3."""
    low = luma.flatten(1).quantile(0.01, dim=1)[:, None, None, None]
    high = luma.flatten(1).quantile(0.97, dim=1)[:, None, None, None]
    return ((luma - low) / (high - low).clamp_min(min_spread)).clamp(0, 3)


def changed(crops, wears, rng):
    return normalise(augment(crops, wears, rng), 0.02).half()

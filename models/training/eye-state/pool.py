"""Training crops in many guises, made once and shared by all folds: augmentation does not know folds."""

import numpy as np
import torch

from augment import augment
from crops import SIDE, SOURCE_SIDE, resample
from network import normalise, with_local_contrast

MIN_SPREAD = 2.0  # 8-bit steps; a flatter crop is noise and stays near zero
BATCH = 256


def test_inputs(crops):
    """n x 1 x 48 x 48, as the native code makes them."""
    luma = torch.from_numpy(np.stack([resample(crop.luma, SIDE) for crop in crops]))[:, None]
    return normalise(luma, MIN_SPREAD)


def training_pool(crops, guises, seed):
    """guises x n x 2 x 48 x 48, half precision."""
    luma = torch.from_numpy(np.stack([resample(crop.luma, SOURCE_SIDE) for crop in crops]))[:, None]
    low = luma.flatten(1).quantile(0.01, dim=1)[:, None, None, None]
    high = luma.flatten(1).quantile(0.97, dim=1)[:, None, None, None]
    spread = (high - low).clamp_min(MIN_SPREAD)
    whole = ((luma - low) / spread).clamp(0, 3)
    rng = torch.Generator().manual_seed(seed)
    pool = torch.empty(guises, len(crops), 2, SIDE, SIDE, dtype=torch.float16)
    for guise in range(guises):
        for start in range(0, len(crops), BATCH):
            part = slice(start, start + BATCH)
            pool[guise, part] = with_local_contrast(normalise(augment(whole[part], rng), 0.02)).half()
    return pool

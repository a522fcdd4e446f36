"""The MRL eye crops: labels, subjects, and the 48 x 48 input that native/vision/eye_state.cc makes of a crop."""

import dataclasses
import hashlib
import pathlib
import re

import numpy as np
from PIL import Image

SIDE = 48
SOURCE_SIDE = 64  # training keeps crops at this size, so that a shifted or enlarged one still has detail

# Subject_image_gender_glasses_eye_reflections_lighting_sensor (Fusek 2018).
NAME = re.compile(r'^(s\d{4})_(\d+)_([01])_([01])_([01])_([012])_([01])_(\d\d)\.png$')


@dataclasses.dataclass(frozen=True)
class Crop:
    file: str
    subject: str
    glasses: int
    closed: int
    reflections: int
    lighting: int
    sensor: str
    luma: np.ndarray  # height x width, 0 to 255


def read_crops(folder):
    """Every labelled crop below `folder`, in the order of the file names."""
    crops = []
    for path in sorted(pathlib.Path(folder).rglob('*.png'), key=lambda p: p.name):
        match = NAME.match(path.name)
        if match is None:
            continue
        subject, _, _, glasses, eye_open, reflections, lighting, sensor = match.groups()
        luma = np.asarray(Image.open(path).convert('L'), dtype=np.float32)
        crops.append(
            Crop(path.name, subject, int(glasses), 1 - int(eye_open), int(reflections), int(lighting), sensor, luma)
        )
    return crops


def data_sha256(folder):
    """sha256 over "sha256-of-file  name\\n" of every labelled crop, in the order of the names."""
    total = hashlib.sha256()
    for path in sorted(pathlib.Path(folder).rglob('*.png'), key=lambda p: p.name):
        if NAME.match(path.name):
            total.update(f'{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n'.encode())
    return total.hexdigest()


def resample(luma, side):
    """
    The crop's centred square, as large as its longer side, in side x side pixels: each the mean of n x n bilinear
    samples, n = whole source pixels per target pixel, rounded up. The same as SampleLuma in native/vision/eye_state.cc.
    """
    height, width = luma.shape
    size = max(height, width)
    step = size / side
    n = min(8, max(1, int(np.ceil(step))))
    offsets = (np.arange(side * n) + 0.5) * (step / n)
    x = np.clip(width / 2 - size / 2 + offsets - 0.5, 0, width - 1)
    y = np.clip(height / 2 - size / 2 + offsets - 0.5, 0, height - 1)
    x0 = np.minimum(x.astype(int), max(0, width - 2))
    y0 = np.minimum(y.astype(int), max(0, height - 2))
    a, b = (x - x0)[None, :], (y - y0)[:, None]
    x1, y1 = np.minimum(x0 + 1, width - 1), np.minimum(y0 + 1, height - 1)
    top = luma[np.ix_(y0, x0)] * (1 - a) + luma[np.ix_(y0, x1)] * a
    bottom = luma[np.ix_(y1, x0)] * (1 - a) + luma[np.ix_(y1, x1)] * a
    fine = top * (1 - b) + bottom * b
    return fine.reshape(side, n, side, n).mean(axis=(1, 3)).astype(np.float32)

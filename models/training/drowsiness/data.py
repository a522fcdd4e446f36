"""Blink windows of the UTA Real-Life Drowsiness Dataset: fold files, videos, windows without padding."""

import dataclasses
import hashlib
import pathlib
import re

import numpy as np

BLINKS = 30
NAME = re.compile(r'^BlinksTest_30_(Fold\d+)\.npy$')
CLASSES = {0: 0, 5: 1, 10: 2}  # alert, low vigilant, drowsy


@dataclasses.dataclass(frozen=True)
class Video:
    fold: str
    subject: str
    label: int
    windows: np.ndarray  # n x 30 x 4: frequency, amplitude, duration, velocity


def fold_files(folder):
    """Fold name -> (blinks file, labels file), in the order of the names."""
    files = {}
    for path in sorted(pathlib.Path(folder).iterdir()):
        match = NAME.match(path.name)
        if match:
            files[match[1]] = (path, path.with_name(path.name.replace('Blinks', 'Labels')))
    return files


def data_sha256(files):
    """One hash over all files of the folds, in the order of the names."""
    sha = hashlib.sha256()
    for blinks, labels in files.values():
        sha.update(blinks.read_bytes())
        sha.update(labels.read_bytes())
    return sha.hexdigest()


def fold_sha256(files):
    """Fold name -> hash of its blinks file: what an evaluation must not count as unseen."""
    return {fold: hashlib.sha256(blinks.read_bytes()).hexdigest() for fold, (blinks, _) in files.items()}


def read_fold(fold, blinks_file, labels_file):
    """
    The videos of a fold. A video is a run of equal labels; the labels of a subject are 0, 5, 10 in this order, so that
    every third run begins another subject.
    """
    windows = np.load(blinks_file).astype(np.float32)
    labels = np.load(labels_file).ravel().astype(int)
    runs = np.split(np.arange(len(labels)), np.flatnonzero(np.diff(labels)) + 1)
    found = [int(labels[run[0]]) for run in runs]
    if found != [0, 5, 10] * (len(runs) // 3):
        raise ValueError(f'{fold}: expected runs of labels 0, 5, 10 for each subject but found {found}')
    return [
        Video(fold, f'{fold}/{index // 3}', CLASSES[label], np.stack([without_padding(w) for w in windows[run]]))
        for index, (run, label) in enumerate(zip(runs, found))
    ]


def without_padding(window):
    """
    A video with fewer than 30 blinks was filled with rows of zeros in front, which a network could learn as "short video".
    Its own blinks, repeated, take their place.
    """
    seen = window[np.abs(window).sum(1) > 0]
    if len(seen) in (0, len(window)):
        return window
    return seen[np.arange(-len(window), 0) % len(seen)]


def read_videos(files):
    return [video for fold, (blinks, labels) in files.items() for video in read_fold(fold, blinks, labels)]

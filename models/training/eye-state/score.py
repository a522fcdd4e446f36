"""Balanced accuracy with an interval whose unit is the subject: crops of one person are not independent."""

import collections

import numpy as np

RESAMPLES = 2000
MIN_SUBJECTS = 5
SENSORS = {'01': 'RealSense', '02': 'IDS', '03': 'Aptina'}
GROUPS = {
    'glasses': lambda crop: ('none', 'glasses')[crop.glasses],
    'reflections': lambda crop: ('none', 'small', 'big')[crop.reflections],
    'lighting': lambda crop: ('bad', 'good')[crop.lighting],
    'sensor': lambda crop: SENSORS.get(crop.sensor, crop.sensor),
}


def balanced(counts):
    """Of [closed right, closed, open right, open]; of the one class where the other is missing."""
    closed_right, closed, open_right, opened = counts
    if closed == 0:
        return open_right / opened
    if opened == 0:
        return closed_right / closed
    return (closed_right / closed + open_right / opened) / 2


def count(crops, said_closed):
    counts = collections.defaultdict(lambda: np.zeros(4))
    for crop, said in zip(crops, said_closed, strict=True):
        right = float(bool(said) == bool(crop.closed))
        counts[crop.subject] += [right, 1, 0, 0] if crop.closed else [0, 0, right, 1]
    return counts


def figures(crops, said_closed):
    counts = count(crops, said_closed)
    subjects = sorted(counts)
    table = np.array([counts[subject] for subject in subjects])
    worst = min(subjects, key=lambda subject: balanced(counts[subject]))
    return {
        'n': len(crops),
        'balancedAccuracy': round(float(balanced(table.sum(axis=0))), 4),
        'interval95': interval(table),
        'worstSubject': {
            'subject': worst,
            'balancedAccuracy': round(float(balanced(counts[worst])), 4),
            'n': int(counts[worst][1] + counts[worst][3]),
        },
    }


def interval(table):
    if len(table) < MIN_SUBJECTS:
        return None
    rng = np.random.default_rng(1)
    drawn = [table[rng.integers(len(table), size=len(table))].sum(axis=0) for _ in range(RESAMPLES)]
    values = [balanced(counts) for counts in drawn if counts[1] > 0 and counts[3] > 0]
    return [round(float(value), 4) for value in np.percentile(values, [2.5, 97.5])]


def groups_of(crops, said_closed):
    result = {}
    for name, key in GROUPS.items():
        for value in sorted({key(crop) for crop in crops}):
            chosen = np.array([key(crop) == value for crop in crops])
            part = [crop for crop, use in zip(crops, chosen, strict=True) if use]
            result[f'{name}: {value}'] = {
                **figures(part, said_closed[chosen]),
                'subjects': len({crop.subject for crop in part}),
            }
    return result

"""
Glasses before an infrared camera: the rim of a lens, its tint and the veil over it, the temple or the bridge, and the
camera's own lamps mirrored in it.
"""

import math

import torch

from draw import ellipse, plane, turned

LAMPS = (0.55, 0.25)  # how often one is mirrored, and a second beside it


def put_on(x, draw):
    """n x 1 x side x side crops, black about 0 and white about 1, each behind another lens."""
    u, v = plane(x.shape[-1])
    angle = draw.normal(math.radians(6))
    middle = draw.uniform(-0.3, 0.3), draw.uniform(-0.25, 0.25)
    a, b = turned(u - middle[0], v - middle[1], angle)
    width, height = draw.uniform(0.6, 1.3), draw.uniform(0.4, 0.85)
    away = superellipse(a / width, b / height, draw.uniform(2.2, 6))
    x = tint(x, torch.sigmoid((1 - away) * 25), draw)
    tone = torch.where(draw.uniform(0, 1) < 0.75, draw.uniform(-0.2, 0.3), draw.uniform(0.5, 1.5))
    x = rim(x, away, b, tone, draw)
    x = arm(x, a, b, width, height, tone, draw)
    return lamps(x, u, v, middle, width, height, draw)


def superellipse(x, y, power):
    return ((x.abs() + 1e-4) ** power + (y.abs() + 1e-4) ** power) ** (1 / power)


def tint(x, inside, draw):
    """Darker and paler behind the lens: less contrast."""
    kept = 1 - draw.chance(0.6) * draw.uniform(0, 0.5)
    veil = draw.chance(0.5) * draw.uniform(0, 0.5)
    behind = (x - 0.5) * kept * (1 - veil * 0.8) + 0.5 * kept + veil * 0.3
    return x + inside * (behind - x)


def rim(x, away, below, tone, draw):
    """A closed line, often thicker above; some lenses have none."""
    thick = draw.log_uniform(0.02, 0.14) * (1 + draw.chance(0.5) * draw.uniform(0, 1.5) * torch.sigmoid(-below * 8))
    line = torch.sigmoid((thick - (away - 1 - thick).abs()) * 40)
    return x + line * draw.chance(0.85) * draw.uniform(0.5, 1) * (tone - x)


def arm(x, a, b, width, height, tone, draw):
    """The temple or the bridge, on one side."""
    side = draw.sign()
    across = torch.sigmoid((draw.uniform(0.03, 0.12) - (b + draw.uniform(-0.1, 0.5) * height).abs()) * 30)
    return x + across * torch.sigmoid((side * a - width) * 25) * draw.chance(0.5) * (tone - x)


def lamps(x, u, v, middle, width, height, draw):
    """One or two bright discs, with a halo and a streak."""
    lot = draw.uniform(0, 1)
    cx = middle[0] + draw.uniform(-0.8, 0.8) * width.clamp_max(0.9)
    cy = middle[1] + draw.uniform(-0.8, 0.8) * height
    for share in LAMPS:
        shown = (lot < share).float()
        away = ellipse(draw, draw.log_uniform(0.06, 0.28), x.shape[-1], (cx, cy))
        bright = draw.uniform(1.2, 4)
        disc = torch.sigmoid((1 - away) * 8)
        halo = torch.exp(-away * draw.uniform(0.4, 1)) * draw.chance(0.6) * draw.uniform(0, 0.4)
        along, across = turned(u - cx, v - cy, draw.uniform(0, math.pi))
        streak = torch.exp(-((across / 0.03) ** 2) - along.abs() / draw.uniform(0.1, 0.5))
        streak = streak * draw.chance(0.25) * draw.uniform(0.3, 1)
        x = x + shown * (disc * (bright - x).clamp_min(0) + (halo + streak) * (1 - disc))
        cx, cy = cx + draw.uniform(-0.4, 0.4), cy + draw.uniform(-0.3, 0.3)
    return x

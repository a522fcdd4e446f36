"""
What a cabin does to an eye crop: other framing, light, cameras, reflections and glasses. n x 1 x 64 x 64 crops, black 0
and white 1 by their own range, become n x 1 x 48 x 48, each changed on its own. Random numbers come from `rng` only.
"""

import math

import torch
import torch.nn.functional as F

import glasses
from crops import SIDE
from draw import Draw, ellipse, plane

# Those who wear glasses get a second pair less often. Many more of the closed eyes than of the open ones wear some:
# what is drawn on both alike says that glasses don't close eyes.
GLASSES = 0.4
SECOND_GLASSES = 0.12


def augment(crops, wears, rng):
    """`wears`: n, whether glasses are worn already."""
    x = reframe(crops, Draw(len(crops), rng))
    x = sometimes(x, 0.7, gamma, rng)  # infrared flattens skin, visible light does not
    x = sometimes(x, 0.5, shade, rng)
    x = sometimes(x, torch.where(wears, SECOND_GLASSES, GLASSES), glasses.put_on, rng)
    x = sometimes(x, 0.1, spot, rng)
    x = sometimes(x, 0.1, glare, rng)
    x = sometimes(x, 0.25, coarsen, rng)
    x = sometimes(x, 0.4, soften, rng)
    x = sometimes(x, 0.5, grain, rng)
    return sometimes(x, 0.3, overexpose, rng)


def sometimes(x, probability, change, rng):
    chosen = torch.nonzero(torch.rand(len(x), generator=rng) < probability).squeeze(1)
    if len(chosen) > 0:
        x[chosen] = change(x[chosen], Draw(len(chosen), rng))
    return x


def reframe(x, draw):
    """
    Zoom, aspect, turn, mirror and shift: no finder of eyes cuts them all alike. Behind large glasses it cuts half as
    much again. What lies outside is the picture mirrored.
    """
    zoom, aspect = draw.log_uniform(0.75, 1.5), draw.log_uniform(1 / 1.08, 1.08)
    turn, mirror = draw.normal(math.radians(8)), draw.sign()
    c, s = torch.cos(turn) * zoom, torch.sin(turn) * zoom
    row_x = torch.cat([c * aspect * mirror, -s / aspect, draw.normal(0.12)], dim=3)
    row_y = torch.cat([s * aspect * mirror, c / aspect, draw.normal(0.17)], dim=3)
    grid = F.affine_grid(torch.cat([row_x, row_y], dim=2).squeeze(1), (draw.n, 1, SIDE, SIDE), align_corners=False)
    return F.grid_sample(x, grid, mode='bilinear', padding_mode='reflection', align_corners=False)


def gamma(x, draw):
    return x.clamp_min(1e-4) ** draw.log_uniform(0.6, 1.6)


def shade(x, draw):
    """Light from one side."""
    u, v = plane(SIDE)
    angle = draw.uniform(0, 2 * math.pi)
    return x * (1 + draw.uniform(0, 0.5) * (torch.cos(angle) * u + torch.sin(angle) * v))


def somewhere(draw, radius):
    return ellipse(draw, radius, SIDE, (draw.uniform(-0.8, 0.8), draw.uniform(-0.8, 0.8)))


def spot(x, draw):
    """A lamp mirrored. Not as small as the glint on a cornea, which only open eyes have."""
    inside = torch.sigmoid((1 - somewhere(draw, draw.uniform(0.06, 0.2))) * 6)
    return x + inside * (draw.uniform(1, 3) - x).clamp_min(0)


def glare(x, draw):
    """A pale veil over part of a lens."""
    inside = torch.sigmoid((1 - somewhere(draw, draw.uniform(0.3, 0.9))) * 8)
    return x + inside * draw.uniform(0.1, 0.5) * (draw.uniform(0.8, 1.5) - x)


def coarsen(x, draw):
    """A camera of fewer pixels, the same for all that were chosen."""
    pixels = max(12, int(SIDE * float(draw.uniform(0.35, 0.8)[0])))
    few = F.interpolate(x, (pixels, pixels), mode='area')
    return F.interpolate(few, (SIDE, SIDE), mode='bilinear', align_corners=False)


def soften(x, draw):
    kernel = torch.tensor([1.0, 4, 6, 4, 1]) / 16
    blurred = x
    for _ in range(2):
        padded = F.pad(blurred, (2, 2, 2, 2), mode='replicate')
        blurred = F.conv2d(F.conv2d(padded, kernel[None, None, None, :]), kernel[None, None, :, None])
    return x + draw.uniform(0, 1) * (blurred - x)


def grain(x, draw):
    return x + draw.uniform(0, 0.12) * torch.randn(x.shape, generator=draw.rng)


def overexpose(x, draw):
    return torch.minimum(x, draw.uniform(0.8, 1.5))

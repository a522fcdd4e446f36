"""
What a cabin does to an eye crop: other framing, light, cameras, reflections and glasses. n x 1 x 64 x 64 crops, black 0
and white 1 by their own range, become n x 1 x 48 x 48, each changed on its own. Random numbers come from `rng` only.
"""

import math

import torch
import torch.nn.functional as F

from crops import SIDE


class Draw:
    """Random numbers for n crops, shaped to multiply pictures."""

    def __init__(self, n, rng):
        self.n, self.rng = n, rng

    def uniform(self, low, high):
        return low + (high - low) * torch.rand(self.n, 1, 1, 1, generator=self.rng)

    def log_uniform(self, low, high):
        return torch.exp(self.uniform(math.log(low), math.log(high)))

    def normal(self, deviation):
        return torch.randn(self.n, 1, 1, 1, generator=self.rng).clamp(-2.5, 2.5) * deviation


def augment(crops, rng):
    x = reframe(crops, Draw(len(crops), rng))
    x = sometimes(x, 0.7, gamma, rng)  # infrared flattens skin, visible light does not
    x = sometimes(x, 0.5, shade, rng)
    x = sometimes(x, 0.1, rim, rng)
    x = sometimes(x, 0.3, spot, rng)
    x = sometimes(x, 0.15, spot, rng)
    x = sometimes(x, 0.1, glare, rng)
    x = sometimes(x, 0.4, soften, rng)
    x = sometimes(x, 0.5, grain, rng)
    return sometimes(x, 0.3, overexpose, rng)


def sometimes(x, probability, change, rng):
    chosen = torch.nonzero(torch.rand(len(x), generator=rng) < probability).squeeze(1)
    if len(chosen) > 0:
        x[chosen] = change(x[chosen], Draw(len(chosen), rng))
    return x


def reframe(x, draw):
    """Zoom, aspect, turn, mirror and shift: no finder of eyes cuts them all alike."""
    zoom, aspect = draw.log_uniform(0.8, 1.22), draw.log_uniform(0.92, 1.08)
    turn = draw.normal(math.radians(8))
    mirror = torch.where(draw.uniform(0, 1) < 0.5, -1.0, 1.0)
    c, s = torch.cos(turn) * zoom, torch.sin(turn) * zoom
    row_x = torch.cat([c * aspect * mirror, -s / aspect, draw.normal(0.12)], dim=3)
    row_y = torch.cat([s * aspect * mirror, c / aspect, draw.normal(0.17)], dim=3)
    grid = F.affine_grid(torch.cat([row_x, row_y], dim=2).squeeze(1), (draw.n, 1, SIDE, SIDE), align_corners=False)
    return F.grid_sample(x, grid, mode='bilinear', padding_mode='border', align_corners=False)


def gamma(x, draw):
    return x.clamp_min(1e-4) ** draw.log_uniform(0.6, 1.6)


def shade(x, draw):
    """Light from one side."""
    u, v = plane()
    angle = draw.uniform(0, 2 * math.pi)
    return x * (1 + draw.uniform(0, 0.5) * (torch.cos(angle) * u + torch.sin(angle) * v))


def spot(x, draw):
    """A lamp mirrored in glasses or in the eye: small and brighter than everything else."""
    inside = torch.sigmoid((1 - ellipse(draw, draw.uniform(0.03, 0.2))) * 6)
    return x + inside * (draw.uniform(1, 3) - x).clamp_min(0)


def glare(x, draw):
    """A pale veil over part of a lens."""
    inside = torch.sigmoid((1 - ellipse(draw, draw.uniform(0.3, 0.9))) * 8)
    return x + inside * draw.uniform(0.1, 0.5) * (draw.uniform(0.8, 1.5) - x)


def rim(x, draw):
    """The rim of a lens: a dark or bright closed line."""
    u, v = plane()
    away = torch.maximum(
        ((u - draw.uniform(-0.4, 0.4)) / draw.uniform(0.7, 1.3)).abs(),
        ((v - draw.uniform(-0.3, 0.3)) / draw.uniform(0.5, 0.9)).abs(),
    )
    line = torch.exp(-(((away - 1) / draw.uniform(0.03, 0.1)) ** 2))
    return x + line * (draw.uniform(-0.2, 1.2) - x) * draw.uniform(0.4, 1)


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


def plane():
    """x and y over the crop, -1 to 1."""
    axis = (torch.arange(SIDE) + 0.5) / SIDE * 2 - 1
    return axis[None, None, None, :], axis[None, None, :, None]


def ellipse(draw, radius):
    """Distance from the middle of a turned ellipse somewhere in the crop, 1 on its line."""
    u, v = plane()
    turn = draw.uniform(0, math.pi)
    x, y = u - draw.uniform(-0.8, 0.8), v - draw.uniform(-0.8, 0.8)
    along, across = torch.cos(turn) * x + torch.sin(turn) * y, torch.cos(turn) * y - torch.sin(turn) * x
    return torch.sqrt((along / radius) ** 2 + (across / (radius * draw.uniform(0.6, 1))) ** 2 + 1e-9)

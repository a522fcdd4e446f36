"""Random numbers for n crops at once, and the geometry that whatever is drawn into them shares."""

import math

import torch


class Draw:
    """Random numbers for n crops, shaped to multiply pictures. They come from `rng` only."""

    def __init__(self, n, rng):
        self.n, self.rng = n, rng

    def uniform(self, low, high):
        return low + (high - low) * torch.rand(self.n, 1, 1, 1, generator=self.rng)

    def log_uniform(self, low, high):
        return torch.exp(self.uniform(math.log(low), math.log(high)))

    def normal(self, deviation):
        return torch.randn(self.n, 1, 1, 1, generator=self.rng).clamp(-2.5, 2.5) * deviation

    def chance(self, probability):
        """1 or 0."""
        return (torch.rand(self.n, 1, 1, 1, generator=self.rng) < probability).float()

    def sign(self):
        return torch.where(self.uniform(0, 1) < 0.5, -1.0, 1.0)


def plane(side):
    """x to the right and y down over a crop, -1 to 1."""
    axis = (torch.arange(side) + 0.5) / side * 2 - 1
    return axis[None, None, None, :], axis[None, None, :, None]


def turned(x, y, angle):
    c, s = torch.cos(angle), torch.sin(angle)
    return c * x + s * y, c * y - s * x


def ellipse(draw, radius, side, centre):
    """Distance from the middle of a turned ellipse, 1 on its line."""
    u, v = plane(side)
    along, across = turned(u - centre[0], v - centre[1], draw.uniform(0, math.pi))
    return torch.sqrt((along / radius) ** 2 + (across / (radius * draw.uniform(0.6, 1))) ** 2 + 1e-9)

"""
Eyes drawn from formulas as an infrared camera sees them: lids, lashes, creases, brow, iris, pupil and glints, open from
a slit to wide, or closed. Networks see these before any real one, so that they know eyes from more than two dozen
faces. Random numbers come from `rng` only.
"""

import math

import torch
import torch.nn.functional as F

from crops import SOURCE_SIDE
from draw import Draw, plane, turned

CLOSED_GAP = 0.05  # height of the gap between the lids in half eye widths: at most this when closed
OPEN_GAP = (0.14, 0.95)  # and within this when open; nothing between, where people disagree


def draw_eyes(n, rng):
    """n x 1 x 64 x 64, black 0 and white about 1; n times 1 for closed, 0 for open."""
    draw = Draw(n, rng)
    closed = draw.chance(0.5)
    u, v = plane(SOURCE_SIDE)
    half_width = draw.uniform(0.38, 0.66)
    cx, cy, angle = draw.uniform(-0.12, 0.12), draw.uniform(-0.15, 0.2), draw.normal(math.radians(5))
    x, y = turned(u - cx, v - cy, angle)
    x, y = x / half_width, y / half_width  # from here on in half eye widths: the corners are at x = -1 and 1
    upper, lower, gap = lids(draw, x, closed)
    nose = draw.sign()
    skin = draw.uniform(0.55, 0.85)
    face = surface(draw, u, v, skin)
    face = socket(draw, face, x, y, upper, nose)
    face = brow(draw, face, x, y)
    for side, base, low, high in ((-1, upper, 0.12, 0.4), (1, lower, 0.15, 0.6)):
        face = crease(draw, face, x, y - base, side, low, high)
    soft = draw.uniform(12, 40)
    inside = torch.sigmoid((y - upper) * soft) * torch.sigmoid((lower - y) * soft)
    inside = inside * torch.sigmoid((1 - x.abs()) * soft) * (gap > 0.02)
    face = face + inside * (ball(draw, x, y, upper, skin) - face)
    face = margins(draw, face, x, y, upper, lower, nose)
    return lashes(draw, face, x, y, upper, lower, closed).clamp(0, 1.5), closed.flatten()


def lids(draw, x, closed):
    """Where the edges of the upper and the lower lid are, and the largest gap between them."""
    arch = (1 - x * x).clamp_min(0) + 1e-4
    skew = draw.normal(0.25)
    above = arch ** draw.uniform(0.6, 1.3) * (1 + skew * x)
    below = arch ** draw.uniform(0.7, 1.4) * (1 - 0.5 * skew * x)
    sag = draw.uniform(-0.05, 0.3)
    gap = torch.where(closed > 0, draw.uniform(0, CLOSED_GAP) * draw.chance(0.5), draw.log_uniform(*OPEN_GAP))
    open_lower = draw.uniform(0.1, 0.35) * below - draw.uniform(0, 0.15) * below * (gap < 0.4)
    lower = torch.where(closed > 0, sag * below, open_lower)
    return lower - gap * above, lower, gap


def noise(draw, cells):
    coarse = torch.randn(draw.n, 1, cells, cells, generator=draw.rng)
    return F.interpolate(coarse, (SOURCE_SIDE, SOURCE_SIDE), mode='bicubic', align_corners=False)


def surface(draw, u, v, skin):
    face = skin + draw.normal(0.1) * u + draw.normal(0.1) * v
    for cells, most in ((4, 0.06), (8, 0.05), (24, 0.03)):
        face = face + draw.uniform(0, most) * noise(draw, cells)
    return face


def socket(draw, face, x, y, upper, nose):
    """Darker around the eye and towards the nose, paler where the upper lid bulges."""
    around = (x / draw.uniform(1.1, 1.9)) ** 2 + ((y - draw.uniform(-0.3, 0.1)) / draw.uniform(0.5, 1.1)) ** 2
    face = face - draw.uniform(-0.05, 0.22) * torch.exp(-around)
    corner = ((x - nose * 1.3) / 0.6) ** 2 + ((y + 0.3) / 0.7) ** 2
    face = face - draw.uniform(0, 0.25) * torch.exp(-corner)
    bulge = (x / 0.8) ** 2 + ((y - upper + draw.uniform(0.15, 0.35)) / 0.22) ** 2
    return face + draw.uniform(0, 0.15) * torch.exp(-bulge)


def brow(draw, face, x, y):
    middle = draw.uniform(-1.6, -0.75) + draw.uniform(0, 0.35) * x * x + draw.normal(0.12) * x
    thick = draw.uniform(0.07, 0.26)
    hair = 1 + draw.uniform(0, 0.25) * noise(draw, 20)
    dark = draw.uniform(0, 0.45) * torch.exp(-(((y - middle) / thick) ** 4))
    return face - dark * torch.sigmoid((1.5 - x.abs()) * 6) * hair


def crease(draw, face, x, from_lid, side, low, high):
    away = from_lid - side * draw.uniform(low, high) * (1 - 0.3 * x * x)
    dark = draw.uniform(0, 0.2) * draw.chance(0.7)
    return face - dark * torch.exp(-((away / draw.uniform(0.03, 0.09)) ** 2)) * torch.sigmoid((1.1 - x.abs()) * 6)


def ball(draw, x, y, upper, skin):
    """White, iris, pupil, glints of the lamps, the upper lid's shadow."""
    gaze_x = draw.normal(0.3)
    gaze_y = 0.05 - 0.18 * draw.uniform(0.3, 1.2) + draw.normal(0.1)
    iris_radius = draw.uniform(0.36, 0.5)
    pupil_radius = iris_radius * draw.uniform(0.25, 0.65)
    away = torch.sqrt((x - gaze_x) ** 2 + (y - gaze_y) ** 2 + 1e-6)
    sharp = draw.uniform(15, 40)
    iris = draw.uniform(0.18, 0.55) * draw.uniform(0.8, 1)
    pupil = torch.minimum(draw.uniform(0, 0.16), iris * 0.8)
    eye = skin * draw.uniform(0.75, 1.15) - draw.uniform(0, 0.25) * x * x
    eye = eye + torch.sigmoid((iris_radius - away) * sharp) * (iris - eye)
    eye = eye + torch.sigmoid((pupil_radius - away) * sharp) * (pupil - eye)
    eye = eye - draw.uniform(0, 0.3) * torch.exp(-((y - upper) / draw.uniform(0.05, 0.2)).clamp_min(0))
    for share in (0.8, 0.3):
        dx, dy = x - gaze_x - draw.normal(0.16), y - gaze_y - draw.normal(0.14)
        glint = torch.exp(-(dx * dx + dy * dy) / draw.uniform(0.03, 0.08) ** 2)
        eye = eye + draw.chance(share) * glint * draw.uniform(0.3, 1.3)
    return eye


def between_corners(x):
    return torch.sigmoid((1.03 - x.abs()) * 14)


def margins(draw, face, x, y, upper, lower, nose):
    """The dark line along the edge of a lid."""
    above = torch.exp(-(((y - upper) / draw.uniform(0.03, 0.15)) ** 2))
    ragged = (1 + draw.uniform(0, 0.8) * noise(draw, 24)).clamp_min(0)
    face = face - draw.uniform(0.12, 0.55) * between_corners(x) * above * ragged * (1 + 0.3 * nose * x)
    below = torch.exp(-(((y - lower) / draw.uniform(0.02, 0.06)) ** 2))
    return face - draw.uniform(0, 0.25) * between_corners(x) * below


def lashes(draw, face, x, y, upper, lower, closed):
    """Those of a closed eye hang below the line, those of an open one stand above it or before the lid."""
    hang = ((y - lower) / draw.uniform(0.1, 0.35)).clamp_min(0)
    dark = closed * draw.chance(0.7) * draw.uniform(0, 0.35) * torch.exp(-hang * 2) * (y > lower)
    face = face - dark * between_corners(x) * hairs(draw)
    stand = ((upper - y) / draw.uniform(0.08, 0.3)).clamp_min(0)
    dark = (1 - closed) * draw.chance(0.4) * draw.uniform(0, 0.3) * torch.exp(-stand * 2) * (y < upper)
    return face - dark * between_corners(x) * hairs(draw)


def hairs(draw):
    return (0.6 + 0.5 * noise(draw, 32)).clamp(0, 1.5)

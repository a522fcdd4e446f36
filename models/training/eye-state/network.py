"""The eye-state network: one 48 x 48 luma crop to the logit of "closed"."""

import torch
import torch.nn.functional as F
from torch import nn

from crops import SIDE

# Normalisation: (luma - median) / (90th - 10th percentile), cut off here. A reflection on glasses covers less than a
# tenth of the crop, so it moves neither percentile.
CUT = 2.5
LOW_RANK = SIDE * SIDE // 10
MIDDLE_RANK = SIDE * SIDE // 2
HIGH_RANK = SIDE * SIDE - 1 - LOW_RANK

# Second channel: the same against its surroundings. A dark rim of glasses would drown the eye behind it; so would a lamp
# mirrored in them, were it not cut off at twice the brightness of bright skin.
SURROUNDINGS = 13
MIN_DEVIATION = 0.1
BRIGHTEST = 1.0

# A crop is judged this many values, an eighth of its side, higher and lower than it was cut.
SHIFT = 6
STARTS = (0, 2 * SHIFT)


def normalise(luma, min_spread):
    """n x 1 x 48 x 48 luma to what the ONNX file takes; the same ranks as NormaliseLuma in native/vision/eye_state.cc."""
    ranked = luma.flatten(1).sort(dim=1).values
    low, middle, high = (ranked[:, rank, None, None, None] for rank in (LOW_RANK, MIDDLE_RANK, HIGH_RANK))
    return ((luma - middle) / (high - low).clamp_min(min_spread)).clamp(-CUT, CUT)


def mean_around(x):
    """Of the square around each place, without what lies outside: of rows, then of columns."""
    half = SURROUNDINGS // 2
    rows = F.avg_pool2d(x, (1, SURROUNDINGS), stride=1, padding=(0, half), count_include_pad=False)
    return F.avg_pool2d(rows, (SURROUNDINGS, 1), stride=1, padding=(half, 0), count_include_pad=False)


def with_local_contrast(x):
    """Second channel: deviation from the mean around each place, in standard deviations there."""
    dimmed = x.clamp(max=BRIGHTEST)
    away = dimmed - mean_around(dimmed)
    return torch.cat([x, away / (mean_around(away * away).sqrt() + MIN_DEVIATION)], dim=1)


def block(inputs, outputs, stride=1):
    return [
        nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    ]


class EyeStateNet(nn.Module):
    """
    Five convolutions to 6 x 6 places; then both what there is anywhere (mean and maximum) and what is where (a narrow
    layer with a weight per place).
    """

    def __init__(self, widths=(16, 32, 48, 64, 64), narrow=16, dropout=0.3):
        super().__init__()
        a, b, c, d, e = widths
        self.features = nn.Sequential(
            *block(2, a, stride=2),
            *block(a, b, stride=2),
            *block(b, c),
            *block(c, d, stride=2),
            *block(d, e),
        )
        self.narrow = nn.Sequential(nn.Conv2d(e, narrow, 1, bias=False), nn.BatchNorm2d(narrow), nn.ReLU(inplace=True))
        self.drop = nn.Dropout(dropout)
        self.last = nn.Linear(2 * e + narrow * (SIDE // 8) ** 2, 1)
        self.to(memory_format=torch.channels_last)

    def forward(self, x):
        f = self.features(x.contiguous(memory_format=torch.channels_last))
        parts = [f.mean(dim=(2, 3)), f.amax(dim=(2, 3)), self.narrow(f).flatten(1)]
        return self.last(self.drop(torch.cat(parts, dim=1))).squeeze(1)


def views(x):
    """
    n x 1 x 48 x 48 to 4n x 2 x 48 x 48: higher and lower, since no finder of eyes cuts them all alike, each as it is and
    mirrored.
    """
    padded = F.pad(x, (0, 0, SHIFT, SHIFT), mode='replicate')
    heights = with_local_contrast(torch.cat([padded[:, :, start : start + SIDE] for start in STARTS]))
    return torch.cat([heights, heights.flip(3)])


def closed_logits(nets, x):
    """Of normalised crops: mean over the networks and over the views of each crop."""
    with torch.no_grad():
        shown = views(x)
        return torch.stack([net(shown).reshape(-1, len(x)).mean(dim=0) for net in nets]).mean(dim=0)

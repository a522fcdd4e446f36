"""Training and calibration, on the videos given and no others."""

import numpy as np
import torch
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from network import Drowsiness, statistics

MEMBERS = 6
WINDOWS_PER_VIDEO = 5
BATCHES = 2
INNER_FOLDS = 6
NETWORK = {'width': 12, 'drop': 0.4, 'epochs': 60}


def train_network(videos, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = Drowsiness(MEMBERS, NETWORK['width'], NETWORK['drop'])
    optimizer = torch.optim.AdamW(net.parameters(), lr=5e-3, weight_decay=0.1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 5e-3, total_steps=NETWORK['epochs'] * BATCHES)
    labels = torch.tensor([video.label for video in videos])
    for _ in range(NETWORK['epochs']):
        for batch in np.array_split(rng.permutation(len(videos)), BATCHES):
            x = np.concatenate([draw(videos[i].windows, rng) for i in batch])
            y = labels[batch].repeat_interleave(WINDOWS_PER_VIDEO)
            logits = net(torch.tensor(x, dtype=torch.float32))
            y = y[:, None].expand(-1, MEMBERS)
            loss = torch.nn.functional.cross_entropy(logits.reshape(-1, 3), y.reshape(-1), label_smoothing=0.1)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return net.eval()


def draw(windows, rng):
    """Some windows of a video, as another calibration with as few blinks might have scaled them."""
    picked = windows[rng.choice(len(windows), WINDOWS_PER_VIDEO, replace=len(windows) < WINDOWS_PER_VIDEO)]
    shift, scale = rng.normal(0, 0.2, (2, 1, 1, picked.shape[2]))
    return picked * np.exp(scale) + shift


def train_softmax(videos, c):
    """The baseline: multinomial logistic regression over standardised statistics; every video weighs the same."""
    x = np.concatenate([statistics(video.windows) for video in videos])
    y = np.concatenate([[video.label] * len(video.windows) for video in videos])
    weight = np.concatenate([[1 / len(video.windows)] * len(video.windows) for video in videos])
    mean, scale = x.mean(0), x.std(0) + 1e-6
    fitted = LogisticRegression(C=c, max_iter=2000).fit((x - mean) / scale, y, sample_weight=weight)
    kernel = (fitted.coef_ / scale).astype(np.float32)
    return {'kernel': kernel, 'bias': (fitted.intercept_ - kernel @ mean).astype(np.float32)}


def log_softmax(x):
    x = x - x.max(-1, keepdims=True)
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


def network_scores(net, video):
    with torch.no_grad():
        x = torch.tensor(video.windows)
        return np.log(torch.softmax(net(x), 2).mean(1).numpy()).mean(0)


def softmax_scores(softmax, video):
    x = statistics(video.windows)
    return log_softmax(x @ softmax['kernel'].T + softmax['bias']).mean(0)


def calibrated(scores, calibration):
    return log_softmax(scores * calibration['sharpness'] + np.array([calibration['alertBias'], 0, 0]))


def fit_calibration(scores, labels):
    """
    Sharpness (1 / temperature) and a bias of "alert" by penalised likelihood over videos of unseen subjects. Subjects not
    trained on look less unlike their calibration than those trained on, so that "alert" comes out too often.
    """

    def of(theta):
        return {'sharpness': float(np.exp(theta[0])), 'alertBias': float(theta[1])}

    def loss(theta):
        return -calibrated(scores, of(theta))[np.arange(len(labels)), labels].sum() + 0.5 * (theta**2).sum()

    return of(minimize(loss, np.zeros(2), method='BFGS').x)


def cross_entropy(scores, labels):
    return float(-scores[np.arange(len(labels)), labels].mean())


def out_of_fold(videos, seed, score):
    """score(training videos, video list) for every video by training on other subjects."""
    subjects = sorted({video.subject for video in videos})
    place = np.random.default_rng(seed).permutation(len(subjects)) % INNER_FOLDS
    part = dict(zip(subjects, place))
    scores = np.zeros((len(videos), 3))
    for k in range(INNER_FOLDS):
        inside = [i for i, video in enumerate(videos) if part[video.subject] == k]
        rest = [video for video in videos if part[video.subject] != k]
        scores[inside] = score(rest, [videos[i] for i in inside])
    return scores


def learn(videos, seed):
    """Networks and calibration from these videos only, and the calibrated cross entropy on subjects left out."""
    labels = np.array([video.label for video in videos])

    def score(train, test):
        net = train_network(train, seed)
        return [network_scores(net, video) for video in test]

    scores = out_of_fold(videos, seed, score)
    calibration = fit_calibration(scores, labels)
    return {
        'net': train_network(videos, seed),
        'calibration': calibration,
        'choices': {**NETWORK, 'members': MEMBERS, **calibration},
        'innerCrossEntropy': cross_entropy(calibrated(scores, calibration), labels),
    }


def score_video(learnt, video):
    """Log-probabilities of the three classes for a video: mean over its windows."""
    return calibrated(network_scores(learnt['net'], video), learnt['calibration'])

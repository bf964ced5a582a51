"""A small neural network that tells dimuons with neutrinos (top quarks, W bosons) from the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tasks.dimuon.physics import randomness

if TYPE_CHECKING:
    import awkward as ak
    import numpy as np

SIGNAL = ("ttbar", "ww")
BACKGROUND = ("dy", "dytautau")

_FEATURES = ("pt", "dphi", "met", "pt1", "pt2")
_MAX_DIMUONS = 1500  # of one chunk
_HIDDEN = 16


def train(
    dimuons: Mapping[str, Sequence[ak.Array]], *, seed: int
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Train on two thirds of the dimuons, which come by dataset and chunk.

    Returns:
        The weights, which `predict` takes; and the area under the ROC curve of the last third.
    """
    import warnings

    import numpy as np
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.metrics import roc_auc_score
    from sklearn.neural_network import MLPClassifier
    from sklearn.preprocessing import StandardScaler

    features, labels = [], []
    for name, chunks in dimuons.items():
        for chunk in chunks:
            features.append(_features(chunk[:_MAX_DIMUONS]))
            labels.append(np.full(len(features[-1]), name in SIGNAL))
    x, y = np.concatenate(features), np.concatenate(labels)
    order = randomness.generator("split").permutation(len(x))
    train_part, test_part = np.split(order, [len(x) * 2 // 3])

    scaler = StandardScaler().fit(x[train_part])
    network = MLPClassifier((_HIDDEN,), max_iter=40, early_stopping=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # forty epochs are enough
        network.fit(scaler.transform(x[train_part]), y[train_part])
    model = {"mean": scaler.mean_, "scale": scaler.scale_}
    for layer, (weights, offsets) in enumerate(zip(network.coefs_, network.intercepts_, strict=True)):
        model |= {f"weights{layer}": weights, f"offsets{layer}": offsets}
    auc = roc_auc_score(y[test_part], predict(model, x[test_part]))
    return model, {"auc": float(auc), "epochs": int(network.n_iter_), "dimuons": len(x), "seed": seed}


def score(model: Mapping[str, np.ndarray], dimuons: ak.Array) -> np.ndarray:
    """How much each dimuon looks as if it came with neutrinos, from 0 to 1."""
    return predict(model, _features(dimuons))


def predict(model: Mapping[str, np.ndarray], features: np.ndarray) -> np.ndarray:
    """The network's answers, without the library that trained it."""
    import numpy as np

    x = (features - model["mean"]) / model["scale"]
    hidden = np.maximum(x @ model["weights0"] + model["offsets0"], 0)
    return 1 / (1 + np.exp(-(hidden @ model["weights1"] + model["offsets1"])[:, 0]))


def _features(dimuons: ak.Array) -> np.ndarray:
    import awkward as ak
    import numpy as np

    return np.stack([ak.to_numpy(dimuons[name]) for name in _FEATURES], axis=1)

"""Writes ../../plugins/koopman-ib/test/golden/koopman.json: what deeptime 0.4.5 and scipy 1.17.1 give for small operators.

    python3 -m venv venv && venv/bin/pip install deeptime==0.4.5 numpy==2.4.6 scipy==1.17.1 && venv/bin/python koopman.py

Data are sines of squares, which don't lie on a curve.
"""
import json
from pathlib import Path

import numpy as np
import scipy.linalg
from deeptime.basis import Monomials
from deeptime.decomposition import DMD, EDMD

features, rows = 2, 40


def made(n, seed):
    return np.sin(0.7 * (np.arange(n) + 1) ** 2 + seed)


def by_size(values):
    """Eigenvalues, the largest first, as pairs of real and imaginary part."""
    found = sorted(values, key=lambda v: (-round(abs(v), 9), -v.imag))
    return [[float(v.real), float(v.imag)] for v in found]


x = made(rows * features, 0).reshape(rows, features)
# a map that isn't linear, on some points
y = np.stack([0.9 * x[:, 0] + 0.2 * x[:, 1], -0.3 * x[:, 0] + 0.8 * x[:, 1] + 0.1 * x[:, 0] ** 2], axis=1)

golden = {"before": x.ravel().tolist(), "after": y.ravel().tolist()}
golden["dmd"] = by_size(DMD().fit((x, y)).fetch_model().eigenvalues)
golden["edmd2"] = by_size(np.linalg.eigvals(EDMD(Monomials(2, 2), n_eigs=6).fit((x, y)).fetch_model().operator))
golden["edmd3"] = by_size(np.linalg.eigvals(EDMD(Monomials(3, 2), n_eigs=10).fit((x, y)).fetch_model().operator))
ridge = 0.1
k = scipy.linalg.solve(x.T @ x + ridge * np.eye(2), x.T @ y, assume_a="pos")
golden["ridge"] = k.ravel().tolist()


# von Neumann's entropy of the covariance
def entropy(z):
    c = np.cov(z.T)
    p = scipy.linalg.eigvalsh(c / np.trace(c))
    return float(-(p * np.log(p)).sum())

golden["entropy"] = entropy(y)
path = Path(__file__).parent / "../../plugins/koopman-ib/test/golden/koopman.json"
path.parent.mkdir(exist_ok=True)
path.write_text(json.dumps(golden) + "\n")

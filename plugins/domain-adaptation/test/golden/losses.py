"""Writes losses.json: what PyTorch 2.15 gives for the losses of source-free adaptation, with gradients by the logits.

    python3 -m venv venv && venv/bin/pip install torch==2.15.0 && venv/bin/python losses.py

Logits are 2 sin(7 k + 1) of the running number, [2 images, 3, 2, 3 classes]; the formulas are those of the official code
(losses.py, EntKLProp), per image.
"""
import json
from pathlib import Path

import torch
from torch.distributions import Categorical, kl_divergence

torch.set_default_dtype(torch.float64)
eps = 1e-10
tau = torch.tensor([[0.5, 0.2, 0.3], [0.7, 0.0, 0.3]])
tau = (tau + eps) / (1 + 3 * eps)
weights = torch.tensor([0.2, 0.5, 0.3])


def entropy(s):
    return -(weights * s * torch.log(s)).sum(-1).mean((1, 2))


def mean(s):
    return s.mean((1, 2))


def max_normalised(power):
    def ratio(s):
        r = ((s / s.amax(-1, keepdim=True)) ** power).sum((1, 2))
        return r / r.sum(-1, keepdim=True)

    return ratio


def prediction_first(q):
    return kl_divergence(Categorical(q), Categorical(tau))


def prior_first(q):
    return kl_divergence(Categorical(tau), Categorical(q))


def size(lower, upper):
    return lambda q: (torch.relu(lower * tau - q) ** 2 + torch.relu(q - upper * tau) ** 2).sum(-1)


cases = {}


def case(name, options, f):
    z = (2 * torch.sin(7 * torch.arange(36.0) + 1)).reshape(2, 3, 2, 3).requires_grad_()
    value = f(torch.softmax(z, -1))
    value.sum().backward()
    rounded = lambda t: [float(f"{v:.9g}") for v in t.detach().flatten().tolist()]
    cases[name] = {"options": options, "value": rounded(value), "gradient": rounded(z.grad)}


case("both", {}, lambda s: 0.7 * entropy(s) + 1.3 * prediction_first(mean(s)))
case("entropy", {"lambda": {"entropy": 1, "prior": 0}}, entropy)
case("KL(q || tau)", {"lambda": {"entropy": 0, "prior": 1}}, lambda s: prediction_first(mean(s)))
for power in [1, 2]:
    options = {"lambda": {"entropy": 0, "prior": 1}, "ratio": "max-normalised", "power": power}
    case(f"max-normalised, power {power}", options, lambda s, power=power: prediction_first(max_normalised(power)(s)))
case(
    "size",
    {"lambda": {"entropy": 0, "prior": 1}, "size": {"lower": 0.9, "upper": 1.1}},
    lambda s: size(0.9, 1.1)(mean(s)),
)

Path(__file__).with_suffix(".json").write_text(
    "{\n" + ",\n".join(f"{json.dumps(name)}: {json.dumps(c)}" for name, c in cases.items()) + "\n}\n"
)

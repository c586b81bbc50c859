"""Writes test/golden/losses.json of divergence, nn, distillation and koopman-ib: what PyTorch 2.15 and scipy 1.17.1 give for the same losses.

    python3 -m venv venv && venv/bin/pip install torch==2.15.0 numpy==2.4.6 scipy==1.17.1 && venv/bin/python losses.py

Logits are sines of a running number, rounded to float32, so that the tests make their own; all is computed in float64 from there, for tests
in float64 and in float32. Gradients are of the sum over the rows. Losses of PyTorch are its own functions; those of papers are their formulas
on probabilities.
"""
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy

torch.set_default_dtype(torch.float64)
rows, classes = 6, 5


def made(shape, seed, scale=1.0):
    """scale sin(1.7 k + seed) for the k-th element, rounded to float32."""
    size = torch.Size(shape).numel()
    return (scale * torch.sin(torch.arange(size) * 1.7 + seed)).float().double().reshape(shape)


def listed(x):
    return [float(v) for v in np.asarray(x.detach() if torch.is_tensor(x) else x).flatten()]


student, teacher = made([rows, classes], 0, 2), made([rows, classes], 1, 3)
labels = torch.arange(rows) % classes
hot = F.one_hot(labels, classes).double()
soft = F.softmax(made([rows, classes], 2), -1).float().double()  # rows of float32 don't sum to 1 exactly


def case(f, **inputs):
    """Values of the rows, and gradients by all inputs."""
    leaves = {name: x.clone().requires_grad_() for name, x in inputs.items()}
    values = f(**leaves)
    gradients = torch.autograd.grad(values.sum(), leaves.values())
    return {"values": listed(values)} | {name: listed(g) for name, g in zip(leaves, gradients)}


def save(folder, cases):
    path = Path(__file__).parents[2] / folder / "test/golden/losses.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text("{\n" + ",\n".join(f"{json.dumps(name)}: {json.dumps(c)}" for name, c in cases.items()) + "\n}\n")


# divergences of softened logits


def kl(target, model):
    """KL(target || model) of logits, row by row."""
    return F.kl_div(F.log_softmax(model, -1), F.log_softmax(target, -1), reduction="none", log_target=True).sum(-1)


def js(target, model):
    p, q = F.log_softmax(target, -1), F.log_softmax(model, -1)
    m = torch.logaddexp(p, q) - np.log(2)
    return sum(F.kl_div(m, x, reduction="none", log_target=True).sum(-1) for x in (p, q)) / 2


def multivariate(g):
    return torch.distributions.MultivariateNormal(torch.tensor(g["mean"]), torch.tensor(g["covariance"]))


divergences = {"kl": kl, "reverse-kl": lambda target, model: kl(model, target), "jensen-shannon": js}
gaussians = [
    {"mean": [0.5, -1.0, 0.25], "covariance": [[2.0, 0.5, -0.25], [0.5, 1.0, 0.125], [-0.25, 0.125, 0.75]]},
    {"mean": [-0.25, 0.0, 1.0], "covariance": [[1.0, -0.25, 0.0], [-0.25, 1.5, 0.5], [0.0, 0.5, 1.25]]},
]
pair = [multivariate(g) for g in gaussians]
probabilities = [F.softmax(x, -1).numpy() for x in (teacher, student)]
save("packages/divergence", {
    **{
        f"{name}, temperature {t}": case(lambda target, model, f=f, t=t: f(target / t, model / t), target=teacher, model=student)
        for name, f in divergences.items()
        for t in (1, 4)
    },
    "scipy": {
        "entropy": listed(entropy(probabilities[1], axis=1)),
        "kl": listed(entropy(*probabilities, axis=1)),
        "jensen-shannon": listed(jensenshannon(*probabilities, axis=1) ** 2),
    },
    "gaussians": {
        "target": gaussians[0], "model": gaussians[1],
        "kl": float(torch.distributions.kl_divergence(*pair)), "reverse-kl": float(torch.distributions.kl_divergence(*pair[::-1])),
    },
})

# cross-entropies
save("packages/nn", {
    "hard labels": case(lambda logits: F.cross_entropy(logits, labels, reduction="none"), logits=student),
    "soft labels": {"labels": listed(soft)} | case(lambda logits: F.cross_entropy(logits, soft, reduction="none"), logits=student),
    "entropy, temperature 2": case(lambda logits: torch.distributions.Categorical(logits=logits / 2).entropy(), logits=student),
})

# distillation


def distilled(f):
    return case(lambda student: f(student), student=student)


def hard(s):
    return F.cross_entropy(s, labels, reduction="none")


def kd(divergence, t, hard_weight):
    return lambda s: hard_weight * hard(s) + (1 - hard_weight) * t**2 * divergences[divergence](teacher / t, s / t)


def others(logits):
    """Probabilities of the classes that aren't the label's, without it."""
    return F.softmax(logits[~hot.bool()].reshape(rows, classes - 1), -1)


def nkd(gamma, t):
    """- T_y log S_y - gamma t^2 sum over c != y of T^_c log S^_c."""

    def loss(s):
        target = -(F.softmax(teacher, -1) * hot).sum(-1) * (F.softmax(s, -1) * hot).sum(-1).log()
        return target - gamma * t**2 * (others(teacher / t) * others(s / t).log()).sum(-1)

    return loss


def dkd(alpha, beta, t):
    """t^2 of alpha KL of (p_y, 1 - p_y) + beta KL of the others."""

    def binary(logits):
        p = (F.softmax(logits, -1) * hot).sum(-1)
        return torch.stack([p, 1 - p], -1)

    def of(p, q):
        return F.kl_div(q.log(), p, reduction="none").sum(-1)

    return lambda s: t**2 * (alpha * of(binary(teacher / t), binary(s / t)) + beta * of(others(teacher / t), others(s / t)))


def bd_kd(heavy, light, t):
    """CE + t^2 (w_F KL(T || S) + w_R KL(S || T)); (w_F, w_R) is (heavy, light) where the student's entropy is below the teacher's, else swapped."""

    def loss(s):
        h = [torch.distributions.Categorical(logits=x.detach()).entropy() for x in (s, teacher)]
        assert 0 < (h[0] < h[1]).sum() < rows, "both branches"
        forward = torch.where(h[0] < h[1], heavy, light)
        return hard(s) + t**2 * (forward * kl(teacher / t, s / t) + (heavy + light - forward) * kl(s / t, teacher / t))

    return loss


def sinkd(epsilon, iterations, t):
    """Sinkhorn distance of the batch, row by row: the student's rows first, marginals 1, the gradient through the iterations."""

    def loss(s):
        cost = (F.softmax(s / t, -1)[:, None] - F.softmax(teacher / t, -1)[None]).abs().sum(-1)
        plan = torch.exp(-cost / epsilon)
        for _ in range(iterations):
            plan = plan / plan.sum(1, keepdim=True)
            plan = plan / plan.sum(0, keepdim=True)
        return (plan * cost).sum(1)

    return loss


save("plugins/distillation", {
    **{f"kd {name}, temperature {t}, hard {w}": distilled(kd(name, t, w)) for name, t, w in [("kl", 4, 0.1), ("reverse-kl", 2, 0.5), ("jensen-shannon", 3, 0)]},
    **{f"nkd gamma {gamma}, temperature {t}": distilled(nkd(gamma, t)) for gamma, t in [(1.5, 1), (3.5, 3)]},
    **{f"dkd alpha {a}, beta {b}, temperature {t}": distilled(dkd(a, b, t)) for a, b, t in [(1, 8, 4), (2, 0.5, 1)]},
    **{f"bd-kd {heavy} and {light}, temperature {t}": distilled(bd_kd(heavy, light, t)) for heavy, light, t in [(2, 1, 4), (3, 0.5, 1)]},
    "sinkd epsilon 0.1, 20 iterations, temperature 2": distilled(sinkd(0.1, 20, 2)),
    "label smoothing 0.1": distilled(lambda s: F.cross_entropy(s, labels, reduction="none", label_smoothing=0.1)),
})

# regression: means over all numbers


def regression(f):
    return case(lambda predicted: f(predicted, teacher)[None], predicted=student)


save("plugins/koopman-ib", {
    "mse": regression(F.mse_loss),
    **{f"huber delta {d}": regression(lambda x, y, d=d: F.huber_loss(x, y, delta=d)) for d in (0.5, 1.5)},
})

"""Writes packages/divergence/test/golden/transport.json: what POT and ott-jax give for the same problems.

    python3 -m venv venv && venv/bin/pip install POT==0.9.7.post1 ott-jax==0.6.0 && venv/bin/python transport.py

Costs are made from sines of a running number, so that the test makes its own and only results are kept.
"""
import json
from pathlib import Path

import jax
import numpy as np
import ot

jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp  # noqa: E402
from ott.geometry import geometry, pointcloud  # noqa: E402
from ott.geometry import costs  # noqa: E402
from ott.problems.linear import linear_problem  # noqa: E402
from ott.solvers.linear import sinkhorn  # noqa: E402
from ott.tools import sinkhorn_divergence  # noqa: E402


def made(shape, seed):
    """sin(1.7 k + seed), for the k-th element."""
    return np.sin(np.arange(np.prod(shape)) * 1.7 + seed).reshape(shape)


def listed(x):
    return [float(v) for v in np.asarray(x).flatten()]


def weights(n, seed):
    w = 1.5 + made([n], seed)
    return w / w.sum()


golden = {}

# the card's problem: 20 iterations, which POT begins with the columns
z_s = np.array([[1, 0.5, -0.5], [0.2, -0.3, 0.8], [-1, 2, 0]])
z_t = np.array([[2, 1, 0], [0.5, 1.5, -0.5], [-0.5, 0, 1.5]])
p, q = (np.exp(z / 2) / np.exp(z / 2).sum(1, keepdims=True) for z in (z_s, z_t))
card = np.abs(p[:, None] - q[None]).sum(-1)
mass = np.ones(3) / 3
golden["card"] = {
    "cost": listed(card),
    "plan": {
        method: listed(ot.sinkhorn(mass, mass, card.T, reg=0.1, method=method, numItermax=20, stopThr=0, warn=False).T)
        for method in ["sinkhorn", "sinkhorn_log"]
    },
    "exact": float(ot.emd2(mass, mass, card)),
}

# unequal weights, sizes and costs, converged; small epsilon in the stabilised form
rectangular = []
for n, m, epsilon in [(4, 6, 0.5), (7, 5, 0.1), (6, 6, 0.02)]:
    cost = np.abs(made([n, m], n))
    a, b = weights(n, 1), weights(m, 2)
    plan = ot.sinkhorn(a, b, cost, reg=epsilon, method="sinkhorn_stabilized", numItermax=100000, stopThr=1e-15)
    solved = sinkhorn.Sinkhorn(threshold=1e-13, max_iterations=100000, lse_mode=True)(
        linear_problem.LinearProblem(geometry.Geometry(cost_matrix=jnp.array(cost), epsilon=epsilon), jnp.array(a), jnp.array(b))
    )
    rectangular.append({
        "size": [n, m],
        "epsilon": epsilon,
        "plan": {"pot": listed(plan), "ott": listed(solved.matrix)},
        "cost": float((plan * cost).sum()),
        "value": float(solved.reg_ot_cost),
    })
golden["rectangular"] = rectangular

# permutations
golden["assignment"] = []
for n in [5, 12, 40]:
    plan = ot.emd(np.ones(n) / n, np.ones(n) / n, made([n, n], n) + 1)
    golden["assignment"].append({"n": n, "columns": [int(j) for j in plan.argmax(1)], "cost": float((plan * (made([n, n], n) + 1)).sum())})

# points: the divergence, with ott's gradient by the first set
@jax.tree_util.register_pytree_node_class
class L1(costs.TICost):
    """The library's PNormP(1) has another value while it is differentiated than by itself: 0.377 for 0.510, which POT gives too."""

    def h(self, z):
        return jnp.abs(z).sum()


x, y = made([6, 2], 3), made([8, 2], 5)


def divergence(x, y, cost_fn, epsilon):
    # its own geometries, so that all three problems are solved to the end
    return sinkhorn_divergence.sinkhorn_divergence(
        pointcloud.PointCloud, x, y, cost_fn=cost_fn, epsilon=epsilon,
        solve_kwargs={"threshold": 1e-13, "max_iterations": 100000}, share_epsilon=True,
    )[0]


golden["divergence"] = []
for name, cost_fn in [("squared-euclidean", costs.SqEuclidean()), ("l1", L1())]:
    value, gradient = jax.value_and_grad(divergence)(jnp.array(x), jnp.array(y), cost_fn, 0.3)
    golden["divergence"].append({"cost": name, "epsilon": 0.3, "value": float(value), "gradient": listed(gradient)})

out = Path(__file__).parents[2] / "packages/divergence/test/golden/transport.json"
out.parent.mkdir(exist_ok=True)
out.write_text(json.dumps(golden, indent=1) + "\n")

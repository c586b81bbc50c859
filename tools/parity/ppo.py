"""Writes plugins/rlhf/test/golden/ppo.json: what TRL 0.11.4 gives for advantages, whitening and the losses of PPO.

    python3 -m venv venv && venv/bin/pip install trl==0.11.4 transformers==4.45.2 rich==14.2.0 torch==2.15.0 && venv/bin/python ppo.py

0.11.4 is the last version whose PPO stands in functions: `PPOTrainer.compute_rewards`, `compute_advantages` and `loss`
(trl/trainer/ppo_trainer.py), called with settings and tensors alone; later ones have the same inside a training loop, and 1.16 has no PPO.
Rows of tokens are of unequal length, the tokens past it masked. Numbers are sines of a running number, in float64.
"""
import json
from pathlib import Path
from types import SimpleNamespace

import torch
from trl.trainer.ppo_trainer import PPOTrainer

torch.set_default_dtype(torch.float64)
rows, length, lengths = 4, 6, [6, 3, 1, 5]


def made(seed, scale=1.0):
    """scale sin(1.7 k + seed), for the k-th element."""
    return scale * torch.sin(torch.arange(rows * length) * 1.7 + seed).reshape(rows, length)


def listed(x):
    return [float(v) for v in x.detach().flatten()]


mask = (torch.arange(length) < torch.tensor(lengths)[:, None]).double()
golden = {"lengths": lengths}

# rewards of tokens: beta a token for leaving the prior, the score with the last
logs, prior, scores = made(0) - 2, made(3) - 2, torch.tensor([1.0, -0.5, 2.0, 0.25])
trainer = SimpleNamespace(config=SimpleNamespace(kl_penalty="kl"), kl_ctl=SimpleNamespace(value=0.3))
trainer._kl_penalty = lambda *given: PPOTrainer._kl_penalty(trainer, *given)
rewards = PPOTrainer.compute_rewards(trainer, scores, logs, prior, mask)[0] * mask
golden["rewards"] = {"scores": listed(scores), "beta": 0.3, "values": listed(rewards)}
trainer.config.kl_penalty = "mse"
golden["mse"] = listed(PPOTrainer._kl_penalty(trainer, logs, prior))

golden["advantages"] = []
for gamma, lam in [(1, 0.95), (0.9, 0.8)]:
    config = SimpleNamespace(whiten_rewards=False, gamma=gamma, lam=lam)
    _, whitened, returns = PPOTrainer.compute_advantages(SimpleNamespace(config=config), made(1), rewards, mask)
    golden["advantages"].append({"gamma": gamma, "lambda": lam, "returns": listed(returns * mask), "whitened": listed(whitened * mask)})

# some ratios within the bounds and some beyond, of either sign of the advantage; values too
golden["losses"] = []
for eps, epsv, coef in [(0.2, 0.2, 0.1), (0.1, 0.4, 1.0)]:
    config = SimpleNamespace(cliprange=eps, cliprange_value=epsv, vf_coef=coef, ratio_threshold=10.0)
    now, values = (made(0) - 2 + made(5, 0.4)).requires_grad_(), (made(6, 0.8) + 0.2 * made(1) + 0.8 * made(8, 2)).requires_grad_()
    policy, critic, stats = PPOTrainer.loss(
        SimpleNamespace(config=config), logs, made(1), torch.zeros(rows, length, 2), values, now, mask, made(7), made(8, 2)
    )
    assert 0 < stats["policy/clipfrac"] < 1 and 0 < stats["val/clipfrac"] < 1
    by = torch.autograd.grad(policy + critic, [now, values])
    golden["losses"].append({
        "eps": eps, "epsv": epsv, "vfCoef": coef, "policy": float(policy.detach()), "critic": float(critic.detach()), "byLog": listed(by[0]), "byValue": listed(by[1]),
    })

path = Path(__file__).parents[2] / "plugins/rlhf/test/golden/ppo.json"
path.parent.mkdir(exist_ok=True)
path.write_text("{\n" + ",\n".join(f"{json.dumps(name)}: {json.dumps(c)}" for name, c in golden.items()) + "\n}\n")

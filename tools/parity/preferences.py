"""Writes plugins/rlhf/test/golden/preferences.json: what TRL 1.16.0 gives for DPO with each of its `f_divergence_type`.

    python3 -m venv venv && venv/bin/pip install trl==1.16.0 torch==2.15.0 && venv/bin/python preferences.py

The function is `DPOTrainer._compute_loss` (trl/trainer/dpo_trainer.py), called with a model that gives log-probabilities as they are, one
token a sequence, one pair a batch. Log-ratios log pi - log pi0 are sines of a running number, rounded to float32. All in float64 but
`alpha_divergence`, which TRL takes in half precision and float32 only. `aot_unpaired` with one pair has nothing to sort: it is DPO with
smoothed labels.
"""
import json
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
from trl.trainer.dpo_trainer import DPOTrainer

pairs = 8


def made(seed, scale):
    """scale sin(1.7 k + seed) for the k-th element, rounded to float32."""
    return np.float32(scale * np.sin(np.arange(pairs) * 1.7 + seed)).tolist()


winners, losers = made(0, 3), made(1, 2)


def losses(dtype=torch.float64, loss_type="sigmoid", beta=0.1, **settings):
    """Each pair's loss, and its derivatives by the two log-ratios."""
    trainer = SimpleNamespace(
        **{"f_divergence_type": "reverse_kl", "f_alpha_divergence_coef": 0.5, "label_smoothing": 0.0, **settings},
        model=torch.nn.Linear(1, 1), accelerator=SimpleNamespace(device="cpu", gather=lambda x: x, gather_for_metrics=lambda x: x),
        beta=beta, loss_types=[loss_type], loss_weights=[1.0], ld_alpha=None, precompute_ref_logps=True, use_weighting=False,
        aux_loss_enabled=False, _metrics=defaultdict(lambda: defaultdict(list)), _total_train_tokens=0, _tp_size=1,
    )
    zero, ones = torch.zeros(2, 1, dtype=dtype), torch.ones(2, 2, dtype=torch.long)
    inputs = {"input_ids": ones, "attention_mask": ones, "completion_mask": ones, "ref_chosen_logps": zero[0], "ref_rejected_logps": zero[0]}
    found = {"loss": [], "byWinner": [], "byLoser": []}
    for ratios in zip(winners, losers):
        logs = torch.tensor(ratios, dtype=dtype)[:, None].requires_grad_()
        outputs = SimpleNamespace(log_probs=logs, entropy=zero, mean_logits=zero, is_top1=zero.bool())
        loss = DPOTrainer._compute_loss(trainer, lambda **_: outputs, inputs, False)
        (slope,) = torch.autograd.grad(loss, logs)
        for name, value in zip(found, [loss.detach(), *slope.flatten()]):
            found[name].append(float(value))
    return found


golden = {"winners": winners, "losers": losers}
for divergence in ["reverse_kl", "forward_kl", "js_divergence"]:
    golden[divergence] = losses(f_divergence_type=divergence)
for alpha in [0.5, 0.25, 0.0, 1.0, -1.0, 2.0]:
    golden[f"alpha_divergence {alpha:g}"] = losses(torch.float32, f_divergence_type="alpha_divergence", f_alpha_divergence_coef=alpha)
golden["smoothing 0.1"] = losses(loss_type="aot_unpaired", beta=0.5, label_smoothing=0.1)

path = Path(__file__).parents[2] / "plugins/rlhf/test/golden/preferences.json"
path.parent.mkdir(exist_ok=True)
path.write_text("{\n" + ",\n".join(f"{json.dumps(name)}: {json.dumps(c)}" for name, c in golden.items()) + "\n}\n")

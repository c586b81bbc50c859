"""Writes packages/nn/test/golden/optimizers.json: 100 steps of PyTorch 2.15's optimisers, and its learning rates over time.

    python3 -m venv venv && venv/bin/pip install torch==2.15.0 numpy==2.4.6 && venv/bin/python optimizers.py

The problem is least squares, the mean of (A w + c - b)^2 over 8 rows, with A, b and the start made of sines of a running number, rounded to
float32. `weights` are w and c after every tenth step: in float32, and in float64 for Adam.
"""
import json
from pathlib import Path

import torch
from torch.optim import SGD, Adam, AdamW, lr_scheduler, swa_utils

steps, rows, inputs, rate = 100, 8, 4, 0.02


def made(shape, seed, dtype):
    """sin(1.7 k + seed) for the k-th element, rounded to float32."""
    size = torch.Size(shape).numel()
    return torch.sin(torch.arange(size, dtype=torch.float64) * 1.7 + seed).reshape(shape).float().to(dtype)


def walk(make, schedule=None, clip=None, average=None, dtype=torch.float32):
    a, b = made([rows, inputs], 0, dtype), made([rows], 1, dtype) * 2
    model = torch.nn.ParameterDict({"w": made([inputs], 2, dtype), "c": made([1], 3, dtype)})
    optimizer = make(model.parameters())
    scheduler = schedule and schedule(optimizer)
    # the first update copies the parameters: the average begins with the start
    averaged = average and swa_utils.AveragedModel(model, avg_fn=swa_utils.get_ema_avg_fn(average))
    averaged and averaged.update_parameters(model)
    found = []
    for step in range(1, steps + 1):
        optimizer.zero_grad()
        ((a @ model["w"] + model["c"] - b) ** 2).mean().backward()
        clip and torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
        scheduler and scheduler.step()
        averaged and averaged.update_parameters(model)
        if step % 10 == 0:
            seen = averaged.module if averaged else model
            found += [*seen["w"].tolist(), *seen["c"].tolist()]
    return found


def warm_up(n):
    """A line from 1/n to 1 over the first n steps, then half a cosine over the others."""

    def schedule(optimizer):
        line = lr_scheduler.LinearLR(optimizer, start_factor=1 / n, total_iters=n - 1)
        return lr_scheduler.SequentialLR(optimizer, [line, lr_scheduler.CosineAnnealingLR(optimizer, steps - n)], [n])

    return schedule


schedules = {
    "cosine": lambda o: lr_scheduler.CosineAnnealingLR(o, steps),
    "step-decay": lambda o: lr_scheduler.StepLR(o, 30, 0.5),
    "drop": lambda o: lr_scheduler.MultiStepLR(o, [70], 0.2),
    "exponential": lambda o: lr_scheduler.ExponentialLR(o, 0.01 ** (1 / steps)),
    "warm-up": warm_up(20),
}


def factors(schedule):
    optimizer = SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler, found = schedule(optimizer), []
    for _ in range(steps):
        found.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        scheduler.step()
    return found


def of(kind, **options):
    return lambda parameters: kind(parameters, lr=rate, **options)


momentum = {"momentum": 0.9}
weights = {
    "sgd": walk(of(SGD)),
    "sgd with momentum": walk(of(SGD, **momentum)),
    "sgd with momentum, nesterov and decay": walk(of(SGD, **momentum, nesterov=True, weight_decay=0.1)),
    "adam": walk(of(Adam)),
    "adam of other averages": walk(of(Adam, betas=(0.5, 0.9), eps=0.01)),
    "adam, decay in the gradient": walk(of(Adam, weight_decay=0.1)),
    "adamw": walk(of(AdamW)),
    "adamw of much decay": walk(of(AdamW, weight_decay=0.5)),
    "adamw, warmed up": walk(of(AdamW), schedules["warm-up"]),
    "sgd with momentum, cosine": walk(of(SGD, **momentum), schedules["cosine"]),
    "sgd, clipped": walk(of(SGD, **momentum), clip=0.5),
    "sgd, averaged": walk(of(SGD), average=0.9),
    "adam, float64": walk(of(Adam), dtype=torch.float64),
    "adam of other averages, float64": walk(of(Adam, betas=(0.5, 0.9)), dtype=torch.float64),
}
golden = {"weights": weights, "factors": {name: factors(s) for name, s in schedules.items()}}
path = Path(__file__).parents[2] / "packages/nn/test/golden/optimizers.json"
path.write_text("{\n" + ",\n".join(
    f"{json.dumps(part)}: {{\n" + ",\n".join(f"{json.dumps(name)}: {json.dumps(values)}" for name, values in of_part.items()) + "\n}"
    for part, of_part in golden.items()
) + "\n}\n")

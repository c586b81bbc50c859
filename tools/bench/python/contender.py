"""PyTorch as a contender: a line of JSON asks for steps of a model, a line answers. `contender.py eager|fused|compiled`."""

import json
import os
import sys
import time

import torch

import models

mode = sys.argv[1]
torch.set_num_threads(os.cpu_count())
compiled = torch.compile if mode == "compiled" else lambda f: f


def training(name):
    parameters, data, loss = models.TRAINED[name]()
    for parameter in parameters:
        parameter.requires_grad_()
    optimizer = torch.optim.Adam(parameters, lr=1e-3, fused=None if mode == "eager" else True)
    loss = compiled(loss)

    def step(t):
        optimizer.zero_grad(set_to_none=True)
        value = loss(parameters, *data[t % len(data)])
        value.backward()
        optimizer.step()
        return value.detach()

    return step


def sinkhorn():
    cost, iterate = models.sinkhorn()
    iterate = compiled(iterate)
    state = [torch.zeros(len(cost), 1), torch.zeros(1, len(cost))]

    @torch.no_grad()
    def step(_):
        state[0], state[1], value = iterate(cost, *state)
        return value

    return step


class Runner:
    def __init__(self, name):
        self.step = sinkhorn() if name == "sinkhorn" else training(name)
        self.t = 0

    def run(self, steps):
        begin = time.perf_counter()
        for _ in range(steps):
            value = self.step(self.t)
            self.t += 1
        value = value.item()
        return {"ms": (time.perf_counter() - begin) * 1000, "loss": value}


runners = {}
version = f"PyTorch {torch.__version__} threads={torch.get_num_threads()}"
print(json.dumps({"version": version, "device": "CPU"}), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    try:
        if asked["model"] not in runners:
            runners[asked["model"]] = Runner(asked["model"])
        answer = runners[asked["model"]].run(asked["steps"])
    except Exception as error:  # said to whoever asked
        answer = {"error": f"{type(error).__name__}: {error}".splitlines()[0]}
    print(json.dumps(answer), flush=True)

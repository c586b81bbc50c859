"""The models of src/models, as they are written in PyTorch: weights in a list, and a loss of weights and a batch."""

import math

import torch
from torch.nn import functional as F

from draws import integers, spread, uniform

BATCHES = 8


def perceptron(widths, batch):
    layers = list(enumerate(zip(widths, widths[1:])))
    weights = [spread(l, math.sqrt(2 / a), a, b) for l, (a, b) in layers]
    biases = [torch.zeros(b) for _, (_, b) in layers]
    data = [(spread(100 + k, 1, batch, widths[0]), integers(200 + k, widths[-1], batch)) for k in range(BATCHES)]

    def loss(parameters, x, label):
        for l in range(len(layers)):
            x = torch.addmm(parameters[len(layers) + l], x, parameters[l])
            if l < len(layers) - 1:
                x = F.relu(x)
        return F.cross_entropy(x, label)

    return weights + biases, data, loss


def cnn():
    weights = [
        spread(0, math.sqrt(2 / 9), 3, 3, 1, 32).permute(3, 2, 0, 1).contiguous(),
        spread(1, math.sqrt(2 / 288), 3, 3, 32, 64).permute(3, 2, 0, 1).contiguous(),
        # rows of ours are in the order height, width, channel; here channel comes first
        spread(2, math.sqrt(1 / 3136), 7, 7, 64, 10).permute(2, 0, 1, 3).reshape(3136, 10).contiguous(),
    ]
    data = [
        (spread(100 + k, 1, 64, 28, 28, 1).permute(0, 3, 1, 2).contiguous(), integers(200 + k, 10, 64))
        for k in range(BATCHES)
    ]

    def loss(parameters, x, label):
        first, second, dense = parameters
        x = F.max_pool2d(F.relu(F.conv2d(x, first, padding="same")), 2)
        x = F.max_pool2d(F.relu(F.conv2d(x, second, padding="same")), 2)
        return F.cross_entropy(x.flatten(1) @ dense, label)

    return weights, data, loss


def gpt():
    batch, time, width, heads, layers, vocabulary = 16, 64, 128, 4, 2, 96
    deviation = math.sqrt(1 / width)
    weights = [
        spread(0, 0.5, vocabulary, width),
        spread(1, 0.5, time, width),
        spread(2, deviation, width, vocabulary),
    ]
    for l in range(layers):
        weights += [spread(10 * l + 10 + i, deviation, width, width) for i in range(4)]
        weights.append(spread(10 * l + 14, deviation, width, 4 * width))
        weights.append(spread(10 * l + 15, deviation / 2, 4 * width, width))
    count = batch * time
    data = [(integers(100 + k, vocabulary, count), integers(200 + k, vocabulary, count)) for k in range(BATCHES)]

    def split(x):
        return x.view(batch, time, heads, width // heads).transpose(1, 2)

    def loss(parameters, token, following):
        tokens, positions, head = parameters[:3]
        h = (F.embedding(token, tokens).view(batch, time, width) + positions).view(count, width)
        for l in range(layers):
            query, key, value, out, up, down = parameters[3 + 6 * l : 9 + 6 * l]
            x = F.layer_norm(h, (width,))
            a = F.scaled_dot_product_attention(split(x @ query), split(x @ key), split(x @ value), is_causal=True)
            h = h + a.transpose(1, 2).reshape(count, width) @ out
            h = h + F.relu(F.layer_norm(h, (width,)) @ up) @ down
        return F.cross_entropy(F.layer_norm(h, (width,)) @ head, following)

    return weights, data, loss


def sinkhorn():
    """The state, and one iteration on it."""
    points, epsilon = 1024, 0.05
    weight = -math.log(points)

    def iterate(cost, f, g):
        f = -epsilon * (torch.logsumexp((g - cost) / epsilon, 1, keepdim=True) + weight)
        g = -epsilon * (torch.logsumexp((f - cost) / epsilon, 0, keepdim=True) + weight)
        return f, g, f.mean() + g.mean()

    return uniform(0, points, points), iterate


TRAINED = {
    "mlp": lambda: perceptron([784, 256, 10], 128),
    "wide": lambda: perceptron([784, 1200, 1200, 10], 1024),
    "cnn": cnn,
    "gpt": gpt,
}

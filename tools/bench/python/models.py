"""The models of src/models, as they are written in PyTorch: parameters in a list, data, and the loss of a batch."""

import math

import torch
from torch.nn import functional as F

from draws import integers, spread, uniform, weight

BATCHES = 8


def perceptron(widths, batch):
    layers = list(enumerate(zip(widths, widths[1:])))
    parameters = [p for l, (a, b) in layers for p in (weight(2 * l, a, b), torch.zeros(b))]
    data = [(spread(100 + k, 1, batch, widths[0]), integers(200 + k, widths[-1], batch)) for k in range(BATCHES)]

    def loss(parameters, x, label):
        for l in range(len(layers)):
            x = torch.addmm(parameters[2 * l + 1], x, parameters[2 * l])
            if l < len(layers) - 1:
                x = F.relu(x)
        return F.cross_entropy(x, label)

    return parameters, data, loss


def cnn():
    parameters = [
        weight(0, 3, 3, 1, 32).permute(3, 2, 0, 1).contiguous(),
        torch.zeros(32),
        weight(2, 3, 3, 32, 64).permute(3, 2, 0, 1).contiguous(),
        torch.zeros(64),
        # rows of relent's are in the order height, width, channel; here channel comes first
        weight(4, 3136, 10).view(7, 7, 64, 10).permute(2, 0, 1, 3).reshape(3136, 10).contiguous(),
        torch.zeros(10),
    ]
    data = [(spread(100 + k, 1, 64, 1, 28, 28), integers(200 + k, 10, 64)) for k in range(BATCHES)]

    def loss(parameters, x, label):
        first, first_bias, second, second_bias, dense, dense_bias = parameters
        x = F.max_pool2d(F.relu(F.conv2d(x, first, first_bias, padding="same")), 2)
        x = F.max_pool2d(F.relu(F.conv2d(x, second, second_bias, padding="same")), 2)
        return F.cross_entropy(torch.addmm(dense_bias, x.flatten(1), dense), label)

    return parameters, data, loss


def gpt():
    batch, tokens, width, heads, blocks, vocabulary = 16, 64, 128, 4, 2, 96
    parameters = [weight(0, vocabulary, width), weight(1, tokens, width)]
    for l in range(blocks):
        k = 2 + 6 * l
        parameters += [torch.ones(width), weight(k + 1, width, 3 * width), weight(k + 2, width, width)]
        parameters += [torch.ones(width), weight(k + 4, width, 4 * width), weight(k + 5, 4 * width, width)]
    parameters += [torch.ones(width), weight(15, width, vocabulary)]
    data = [
        (integers(100 + k, vocabulary, batch, tokens), integers(200 + k, vocabulary, batch, tokens))
        for k in range(BATCHES)
    ]

    def loss(parameters, token, following):
        h = F.embedding(token, parameters[0]) + parameters[1]
        for l in range(blocks):
            norm1, qkv, out, norm2, up, down = parameters[2 + 6 * l : 8 + 6 * l]
            parts = (F.layer_norm(h, (width,), norm1) @ qkv).split(width, -1)
            q, k, v = (x.view(batch, tokens, heads, width // heads).transpose(1, 2) for x in parts)
            a = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            h = h + a.transpose(1, 2).reshape(batch, tokens, width) @ out
            h = h + F.relu(F.layer_norm(h, (width,), norm2) @ up) @ down
        norm, head = parameters[-2:]
        logits = F.layer_norm(h, (width,), norm) @ head
        return F.cross_entropy(logits.view(-1, vocabulary), following.view(-1))

    return parameters, data, loss


def sinkhorn():
    """The state, and one iteration on it."""
    points, epsilon = 1024, 0.05
    log_weight = -math.log(points)

    def iterate(cost, f, g):
        f = -epsilon * (torch.logsumexp((g - cost) / epsilon, 1, keepdim=True) + log_weight)
        g = -epsilon * (torch.logsumexp((f - cost) / epsilon, 0, keepdim=True) + log_weight)
        return f, g, f.mean() + g.mean()

    return uniform(0, points, points), iterate


TRAINED = {
    "mlp": lambda: perceptron([784, 256, 10], 128),
    "wide": lambda: perceptron([784, 1200, 1200, 10], 1024),
    "cnn": cnn,
    "gpt": gpt,
}

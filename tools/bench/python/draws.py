"""The numbers of src/models/draws.ts, bit for bit."""

import math

import numpy as np
import torch


def hashed(seed, count):
    i = np.arange(count, dtype=np.uint32)
    h = i + np.uint32((seed * 0x9E3779B1) & 0xFFFFFFFF)
    h = (h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return (h ^ (h >> np.uint32(16))) >> np.uint32(8)


def uniform(seed, *shape):
    values = hashed(seed, math.prod(shape)).astype(np.float64) / 2**24
    return torch.from_numpy(values.astype(np.float32).reshape(shape))


def spread(seed, deviation, *shape):
    values = hashed(seed, math.prod(shape)).astype(np.float64) / 2**24
    scale = float(np.float32(math.sqrt(3) * deviation))
    return torch.from_numpy(((2 * values - 1) * scale).astype(np.float32).reshape(shape))


def integers(seed, below, *shape):
    return torch.from_numpy((hashed(seed, math.prod(shape)) % np.uint32(below)).astype(np.int64).reshape(shape))


def weight(k, *shape):
    """The k-th tensor of a model, as `redrawn` has it."""
    return spread(k, math.sqrt((2 * shape[-1]) / math.prod(shape)), *shape)

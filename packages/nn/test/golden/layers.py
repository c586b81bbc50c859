"""Writes layers.json: what PyTorch 2.15 gives for small layers and networks, with gradients.

    python3 -m venv venv && venv/bin/pip install torch==2.15.0 && venv/bin/python layers.py

Values are sines of a running number, so that the test makes its own and only results are kept. Layouts are this package's: images
[1, batch, height, width, channels], kernels [1, height, width, in, out], dense weights [1, in, out].
"""
import json
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

torch.set_default_dtype(torch.float64)


def made(shape, seed):
    """sin(1.7 k + seed), for the k-th element of a tensor."""
    size = torch.Size(shape).numel()
    return torch.sin(torch.arange(size) * 1.7 + seed).reshape(shape).requires_grad_()


cases = {}


def case(name, x_shape, parameter_shapes, f):
    """f(x, parameters) without the axis of members; the gradient is that of the sum of outputs times sin(1.7 k + 9)."""
    inputs = {} if x_shape is None else {"input": made(x_shape, 0)}
    parameters = {path: made(shape, i + 1) for i, (path, shape) in enumerate(parameter_shapes.items())}
    y = f(*inputs.values(), **{path.replace("/", "_"): p for path, p in parameters.items()})
    (y * made(y.shape, 9).detach()).sum().backward()
    leaves = {**inputs, **parameters}
    cases[name] = {
        **({} if x_shape is None else {"shape": x_shape}),
        "parameters": parameter_shapes,
        "output": {"shape": list(y.shape), "values": rounded(y)},
        "gradients": {path: rounded(leaf.grad) for path, leaf in leaves.items()},
    }


def rounded(t):
    return [float(f"{v:.7g}") for v in t.detach().flatten().tolist()]


def images(x):
    return x.permute(0, 3, 1, 2)


def back(x):
    return x.permute(0, 2, 3, 1)


def conv(x, weight, bias=None, stride=1, pad=(0, 0, 0, 0)):
    """`pad`: left, right, top, bottom, as TensorFlow's `same` places it."""
    return back(F.conv2d(F.pad(images(x), pad), weight.permute(3, 2, 0, 1).contiguous(), bias, stride))


case("conv2d, same", [1, 4, 3, 2], {"weight": [3, 3, 2, 2], "bias": [2]}, lambda x, weight, bias: conv(x, weight, bias, 1, (1, 1, 1, 1)))
case("conv2d, same, stride 2", [1, 4, 5, 2], {"weight": [3, 3, 2, 2], "bias": [2]}, lambda x, weight, bias: conv(x, weight, bias, 2, (1, 1, 0, 1)))
case("conv2d, valid, stride 2", [1, 5, 4, 2], {"weight": [2, 2, 2, 1]}, lambda x, weight: conv(x, weight, None, 2))


def transposed(x, weight, bias):
    return back(F.conv_transpose2d(images(x), weight.permute(3, 2, 0, 1).contiguous(), bias, 2))


case("conv2d transposed, valid", [1, 2, 3, 2], {"weight": [3, 3, 2, 2], "bias": [2]}, transposed)
case("conv2d transposed, same", [1, 2, 3, 2], {"weight": [3, 3, 2, 2], "bias": [2]}, lambda x, weight, bias: transposed(x, weight, bias)[:, :4, :6])
case("max pool", [1, 5, 4, 2], {}, lambda x: back(F.max_pool2d(images(x), 2)))
case("average pool, overlapping", [1, 4, 4, 1], {}, lambda x: back(F.avg_pool2d(images(x), 3, 1)))
for mode, size in [("nearest", [4, 6]), ("nearest", [3, 2]), ("bilinear", [5, 6]), ("bilinear", [1, 2])]:
    case(f"resize, {mode}, {size}", [1, 2, 3, 2], {}, lambda x, mode=mode, size=size: back(F.interpolate(images(x), size, mode=mode)))
learnt = {"scale": [4], "offset": [4]}
case("layer norm", [2, 3, 4], learnt, lambda x, scale, offset: F.layer_norm(x, [4], scale, offset, 1e-5))
case("RMS norm", [2, 3, 4], {"scale": [4]}, lambda x, scale: F.rms_norm(x, [4], scale, 1e-5))
case("group norm", [2, 2, 2, 4], learnt, lambda x, scale, offset: back(F.group_norm(images(x), 2, scale, offset, 1e-5)))
case("instance norm", [2, 2, 2, 4], learnt, lambda x, scale, offset: back(F.instance_norm(images(x), weight=scale, bias=offset, eps=1e-5)))


def attention(x, qkv_weight, qkv_bias, out_weight, out_bias, mask=None):
    y, _ = F.multi_head_attention_forward(
        *[x.transpose(0, 1)] * 3, 4, 2, qkv_weight.T, qkv_bias[0], None, None, False, 0.0, out_weight.T, out_bias[0],
        need_weights=False, attn_mask=mask,
    )
    return y.transpose(0, 1)


def causal(tokens):
    return torch.ones(tokens, tokens).triu(1).bool()


heads = {"qkv/weight": [4, 12], "qkv/bias": [1, 12], "out/weight": [4, 4], "out/bias": [1, 4]}
case("attention", [2, 3, 4], heads, attention)
case("attention, causal", [2, 3, 4], heads, lambda x, **p: attention(x, **p, mask=causal(3)))
case("attention, masked", [2, 3, 4], heads, lambda x, **p: attention(x, **p, mask=torch.tensor([[False, False, True]] * 3)))


def cnn(x, convolutions_0_weight, convolutions_0_bias, convolutions_1_weight, convolutions_1_bias, layers_0_weight, layers_0_bias):
    """conv 3x3, relu, pool, twice, and a dense layer."""
    h = F.max_pool2d(torch.relu(F.conv2d(images(x.reshape(2, 4, 5, 1)), convolutions_0_weight.permute(3, 2, 0, 1).contiguous(), convolutions_0_bias, padding=1)), 2)
    h = F.max_pool2d(torch.relu(F.conv2d(h, convolutions_1_weight.permute(3, 2, 0, 1).contiguous(), convolutions_1_bias, padding=1)), 2)
    return back(h).flatten(1) @ layers_0_weight + layers_0_bias


case(
    "cnn", [2, 20],
    {"convolutions/0/weight": [3, 3, 1, 2], "convolutions/0/bias": [2], "convolutions/1/weight": [3, 3, 2, 3], "convolutions/1/bias": [3],
     "layers/0/weight": [3, 2], "layers/0/bias": [1, 2]},
    cnn,
)


def segmenter(x, **p):
    """conv, conv of stride 2, conv, nearest, conv beside the first, conv 1x1; a norm and relu after each but the last."""

    def block(h, name, stride=1, pad=(1, 1, 1, 1)):
        y = conv(h, p[f"{name}_weight"], p.get(f"{name}_bias"), stride, pad)
        if f"{name}_norm_scale" in p:
            y = back(F.instance_norm(images(y), weight=p[f"{name}_norm_scale"], bias=p[f"{name}_norm_offset"], eps=1e-5))
        return torch.relu(y)

    kept = block(x.reshape(2, 3, 4, 1), "down_0_0")
    h = block(block(kept, "down_1_0", 2, (0, 1, 1, 1)), "down_1_1")
    h = back(F.interpolate(images(h), [3, 4], mode="nearest"))
    return conv(block(torch.cat([h, kept], -1), "up_0"), p["out_weight"], p["out_bias"])


def segmenter_parameters(norms):
    blocks = {"down/0/0": [1, 2], "down/1/0": [2, 3], "down/1/1": [3, 3], "up/0": [5, 2]}
    made = {}
    for name, (inputs, outputs) in blocks.items():
        made[f"{name}/weight"] = [3, 3, inputs, outputs]
        made |= {f"{name}/norm/scale": [outputs], f"{name}/norm/offset": [outputs]} if norms else {f"{name}/bias": [outputs]}
    return {**made, "out/weight": [1, 1, 2, 2], "out/bias": [2]}


case("segmenter", [2, 12], segmenter_parameters(False), segmenter)
case("segmenter with norms", [2, 12], segmenter_parameters(True), segmenter)


def transformer(**p):
    """torch's own pre-norm block, between an embedding and a head."""
    block = nn.TransformerEncoderLayer(4, 2, 16, 0.0, F.relu, 1e-5, batch_first=True, norm_first=True)
    names = {
        "norm1.weight": "blocks_0_norm1_scale", "norm1.bias": "blocks_0_norm1_offset",
        "self_attn.in_proj_weight": "blocks_0_attention_qkv_weight", "self_attn.in_proj_bias": "blocks_0_attention_qkv_bias",
        "self_attn.out_proj.weight": "blocks_0_attention_out_weight", "self_attn.out_proj.bias": "blocks_0_attention_out_bias",
        "norm2.weight": "blocks_0_norm2_scale", "norm2.bias": "blocks_0_norm2_offset",
        "linear1.weight": "blocks_0_up_weight", "linear1.bias": "blocks_0_up_bias",
        "linear2.weight": "blocks_0_down_weight", "linear2.bias": "blocks_0_down_bias",
    }

    def torchs(name):
        t = p[name]
        return t.T if name.endswith("weight") else t.flatten()

    h = F.embedding(torch.tensor([[0, 4, 2], [1, 1, 3]]), p["embedding_table"]) + p["positions_table"][:3]
    h = torch.func.functional_call(block, {k: torchs(v) for k, v in names.items()}, (h,), {"src_mask": causal(3)})
    h = F.layer_norm(h, [4], p["norm_scale"], p["norm_offset"], 1e-5)
    return h @ p["head_weight"] if "head_weight" in p else h @ p["embedding_table"].T


norm = {"scale": [4], "offset": [4]}
network = {
    "embedding/table": [5, 4], "positions/table": [4, 4],
    **{f"blocks/0/norm1/{k}": v for k, v in norm.items()}, **{f"blocks/0/attention/{k}": v for k, v in heads.items()},
    **{f"blocks/0/norm2/{k}": v for k, v in norm.items()},
    "blocks/0/up/weight": [4, 16], "blocks/0/up/bias": [1, 16], "blocks/0/down/weight": [16, 4], "blocks/0/down/bias": [1, 4],
    **{f"norm/{k}": v for k, v in norm.items()},
}
case("transformer", None, {**network, "head/weight": [4, 5]}, transformer)
case("transformer, tied", None, network, transformer)

Path(__file__).with_suffix(".json").write_text(
    "{\n" + ",\n".join(f"{json.dumps(name)}: {json.dumps(c)}" for name, c in cases.items()) + "\n}\n"
)

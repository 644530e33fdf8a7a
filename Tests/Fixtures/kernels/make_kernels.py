#!/usr/bin/env python3
"""Write small forward and backward fixtures of single kernels, computed by PyTorch in float64 from float32 inputs.

usage: make_kernels.py      files go beside this script; needs torch, timm and safetensors. README.md lists the tensors.
Maps are NHWC, dense weights OIHW, linear weights [out, in]. `dy` is the gradient given, `dx`, `dw`, ... the results.
"""

import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file
from timm.models.vision_transformer import Attention

HERE = pathlib.Path(__file__).resolve().parent
torch.manual_seed(20)


def draw(*shape, scale=1.0, offset=0.0):
    """float64 values that are exact in float32, with gradients."""
    return (torch.randn(*shape) * scale + offset).double().requires_grad_()


def nchw(x):
    return x.permute(0, 3, 1, 2)


def nhwc(x):
    return x.permute(0, 2, 3, 1)


def record(out, case, inputs, y, names_of_gradients):
    """Stores inputs, output, a random output gradient and the gradients of the inputs named, under `case.`"""
    dy = torch.randn(y.shape).double()
    gradients = torch.autograd.grad(y, [inputs[k] for k in names_of_gradients], dy)
    tensors = {**inputs, "y": y, "dy": dy, **{f"d{k}": g for k, g in zip(names_of_gradients, gradients)}}
    for k, v in tensors.items():
        out[f"{case}.{k}"] = np.ascontiguousarray(v.detach().numpy(), dtype=np.float32)


def write(name, arrays, description):
    path = HERE / f"{name}.safetensors"
    save_file(arrays, path, metadata={"fixture": json.dumps({**description, "torch": torch.__version__.split("+")[0]}, sort_keys=True)})
    path.chmod(0o644)
    size = path.stat().st_size
    assert size < 100_000, (name, size)
    print(f"{path.name}: {len(arrays)} tensors, {size / 1e3:.0f} kB")


def convolutions():
    dense, depthwise, linear = {}, {}, {}
    sizes = {"even": (4, 6), "odd": (5, 7), "single": (1, 1), "row": (1, 4)}
    for size, (h, w) in sizes.items():
        for stride in (1, 2):
            for i, o in ((3, 9), (5, 7)):
                inputs = {"x": draw(2, h, w, i), "w": draw(o, i, 3, 3)}
                y = nhwc(F.conv2d(nchw(inputs["x"]), inputs["w"], stride=stride, padding=1))
                record(dense, f"{size}.stride{stride}.{i}to{o}", inputs, y, ["x", "w"])
            for c in (5, 17):
                inputs = {"x": draw(2, h, w, c), "w": draw(c, 1, 3, 3)}
                y = nhwc(F.conv2d(nchw(inputs["x"]), inputs["w"], stride=stride, padding=1, groups=c))
                record(depthwise, f"{size}.stride{stride}.{c}", inputs, y, ["x", "w"])
    for i, o in ((13, 19), (64, 48), (16, 16), (1, 1)):
        inputs = {"x": draw(37, i), "w": draw(o, i), "b": draw(o)}
        record(linear, f"{i}to{o}", inputs, F.linear(inputs["x"], inputs["w"], inputs["b"]), ["x", "w", "b"])
    write("conv3x3", dense, {"padding": 1, "weight": "OIHW"})
    write("depthwise3x3", depthwise, {"padding": 1, "weight": "[channels, 1, 3, 3]"})
    write("linear", linear, {"weight": "[out, in]", "note": "a 1x1 convolution is the same over the rows (n, y, x)"})


def batch_norm():
    out, momentum = {}, 0.1
    # usual: unit scale. offset: mean 50, deviation 0.05, which a naive E[x^2]-E[x]^2 in float32 gets wrong.
    for case, scale, offset in (("usual", 1.0, 0.3), ("offset", 0.05, 50.0)):
        inputs = {"x": draw(3, 4, 5, 7, scale=scale, offset=offset), "weight": draw(7), "bias": draw(7)}
        old_mean, old_var = torch.randn(7).double(), (torch.rand(7) + 0.5).double()
        mean, var = old_mean.clone(), old_var.clone()
        y = nhwc(F.batch_norm(nchw(inputs["x"]), mean, var, inputs["weight"], inputs["bias"], True, momentum, 1e-5))
        record(out, case, inputs, y, ["x", "weight", "bias"])
        count = inputs["x"].numel() // 7
        biased = (var - (1 - momentum) * old_var) * (count - 1) / count + (1 - momentum) * old_var
        evaluation = nhwc(F.batch_norm(nchw(inputs["x"]), old_mean, old_var, inputs["weight"], inputs["bias"], False, momentum, 1e-5))
        extra = {"mean_before": old_mean, "var_before": old_var, "mean_after": mean, "var_after_unbiased": var,
                 "var_after_biased": biased, "y_evaluation": evaluation}
        for k, v in extra.items():
            out[f"{case}.{k}"] = np.ascontiguousarray(v.detach().numpy(), dtype=np.float32)
    write("batch_norm", out, {"epsilon": 1e-5, "momentum": momentum, "running": "0.9 old + 0.1 new; unbiased as PyTorch, biased as Paddle"})


def layer_norm():
    out = {}
    # constant: rows without variance, where only epsilon keeps the result finite.
    for case, scale, offset in (("usual", 1.0, 0.3), ("offset", 0.1, 100.0), ("constant", 0.0, 2.0)):
        inputs = {"x": draw(11, 24, scale=scale, offset=offset), "weight": draw(24), "bias": draw(24)}
        record(out, case, inputs, F.layer_norm(inputs["x"], (24,), inputs["weight"], inputs["bias"], 1e-5), ["x", "weight", "bias"])
    write("layer_norm", out, {"epsilon": 1e-5})


def unfold(x):
    """[B, H, W, C] -> [B*4, N, C] with N = H/2 * W/2: pixel position p = 2 (y mod 2) + x mod 2 of every 2x2 patch."""
    b, h, w, c = x.shape
    return x.reshape(b, h // 2, 2, w // 2, 2, c).permute(0, 2, 4, 1, 3, 5).reshape(b * 4, h * w // 4, c)


def fold(x, b, h, w):
    """The inverse of `unfold`."""
    return x.reshape(b, 2, 2, h // 2, w // 2, -1).permute(0, 3, 1, 4, 2, 5).reshape(b, h, w, -1)


def attend(qkv, heads):
    """[B', N, 3C] -> [B', N, C]; channels of qkv are (q, k, v) x heads x head_dim."""
    b, n, c = qkv.shape
    q, k, v = qkv.reshape(b, n, 3, heads, c // 3 // heads).permute(2, 0, 3, 1, 4)
    weights = (q @ k.transpose(-2, -1) * (c // 3 // heads) ** -0.5).softmax(-1)
    return (weights @ v).transpose(1, 2).reshape(b, n, c // 3)


def check_against_timm():
    """The attention above and the unfold that timm's MobileViT block writes in NCHW are the same thing."""
    module, x = Attention(24, num_heads=4, qkv_bias=True).double(), torch.randn(3, 6, 24).double()
    torch.testing.assert_close(module.proj(attend(module.qkv(x), 4)), module(x))
    x = torch.randn(2, 5, 6, 4)
    b, c, h, w = x.shape
    theirs = x.reshape(b * c * h // 2, 2, w // 2, 2).transpose(1, 2).reshape(b, c, h * w // 4, 4).transpose(1, 3).reshape(b * 4, h * w // 4, c)
    torch.testing.assert_close(unfold(nhwc(x)), theirs)
    torch.testing.assert_close(fold(theirs, b, h, w), nhwc(x))


def attention():
    check_against_timm()
    out = {}
    # sharp: large scores, where a softmax without its maximum subtracted overflows.
    for case, (b, h, w, c, heads, scale) in {"patches": (2, 6, 4, 24, 4, 1.0), "sharp": (1, 4, 4, 24, 4, 12.0),
                                             "one_patch": (2, 2, 2, 24, 4, 1.0), "wide_heads": (1, 4, 4, 36, 2, 1.0)}.items():
        inputs = {"qkv": draw(b, h, w, 3 * c, scale=scale)}
        record(out, case, inputs, fold(attend(unfold(inputs["qkv"]), heads), b, h, w), ["qkv"])
    for case, (b, n, c, heads) in {"rows_one_head": (2, 7, 32, 1)}.items():
        inputs = {"qkv": draw(b, n, 3 * c)}
        record(out, case, inputs, attend(inputs["qkv"], heads), ["qkv"])
    write("attention", out, {"heads": {"patches": 4, "sharp": 4, "one_patch": 4, "wide_heads": 2, "rows_one_head": 1},
                             "scale": "head_dim^-1/2", "maps": "[B, H, W, 3C] -> [B, H, W, C], 2x2 patches; rows: [B, N, 3C] -> [B, N, C]"})


def tutorial_reshape():
    """The tutorial's two reshapes, as numbers that tell where each element goes: x holds its own NHWC index."""
    out = {}
    for case, (n, h, w, c) in {"square": (2, 4, 4, 6), "wide": (2, 4, 6, 3)}.items():
        x = np.arange(n * h * w * c, dtype=np.float32).reshape(n, h, w, c)
        rows = np.ascontiguousarray(x.transpose(0, 3, 1, 2)).transpose(0, 3, 1, 2).reshape(n, 4, -1, c)
        back = rows.reshape(n, h, -1, c)  # and to NCHW by transpose(0, 3, 1, 2), so that this is its NHWC
        out.update({f"{case}.x": x, f"{case}.rows": np.ascontiguousarray(rows), f"{case}.back": np.ascontiguousarray(back)})
    write("tutorial_reshape", out, {"rows": "[N, H, W, C] -> [N, 4, HW/4, C]", "back": "[N, 4, HW/4, C] -> [N, H, W, C]"})


def resize():
    out = {}
    for h, w, to_h, to_w in ((5, 7, 6, 8), (6, 8, 5, 7), (7, 7, 8, 8), (8, 8, 7, 7), (3, 4, 4, 4), (4, 4, 3, 4), (1, 1, 2, 2), (2, 2, 1, 1)):
        inputs = {"x": draw(2, h, w, 5)}
        y = nhwc(F.interpolate(nchw(inputs["x"]), size=(to_h, to_w), mode="bilinear", align_corners=False))
        record(out, f"{h}x{w}to{to_h}x{to_w}", inputs, y, ["x"])
    write("bilinear_resize", out, {"align_corners": False, "antialias": False})


def activations():
    out = {}
    special = torch.tensor([0.0, -0.0, 6.0, -100.0, -88.0, -20.0, -5.0, -1.2784645, 20.0, 88.0, 100.0, 1e-8, -1e-8, 5.9999995, 6.0000005])
    for name, function in (("silu", F.silu), ("relu6", F.relu6)):
        inputs = {"x": torch.cat([special, torch.linspace(-12, 12, 513)]).double().requires_grad_()}
        record(out, name, inputs, function(inputs["x"]), ["x"])
    write("activations", out, {"relu6": "the derivative is 0 at 0 and at 6 themselves"})


def cross_entropy():
    """Rows: loss_i = -sum t'_i log softmax(z_i), t' = (1 - s) t + s / C; mean over rows, and mean weighted by sample."""
    out, smoothing = {}, 0.1
    z = torch.cat([torch.randn(5, 10) * 3, torch.tensor([[1000.0, -1000.0] + [0.0] * 8, [80.0] * 9 + [-80.0]])]).double().requires_grad_()
    soft = torch.softmax(torch.randn(7, 10) * 2, -1).float().double()
    weight = torch.tensor([1.0, 0.5, 0.0, 2.0, 1.0, 0.25, 1.5]).double()
    labels = torch.tensor([3, 0, 9, 9, 5, 1, 9])
    rows = -(((1 - smoothing) * soft + smoothing / 10) * F.log_softmax(z, -1)).sum(-1)
    torch.testing.assert_close(rows.mean(), F.cross_entropy(z, soft, label_smoothing=smoothing))
    cases = {"soft_mean": rows.mean(), "soft_weighted_over_weights": (weight * rows).sum() / weight.sum(),
             "soft_weighted_over_count": (weight * rows).sum() / len(rows),
             "labels_mean": F.cross_entropy(z, labels), "labels_smoothed_mean": F.cross_entropy(z, labels, label_smoothing=smoothing)}
    for case, loss in cases.items():
        (gradient,) = torch.autograd.grad(loss, z, retain_graph=True)
        out[f"{case}.loss"], out[f"{case}.dlogits"] = loss.detach().reshape(1).numpy(), gradient.numpy()
    out.update({"logits": z.detach().numpy(), "targets": soft.numpy(), "weights": weight.numpy(), "soft_rows.loss": rows.detach().numpy()})
    out = {k: np.ascontiguousarray(v, dtype=np.float32) for k, v in out.items()}
    write("cross_entropy", out, {"smoothing": smoothing, "labels": labels.tolist()})


def inverted_residual():
    """A whole MV2 block in training mode, where deferred normalisation must meet padding, stride, residual and two consumers."""
    out = {}
    for activation, function in (("silu", F.silu), ("relu6", F.relu6)):
        for case, (h, w, i, o, stride) in {"residual": (6, 5, 8, 8, 1), "plain": (6, 5, 8, 12, 1), "strided": (5, 6, 8, 12, 2)}.items():
            hidden, kinks = 2 * i, []
            p = {"x": draw(2, h, w, i), "expand.w": draw(hidden, i, 1, 1, scale=0.5), "depthwise.w": draw(hidden, 1, 3, 3, scale=0.5),
                 "project.w": draw(o, hidden, 1, 1, scale=0.3)}
            for layer, channels in (("expand", hidden), ("depthwise", hidden), ("project", o)):
                p[f"{layer}.weight"], p[f"{layer}.bias"] = draw(channels, scale=0.2, offset=1.0), draw(channels, scale=0.3)

            def normalise(layer, z):
                return F.batch_norm(z, None, None, p[f"{layer}.weight"], p[f"{layer}.bias"], True, 0.1, 1e-5)

            def activate(z):
                kinks.append(torch.minimum(z.abs(), (z - 6).abs()).min().item())
                return function(z)

            y = activate(normalise("expand", F.conv2d(nchw(p["x"]), p["expand.w"])))
            y = activate(normalise("depthwise", F.conv2d(y, p["depthwise.w"], stride=stride, padding=1, groups=hidden)))
            y = nhwc(normalise("project", F.conv2d(y, p["project.w"])))
            y = p["x"] + y if case == "residual" else y
            assert activation == "silu" or min(kinks) > 1e-5, kinks
            record(out, f"{activation}.{case}", p, y, list(p))
    write("inverted_residual", out, {"epsilon": 1e-5, "stride": {"residual": 1, "plain": 1, "strided": 2}})


def main():
    convolutions()
    batch_norm()
    layer_norm()
    attention()
    tutorial_reshape()
    resize()
    activations()
    cross_entropy()
    inverted_residual()


if __name__ == "__main__":
    main()

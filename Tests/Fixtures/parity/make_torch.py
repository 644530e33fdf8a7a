#!/usr/bin/env python3
"""Write the parity fixtures of the published MobileViT (timm) and MobileNetV2 (torchvision), computed in float64.

usage: make_torch.py [parity] [steps] [trajectory]      without a word: all three; files go beside this script
Needs torch, torchvision, timm and safetensors. README.md states the formulas and the files' layout.
"""

import json
import pathlib
import sys

import numpy as np
import timm
import torch
import torch.nn.functional as F
import torchvision

import fixture
import formula

HERE = pathlib.Path(__file__).resolve().parent
CLASSES = 10
# (model, height, width, batch). Maps of MobileViT's last three stages: 64 -> 8, 4, 2; 80 -> 10, 5, 3; 112 -> 14, 7, 4.
PARITY = [
    ("mobilevit_xxs", 64, 64, 2), ("mobilevit_xxs", 80, 80, 2), ("mobilevit_xxs", 80, 112, 2),
    ("mobilevit_xs", 64, 64, 2), ("mobilevit_xs", 80, 80, 2),
    ("mobilevit_s", 64, 64, 2), ("mobilevit_s", 80, 80, 2),
    ("mobilenet_v2", 128, 128, 2), ("mobilenet_v2", 112, 112, 2), ("mobilenet_v2", 80, 112, 2),
]


def build(name, dtype, overrides):
    """The framework's model with formula weights, except for the tensors that `overrides` names."""
    if name == "mobilenet_v2":
        model = torchvision.models.mobilenet_v2(num_classes=CLASSES, dropout=0.0)
    else:
        model = timm.create_model(name, num_classes=CLASSES, drop_rate=0.0)
    state = {k: v for k, v in model.state_dict().items() if v.dim() > 0}
    values = {k: torch.from_numpy(formula.tensor(k, v.shape)) for k, v in state.items()}
    values.update({k: torch.from_numpy(v) for k, v in overrides.items()})
    missing = model.load_state_dict(values, strict=False).missing_keys
    assert all(k.endswith("num_batches_tracked") for k in missing), missing
    return model.to(dtype)


def batch(step, count, height, width, dtype):
    images, labels = formula.batch(step, count, height, width, CLASSES)
    return torch.from_numpy(images).permute(0, 3, 1, 2).contiguous().to(dtype), torch.from_numpy(labels)


def arrays(tensors):
    return {k: v.detach().numpy().copy() for k, v in tensors.items()}


def statistics(model):
    return arrays({k: v for k, v in model.named_buffers() if v.dim() > 0})


# ReLU6 has kinks at 0 and 6: an activation that float32 puts on the other side of one changes the gradient by far more
# than rounding does. So each shift (batch-norm bias) in front of a ReLU6 is moved a little, by multiples of 1/512, until
# no activation of the training batch lies close to a kink; the moved shifts are part of the fixture.

CLEARANCE = 2e-4


def clear_kinks(output, bias):
    """The bias nearest to `bias`, per channel, whose activations keep CLEARANCE from 0 and 6 (else the clearest)."""
    rows = output.transpose(0, 1).flatten(1)
    best, chosen = torch.full_like(bias, -1), bias.clone()
    for j in sorted(range(-32, 33), key=abs):
        candidate = (bias + j / 512).float().double()
        moved = rows + (candidate - bias)[:, None]
        margin = torch.minimum(moved.abs(), (moved - 6).abs()).min(1).values
        better = (margin > best) & (best < CLEARANCE)
        best, chosen = torch.where(better, margin, best), torch.where(better, candidate, chosen)
    return chosen, best.min().item()


def kink_overrides(name, height, width, count):
    """({name: float32 array}, the smallest distance from a kink): the shifts to use in place of the formula's."""
    if name != "mobilenet_v2":
        return {}, None
    model, overrides, margins = build(name, torch.float64, {}), {}, []

    def hook(path):
        def move(module, _, output):
            chosen, margin = clear_kinks(output, module.bias.data)
            shift = chosen - module.bias.data
            overrides[f"{path}.bias"] = chosen.float().numpy()
            margins.append(margin)
            return output + shift[None, :, None, None]
        return move

    for path, module in model.named_modules():
        if isinstance(module, torchvision.ops.Conv2dNormActivation):
            module[1].register_forward_hook(hook(f"{path}.1"))
    with torch.no_grad():
        model.train()(batch(0, count, height, width, torch.float64)[0])
    return overrides, min(margins)


def measure(name, height, width, count, dtype, overrides):
    """One evaluation forward, then one training forward and backward, of the batch of step 0."""
    model = build(name, dtype, overrides)
    images, labels = batch(0, count, height, width, dtype)
    with torch.no_grad():
        evaluation = model.eval()(images)
    logits = model.train()(images)
    loss = F.cross_entropy(logits, labels)
    loss.backward()
    return {
        "evaluation.logits": evaluation.numpy(), "training.logits": logits.detach().numpy(), "loss": loss.item(),
        "loss_smoothed": F.cross_entropy(logits, labels, label_smoothing=0.1).item(),
        "gradient": arrays({k: p.grad for k, p in model.named_parameters()}), "statistics": statistics(model),
    }


def versions():
    return {"torch": torch.__version__.split("+")[0], "torchvision": torchvision.__version__.split("+")[0], "timm": timm.__version__}


def write_parity(name, height, width, count):
    overrides, clearance = kink_overrides(name, height, width, count)
    truth = measure(name, height, width, count, torch.float64, overrides)
    single = measure(name, height, width, count, torch.float32, overrides)
    tensors = {k: fixture.float32_array(truth[k]) for k in ("evaluation.logits", "training.logits")}
    for prefix in ("gradient", "statistics"):
        tensors.update(fixture.digest(prefix, truth[prefix], single[prefix]))
    tensors.update({f"override.{k}": v for k, v in overrides.items()})
    vanishing = fixture.vanishing(truth["gradient"])
    description = {
        "model": name, "height": height, "width": width, "batch": count, "classes": CLASSES, "seed": formula.SEED,
        "loss": truth["loss"], "loss_smoothed": truth["loss_smoothed"],
        "gradient_names": list(truth["gradient"]), "statistics_names": list(truth["statistics"]),
        "vanishing_gradients": vanishing, "kink_clearance": clearance, "made_with": versions(),
        "float32": {
            "evaluation_logits_error": formula.relative_error(single["evaluation.logits"], truth["evaluation.logits"]),
            "training_logits_error": formula.relative_error(single["training.logits"], truth["training.logits"]),
            "loss": single["loss"], "loss_smoothed": single["loss_smoothed"],
        },
    }
    fixture.write(HERE / f"{name}-{height}x{width}.safetensors", tensors, description)
    print(f"  loss {truth['loss']:.6f}, float32 errors: {description['float32']}; clearance {clearance}")
    fixture.report("gradients", tensors, "gradient", vanishing, description["gradient_names"])
    fixture.report("statistics", tensors, "statistics", [], description["statistics_names"])
    noise = [float(d) for d, n in zip(tensors["gradient.float32_difference"], description["gradient_names"]) if n in vanishing]
    print(f"  float32 noise of vanishing gradients: up to {max(noise):.1e}; gradient norms "
          f"{sorted(float(n) for n in tensors['gradient.norm'])[len(vanishing)]:.1e} to {tensors['gradient.norm'].max():.1e}")


SGD = {"optimizer": "sgd", "learning_rate": 0.5, "momentum": 0.9, "weight_decay": 1e-4, "steps": 1}
STRONG = {"optimizer": "sgd", "learning_rate": 0.05, "momentum": 0.9, "weight_decay": 0.05, "steps": 2}
ADAMW = {"optimizer": "adamw", "learning_rate": 1e-2, "betas": [0.9, 0.999], "epsilon": 1e-8, "weight_decay": 0.05, "steps": 1}
ADAMW_TWICE = {**ADAMW, "learning_rate": 1e-3, "epsilon": 1e-4, "steps": 2}
STEPS = [
    ("mobilevit_xxs", 64, 64, 2, SGD, "sgd"), ("mobilevit_xxs", 64, 64, 2, STRONG, "sgd-2"),
    ("mobilevit_xxs", 64, 64, 2, ADAMW, "adamw"), ("mobilevit_xxs", 64, 64, 2, ADAMW_TWICE, "adamw-2"),
    ("mobilenet_v2", 128, 128, 2, SGD, "sgd"), ("mobilenet_v2", 128, 128, 2, ADAMW, "adamw"),
]


def ill_conditioned(recipe, gradients, after):
    """Names whose value after the step no float32 code can hit: Adam with a tiny epsilon moves an element by the sign of
    its gradient, which is noise where the gradient is. The bound assumes noise of 1e-4 of a tensor's mean gradient."""
    if recipe["optimizer"] != "adamw" or recipe["epsilon"] > 1e-6:
        return []
    names = []
    for name, gradient in gradients.items():
        unsure = np.count_nonzero(np.abs(gradient) < 1e-4 * formula.norm(gradient) / gradient.size**0.5)
        if 2 * recipe["learning_rate"] * recipe["steps"] * unsure**0.5 > 2e-4 * formula.norm(after[name]):
            names.append(name)
    return names


def make_optimizer(model, recipe):
    if recipe["optimizer"] == "sgd":
        return torch.optim.SGD(model.parameters(), lr=recipe["learning_rate"], momentum=recipe["momentum"],
                               weight_decay=recipe["weight_decay"], foreach=False)
    return torch.optim.AdamW(model.parameters(), lr=recipe["learning_rate"], betas=tuple(recipe["betas"]), eps=recipe["epsilon"],
                             weight_decay=recipe["weight_decay"], foreach=False)


def train(model, optimizer, steps, count, height, width, dtype):
    """The losses of `steps` training steps, each on its own batch; the model and the optimizer are left as they end."""
    losses = []
    model.train()
    for step in range(steps):
        images, labels = batch(step, count, height, width, dtype)
        optimizer.zero_grad()
        loss = F.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def step_result(name, height, width, count, recipe, dtype, overrides):
    model = build(name, dtype, overrides)
    before = arrays(dict(model.named_parameters())) | statistics(model)
    optimizer = make_optimizer(model, recipe)
    losses = train(model, optimizer, recipe["steps"], count, height, width, dtype)
    after = arrays(dict(model.named_parameters())) | statistics(model)
    states = {"momentum": "momentum_buffer"} if recipe["optimizer"] == "sgd" else {"mean": "exp_avg", "square": "exp_avg_sq"}
    state = {ours: arrays({k: optimizer.state[p][theirs] for k, p in model.named_parameters()}) for ours, theirs in states.items()}
    return losses, before, after, state


def write_step(name, height, width, count, recipe, label):
    overrides, _ = kink_overrides(name, height, width, count)
    losses, before, after, state = step_result(name, height, width, count, recipe, torch.float64, overrides)
    single_losses, _, single_after, single_state = step_result(name, height, width, count, recipe, torch.float32, overrides)
    tensors = fixture.digest("after", after, single_after)
    update = {k: after[k] - before[k] for k in after}
    tensors["after.update_norm"] = fixture.float32_array([formula.norm(v) for v in update.values()])
    for k in state:
        tensors.update(fixture.digest(k, state[k], single_state[k]))
    gradients = measure(name, height, width, count, torch.float64, overrides)["gradient"]
    vanishing, unsure = fixture.vanishing(gradients), ill_conditioned(recipe, gradients, after)
    description = {
        "model": name, "height": height, "width": width, "batch": count, "classes": CLASSES, "seed": formula.SEED, **recipe,
        "losses": losses, "float32_losses": single_losses, "after_names": list(after), "state_names": list(next(iter(state.values()))),
        "vanishing_gradients": vanishing, "ill_conditioned": unsure, "overrides_from": f"{name}-{height}x{width}.safetensors" if overrides else None,
        "made_with": versions(),
    }
    fixture.write(HERE / f"{name}-{label}.safetensors", tensors, description)
    print(f"  losses {losses}, float32 {single_losses}")
    skipped = sorted({*vanishing, *unsure}) if recipe["optimizer"] == "adamw" else []
    fixture.report("after", tensors, "after", skipped, description["after_names"])
    by_update = {"update.norm": tensors["after.update_norm"], "update.float32_difference": tensors["after.float32_difference"]}
    fixture.report("after, relative to the update", by_update, "update", sorted({*vanishing, *unsure}), description["after_names"])
    for k in state:
        fixture.report(k, tensors, k, vanishing, description["state_names"])


# A trajectory amplifies float32's rounding, and a ReLU6 that flips amplifies it a thousandfold: at usual rates PyTorch's
# own float32 and float64 part by percents within ten steps. These recipes stay far below that. MobileNetV2 starts with
# the shift in front of every ReLU6 raised by 3, into the middle of the linear part, so that hardly any activation meets
# a kink (its gradients across the kinks are the parity fixtures' business).

TRAJECTORY = {"height": 64, "width": 64, "batch": 8, "classes": CLASSES, "steps": 30, "optimizer": "sgd", "momentum": 0.9,
              "weight_decay": 1e-4, "schedule": "constant"}
TRAJECTORY_RATES = {"mobilevit_xxs": 2e-3, "mobilenet_v2": 1e-4}
RAISED_BY = 3


def shifts_before_relu6(name):
    """{name: shape} of the batch-norm biases that a ReLU6 follows."""
    if name != "mobilenet_v2":
        return {}
    modules = torchvision.models.mobilenet_v2(num_classes=CLASSES).named_modules()
    return {f"{path}.1.bias": m[1].bias.shape for path, m in modules if isinstance(m, torchvision.ops.Conv2dNormActivation)}


def trajectory(name, recipe, dtype):
    raised = {k: formula.tensor(k, shape) + np.float32(RAISED_BY) for k, shape in shifts_before_relu6(name).items()}
    model = build(name, dtype, raised)
    return train(model, make_optimizer(model, recipe), recipe["steps"], recipe["batch"], recipe["height"], recipe["width"], dtype)


def write_trajectory(name):
    recipe = {**TRAJECTORY, "learning_rate": TRAJECTORY_RATES[name]}
    truth, single = trajectory(name, recipe, torch.float64), trajectory(name, recipe, torch.float32)
    text = {"model": name, **recipe, "seed": formula.SEED, "raised_shifts": list(shifts_before_relu6(name)), "raised_by": RAISED_BY,
            "losses": truth, "float32_losses": single, "made_with": versions()}
    path = HERE / f"{name}-trajectory.json"
    path.write_text(json.dumps(text, indent=1, sort_keys=True) + "\n")
    worst = max(abs(a - b) / b for a, b in zip(single, truth))
    print(f"{path.name}: {path.stat().st_size / 1e3:.0f} kB\n  loss {truth[0]:.4f} -> {truth[-1]:.4f}, float32 differs by up to {worst:.1e}")


def main():
    torch.set_num_threads(2)
    wanted = sys.argv[1:] or ["parity", "steps", "trajectory"]
    if "parity" in wanted:
        for case in PARITY:
            write_parity(*case)
    if "steps" in wanted:
        for case in STEPS:
            write_step(*case)
    if "trajectory" in wanted:
        for name in ("mobilevit_xxs", "mobilenet_v2"):
            write_trajectory(name)


if __name__ == "__main__":
    main()

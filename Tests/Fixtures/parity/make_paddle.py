#!/usr/bin/env python3
"""Write the parity fixtures of the tutorial's MobileViT, computed in float64 by the tutorial's own Paddle code.

usage: make_paddle.py TUTORIAL.py      files go beside this script
TUTORIAL.py is the tutorial's model code as a module with functions xxs(classes, size), xs(...) and s(...). Needs
paddlepaddle and safetensors. README.md states the formulas and the files' layout.
"""

import importlib.util
import pathlib
import sys

import paddle
import paddle.nn.functional as F

import fixture
import formula

HERE = pathlib.Path(__file__).resolve().parent
CLASSES = 10
CASES = [(f"tutorial_mobilevit_{k}", size, 2) for k in ("xxs", "xs", "s") for size in (64, 128)]


def load_tutorial(path):
    spec = importlib.util.spec_from_file_location("tutorial", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def build(tutorial, name, size, dtype):
    """The tutorial's model with formula weights; Paddle stores linear weights as [in, out]."""
    paddle.set_default_dtype(dtype)
    model = getattr(tutorial, name.removeprefix("tutorial_mobilevit_"))(CLASSES, size)
    values = {k: formula.tensor(k, v.shape, linear_in_first=True).astype(dtype) for k, v in model.state_dict().items()}
    missing, unexpected = model.set_state_dict(values)
    assert not missing and not unexpected
    return model


def is_statistic(name):
    return name.endswith(("._mean", "._variance"))


def measure(tutorial, name, size, count, dtype):
    """One evaluation forward, then one training forward and backward, of the batch of step 0."""
    model = build(tutorial, name, size, dtype)
    images, labels = formula.batch(0, count, size, size, CLASSES)
    x, y = paddle.to_tensor(images.transpose(0, 3, 1, 2).astype(dtype)), paddle.to_tensor(labels)
    model.eval()
    with paddle.no_grad():
        evaluation = model(x).numpy()
    model.train()
    logits = model(x)
    assert str(logits.dtype) == f"paddle.{dtype}"
    loss = F.cross_entropy(logits, y)
    loss.backward()
    return {
        "evaluation.logits": evaluation, "training.logits": logits.numpy(), "loss": float(loss),
        "loss_smoothed": float(F.cross_entropy(logits, y, label_smoothing=0.1)),
        "gradient": {k: p.grad.numpy() for k, p in model.named_parameters() if not is_statistic(k)},
        "statistics": {k: v.numpy() for k, v in model.state_dict().items() if is_statistic(k)},
    }


def write_case(tutorial, name, size, count):
    truth, single = (measure(tutorial, name, size, count, dtype) for dtype in ("float64", "float32"))
    tensors = {k: fixture.float32_array(truth[k]) for k in ("evaluation.logits", "training.logits")}
    for prefix in ("gradient", "statistics"):
        tensors.update(fixture.digest(prefix, truth[prefix], single[prefix]))
    vanishing = fixture.vanishing(truth["gradient"])
    description = {
        "model": name, "height": size, "width": size, "batch": count, "classes": CLASSES, "seed": formula.SEED,
        "loss": truth["loss"], "loss_smoothed": truth["loss_smoothed"],
        "gradient_names": list(truth["gradient"]), "statistics_names": list(truth["statistics"]),
        "vanishing_gradients": vanishing, "kink_clearance": None, "made_with": {"paddlepaddle": paddle.__version__},
        "float32": {
            "evaluation_logits_error": formula.relative_error(single["evaluation.logits"], truth["evaluation.logits"]),
            "training_logits_error": formula.relative_error(single["training.logits"], truth["training.logits"]),
            "loss": single["loss"], "loss_smoothed": single["loss_smoothed"],
        },
    }
    fixture.write(HERE / f"{name}-{size}x{size}.safetensors", tensors, description)
    print(f"  loss {truth['loss']:.6f}, float32 errors: {description['float32']}")
    fixture.report("gradients", tensors, "gradient", vanishing, description["gradient_names"])
    fixture.report("statistics", tensors, "statistics", [], description["statistics_names"])


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    paddle.set_device("cpu")
    tutorial = load_tutorial(sys.argv[1])
    for case in CASES:
        write_case(tutorial, *case)


if __name__ == "__main__":
    main()

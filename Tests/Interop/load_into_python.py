#!/usr/bin/env python3
"""Load a checkpoint into the Python framework whose names it uses, strictly, and print logits as JSON lines.

usage: load_into_python.py --weights DIR|FILE --model NAME [--classes N] [--image-size N] [--normalization KIND] IMAGE...
       load_into_python.py --weights DIR|FILE --model NAME [--classes N] --formula NxHxW

Compare the lines with `mvit-tui predict --weights ... --json --logits IMAGE...`. MobileViT goes into timm and MobileNetV2 into
torchvision, both with strict=True (needs torch, timm, torchvision, pillow, safetensors); the tutorial's models go into
the tutorial's own code, a module with functions xxs, xs and s of (classes, size), named by --tutorial-code (needs
paddlepaddle, pillow, safetensors). --formula takes the batch of step 0 of ../Fixtures/parity/formula.py instead of images.
"""

import argparse
import importlib.util
import json
import pathlib
import sys

import numpy as np
from safetensors.numpy import load_file

HERE = pathlib.Path(__file__).resolve().parent
TUTORIAL = "tutorial_mobilevit_"
MODELS = ["mobilevit_xxs", "mobilevit_xs", "mobilevit_s", "mobilenet_v2", *(TUTORIAL + k for k in ("xxs", "xs", "s"))]
NORMALIZATIONS = {
    "unit": ([0.0, 0.0, 0.0], [1.0, 1.0, 1.0]),
    "imagenet": ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    "tutorial": ([0.50950350, 0.54632660, 0.57409690], [0.26059777, 0.26041326, 0.29220656]),
}


def read_weights(path):
    """{name: array} of a .safetensors file, or of model.safetensors in a checkpoint folder."""
    path = path / "model.safetensors" if path.is_dir() else path
    if not path.is_file():
        sys.exit(f"{path}: no such file; name a .safetensors file or a checkpoint folder with --weights")
    return load_file(path)


def read_images(paths, size, normalization):
    """float32 [N, size, size, 3]: RGB, resized with Pillow's antialiased bilinear filter, then normalised."""
    from PIL import Image

    mean, deviation = (np.array(v, dtype=np.float32) for v in NORMALIZATIONS[normalization])
    pixels = [np.asarray(Image.open(p).convert("RGB").resize((size, size), Image.Resampling.BILINEAR)) for p in paths]
    return (np.stack(pixels).astype(np.float32) / 255 - mean) / deviation


def formula_batch(text, classes):
    """float32 [N, H, W, 3] of the parity fixtures' formula, step 0, for a text like 2x64x64."""
    sys.path.insert(0, str(HERE.parent / "Fixtures" / "parity"))
    import formula

    count, height, width = map(int, text.split("x"))
    return formula.batch(0, count, height, width, classes)[0]


def torch_logits(name, classes, weights, images):
    import torch

    if name == "mobilenet_v2":
        import torchvision
        model = torchvision.models.mobilenet_v2(num_classes=classes)
    else:
        import timm
        model = timm.create_model(name, num_classes=classes)
    model.load_state_dict({k: torch.from_numpy(v) for k, v in weights.items()}, strict=True)
    with torch.inference_mode():
        return model.eval()(torch.from_numpy(images).permute(0, 3, 1, 2)).numpy()


def paddle_logits(name, classes, weights, images, code):
    import paddle

    if code is None:
        sys.exit(f"{name} needs the tutorial's own code: name its file with --tutorial-code")
    spec = importlib.util.spec_from_file_location("tutorial", code)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    paddle.set_device("cpu")
    model = getattr(module, name.removeprefix(TUTORIAL))(classes, images.shape[1])
    expected = {k: tuple(v.shape) for k, v in model.state_dict().items()}
    found = {k: v.shape for k, v in weights.items()}
    if expected != found:  # set_state_dict only warns
        sys.exit(f"the file does not fit {name}: " + ", ".join(f"{k}: model {expected.get(k)}, file {found.get(k)}"
                 for k in sorted(expected.keys() | found.keys()) if expected.get(k) != found.get(k)))
    model.set_state_dict(weights)
    model.eval()
    with paddle.no_grad():
        return model(paddle.to_tensor(np.ascontiguousarray(images.transpose(0, 3, 1, 2)))).numpy()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--weights", type=pathlib.Path, required=True, help="checkpoint folder or .safetensors file")
    parser.add_argument("--model", required=True, choices=MODELS)
    parser.add_argument("--classes", type=int, default=10)
    parser.add_argument("--image-size", type=int, default=256)
    parser.add_argument("--normalization", choices=NORMALIZATIONS, default="tutorial", help="as the weights were trained")
    parser.add_argument("--formula", metavar="NxHxW", help="use the parity fixtures' batch instead of images")
    parser.add_argument("--tutorial-code", type=pathlib.Path, help="the tutorial's model code, for its models")
    parser.add_argument("images", nargs="*", metavar="IMAGE")
    options = parser.parse_args()
    if bool(options.formula) == bool(options.images):
        parser.error("give images or --formula")

    weights = read_weights(options.weights)
    if options.formula:
        images = formula_batch(options.formula, options.classes)
        paths = [f"formula:{i}" for i in range(len(images))]
    else:
        images, paths = read_images(options.images, options.image_size, options.normalization), options.images
    if options.model.startswith(TUTORIAL):
        logits = paddle_logits(options.model, options.classes, weights, images, options.tutorial_code)
    else:
        logits = torch_logits(options.model, options.classes, weights, images)
    for path, row in zip(paths, logits):
        print(json.dumps({"path": path, "logits": [float(v) for v in row]}))


if __name__ == "__main__":
    main()

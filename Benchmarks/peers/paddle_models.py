"""Paddle's MobileNetV2 and, from a file that the user names, the tutorial's MobileViT."""

import importlib.util

import measuring
import numpy as np
import paddle
import safetensors_file

TUTORIAL = "tutorial_mobilevit_"


def build(name, image_size, tutorial_code):
    if name == "mobilenet_v2":
        model = paddle.vision.models.MobileNetV2(num_classes=measuring.CLASSES)
        for layer in model.sublayers():
            if isinstance(layer, paddle.nn.Dropout):
                layer.p = 0.0  # as `mvit-tui bench` measures
        return model
    spec = importlib.util.spec_from_file_location("tutorial", tutorial_code)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name.removeprefix(TUTORIAL))(measuring.CLASSES, image_size)


def stored(name, key, array):
    """(name, array) in the weight file: torchvision's for MobileNetV2, the tutorial's own for its models."""
    if name != "mobilenet_v2":
        return key, array
    key = key.replace("._mean", ".running_mean").replace("._variance", ".running_var")
    return key, array.T if array.ndim == 2 else array  # Paddle's linear weight is [in, out]


def write(name, model, path):
    safetensors_file.write(path, dict(stored(name, key, value.numpy()) for key, value in model.state_dict().items()))


def read(name, model, path):
    arrays = safetensors_file.read(path)
    state = {}
    for key, value in model.state_dict().items():
        array = arrays[stored(name, key, value.numpy())[0]]
        state[key] = np.ascontiguousarray(array.T if name == "mobilenet_v2" and array.ndim == 2 else array)
        if list(state[key].shape) != list(value.shape):
            raise SystemExit(f"{key}: the model has {list(value.shape)}, the file {list(state[key].shape)}")
    model.set_state_dict(state)

"""The published models as their reference implementations build them: timm's MobileViT, torchvision's MobileNetV2."""

import importlib.metadata

import measuring
import safetensors_file
import torch


def build(name):
    """Without dropout, as `mvit-tui bench` measures."""
    if name == "mobilenet_v2":
        import torchvision

        return torchvision.models.mobilenet_v2(num_classes=measuring.CLASSES, dropout=0.0)
    import timm

    return timm.create_model(name, pretrained=False, num_classes=measuring.CLASSES)


def load(name, weights):
    model = build(name)
    model.load_state_dict({key: torch.from_numpy(array) for key, array in safetensors_file.read(weights).items()}, strict=True)
    return model


def versions():
    return {name: importlib.metadata.version(name) for name in ("torch", "torchvision", "timm")}

"""Write weights in timm's or torchvision's names, and a batch: what every side of a contest starts from.

usage: pytorch_inputs.py --model M --image-size N --batch-size N --weights FILE --batch FILE
"""

import argparse

import measuring
import pytorch_models
import safetensors_file
import torch


@torch.no_grad()
def make_telling(model, images):
    """Changes fresh weights so that the loss depends on all of them and evaluation sees usual magnitudes.

    Freshly made, normalisations are identity maps and logits are almost 0: the loss would be ln(classes) whatever went wrong.
    """
    for layer in model.modules():
        if isinstance(layer, (torch.nn.BatchNorm2d, torch.nn.LayerNorm)):
            layer.weight.uniform_(0.5, 1.5)
            layer.bias.uniform_(-0.2, 0.2)
        elif isinstance(layer, torch.nn.Linear):  # timm's are so small that attention would be the same everywhere
            layer.weight.normal_(std=layer.in_features ** -0.5)
            layer.bias.uniform_(-0.2, 0.2)
            head = layer
    norms = [layer for layer in model.modules() if isinstance(layer, torch.nn.BatchNorm2d)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 1.0  # running statistics become this batch's
    model.train()
    logits = model(images)
    for norm, momentum in zip(norms, momenta):
        norm.momentum = momentum
    head.bias.sub_(logits.mean(0))
    spread = (logits - logits.mean(0)).std() if len(logits) > 1 else logits.std()
    head.weight.div_(spread)
    head.bias.div_(spread)
    head.bias.add_(torch.randn_like(head.bias))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--image-size", type=int, required=True)
    parser.add_argument("--batch-size", type=int, required=True)
    parser.add_argument("--weights", required=True)
    parser.add_argument("--batch", required=True)
    options = parser.parse_args()

    torch.manual_seed(0)
    model = pytorch_models.build(options.model)
    images, labels = measuring.make_batch(options.batch_size, options.image_size)
    make_telling(model, torch.from_numpy(images).permute(0, 3, 1, 2))
    safetensors_file.write(options.weights, {key: value.numpy() for key, value in model.state_dict().items()})
    safetensors_file.write(options.batch, {"images": images, "labels": labels})
    measuring.report()


if __name__ == "__main__":
    main()

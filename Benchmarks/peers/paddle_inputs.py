"""Write weights of a Paddle model, and a batch: what both sides of a contest start from.

usage: paddle_inputs.py --model M --image-size N --batch-size N --weights FILE --batch FILE [--tutorial-code FILE]
"""

import argparse

import measuring
import paddle
import paddle_models
import safetensors_file


@paddle.no_grad()
def make_telling(model, images):
    """Changes fresh weights so that the loss depends on all of them (see pytorch_inputs.py)."""
    for layer in model.sublayers():
        if isinstance(layer, (paddle.nn.BatchNorm2D, paddle.nn.LayerNorm)):
            layer.weight.set_value(paddle.uniform(layer.weight.shape, min=0.5, max=1.5))
            layer.bias.set_value(paddle.uniform(layer.bias.shape, min=-0.2, max=0.2))
        elif isinstance(layer, paddle.nn.Linear):
            layer.weight.set_value(paddle.randn(layer.weight.shape) / layer.weight.shape[0] ** 0.5)  # [in, out]
            head = layer
    model.train()
    head.weight.set_value(head.weight / model(images).std())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--image-size", type=int, required=True)
    parser.add_argument("--batch-size", type=int, required=True)
    parser.add_argument("--weights", required=True)
    parser.add_argument("--batch", required=True)
    parser.add_argument("--tutorial-code")
    options = parser.parse_args()

    paddle.set_device("cpu")
    paddle.seed(0)
    model = paddle_models.build(options.model, options.image_size, options.tutorial_code)
    images, labels = measuring.make_batch(options.batch_size, options.image_size)
    make_telling(model, paddle.to_tensor(images.transpose(0, 3, 1, 2)))
    paddle_models.write(options.model, model, options.weights)
    safetensors_file.write(options.batch, {"images": images, "labels": labels})
    measuring.report()


if __name__ == "__main__":
    main()

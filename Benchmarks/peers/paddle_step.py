"""Time training steps and evaluation passes of Paddle on one batch.

usage: paddle_step.py --model M --weights FILE --batch FILE --steps N [--tutorial-code FILE]
A step is forward, loss, backward and update by SGD with momentum. Threads come from the environment.
"""

import argparse

import measuring
import numpy as np
import paddle
import paddle_models


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--weights", required=True)
    parser.add_argument("--batch", required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--tutorial-code")
    options = parser.parse_args()

    paddle.set_device("cpu")
    images, labels = measuring.read_batch(options.batch)
    model = paddle_models.build(options.model, images.shape[1], options.tutorial_code)
    paddle_models.read(options.model, model, options.weights)
    images = paddle.to_tensor(np.ascontiguousarray(images.transpose(0, 3, 1, 2)))
    labels = paddle.to_tensor(labels.reshape(-1, 1))
    optimizer = paddle.optimizer.Momentum(learning_rate=0.01, momentum=0.9, weight_decay=paddle.regularizer.L2Decay(1e-4),
                                          parameters=model.parameters())
    loss_of, losses = paddle.nn.CrossEntropyLoss(), []

    def step():
        loss = loss_of(model(images), labels)
        loss.backward()
        optimizer.step()
        optimizer.clear_grad()
        losses.append(float(loss))

    model.train()
    for _ in range(measuring.WARM_UP_STEPS):
        step()
    step_seconds = measuring.median_seconds(step, options.steps)
    model.eval()
    with paddle.no_grad():
        passes = measuring.median_seconds(lambda: model(images).numpy(), max(3, options.steps // 2))
    measuring.report(loss=losses[0], step_seconds=step_seconds, evaluation_images_per_second=len(labels) / passes,
                     versions={"paddle": paddle.__version__})


if __name__ == "__main__":
    main()

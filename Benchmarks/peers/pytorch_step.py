"""Time training steps and evaluation passes of PyTorch on one batch.

usage: pytorch_step.py --model M --weights FILE --batch FILE --threads N --steps N [--compile] [--fused]
A step is forward, loss, backward and update by SGD with momentum. Eager mode works channels-last, its best layout on a
CPU; --compile leaves the layout to the compiler and skips evaluation, which would be compiled anew; --fused updates all
parameters in one kernel.
"""

import argparse

import measuring
import pytorch_models
import torch


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--weights", required=True)
    parser.add_argument("--batch", required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--fused", action="store_true")
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    model = pytorch_models.load(options.model, options.weights)
    images, labels = (torch.from_numpy(array) for array in measuring.read_batch(options.batch))
    images = images.permute(0, 3, 1, 2)  # NHWC in memory: this is channels-last already
    if options.compile:
        images, run = images.contiguous(), torch.compile(model)
    else:
        run = model.to(memory_format=torch.channels_last)
    update = {"fused": True} if options.fused else {}
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4, **update)
    loss_of, losses = torch.nn.CrossEntropyLoss(), []

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(run(images), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())

    model.train()
    for _ in range(measuring.WARM_UP_STEPS):
        step()
    facts = {"loss": losses[0], "step_seconds": measuring.median_seconds(step, options.steps)}
    if not options.compile:
        model.eval()
        with torch.inference_mode():
            run(images)
            passes = measuring.median_seconds(lambda: run(images), max(3, options.steps // 2))
        facts["evaluation_images_per_second"] = len(labels) / passes
    measuring.report(**facts, versions=pytorch_models.versions())


if __name__ == "__main__":
    main()

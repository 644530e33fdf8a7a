"""Export a PyTorch model to ONNX for one batch size and image size, and print its evaluation loss on the batch.

usage: onnx_export.py --model M --weights FILE --batch FILE --output FILE
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
    parser.add_argument("--output", required=True)
    options = parser.parse_args()

    model = pytorch_models.load(options.model, options.weights).eval()
    images, labels = measuring.read_batch(options.batch)
    inputs = torch.from_numpy(images).permute(0, 3, 1, 2).contiguous()
    torch.onnx.export(model, (inputs,), options.output, input_names=["images"], output_names=["logits"], dynamo=True,
                      external_data=False, verbose=False)
    with torch.inference_mode():
        logits = model(inputs).numpy()
    measuring.report(evaluation_loss=measuring.cross_entropy(logits, labels))


if __name__ == "__main__":
    main()

"""Time evaluation passes of ONNX Runtime or OpenVINO, in float32, on one batch.

usage: onnx_evaluate.py --runtime onnxruntime|openvino --model FILE --batch FILE --threads N --passes N
"""

import argparse

import measuring
import numpy as np

WARM_UP_PASSES = 2


def onnxruntime_pass(path, threads):
    """(function from images [N, 3, H, W] to logits, versions)"""
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads, settings.inter_op_num_threads = threads, 1
    settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    session = onnxruntime.InferenceSession(path, settings, providers=["CPUExecutionProvider"])
    return lambda images: session.run(["logits"], {"images": images})[0], {"onnxruntime": onnxruntime.__version__}


def openvino_pass(path, threads):
    """(function from images [N, 3, H, W] to logits, versions)"""
    import openvino

    # Without the precision OpenVINO computes in bfloat16 where the processor can.
    settings = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY"}
    request = openvino.Core().compile_model(path, "CPU", settings).create_infer_request()
    version = openvino.__version__.split("-")[0]
    return lambda images: request.infer({"images": images}, share_inputs=True, share_outputs=True)["logits"], {"openvino": version}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runtime", choices=["onnxruntime", "openvino"], required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--batch", required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--passes", type=int, required=True)
    options = parser.parse_args()

    run, versions = {"onnxruntime": onnxruntime_pass, "openvino": openvino_pass}[options.runtime](options.model, options.threads)
    images, labels = measuring.read_batch(options.batch)
    images = np.ascontiguousarray(images.transpose(0, 3, 1, 2))
    for _ in range(WARM_UP_PASSES):
        logits = np.array(run(images))
    seconds = measuring.median_seconds(lambda: run(images), options.passes)
    measuring.report(evaluation_loss=measuring.cross_entropy(logits, labels), versions=versions,
                     evaluation_images_per_second=len(labels) / seconds)


if __name__ == "__main__":
    main()

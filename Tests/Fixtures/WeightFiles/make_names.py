"""Lists the names, element types and shapes of real state dictionaries, one `name<TAB>dtype<TAB>shape` a line.

usage: make_names.py torch|huggingface|paddle OUTPUT_FOLDER [TUTORIAL_MODULE]

torch         needs torch, torchvision and timm
huggingface   needs torch and transformers
paddle        needs paddlepaddle; TUTORIAL_MODULE is a Python file with xxs(classes), xs(classes), s(classes) that build
              the tutorial's MobileViT
The class counts differ from list to list so that a reader cannot get them right by accident.
"""
import os
import sys

framework, folder = sys.argv[1], sys.argv[2]


def save(name, state):
    with open(os.path.join(folder, name + ".txt"), "w") as out:
        for key, tensor in state.items():
            dtype = {"float32": "F32", "int64": "I64"}[str(tensor.dtype).split(".")[-1]]
            out.write(f"{key}\t{dtype}\t{','.join(map(str, tensor.shape))}\n")


if framework == "torch":
    import timm
    import torchvision

    for size, classes in (("xxs", 1000), ("xs", 100), ("s", 10)):
        save("timm_mobilevit_" + size, timm.create_model("mobilevit_" + size, num_classes=classes).state_dict())
    save("timm_mobilenetv2_100", timm.create_model("mobilenetv2_100", num_classes=7).state_dict())
    save("torchvision_mobilenet_v2", torchvision.models.mobilenet_v2(num_classes=1000).state_dict())
elif framework == "huggingface":
    import transformers

    sizes = {"xxs": ([16, 16, 24, 48, 64, 80, 320], [64, 80, 96], 2.0), "xs": ([16, 32, 48, 64, 80, 96, 384], [96, 120, 144], 4.0),
             "s": ([16, 32, 64, 96, 128, 160, 640], [144, 192, 240], 4.0)}
    for (size, (channels, dims, expansion)), classes in zip(sizes.items(), (5, 21, 1000)):
        config = transformers.MobileViTConfig(hidden_sizes=dims, neck_hidden_sizes=channels, expand_ratio=expansion, num_labels=classes)
        save("huggingface_mobilevit_" + size, transformers.MobileViTForImageClassification(config).state_dict())
elif framework == "paddle":
    import importlib.util
    import paddle

    save("paddle_mobilenet_v2", paddle.vision.models.mobilenet_v2(num_classes=11).state_dict())
    specification = importlib.util.spec_from_file_location("tutorial", sys.argv[3])
    tutorial = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(tutorial)
    for size, classes in (("xxs", 1000), ("xs", 4), ("s", 100)):
        save("tutorial_mobilevit_" + size, getattr(tutorial, size)(classes).state_dict())
else:
    sys.exit(__doc__)

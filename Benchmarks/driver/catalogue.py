"""What can be compared: models, configurations, peers and sections, as tables."""

import re
from dataclasses import dataclass, field

PUBLISHED = ("mobilevit_s", "mobilevit_xs", "mobilevit_xxs", "mobilenet_v2")
TUTORIAL = ("tutorial_mobilevit_s", "tutorial_mobilevit_xs", "tutorial_mobilevit_xxs")
MODELS = PUBLISHED + TUTORIAL

# Huge pages, and an allocator that keeps its memory: by default page faults are a large share of PyTorch's time on a CPU.
ROOMY_MEMORY = {
    "THP_MEM_ALLOC_ENABLE": "1", "MALLOC_MMAP_THRESHOLD_": str(1 << 32), "MALLOC_TRIM_THRESHOLD_": str(1 << 34),
    "MALLOC_TOP_PAD_": str(1 << 28),
}


@dataclass(frozen=True)
class Peer:
    """A framework as one kind of user runs it. `{threads}` in the environment's values stands for the contest's threads."""

    title: str
    section: str
    venv: str  # "pytorch" or "paddle"
    script: str
    models: tuple
    arguments: tuple = ()
    environment: dict = field(default_factory=dict)
    by_default: bool = True


PEERS = {
    "pytorch": Peer("PyTorch", "training", "pytorch", "pytorch_step.py", PUBLISHED),
    "pytorch-tuned": Peer("PyTorch tuned", "training", "pytorch", "pytorch_step.py", PUBLISHED, ("--fused",), ROOMY_MEMORY),
    "pytorch-compile": Peer("PyTorch compiled, tuned", "training", "pytorch", "pytorch_step.py", PUBLISHED, ("--fused", "--compile"),
                            ROOMY_MEMORY, by_default=False),
    # As a user gets it Paddle sets its OpenMP to one thread, whatever the machine has.
    "paddle": Peer("Paddle", "training", "paddle", "paddle_step.py", ("mobilenet_v2", *TUTORIAL)),
    "paddle-tuned": Peer("Paddle tuned", "training", "paddle", "paddle_step.py", ("mobilenet_v2", *TUTORIAL), (),
                         {**ROOMY_MEMORY, "FLAGS_paddle_num_threads": "{threads}", "OMP_NUM_THREADS": "{threads}"}),
    "onnxruntime": Peer("ONNX Runtime", "evaluation", "pytorch", "onnx_evaluate.py", PUBLISHED, ("--runtime", "onnxruntime")),
    "openvino": Peer("OpenVINO", "evaluation", "pytorch", "onnx_evaluate.py", PUBLISHED, ("--runtime", "openvino")),
    "pytorch-first-step": Peer("PyTorch", "first-step", "pytorch", "pytorch_first_step.py", PUBLISHED),
}

# "own" compares us with ourselves: threads, and image sizes whose maps are odd.
SECTIONS = ("training", "evaluation", "first-step", "own")


@dataclass(frozen=True, order=True)
class Configuration:
    """Images of a step and their side in pixels."""

    image_size: int
    batch_size: int

    @classmethod
    def parse(cls, text):
        """From a text like 256x256b16. Raises ValueError."""
        match = re.fullmatch(r"([1-9]\d*)x([1-9]\d*)b([1-9]\d*)", text)
        if not match or match[1] != match[2]:
            raise ValueError(f"{text}: write a configuration as SIZExSIZEbBATCH, for example 256x256b16")
        return cls(int(match[1]), int(match[3]))

    @property
    def pixels(self):
        return self.batch_size * self.image_size ** 2

    def __str__(self):
        return f"{self.image_size}x{self.image_size}b{self.batch_size}"

    def steps(self):
        """Steps to measure in a process: the smaller the work, the more."""
        return max(5, min(15, round(5 * 16 * 256 ** 2 / self.pixels)))

    def fits(self, model):
        """The tutorial's models take multiples of 64 only."""
        return model not in TUTORIAL or self.image_size % 64 == 0


CONFIGURATIONS = tuple(map(Configuration.parse, ("256x256b16", "64x64b64", "256x256b1", "224x224b16")))
FIRST_STEP = Configuration.parse("64x64b64")

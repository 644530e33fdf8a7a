"""The command lines of both sides, and the files that they start from."""

import pathlib
from dataclasses import dataclass, field

from . import catalogue, processes
from .environments import PEERS, SAMPLE_DATA
from .processes import ProcessFailure


@dataclass
class Workshop:
    """Programs, a folder for files, and what has been made there."""

    binary: pathlib.Path
    pythons: dict  # {"pytorch": path, "paddle": path}, or what went wrong as a text instead of a path
    folder: pathlib.Path
    tutorial_code: pathlib.Path | None = None
    limit: int = 3600
    made: dict = field(default_factory=dict)

    def python(self, venv):
        """Raises ProcessFailure when the environment could not be set up."""
        python = self.pythons[venv]
        if isinstance(python, str):
            raise ProcessFailure(python)
        return python

    def once(self, key, make):
        """make()'s result; made once, and a failure is remembered too."""
        if key not in self.made:
            try:
                self.made[key] = make()
            except ProcessFailure as failure:
                self.made[key] = failure
        if isinstance(self.made[key], ProcessFailure):
            raise self.made[key]
        return self.made[key]

    def tutorial_arguments(self, model):
        return ["--tutorial-code", self.tutorial_code] if model in catalogue.TUTORIAL else []

    def inputs(self, venv, model, configuration):
        """(weights file, batch file), made by the peer's framework."""

        def make():
            stem = self.folder / f"{venv}-{model}-{configuration}"
            weights, batch = stem.with_suffix(".weights.safetensors"), stem.with_suffix(".batch.safetensors")
            processes.run(
                [self.python(venv), PEERS / f"{venv}_inputs.py", "--model", model, "--image-size", configuration.image_size,
                 "--batch-size", configuration.batch_size, "--weights", weights, "--batch", batch, *self.tutorial_arguments(model)],
                limit=self.limit)
            return weights, batch

        return self.once(("inputs", venv, model, configuration), make)

    def exported(self, model, configuration):
        """(ONNX file, PyTorch's evaluation loss)"""

        def make():
            weights, batch = self.inputs("pytorch", model, configuration)
            file = self.folder / f"{model}-{configuration}.onnx"
            result = processes.run([self.python("pytorch"), PEERS / "onnx_export.py", "--model", model, "--weights", weights,
                                    "--batch", batch, "--output", file], limit=self.limit)
            return file, result["evaluation_loss"]

        return self.once(("export", model, configuration), make)

    # Each of the following measures once, in a process of its own, and raises ProcessFailure.

    def ours(self, model, configuration, threads, steps, venv=None):
        """A step and an evaluation pass of mvit-tui, from the venv's inputs if one is named."""
        weights, batch = self.inputs(venv, model, configuration) if venv else (None, None)
        files = ["--weights", weights, "--batch", batch] if venv else []
        result = processes.run([self.binary, "bench", "--model", model, "--batch-size", configuration.batch_size, "--image-size",
                                configuration.image_size, "--threads", threads, "--steps", steps, "--json", *files], limit=self.limit)
        seconds = result["train"]["median_step_seconds"]
        return {"loss": result["loss"], "step_seconds": seconds, "seconds_per_megapixel": seconds / configuration.pixels * 1e6,
                "evaluation_images_per_second": result["evaluation"]["images_per_second"],
                "peak_memory_bytes": result["peak_memory_bytes"],
                "others": result["others"], "versions": {"kernels of mvit-tui": result["kernels"]}}

    def trains(self, peer, model, configuration, threads, steps):
        weights, batch = self.inputs(peer.venv, model, configuration)
        threads_given = ["--threads", threads] if peer.venv == "pytorch" else []
        return processes.run(
            [self.python(peer.venv), PEERS / peer.script, "--model", model, "--weights", weights, "--batch", batch, "--steps", steps,
             *threads_given, *peer.arguments, *self.tutorial_arguments(model)], self.environment(peer, threads), self.limit)

    def evaluates(self, peer, model, configuration, threads, steps):
        file, loss = self.exported(model, configuration)
        _, batch = self.inputs(peer.venv, model, configuration)
        result = processes.run(
            [self.python(peer.venv), PEERS / peer.script, *peer.arguments, "--model", file, "--batch", batch, "--threads", threads,
             "--passes", max(3, steps // 2)], self.environment(peer, threads), self.limit)
        if not abs(result["evaluation_loss"] - loss) <= 1e-4:
            raise ProcessFailure(f"loss {result['evaluation_loss']:.5f} where PyTorch has {loss:.5f}")
        return result

    def first_step(self, peer, model, configuration, threads):
        return processes.run_until_step(
            [self.python(peer.venv), PEERS / peer.script, "--data", SAMPLE_DATA, *self.shape(model, configuration, threads)],
            self.environment(peer, threads), self.limit)

    def our_first_step(self, model, configuration, threads):
        self.made["runs"] = self.made.get("runs", 0) + 1
        run = self.folder / f"run-{self.made['runs']}"
        return processes.run_until_step(
            [self.binary, "train", "--data", SAMPLE_DATA, *self.shape(model, configuration, threads), "--augment", "none", "--run", run,
             "--no-ui", "--json"], limit=self.limit)

    @staticmethod
    def shape(model, configuration, threads):
        return ["--model", model, "--image-size", configuration.image_size, "--batch-size", configuration.batch_size, "--threads", threads]

    def environment(self, peer, threads):
        additions = {key: value.format(threads=threads) for key, value in peer.environment.items()}
        additions["TORCHINDUCTOR_CACHE_DIR"] = str(self.folder / "inductor")  # compile once a run, not once a round
        return additions

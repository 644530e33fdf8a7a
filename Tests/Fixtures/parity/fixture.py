"""How a fixture is written: sketches of many tensors as a few float32 matrices, and everything else as JSON metadata."""

import json

import numpy as np
from safetensors.numpy import save_file

import formula


def digest(prefix, truth, single):
    """{name: float32 array}: norm, sketch and slice of each tensor of `truth` (a dictionary of float64 arrays, in order),
    and the distance of `single`, the same tensors from the framework's own float32."""
    values = list(truth.values())
    return {
        f"{prefix}.norm": np.array([formula.norm(v) for v in values], dtype=np.float32),
        f"{prefix}.sketch": np.array([formula.sketch(v) for v in values], dtype=np.float32),
        f"{prefix}.slice": np.array([formula.slice_of(v) for v in values], dtype=np.float32),
        f"{prefix}.float32_difference": np.array(
            [formula.norm(formula.flatten(single[k]) - formula.flatten(v)) for k, v in truth.items()], dtype=np.float32),
    }


def float32_array(values):
    return np.ascontiguousarray(values, dtype=np.float32)


def vanishing(gradients):
    """Names whose gradient is zero by the network's own symmetry (batch norm removes a shift): only noise in float32."""
    largest = max(formula.norm(g) for g in gradients.values())
    return [name for name, g in gradients.items() if formula.norm(g) < 1e-9 * largest]


def write(path, arrays, description):
    save_file(arrays, path, metadata={"fixture": json.dumps(description, sort_keys=True)})
    print(f"{path.name}: {path.stat().st_size / 1e3:.0f} kB")


def report(label, digests, prefix, skipped, names):
    """Prints the framework's own float32 errors: worst and median relative 2-norm error over tensors not skipped."""
    norms, differences = digests[f"{prefix}.norm"], digests[f"{prefix}.float32_difference"]
    errors = sorted((float(d / n), name) for d, n, name in zip(differences, norms, names) if name not in skipped)
    print(f"  {label}: {len(errors)} tensors, float32 error median {errors[len(errors) // 2][0]:.1e}, "
          f"worst {errors[-1][0]:.1e} ({errors[-1][1]}), {len(skipped)} vanishing")

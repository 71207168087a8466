"""Keras, on whichever backend is there; the device; and what is written down about both.

But for `feed`, nothing here or below calls a backend by name: `keras.*` and numpy only, so that TensorFlow, JAX and
PyTorch all train.
"""

import logging
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from curate.errors import NoSuchDevice, TrainingUnavailable
from curate.executors import usable_cores
from curate.scores import Environment

__all__ = ["Device", "describe_environment", "feed", "find_device", "load_keras", "on_device"]

_BACKENDS = ("tensorflow", "jax", "torch")
_QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "1", "TF_DETERMINISTIC_OPS": "1"}
_GPU_STEPS, _CPU_STEPS = 32, 8

DeviceName = Literal["auto", "cpu", "gpu"]


@dataclass(frozen=True, slots=True)
class Device:
    """Where a network is trained, and how.

    Attributes:
        kind: cpu or gpu.
        policy: keras dtype policy of the layers.
        compiled: whether steps are compiled by XLA.
        steps_per_dispatch: so many steps are handed over at once.
        holds_pictures: pictures live on the device, and are shuffled, scaled and augmented there.
    """

    kind: str
    policy: str
    compiled: bool
    steps_per_dispatch: int
    holds_pictures: bool


def load_keras() -> Any:
    """The keras module.

    Takes `KERAS_BACKEND` if it is set, else the first of TensorFlow, JAX and PyTorch that is installed.

    Raises:
        TrainingUnavailable: Keras or its backend is not installed.
    """
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # it warns when several networks follow each other
    chosen = os.environ.get("KERAS_BACKEND") or next((name for name in _BACKENDS if find_spec(name)), None)
    if chosen not in _BACKENDS or not find_spec(chosen) or not find_spec("keras"):
        wanted = chosen if chosen in _BACKENDS else "TensorFlow"
        raise TrainingUnavailable(
            f"this recipe trains a network, which needs Keras and {wanted}: `pip install 'curate-fer[train]'` (or "
            "`pip install keras jax`), or choose `--recipe hog-ridge`, which needs neither"
        )
    os.environ["KERAS_BACKEND"] = chosen
    import keras

    return keras


def find_device(name: str) -> Device:
    """The device that was asked for.

    Args:
        name: auto (a GPU if there is one), cpu or gpu.

    Raises:
        NoSuchDevice: gpu, but the backend sees none.
        TrainingUnavailable: Keras or its backend is not installed.
    """
    keras = load_keras()
    backend = keras.backend.backend()
    gpus = _gpus(keras)
    if name == "gpu" and not gpus:
        raise NoSuchDevice(
            f"there is no GPU that {backend} can use; leave out --device, or install its GPU build "
            "(`pip install 'curate-fer[gpu]'`) and check the driver with nvidia-smi"
        )
    if name != "cpu" and gpus:
        return Device("gpu", "mixed_bfloat16", backend != "torch", _GPU_STEPS, holds_pictures=True)
    policy = "mixed_bfloat16" if backend == "tensorflow" and _multiplies_bfloat16() else "float32"
    return Device("cpu", policy, backend == "jax", _CPU_STEPS, holds_pictures=False)


@contextmanager
def on_device(device: Device) -> Iterator[None]:
    """Place and build what follows there, in the device's precision."""
    keras = load_keras()
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(device.policy)
    try:
        with keras.device(f"{device.kind}:0"):
            yield
    finally:
        keras.config.set_dtype_policy(before)


def feed(data: tuple[Any, ...], *, batch: int) -> dict[str, Any]:
    """What `fit` is called with to train on these arrays in this order.

    TensorFlow gets a dataset without autotuning. With it, the end of an epoch may wait until the tuner wakes up, which
    it does after 10, 30, 70 ms and so on, twice as late each time: with TensorFlow 2.21, epochs of 12 s took 20.
    Batches that are ready in memory need no tuner.

    Args:
        data: inputs (an array or a tuple of arrays), targets, and weights if there are any; whole batches of each.
        batch: pictures in one step.
    """
    keras = load_keras()
    if keras.backend.backend() != "tensorflow":
        inputs, targets, *weights = data
        return {"x": inputs, "y": targets, "sample_weight": weights[0] if weights else None, "batch_size": batch}
    import tensorflow as tf

    batches = keras.tree.map_structure(lambda each: each.reshape(-1, batch, *each.shape[1:]), data)
    options = tf.data.Options()
    options.autotune.enabled = False
    with keras.device("cpu:0"):
        ready = tf.data.Dataset.from_tensor_slices(batches).prefetch(2).with_options(options)
    return {"x": ready}


def describe_environment(device: Device | None) -> Environment:
    """What a score was made with: device, cores, processor, and versions of all that computes.

    Args:
        device: None = the recipe trains no network.
    """
    backend = None if device is None else str(load_keras().backend.backend())
    names = ("curate-fer", "numpy", "opencv-python-headless", *(("keras", backend) if backend else ()))
    return Environment(
        device="cpu" if device is None else device.kind,
        backend=backend,
        precision="float32" if device is None else device.policy,
        cores=usable_cores(),
        machine=platform.machine(),
        system=platform.system(),
        python=platform.python_version(),
        versions={name: version for name in names if (version := _version(name))},
    )


def _version(name: str) -> str | None:
    try:
        return installed_version(name)
    except PackageNotFoundError:
        return None


def _multiplies_bfloat16(flags_file: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether the processor has instructions for bfloat16, which TensorFlow's convolutions use: elsewhere it is slow.

    Source: flag names of Linux, arch/x86/include/asm/cpufeatures.h.
    """
    if not flags_file.is_file():
        return False
    lines = flags_file.read_text(encoding="utf-8", errors="replace").splitlines()
    flags = {flag for line in lines if line.startswith("flags") for flag in line.split()}
    return bool(flags & {"avx512_bf16", "amx_bf16"})


def _gpus(keras: Any) -> list[str]:
    try:
        return list(keras.distribution.list_devices("gpu"))
    except (RuntimeError, ValueError, NotImplementedError, AttributeError):
        return []

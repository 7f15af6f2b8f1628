"""Writes a model of models/ as ONNX, with the weights of a .coil file:

    onnx_models.py char_rnn FILE.coil OUT.onnx

Input c: int32 [N, steps]. Output y: probabilities. char_stateful_lstm takes h and s, its state, and gives h_out and
s_out. `empty` hands on its input: what a call costs by itself.
"""
import sys

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

from coil_file import in_order, read_weights

STEPS = 8


class Network:
    """Nodes in the order they are added; each is called after its output."""

    def __init__(self):
        self.nodes, self.constants = [], []

    def constant(self, name, values):
        self.constants.append(numpy_helper.from_array(values.copy(), name))
        return name

    def add(self, op, inputs, outputs, **attributes):
        outputs = outputs if isinstance(outputs, list) else [outputs]
        self.nodes.append(helper.make_node(op, inputs, outputs, **attributes))
        return outputs[0]

    def dense(self, weights, layer, source, out, activation=None):
        kernel, bias = (self.weight(weights, f"{layer}.{part}") for part in ("kernel", "bias"))
        product = self.add("MatMul", [source, kernel], out + ".product")
        total = self.add("Add", [product, bias], out + ".sum" if activation else out)
        if not activation:
            return total
        attributes = {"axis": -1} if activation == "Softmax" else {}
        return self.add(activation, [total], out, **attributes)

    def weight(self, weights, name):
        if name not in [constant.name for constant in self.constants]:
            self.constant(name, weights[name])
        return name

    def save(self, path, inputs, outputs):
        graph = helper.make_graph(
            self.nodes, "model", [helper.make_tensor_value_info(*value) for value in inputs],
            [helper.make_tensor_value_info(*value) for value in outputs], self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
        model.ir_version = 7
        onnx.checker.check_model(model)
        onnx.save(model, path)


def char_loop(net, weights):
    net.add("Gather", [net.weight(weights, "embed.embeddings"), "c"], "embedded")
    net.dense(weights, "encode", "embedded", "encoded", "Relu")
    h = None
    for step in range(STEPS):
        index = net.constant(f"step{step}", numpy.array(step))
        read = net.add("Gather", ["encoded", index], f"read{step}", axis=1)
        total = read if h is None else net.add("Add", [h, read], f"total{step}")
        h = net.dense(weights, "mix", total, f"h{step}", "Tanh")
    net.dense(weights, "decode", h, "y", "Softmax")
    return [("c", TensorProto.INT32, ["N", STEPS])], [("y", TensorProto.FLOAT, ["N", None])]


def embedded_in_time(net, weights):
    """What recurrences read: [steps, N, factors]."""
    net.add("Transpose", ["c"], "c_in_time", perm=[1, 0])
    return net.add("Gather", [net.weight(weights, "embedding.embeddings"), "c_in_time"], "embedded")


def char_rnn(net, weights):
    read = embedded_in_time(net, weights)
    bias = weights["simple_rnn.bias"]
    kernels = [net.constant("W", weights["simple_rnn.kernel"].T[None]),
               net.constant("R", weights["simple_rnn.recurrent_kernel"].T[None]),
               net.constant("B", numpy.concatenate([bias, 0 * bias])[None])]
    net.add("RNN", [read, *kernels], ["", "last"], hidden_size=len(bias), activations=["Tanh"])
    net.add("Squeeze", ["last", net.constant("axis", numpy.array([0]))], "h")
    net.dense(weights, "dense", "h", "y", "Softmax")
    return [("c", TensorProto.INT32, ["N", STEPS])], [("y", TensorProto.FLOAT, ["N", None])]


def char_stateful_lstm(net, weights):
    """One step; ONNX has the gates as i, o, f, g."""
    read = embedded_in_time(net, weights)
    bias = in_order(weights["lstm.bias"], "iofg")
    kernels = [net.constant("W", in_order(weights["lstm.kernel"], "iofg").T[None]),
               net.constant("R", in_order(weights["lstm.recurrent_kernel"], "iofg").T[None]),
               net.constant("B", numpy.concatenate([bias, 0 * bias])[None])]
    units = len(bias) // 4
    net.add("LSTM", [read, *kernels, "", "h", "s"], ["all", "h_out", "s_out"], hidden_size=units)
    net.add("Squeeze", ["h_out", net.constant("axis", numpy.array([0]))], "last")
    net.dense(weights, "dense", "last", "y", "Softmax")
    state = TensorProto.FLOAT, [1, "N", units]
    return ([("c", TensorProto.INT32, ["N", 1]), ("h", *state), ("s", *state)],
            [("y", TensorProto.FLOAT, ["N", None]), ("h_out", *state), ("s_out", *state)])


def empty(net, weights):
    net.add("Identity", ["c"], "y")
    return [("c", TensorProto.INT32, ["N", STEPS])], [("y", TensorProto.INT32, ["N", STEPS])]


MODELS = {"char_loop": char_loop, "char_rnn": char_rnn, "char_stateful_lstm": char_stateful_lstm, "empty": empty}


def main():
    name, source, out = sys.argv[1:]
    net = Network()
    net.save(out, *MODELS[name](net, read_weights(source)))


if __name__ == "__main__":
    main()

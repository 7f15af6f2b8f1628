"""The models of models/ in PyTorch, as somebody who knows it would write them, with the weights of a .coil file.

Each takes characters [batch, steps] and gives logits; one with a memory takes and gives its state too.
"""
import numpy
import torch
from torch import nn


def tensor(values):
    return nn.Parameter(torch.tensor(numpy.ascontiguousarray(values)))


def embedding(weights, name):
    layer = nn.Embedding(*weights[name + ".embeddings"].shape)
    layer.weight = tensor(weights[name + ".embeddings"])
    return layer


def dense(weights, name):
    kernel = weights[name + ".kernel"]
    layer = nn.Linear(*kernel.shape)
    layer.weight = tensor(kernel.T)
    layer.bias = tensor(weights[name + ".bias"])
    return layer


def recurrent(kind, weights, name):
    """nn.RNN or nn.LSTM, which have Keras's order of gates and two biases where Keras has one."""
    recurrence = weights[name + ".recurrent_kernel"]
    layer = kind(weights[name + ".kernel"].shape[0], recurrence.shape[0], batch_first=True)
    layer.weight_ih_l0 = tensor(weights[name + ".kernel"].T)
    layer.weight_hh_l0 = tensor(recurrence.T)
    layer.bias_ih_l0 = tensor(weights[name + ".bias"])
    layer.bias_hh_l0 = tensor(numpy.zeros_like(weights[name + ".bias"]))
    return layer


class Char3(nn.Module):
    is_stateful = False
    scheme, batch, steps, rate = "blocks", 512, 3, 0.01

    def __init__(self, weights):
        super().__init__()
        self.embed = embedding(weights, "embed")
        self.encode, self.mix, self.decode = (dense(weights, name) for name in ("encode", "mix", "decode"))

    def forward(self, characters):
        read = torch.relu(self.encode(self.embed(characters)))
        h = torch.tanh(self.mix(read[:, 0]))
        for step in range(1, read.shape[1]):
            h = torch.tanh(self.mix(h + read[:, step]))
        return self.decode(h)


class CharLoop(Char3):
    """The same recurrence over other windows: the first step adds to zero."""
    scheme, batch, steps, rate = "windows", 512, 8, 0.001


class CharRnn(nn.Module):
    is_stateful = False
    scheme, batch, steps, rate = "windows", 512, 8, 0.001

    def __init__(self, weights):
        super().__init__()
        self.embed = embedding(weights, "embedding")
        self.rnn = recurrent(nn.RNN, weights, "simple_rnn")
        self.decode = dense(weights, "dense")

    def forward(self, characters):
        return self.decode(self.rnn(self.embed(characters))[0][:, -1])


class CharStatefulRnn(nn.Module):
    is_stateful = True
    scheme, batch, steps, rate = "streams", 64, 8, 0.001

    def __init__(self, weights):
        super().__init__()
        self.embed = embedding(weights, "embedding")
        self.cell = self.make_cell(weights)
        self.decode = dense(weights, "dense")

    def make_cell(self, weights):
        return recurrent(nn.RNN, weights, "simple_rnn")

    def forward(self, characters, state=None):
        read, state = self.cell(self.embed(characters), state)
        return self.decode(read), state


class CharStatefulLstm(CharStatefulRnn):
    def make_cell(self, weights):
        return recurrent(nn.LSTM, weights, "lstm")


MODELS = {
    "char3": Char3,
    "char_loop": CharLoop,
    "char_rnn": CharRnn,
    "char_stateful_rnn": CharStatefulRnn,
    "char_stateful_lstm": CharStatefulLstm,
}

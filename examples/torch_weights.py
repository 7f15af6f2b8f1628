#!/usr/bin/env python3
"""Weights of PyTorch in models of Coil.

    examples/torch_weights.py [--programs FOLDER]

Makes three networks in PyTorch, an LSTM, a GRU and a plain RNN, with the weights that PyTorch draws; gives these to
the models of this repository through `coil import-weights --layout=torch`; runs both on the same characters and
prints how far they are apart. Ends with 1 where that is more than 1e-5.

Needs coil and coilc in the PATH or in FOLDER, and PyTorch (Debian's python3-torch); without it there is nothing to
do, and it says so.
"""
import argparse
import json
import math
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

try:
    import torch
    from torch import nn
except ImportError:
    print("skipped: PyTorch is not installed (apt-get install python3-torch)")
    sys.exit(0)

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIMIT = 1e-5
ROWS, STEPS, VOCABULARY, FACTORS, HIDDEN = 5, 8, 57, 42, 48


class Network(nn.Module):
    """An embedding, a recurrence called `name`, and a prediction: after the last step, or after each."""

    def __init__(self, name, recurrence, every_step):
        super().__init__()
        self.name, self.every_step = name, every_step
        self.embedding = nn.Embedding(VOCABULARY, FACTORS)
        self.add_module(name, recurrence)
        self.dense = nn.Linear(HIDDEN, VOCABULARY)

    def forward(self, characters):
        seen, _ = getattr(self, self.name)(self.embedding(characters))
        return torch.softmax(self.dense(seen if self.every_step else seen[:, -1]), dim=-1)


def recurrence(kind):
    return kind(FACTORS, HIDDEN, batch_first=True)


# What PyTorch calls a layer as the model calls it, and coilc's words for that model.
MODELS = [
    (Network("lstm", recurrence(nn.LSTM), True), ["models/char_stateful_lstm.model"]),
    (Network("gru", recurrence(nn.GRU), False), ["examples/hand_gru.model", "-m", "PreludeGRU"]),
    (Network("simple_rnn", recurrence(nn.RNN), False), ["models/char_rnn.model"]),
]


def write_safetensors(path, tensors):
    """The length of the header in 8 bytes, the header in JSON, and the numbers of one tensor after the other."""
    header, data = {}, b""
    for name, tensor in tensors.items():
        numbers = tensor.detach().float().flatten().tolist()
        begin = len(data)
        data += struct.pack(f"<{len(numbers)}f", *numbers)
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [begin, len(data)]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def write_npy(path, rows):
    shape = (len(rows), len(rows[0]))
    header = f"{{'descr': '<i4', 'fortran_order': False, 'shape': {shape}, }}".encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    flat = [index for row in rows for index in row]
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header
                     + struct.pack(f"<{len(flat)}i", *flat))


def read_npy(path):
    data = path.read_bytes()
    begin = 10 + struct.unpack("<H", data[8:10])[0]
    return list(struct.unpack(f"<{(len(data) - begin) // 4}f", data[begin:]))


def run(folder, *words):
    done = subprocess.run([str(word) for word in words], cwd=folder, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))}\n{done.stderr}")


def difference(network, words, folder):
    source, *options = words
    run(folder, "coilc", ROOT / source, *options, "-D", f"hidden={HIDDEN}", "-o", "fresh.coil")
    write_safetensors(folder / "torch.safetensors", network.state_dict())
    run(folder, "coil", "import-weights", "fresh.coil", "torch.safetensors", "--layout=torch", "-o",
        "torch.coil")
    characters = torch.randint(VOCABULARY, (ROWS, STEPS))
    write_npy(folder / "c.npy", characters.tolist())
    run(folder, "coil", "run", "torch.coil", "--input", "c=c.npy", "--output", "y.npy")
    with torch.no_grad():
        expected = network(characters).flatten().tolist()
    found = read_npy(folder / "y.npy")
    if len(found) != len(expected):
        return math.inf
    return max(abs(a - b) for a, b in zip(expected, found))


def main():
    parser = argparse.ArgumentParser(description="Weights of PyTorch in models of Coil.")
    parser.add_argument("--programs", metavar="FOLDER", help="where coil and coilc are")
    programs = parser.parse_args().programs
    if programs:
        os.environ["PATH"] = os.path.abspath(programs) + os.pathsep + os.environ["PATH"]
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for network, words in MODELS:
            largest = difference(network, words, pathlib.Path(folder))
            print(f"{network.name:10}  {words[0]:32}  largest difference {largest:.1e}")
            worst = max(worst, largest)
    if not worst <= LIMIT:
        sys.exit(f"more than {LIMIT}: these are not the same networks")


if __name__ == "__main__":
    torch.manual_seed(1)
    main()

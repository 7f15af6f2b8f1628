#!/usr/bin/env python3
"""Char3 in PyTorch, to measure Coil's training against: the same model, initialisers, batches and optimizer.

    bench/peers/char3_torch.py TEXT [--threads N] [--epochs N]

Prints loss and seconds of each epoch. Needs Debian's python3-torch.
"""
import argparse
import math
import time

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("text")
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--epochs", type=int, default=3)
arguments = parser.parse_args()
torch.set_num_threads(arguments.threads)
torch.manual_seed(1)

text = open(arguments.text, encoding="utf-8").read().lower()
alphabet = sorted(set(text))
index = {character: i for i, character in enumerate(alphabet)}
data = torch.tensor([index[character] for character in text])
starts = torch.arange(0, len(data) - 3, 3)
windows = torch.stack([data[starts + i] for i in range(3)], dim=1)
targets = data[starts + 3]


def dense(inputs, outputs):
    layer = nn.Linear(inputs, outputs)
    limit = math.sqrt(6 / (inputs + outputs))
    nn.init.uniform_(layer.weight, -limit, limit)
    nn.init.zeros_(layer.bias)
    return layer


class Char3(nn.Module):
    def __init__(self, vocab, factors=42, hidden=256):
        super().__init__()
        self.embed = nn.Embedding(vocab, factors)
        nn.init.uniform_(self.embed.weight, -0.05, 0.05)
        self.encode = dense(factors, hidden)
        self.mix = dense(hidden, hidden)
        self.decode = dense(hidden, vocab)

    def forward(self, window):
        x = torch.relu(self.encode(self.embed(window)))
        h = torch.tanh(self.mix(x[:, 0]))
        h = torch.tanh(self.mix(h + x[:, 1]))
        h = torch.tanh(self.mix(h + x[:, 2]))
        return self.decode(h)


model = Char3(len(alphabet))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01, eps=1e-7)
for epoch in range(arguments.epochs):
    begin = time.perf_counter()
    total = 0.0
    for chosen in torch.randperm(len(windows)).split(512):
        optimizer.zero_grad(set_to_none=True)
        loss = nn.functional.cross_entropy(model(windows[chosen]), targets[chosen])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(chosen)
    seconds = time.perf_counter() - begin
    print(f"epoch {epoch + 1}  loss {total / len(windows):.4f}  {seconds:.2f} s", flush=True)

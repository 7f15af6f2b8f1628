"""Answers bench/peers/run, a line of JSON for a line of JSON:

    {"do": "predict", "model": "char_rnn", "weights": "FILE.coil", "characters": [[..], ..]}   probabilities
    {"do": "train", "model": .., "weights": .., "threads": 1, "seconds": 0.5}                  seconds of each step
"""
import json
import os
import sys
import time

import torch
from torch import nn

from coil_file import read_weights
from torch_models import MODELS

VOCABULARY = 57


class Training:
    """Steps of training on random characters: as many batches as make an epoch of some size, over and over."""

    def __init__(self, name, weights):
        torch.manual_seed(1)
        self.model = MODELS[name](read_weights(weights))
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=self.model.rate, eps=1e-7)
        batch, steps = self.model.batch, self.model.steps
        self.samples = 16 * batch
        text = torch.randint(0, VOCABULARY, (self.samples, steps + 1))
        self.windows = text[:, :-1].contiguous()
        self.targets = text[:, 1:].contiguous() if self.model.is_stateful else text[:, -1].contiguous()
        self.state = None
        self.batches = []

    def step(self):
        if not self.batches:
            order = torch.arange if self.model.is_stateful else torch.randperm
            self.batches = list(order(self.samples).split(self.model.batch))
        chosen = self.batches.pop()
        windows, targets = self.windows[chosen], self.targets[chosen]
        self.optimizer.zero_grad(set_to_none=True)
        if self.model.is_stateful:
            logits, state = self.model(windows, self.state)
            self.state = tuple(part.detach() for part in state) if isinstance(state, tuple) else state.detach()
        else:
            logits = self.model(windows)
        loss = nn.functional.cross_entropy(logits.flatten(0, -2), targets.flatten())
        loss.backward()
        self.optimizer.step()
        return loss.item()


def blas():
    """The library behind PyTorch's products, by what is loaded. Debian's reference BLAS is some 30 times slower."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        loaded = maps.read()
    for file, name in [("openblas", "OpenBLAS"), ("libblis", "BLIS"), ("libmkl", "MKL"), ("/libblas", "the reference BLAS")]:
        if file in loaded:
            return name
    return "its own products"


trainings = {}


def train(request):
    torch.set_num_threads(request["threads"])
    key = request["model"], request["threads"]
    if key not in trainings:
        trainings[key] = Training(request["model"], request["weights"])
    training = trainings[key]
    for _ in range(2):
        training.step()
    seconds = []
    while sum(seconds) < request["seconds"] or len(seconds) < 5:
        begin = time.perf_counter()
        training.step()
        seconds.append(time.perf_counter() - begin)
    return {"seconds": seconds}


def predict(request):
    model = MODELS[request["model"]](read_weights(request["weights"]))
    with torch.no_grad():
        out = model(torch.tensor(request["characters"]))
        logits = out[0] if model.is_stateful else out
        return {"values": torch.softmax(logits, -1).flatten().tolist()}


def product(_):
    """How long a matrix product takes, on one thread."""
    torch.set_num_threads(1)
    left, right = torch.rand(512, 512), torch.rand(512, 1024)
    seconds = []
    for _ in range(5):
        begin = time.perf_counter()
        left @ right
        seconds.append(time.perf_counter() - begin)
    return {"seconds": min(seconds)}


def main():
    core = os.environ.get("OPENBLAS_CORETYPE")
    told = f" told to be {core}" if core and blas() == "OpenBLAS" else ""
    print(json.dumps({"version": f"PyTorch {torch.__version__}", "blas": blas() + told}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps({"train": train, "predict": predict, "product": product}[request["do"]](request)), flush=True)


if __name__ == "__main__":
    main()

"""PyTorch by hand: channels-last tensors, fused or foreach optimizers; compiled where asked."""

import torch
from torch import nn
from torch.nn import functional

from .workloads import LEARNING_RATE, Conv, Dense, Flatten, Pool, Workload

EPSILON = 1e-7


def epoch(workload: Workload, threads: int, compiled: bool = False):
    """A function that runs one epoch: (loss, accuracy), or the predictions."""
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(1)
    x, y = (torch.from_numpy(array) for array in workload.data())
    if len(workload.input_shape) == 3:
        # The permuted view of a batch of NHWC images is what PyTorch calls channels last.
        x = x.permute(0, 3, 1, 2)
        assert x.is_contiguous(memory_format=torch.channels_last)
    model = build(workload).to(memory_format=torch.channels_last)
    assert sum(parameter.numel() for parameter in model.parameters()) == workload.parameters()
    make = predictor if workload.predict else trainer
    return make(workload, model, x, y.long(), torch.compile if compiled else lambda function: function)


def build(workload: Workload) -> nn.Sequential:
    """The model without its softmax, started as Keras does."""
    model = nn.Sequential()
    shapes = iter(workload.weight_shapes())
    for layer in workload.layers:
        match layer:
            case Conv(filters, padding):
                (_, _, channels, _), _ = next(shapes)
                model.extend([nn.Conv2d(channels, filters, 3, padding=padding), nn.ReLU(inplace=True)])
            case Pool():
                model.append(nn.MaxPool2d(2))
            case Flatten():
                model.append(nn.Flatten())
            case Dense(units):
                (inputs, _), _ = next(shapes)
                model.append(nn.Linear(inputs, units))
                if layer is not workload.layers[-1]:
                    model.append(nn.ReLU(inplace=True))
    for parameter in model.parameters():
        (nn.init.xavier_uniform_ if parameter.dim() > 1 else nn.init.zeros_)(parameter)
    return model


def trainer(workload: Workload, model: nn.Sequential, x, y, wrap):
    """One call trains one epoch and reads loss and accuracy once, at its end."""
    weights = model.parameters()
    if workload.optimizer == "adam":
        optimizer = torch.optim.Adam(weights, LEARNING_RATE, eps=EPSILON, fused=True)
        update = optimizer.step
    else:
        # RMSprop has no fused form here, so the compiler is the only way to one.
        optimizer = torch.optim.RMSprop(weights, LEARNING_RATE, alpha=0.9, eps=EPSILON, foreach=True)
        update = wrap(optimizer.step)

    def loss_and_right(x, y):
        outputs = model(x)
        return functional.cross_entropy(outputs, y), (outputs.detach().argmax(dim=1) == y).sum()

    loss_and_right = wrap(loss_and_right)

    def train():
        total, right = torch.zeros(()), torch.zeros((), dtype=torch.int64)
        for first in range(0, workload.samples, workload.batch):
            batch = slice(first, first + workload.batch)
            loss, hits = loss_and_right(x[batch], y[batch])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            update()
            total += loss.detach() * len(x[batch])
            right += hits
        return total.item() / workload.samples, right.item() / workload.samples

    return train


def predictor(workload: Workload, model: nn.Sequential, x, y, wrap):
    """One call predicts all samples into one array, as Keras's predict does."""
    del y
    model.eval()
    probabilities = wrap(lambda x: functional.softmax(model(x), dim=1))

    @torch.inference_mode()
    def predict():
        return torch.cat([probabilities(batch) for batch in x.split(workload.batch)]).numpy()

    return predict

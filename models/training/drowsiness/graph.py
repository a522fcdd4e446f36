"""What was learnt as one ONNX graph: window [1, 30, 4] in, probabilities [1, 3] out. Opset 17."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from data import BLINKS
from network import CLIP_SEQUENCE, CLIP_STATISTICS, LEVELS, SMALL, quantile_weights


class Graph:
    def __init__(self):
        self.nodes, self.weights = [], []

    def add(self, kind, inputs, name=None, **attributes):
        name = name or f'v{len(self.nodes)}'
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def constant(self, value, kind=np.float32):
        name = f'c{len(self.weights)}'
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value, dtype=kind), name))
        return name

    def index(self, value):
        return self.constant(value, np.int64)

    def part(self, x, axis, start, end):
        return self.add('Slice', [x, self.index([start]), self.index([end]), self.index([axis])])

    def clipped(self, x, limit):
        return self.add('Clip', [x, self.constant(-limit), self.constant(limit)])

    def mean(self, x, axis, keep=0):
        return self.add('ReduceMean', [x], axes=[axis], keepdims=keep)

    def deviation(self, x, axis, floor):
        away = self.add('Sub', [x, self.mean(x, axis, 1)])
        variance = self.mean(self.add('Mul', [away, away]), axis)
        return self.add('Sqrt', [self.add('Add', [variance, self.constant(floor)])])

    def layer(self, x, learnt):
        weight, bias = learnt.weight.detach().numpy(), learnt.bias.detach().numpy()
        return self.add('Add', [self.add('MatMul', [x, self.constant(weight)]), self.constant(bias)])

    def neighbours(self, x, distance):
        padded = self.add('Pad', [x, self.index([0, distance, 0, 0, distance, 0])])
        shifted = [self.part(padded, 1, i * distance, i * distance + BLINKS) for i in range(3)]
        return self.add('Concat', shifted, axis=2)

    def normed(self, x, norm, shape):
        """Batch normalisation with what was learnt of the training data."""
        scale = (norm.weight / (norm.running_var + norm.eps).sqrt()).detach().numpy()
        shift = norm.bias.detach().numpy() - norm.running_mean.numpy() * scale
        scaled = self.add('Mul', [x, self.constant(scale.reshape(shape))])
        return self.add('Add', [scaled, self.constant(shift.reshape(shape))])

    def network(self, window, net):
        """Log of the members' mean probabilities, [1, 3]."""
        z = self.add('Asinh', [self.clipped(window, CLIP_SEQUENCE)])
        logits = self.add('Add', [self.sequence(self.part(z, 2, 1, 4), net), self.levels(z, net)])
        return self.add('Log', [self.mean(self.add('Softmax', [logits], axis=2), 0)])

    def sequence(self, z, net):
        e = self.add('Concat', [z, self.add('Abs', [z])], axis=2)
        e = self.add('Tanh', [self.layer(e, net.embed)])
        e = self.add('Add', [e, self.add('Tanh', [self.layer(self.neighbours(e, 1), net.near)])])
        e = self.add('Add', [e, self.add('Tanh', [self.layer(self.neighbours(e, 2), net.far)])])
        highest = self.add('ReduceMax', [e], axes=[1], keepdims=0)
        pooled = self.add('Concat', [self.mean(e, 1), self.deviation(e, 1, SMALL), highest], axis=1)
        pooled = self.normed(pooled, net.norm, (net.members, net.width * 3))
        return self.layer(self.add('Unsqueeze', [pooled, self.index([1])]), net.head)

    def levels(self, z, net):
        mean = self.mean(z, 1)
        spread = self.add('Log', [self.add('Add', [self.deviation(z, 1, SMALL), self.constant(0.1)])])
        one = self.constant(1.0)
        above = self.mean(self.add('Relu', [self.add('Sub', [z, one])]), 1)
        beyond = self.add('Sub', [self.add('Neg', [z]), one])
        below = self.mean(self.add('Relu', [beyond]), 1)
        levels = self.add('Concat', [mean, spread, self.add('Abs', [mean]), above, below], axis=1)
        return self.layer(self.normed(levels, net.level_norm, (1, LEVELS)), net.level_head)

    def softmax(self, window, learnt):
        """Log-probabilities of the softmax over statistics, [1, 3]."""
        z = self.clipped(window, CLIP_STATISTICS)
        ordered = f'sorted{len(self.nodes)}'
        self.nodes.append(
            helper.make_node(
                'TopK', [z, self.index([BLINKS])], [ordered, f'{ordered}_index'], axis=1, largest=0, sorted=1
            )
        )
        quantiles = self.add('MatMul', [self.constant(quantile_weights()), ordered])
        count = quantile_weights().shape[0] * 4
        quantiles = self.add('Reshape', [quantiles, self.index([1, count])])
        parts = [self.mean(z, 1), self.deviation(z, 1, 0.0), self.mean(self.add('Abs', [z]), 1), quantiles]
        x = self.add('Concat', parts, axis=1)
        kernel, bias = self.constant(learnt['kernel'].T), self.constant(learnt['bias'])
        return self.add('LogSoftmax', [self.add('Gemm', [x, kernel, bias])], axis=1)

    def model(self, scores, name):
        self.add('Softmax', [scores], 'probabilities', axis=1)
        graph = helper.make_graph(
            self.nodes,
            name,
            [helper.make_tensor_value_info('window', TensorProto.FLOAT, [1, BLINKS, 4])],
            [helper.make_tensor_value_info('probabilities', TensorProto.FLOAT, [1, 3])],
            self.weights,
        )
        opset = [helper.make_opsetid('', 17)]
        model = helper.make_model(graph, opset_imports=opset, ir_version=8, producer_name='vigil')
        onnx.checker.check_model(model, full_check=True)
        return model


def drowsiness_model(learnt, name):
    graph = Graph()
    calibration = learnt['calibration']
    sharp = graph.add('Mul', [graph.network('window', learnt['net']), graph.constant(calibration['sharpness'])])
    bias = graph.constant([[calibration['alertBias'], 0, 0]])
    return graph.model(graph.add('Add', [sharp, bias]), name)


def baseline_model(learnt, name):
    graph = Graph()
    return graph.model(graph.softmax('window', learnt['baseline']), name)

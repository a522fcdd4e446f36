"""Trained networks as one ONNX file: luma crop in, probability of "closed" out. Opset 17, weights as 16-bit floats."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from crops import SIDE
from network import BRIGHTEST, MIN_DEVIATION, SHIFT, STARTS, SURROUNDINGS


class Graph:
    def __init__(self):
        self.nodes, self.weights = [], []

    def add(self, kind, inputs, **attributes):
        name = f'v{len(self.nodes)}'
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def constant(self, value):
        name = f'c{len(self.weights)}'
        self.weights.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def half(self, value):
        """Stored in 16 bits, widened when the session is made."""
        return self.add('Cast', [self.constant(value.astype(np.float16))], to=TensorProto.FLOAT)


def folded(convolution, norm):
    """A convolution with the batch normalisation after it as one weight and one bias."""
    scale = (norm.weight / (norm.running_var + norm.eps).sqrt()).detach().numpy()
    weight = convolution.weight.detach().numpy() * scale[:, None, None, None]
    return weight, norm.bias.detach().numpy() - norm.running_mean.numpy() * scale


def convolutions(graph, x, layers):
    layers = list(layers)
    for at, layer in enumerate(layers):
        if isinstance(layer, nn.Conv2d):
            weight, bias = folded(layer, layers[at + 1])
            inputs = [x, graph.half(weight), graph.constant(bias)]
            pads = [layer.padding[0]] * 4
            x = graph.add('Conv', inputs, strides=list(layer.stride), pads=pads, kernel_shape=list(layer.kernel_size))
        elif isinstance(layer, nn.ReLU):
            x = graph.add('Relu', [x])
    return x


def mean_around(graph, x):
    half = SURROUNDINGS // 2
    for kernel, pads in (([1, SURROUNDINGS], [0, half] * 2), ([SURROUNDINGS, 1], [half, 0] * 2)):
        x = graph.add('AveragePool', [x], kernel_shape=kernel, pads=pads, count_include_pad=0)
    return x


def local_contrast(graph, x):
    dimmed = graph.add('Min', [x, graph.constant(np.float32(BRIGHTEST))])
    away = graph.add('Sub', [dimmed, mean_around(graph, dimmed)])
    deviation = graph.add('Sqrt', [mean_around(graph, graph.add('Mul', [away, away]))])
    return graph.add('Div', [away, graph.add('Add', [deviation, graph.constant(np.float32(MIN_DEVIATION))])])


def logit(graph, x, net):
    f = convolutions(graph, x, net.features)
    parts = [
        graph.add('Flatten', [graph.add('GlobalAveragePool', [f])]),
        graph.add('Flatten', [graph.add('GlobalMaxPool', [f])]),
        graph.add('Flatten', [convolutions(graph, f, net.narrow)]),
    ]
    weight, bias = net.last.weight.detach().numpy(), net.last.bias.detach().numpy()
    together = graph.add('Concat', parts, axis=1)
    return graph.add('Gemm', [together, graph.half(weight), graph.constant(bias)], transB=1)


def views(graph, x):
    pads = graph.constant(np.array([0, 0, SHIFT, 0, 0, 0, SHIFT, 0], dtype=np.int64))
    padded = graph.add('Pad', [x, pads], mode='edge')
    heights = [cut(graph, padded, 2, start, start + SIDE, 1) for start in STARTS]
    upright = graph.add('Concat', heights, axis=0)
    upright = graph.add('Concat', [upright, local_contrast(graph, upright)], axis=1)
    return graph.add('Concat', [upright, cut(graph, upright, 3, -1, np.iinfo(np.int64).min, -1)], axis=0)


def cut(graph, x, axis, start, end, step):
    bounds = [graph.constant(np.array([value], dtype=np.int64)) for value in (start, end, axis, step)]
    return graph.add('Slice', [x, *bounds])


def write_onnx(nets, path):
    graph = Graph()
    x = views(graph, 'input')
    both = [logit(graph, x, net) for net in nets]
    all_logits = both[0] if len(both) == 1 else graph.add('Concat', both, axis=0)
    mean = graph.add('ReduceMean', [all_logits], axes=[0], keepdims=1)
    graph.nodes.append(helper.make_node('Sigmoid', [mean], ['closed']))
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            'eye_state',
            [helper.make_tensor_value_info('input', TensorProto.FLOAT, [1, 1, SIDE, SIDE])],
            [helper.make_tensor_value_info('closed', TensorProto.FLOAT, [1, 1])],
            graph.weights,
        ),
        producer_name='vigil',
        ir_version=8,
        opset_imports=[helper.make_opsetid('', 17)],
    )
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString(deterministic=True))

import { OnnxGraph } from './graph.js';
import { Activations } from './layout.js';
import {
  constantOf,
  unsupported,
  type TfliteConstant,
  type TfliteModel,
  type TfliteOperator,
} from './tflite.js';

/** Turns one TFLite operator into ONNX nodes. */
export type OperatorConverter = (conversion: Conversion, operator: TfliteOperator) => void;

/** Turns consecutive TFLite operators of one kind, none of which needs another's result, into ONNX nodes. */
export type BatchConverter = (conversion: Conversion, operators: readonly TfliteOperator[]) => void;

/** What the operator converters share while one model is converted. */
export class Conversion {
  readonly graph: OnnxGraph;
  readonly activations: Activations;
  private readonly constants = new Map<number, TfliteConstant>();

  constructor(
    readonly model: TfliteModel,
    name: string,
  ) {
    this.graph = new OnnxGraph(name);
    this.activations = new Activations(this.graph);
    model.tensors.forEach((tensor, index) => {
      const constant = constantOf(tensor);
      if (constant !== undefined) this.constants.set(index, constant);
    });
  }

  /** The constant behind a tensor, undefined for an activation. */
  constant(tensor: number): TfliteConstant | undefined {
    return this.constants.get(tensor);
  }

  setConstant(tensor: number, constant: TfliteConstant): void {
    this.constants.set(tensor, constant);
  }

  /** @throws VigilError `MODEL_CONVERSION_UNSUPPORTED` where the tensor is computed or of the other type */
  floatConstant(tensor: number): { shape: readonly number[]; data: Float32Array } {
    const constant = this.constants.get(tensor);
    if (!(constant?.data instanceof Float32Array)) throw unsupported(`a computed ${this.tensorName(tensor)}`);
    return { shape: constant.shape, data: constant.data };
  }

  /** @throws VigilError `MODEL_CONVERSION_UNSUPPORTED` where the tensor is computed or of the other type */
  intConstant(tensor: number): Int32Array {
    const constant = this.constants.get(tensor);
    if (!(constant?.data instanceof Int32Array)) throw unsupported(`a computed ${this.tensorName(tensor)}`);
    return constant.data;
  }

  /** Appends TFLite's fused activation: 0 none, 1 ReLU, 3 ReLU6. */
  fusedActivation(value: string, code: number): string {
    if (code === 0) return value;
    if (code === 1) return this.graph.op('Relu', [value]);
    if (code === 3)
      return this.graph.op('Clip', [value, this.graph.floats([], [0]), this.graph.floats([], [6])]);
    throw unsupported(`fused activation ${code}`);
  }

  tensorName(tensor: number): string {
    return this.model.tensors[tensor]?.name ?? `tensor ${tensor}`;
  }
}

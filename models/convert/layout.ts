import { VigilError } from '../../src/runtime/errors.js';
import type { OnnxGraph } from './graph.js';

/** Axis order that turns an NHWC shape or constant into NCHW. */
export const toNchw = [0, 3, 1, 2] as const;
const toNhwc = [0, 2, 3, 1] as const;

interface Activation {
  /** In TFLite's order: NHWC for rank 4. */
  readonly shape: readonly number[];
  nchw?: string;
  plain?: string;
  /** Part of a value that holds several tensors of one shape one after the other, in TFLite's order. */
  readonly part?: { readonly stack: string; readonly index: number; readonly count: number };
}

/**
 * Which ONNX value holds each TFLite tensor, and in which layout. TFLite computes in NHWC, ONNX convolutions in
 * NCHW: rank-4 activations stay NCHW and are transposed only when an operator asks for the other layout, once.
 */
export class Activations {
  private readonly byTensor = new Map<number, Activation>();

  constructor(private readonly graph: OnnxGraph) {}

  /** Records a value in NCHW layout; `shape` is still given as NHWC. */
  setNchw(tensor: number, shape: readonly number[], nchw: string): void {
    this.byTensor.set(tensor, { shape, nchw });
  }

  /** Records a value in TFLite's own layout. */
  setPlain(tensor: number, shape: readonly number[], plain: string): void {
    this.byTensor.set(tensor, { shape, plain });
  }

  /** Records one value that holds all `tensors`, each of `shape` [1,...], along its first axis. */
  setStack(tensors: readonly number[], shape: readonly number[], stack: string): void {
    const count = tensors.length;
    if (count === 1) this.setPlain(tensors[0], shape, stack);
    else
      tensors.forEach((tensor, index) => this.byTensor.set(tensor, { shape, part: { stack, index, count } }));
  }

  /** Tensors of one shape [1,...] along the first axis of one value. */
  stack(tensors: readonly number[]): string {
    if (tensors.length === 1) return this.plain(tensors[0]);
    const parts = tensors.map((tensor) => this.get(tensor).part);
    const [first] = parts;
    const whole = parts.every(
      (part, i) =>
        part !== undefined && part.stack === first?.stack && part.index === i && part.count === parts.length,
    );
    if (whole && first !== undefined) return first.stack;
    return this.graph.op(
      'Concat',
      tensors.map((tensor) => this.plain(tensor)),
      { axis: 0 },
    );
  }

  /** Makes `tensor` another name of `of`. */
  alias(tensor: number, of: number): void {
    this.byTensor.set(tensor, this.get(of));
  }

  shape(tensor: number): readonly number[] {
    return this.get(tensor).shape;
  }

  nchw(tensor: number): string {
    const activation = this.get(tensor);
    activation.nchw ??= this.graph.op('Transpose', [this.plain(tensor)], { perm: toNchw });
    return activation.nchw;
  }

  plain(tensor: number): string {
    const activation = this.get(tensor);
    const { part } = activation;
    activation.plain ??=
      part === undefined
        ? this.graph.op('Transpose', [activation.nchw!], { perm: toNhwc })
        : this.graph.op('Gather', [part.stack, this.graph.ints([part.index])], { axis: 0 });
    return activation.plain;
  }

  /** A value whose elements lie in TFLite's order, whatever its shape: spares the transpose of 1x1 images. */
  flat(tensor: number): string {
    const { shape, nchw } = this.get(tensor);
    const onePixel = shape.length === 4 && shape[1] === 1 && shape[2] === 1;
    return onePixel && nchw !== undefined ? nchw : this.plain(tensor);
  }

  private get(tensor: number): Activation {
    const activation = this.byTensor.get(tensor);
    if (activation === undefined) {
      throw new VigilError(
        'MODEL_SOURCE_INVALID',
        `Tensor ${tensor} is used before an operator computes it.`,
      );
    }
    return activation;
  }
}

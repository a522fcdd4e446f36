import { VigilError } from '../../src/runtime/errors.js';
import { OnnxGraph } from './graph.js';
import { Activations } from './layout.js';
import { notConverted, type TfjsConstant, type TfjsModel, type TfjsNode } from './tfjs.js';

/** Turns one TFJS operator into ONNX nodes. */
export type NodeConverter = (conversion: TfjsConversion, node: TfjsNode) => void;

/** What the operator converters share while one graph model is converted. TFJS computes in NHWC, as TFLite does. */
export class TfjsConversion {
  readonly graph: OnnxGraph;
  readonly activations: Activations;
  private readonly numbers = new Map<string, number>();

  constructor(
    readonly model: TfjsModel,
    name: string,
  ) {
    this.graph = new OnnxGraph(name);
    this.activations = new Activations(this.graph);
  }

  /** The number under which a node's result is kept in `activations`. */
  id(name: string): number {
    const known = this.numbers.get(name);
    if (known !== undefined) return known;
    this.numbers.set(name, this.numbers.size);
    return this.numbers.size - 1;
  }

  /**
   * Name of the node that computes a node's `index`-th input.
   * @throws VigilError `MODEL_SOURCE_INVALID` where there is none, `MODEL_CONVERSION_UNSUPPORTED` for a second output
   */
  input(node: TfjsNode, index: number): string {
    const name = node.inputs.at(index);
    if (name === undefined) {
      throw new VigilError(
        'MODEL_SOURCE_INVALID',
        `Expected input ${index} of ${node.name} but it has none.`,
      );
    }
    return sourceName(name);
  }

  /** The constant behind a node's input, undefined for an activation. */
  constantInput(node: TfjsNode, index: number): TfjsConstant | undefined {
    return this.model.constants.get(this.input(node, index));
  }

  /** @throws VigilError `MODEL_CONVERSION_UNSUPPORTED` where the input is computed or of the other type */
  floats(node: TfjsNode, index: number): { readonly shape: readonly number[]; readonly data: Float32Array } {
    const constant = this.constantInput(node, index);
    if (!(constant?.data instanceof Float32Array))
      throw notConverted(`a computed input ${index} of ${node.name}`);
    return { shape: constant.shape, data: constant.data };
  }

  /** @throws VigilError `MODEL_CONVERSION_UNSUPPORTED` where the input is computed or of the other type */
  ints(node: TfjsNode, index: number): number[] {
    const constant = this.constantInput(node, index);
    if (!(constant?.data instanceof Int32Array))
      throw notConverted(`a computed input ${index} of ${node.name}`);
    return [...constant.data];
  }

  /** Shape and NCHW value of a node's computed rank-4 input. */
  image(node: TfjsNode, index: number): { readonly shape: readonly number[]; readonly value: string } {
    const id = this.id(this.input(node, index));
    const shape = this.activations.shape(id);
    if (shape.length !== 4) throw notConverted(`${node.op} of shape [${shape.join()}]`);
    return { shape, value: this.activations.nchw(id) };
  }

  /** Records a node's result: `value` in NCHW order, `shape` as NHWC. */
  setImage(node: TfjsNode, shape: readonly number[], value: string): void {
    this.activations.setNchw(this.id(node.name), shape, value);
  }
}

/** The node that an input names; `name:0` is its first output, which is all that is known here. */
export function sourceName(input: string): string {
  const [name, output = '0'] = input.split(':');
  if (output !== '0' || name.startsWith('^')) throw notConverted(`the input ${input}`);
  return name;
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { moonshineDecoder, moonshineVocabulary } from '../models/convert/moonshine.js';
import { requireModel } from '../src/runtime/models.js';
import { packageRoot } from '../src/runtime/paths.js';

const source = join(
  packageRoot,
  'node_modules/@usefulsensors/moonshine-js/dist/model/tiny/quantized/decoder_model_merged.onnx',
);
const width = 288;
const layers = 6;

/** Every past tensor, empty. */
function nothingSaid(): Record<string, Tensor> {
  const past: Record<string, Tensor> = {};
  for (let layer = 0; layer < layers; layer++) {
    for (const part of ['decoder.key', 'decoder.value', 'encoder.key', 'encoder.value'])
      past[`past_key_values.${layer}.${part}`] = new Tensor('float32', new Float32Array(0), [0, 8, 1, 36]);
  }
  return past;
}

describe('the decoder without its vocabulary', () => {
  it('gives, times the table, the scores that the whole decoder gives', async () => {
    const vocabulary = readFileSync(requireModel('moonshine_tiny_vocabulary').path);
    const scale = vocabulary.readFloatLE(12);
    const zeroPoint = vocabulary.readUInt32LE(16);
    const entry = (token: number, column: number): number =>
      scale * (vocabulary[20 + token * width + column] - zeroPoint);
    const heard = Float32Array.from(
      { length: 30 * width },
      (_, i) => Math.sin(i * 0.37) + Math.cos(i * 0.011),
    );
    const common = {
      encoder_hidden_states: new Tensor('float32', heard, [1, 30, width]),
      use_cache_branch: new Tensor('bool', Uint8Array.from([0]), [1]),
      ...nothingSaid(),
    };
    const whole = await InferenceSession.create(source);
    const { logits } = await whole.run({
      ...common,
      input_ids: new Tensor('int64', BigInt64Array.from([1n]), [1, 1]),
    });
    const cut = await InferenceSession.create(requireModel('moonshine_tiny_decoder').path);
    const embedding = Float32Array.from({ length: width }, (_, i) => entry(1, i));
    const { hidden } = await cut.run({
      ...common,
      embeddings: new Tensor('float32', embedding, [1, 1, width]),
    });
    expect(hidden.dims).toEqual([1, 1, width]);
    const state = hidden.data as Float32Array;
    const wanted = logits.data as Float32Array;
    for (let token = 0; token < 32_768; token += 97) {
      let sum = 0;
      for (let i = 0; i < width; i++) sum += state[i] * entry(token, i);
      expect(Math.abs(sum - wanted[token])).toBeLessThan(2e-3);
    }
  });

  it('is refused where the file is not the one that is known', () => {
    const bytes = readFileSync(source);
    expect(() => moonshineDecoder(bytes.subarray(0, 1000))).toThrow();
    const encoder = readFileSync(requireModel('moonshine_tiny_encoder').path);
    expect(() => moonshineDecoder(encoder)).toThrow(/Expected/);
    expect(() => moonshineVocabulary(encoder)).toThrow(/Expected/);
  });
});

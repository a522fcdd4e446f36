import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { VigilError } from '../src/runtime/errors.js';

/** A folder that is gone after the test file. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `vigil-${name}-`));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The VigilError that `call` throws; anything else it throws, or nothing, fails the test. */
export function vigilErrorOf(call: () => unknown): VigilError {
  try {
    call();
  } catch (error) {
    if (error instanceof VigilError) return error;
    throw error;
  }
  throw new Error('expected a VigilError but nothing was thrown');
}

/** Uniform numbers in [0, 1), the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface ChildResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. */
export function runProgram(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv; readonly timeoutMs?: number } = {},
): Promise<ChildResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.timeoutMs ?? 20_000,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      resolve({ code, signal, stdout, stderr });
    });
  });
}

/** Runs JavaScript (CommonJS) in a Node process of its own. */
export async function runScript(source: string, nodeOptions: readonly string[] = []): Promise<ChildResult> {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-script-'));
  try {
    const file = join(folder, 'script.cjs');
    writeFileSync(file, source);
    return await runProgram(process.execPath, [...nodeOptions, file]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

/** One protobuf field: a number, or length-delimited bytes. */
function field(number: number, value: number | string | number[]): number[] {
  if (typeof value === 'number') return [...varint(number << 3), ...varint(value)];
  const bytes = typeof value === 'string' ? [...Buffer.from(value)] : value;
  return [...varint((number << 3) | 2), ...varint(bytes.length), ...bytes];
}

/**
 * An ONNX model of one operator `y = op(inputs...)`, written by hand with onnx.proto's field numbers; a dimension
 * of 0 is a dynamic one.
 */
export function oneOperatorModel(
  operator: string,
  inputs: readonly string[],
  shape: readonly number[],
): Uint8Array {
  const dimensions = shape.flatMap((size) => field(1, size > 0 ? field(1, size) : field(2, 'n')));
  const type = field(1, [...field(1, 1), ...field(2, dimensions)]); // element type 1: float32
  const declare = (name: string) => [...field(1, name), ...field(2, type)];
  const node = [...inputs.flatMap((name) => field(1, name)), ...field(2, 'y'), ...field(4, operator)];
  const graph = [
    ...field(1, node),
    ...field(2, 'graph'),
    ...inputs.flatMap((name) => field(11, declare(name))),
    ...field(12, declare('y')),
  ];
  const irVersion = 8;
  const opset = 17;
  return Uint8Array.from([...field(1, irVersion), ...field(7, graph), ...field(8, field(2, opset))]);
}

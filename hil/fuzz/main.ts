/**
 * node dist/hil/fuzz/main.js SECONDS [--seed NUMBER] [--folder FOLDER] [TARGET...]
 *
 * Fuzzes the parsers written in TypeScript, in turn: samples from the repository, changed at random from a seed. A
 * finding is an exception that is no VigilError, a result that contradicts itself, or an input that takes more CPU time
 * than a linear parser could. Its input goes into FOLDER (default build/fuzz/crashes), and the exit code is 1.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ExitCode } from '../../src/cli/command.js';
import { buildDir } from '../../src/runtime/paths.js';
import { Random, mutate } from './mutate.js';
import { attempt, fuzzTargets, type Target } from './targets.js';

/** CPU time that no input may need: one that takes longer twice is a finding. */
const allowedMs = 500;
const allowedMsPerByte = 0.02;
const mostFindings = 10;

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** What is wrong with the target on this input; null when nothing is. */
async function judge(target: Target, bytes: Buffer, seed: number): Promise<string | null> {
  const limit = allowedMs + bytes.length * allowedMsPerByte;
  let took = Infinity;
  for (let round = 0; round < 2; round++) {
    const start = cpuMs();
    const found = await attempt(target, bytes, new Random(seed));
    took = cpuMs() - start;
    if (found !== null) return found;
    if (took <= limit) return null;
  }
  return `${bytes.length} bytes took ${took.toFixed(0)} ms of CPU time, more than ${limit.toFixed(0)} ms`;
}

async function fuzz(target: Target, seconds: number, seed: number, folder: string): Promise<number> {
  const end = performance.now() + seconds * 1000;
  const random = new Random(seed);
  let runs = 0;
  let findings = 0;
  while (performance.now() < end && findings < mostFindings) {
    const bytes = mutate(target.samples, random).subarray(0, target.longest);
    runs += 1;
    const found = await judge(target, bytes, runs);
    if (found === null) continue;
    findings += 1;
    mkdirSync(folder, { recursive: true });
    const file = join(folder, `${target.name}-${seed}-${runs}`);
    writeFileSync(file, bytes);
    process.stderr.write(`${target.name}: ${file}\n${found}\n`);
  }
  process.stdout.write(`${target.name}: ${runs} inputs, ${findings} findings\n`);
  return findings;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string', default: '1' }, folder: { type: 'string' } },
});
const [first = '', ...names] = positionals;
const seconds = Number(first);
const known = fuzzTargets();
const targets = names.length === 0 ? known : known.filter(({ name }) => names.includes(name));
const right =
  seconds > 0 && Number.isInteger(Number(values.seed)) && targets.length >= Math.max(1, names.length);
if (right) {
  let findings = 0;
  const folder = values.folder ?? join(buildDir, 'fuzz', 'crashes');
  for (const target of targets) {
    findings += await fuzz(target, seconds / targets.length, Number(values.seed), folder);
  }
  if (findings > 0) process.exitCode = ExitCode.failure;
} else {
  process.stderr.write(
    `Usage: main.js SECONDS [--seed NUMBER] [--folder FOLDER] [TARGET...]\nTargets: ${known.map(({ name }) => name).join(', ')}\n`,
  );
  process.exitCode = ExitCode.usage;
}

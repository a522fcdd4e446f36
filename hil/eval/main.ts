import { parseArgs } from 'node:util';
import { VigilError, messageOf } from '../../src/runtime/errors.js';
import { dataDir } from '../../src/runtime/paths.js';
import { blinks } from './blinks.js';
import { pocketSphinxTrials } from './command-peers.js';
import { commands } from './commands.js';
import { dialogs } from './dialogs.js';
import { driverEvaluation } from './driver.js';
import { drowsiness } from './drowsiness.js';
import { endpoints } from './endpoints.js';
import { ownVoice } from './endpoints-own-voice.js';
import type { Evaluation } from './evaluation.js';
import { eyes } from './eyes.js';
import { gaze } from './gaze.js';
import { incar } from './incar.js';
import { kvret } from './kvret.js';
import { mf4Logs } from './mf4-logs.js';
import { oog } from './oog.js';
import { phone } from './phone.js';
import { speechEvaluation } from './speech.js';
import { states } from './states.js';
import { steering } from './steering.js';
import { toyota } from './toyota.js';
import { utterances } from './utterances.js';
import { visibility } from './visibility.js';
import { wake } from './wake.js';

/** What `driver` reports as well. */
const driverParts: readonly Evaluation[] = [states, eyes, drowsiness, gaze, visibility, phone, steering];
const evaluations: readonly Evaluation[] = [
  blinks,
  commands,
  dialogs,
  driverEvaluation(driverParts),
  drowsiness,
  endpoints,
  eyes,
  gaze,
  incar,
  kvret,
  mf4Logs,
  ownVoice,
  oog,
  phone,
  speechEvaluation({
    commands,
    oog,
    incar,
    wake,
    others: [endpoints, utterances, kvret, dialogs],
    peer: pocketSphinxTrials,
  }),
  states,
  steering,
  toyota,
  utterances,
  visibility,
  wake,
];

const usage = [
  'usage: npm run eval NAME [-- --json] [-- --observations DIR] [-- --output DIR] [-- --limit N]',
  '',
  ...evaluations.map(({ name, about }) => `  ${name.padEnd(10)} ${about}`),
  '',
  'VIGIL_DATA names the folder with the evaluation data.',
].join('\n');

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      observations: { type: 'string' },
      output: { type: 'string' },
      limit: { type: 'string' },
      snr: { type: 'string' },
      seeds: { type: 'string' },
      model: { type: 'string' },
      words: { type: 'string' },
      quick: { type: 'boolean', default: false },
    },
  });
  const evaluation = evaluations.find(({ name }) => name === positionals.at(0));
  if (evaluation === undefined || positionals.length !== 1) {
    process.stderr.write(`${usage}\n`);
    return 2;
  }
  const result = await evaluation.run({
    dataDir,
    ...(values.observations === undefined ? {} : { observationsDir: values.observations }),
    ...(values.output === undefined ? {} : { outputDir: values.output }),
    options: {
      ...Object.fromEntries(
        (['limit', 'snr', 'seeds', 'model', 'words'] as const).flatMap((name) => {
          const value = values[name];
          return value === undefined ? [] : [[name, value]];
        }),
      ),
      ...(values.quick ? { quick: 'yes' } : {}),
    },
    progress: (step) => process.stderr.write(`${evaluation.name}: ${step}\n`),
  });
  process.stdout.write(values.json ? `${JSON.stringify(result.json)}\n` : `${result.text}\n`);
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const code = error instanceof VigilError ? `${error.code}: ` : '';
  process.stderr.write(`eval: ${code}${messageOf(error)}\n`);
  process.exitCode = 1;
}

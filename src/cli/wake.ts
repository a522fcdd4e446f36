import { writeFileSync } from 'node:fs';
import { InvalidArgumentError, type Command } from 'commander';
import { WholeFeatures } from '../assistant/wake/whole-features.js';
import { encodeHead } from '../assistant/wake/head-file.js';
import { makePool } from '../assistant/wake/training/pool.js';
import { fullSize, normalisedPhrase, quickSize, trainWake } from '../assistant/wake/training/recipe.js';
import { OutputFile } from '../runtime/output-file.js';
import { progress } from './progress.js';

const examples = `
Examples:
  vigil wake train "hey vigil"                  writes hey-vigil.wake.json
  vigil wake train "hey vigil" -o my.json --seed 2
  vigil wake train "hey vigil" --quick          worse, but soon

Two words or more are told from other speech far better than one. Needs the programs espeak-ng and flite.
Exit codes: 0 trained, 1 failed, 2 wrong usage.`;

interface Flags {
  output?: string;
  seed: number;
  quick: boolean;
  force: boolean;
}

export function register(program: Command): void {
  program
    .command('wake')
    .description('Look after the wake word.')
    .addHelpText('after', examples)
    .command('train')
    .description('Train a wake phrase on synthesized speech.')
    .argument('<phrase>', 'English words')
    .option('-o, --output <file>', 'default: the phrase with .wake.json')
    .option('--seed <n>', 'another seed is another head', wholeNumber, 1)
    .option('--quick', 'less speech', false)
    .option('--force', 'overwrite the output', false)
    .addHelpText('after', examples)
    .action(train);
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Expected a whole number.');
  return Number(text);
}

async function train(text: string, { output, seed, quick, force }: Flags): Promise<void> {
  const phrase = normalisedPhrase(text);
  const file = await OutputFile.plan(output ?? `${phrase.replaceAll(/[ ']/g, '-')}.wake.json`, force, []);
  const size = quick ? quickSize : fullSize;
  const features = new WholeFeatures();
  const bar = progress('other speech', (value) => value.toFixed(0));
  const pool = makePool(seed, size, features, (done, total) => bar.update(done, total));
  bar.stop();
  const result = trainWake(phrase, seed, size, pool, features, (step) => process.stderr.write(`${step}\n`));
  try {
    writeFileSync(file.temporary, encodeHead(result));
    await file.publish();
  } finally {
    await file.discard();
  }
  const { heldOut } = result.card;
  process.stdout.write(
    `${file.path}: "${phrase}"; of held-out voices in noise, ${heldOut.heard} of ${heldOut.noisyPhrases} heard ` +
      `(${heldOut.perhapsHeard} with a second opinion to come) and ${heldOut.falseAccepts} false alarms in ` +
      `${(60 * heldOut.hours).toFixed(0)} minutes of other speech\n`,
  );
}

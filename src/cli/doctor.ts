import { InvalidArgumentError, type Command } from 'commander';
import { monotonicClock } from '../runtime/clock.js';
import { loadConfig } from '../service/config/load.js';
import { examine } from '../service/doctor/doctor.js';
import type { Finding } from '../service/doctor/finding.js';
import { colors as pc } from './colors.js';
import { ExitCode } from './command.js';

const examples = `
Nothing is stored. A camera or a microphone that the service uses at the moment may be busy: stop it first.

Examples:
  vigil doctor --config vigil.yaml
  vigil doctor --config vigil.yaml --seconds 10 --json

Exit codes: 0 nothing is broken, 1 something is, 2 wrong usage.`;

interface Flags {
  readonly config: string;
  readonly seconds: number;
  readonly json: boolean;
}

export function register(program: Command): void {
  program
    .command('doctor')
    .description('Look at camera, bus, microphones, models and machine, and say what to do.')
    .requiredOption('--config <vigil.yaml>', 'what is to be looked at')
    .option('--seconds <n>', 'how long each is watched', seconds, 5)
    .option('--json', 'one JSON object', false)
    .addHelpText('after', examples)
    .action(async ({ config, seconds: watched, json }: Flags) => {
      const findings = await examine(loadConfig(config), monotonicClock, watched);
      process.stdout.write(json ? `${JSON.stringify({ findings })}\n` : findings.map(line).join(''));
      process.exitCode = findings.some(({ level }) => level === 'fail') ? ExitCode.failure : ExitCode.ok;
    });
}

const marks = { ok: pc.green('ok  '), warn: pc.yellow('warn'), fail: pc.red('FAIL') };

function line({ part, level, found, advice }: Finding): string {
  return `${marks[level]}  ${part}: ${found}\n${advice === '' ? '' : `      ${pc.dim(advice)}\n`}`;
}

function seconds(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 600) return value;
  throw new InvalidArgumentError('Expected 0 to 600 seconds.');
}

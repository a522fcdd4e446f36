import type { Command } from 'commander';
import { configExample } from '../service/config/example.js';
import { configJsonSchema } from '../service/config/json-schema.js';
import { loadConfig } from '../service/config/load.js';

const examples = `
Examples:
  vigil config example > vigil.yaml     every key with its meaning and default, to start from
  vigil config check vigil.yaml         what is wrong, with lines; or: what is in force
  vigil config schema                   JSON Schema, for editors`;

export function register(program: Command): void {
  const config = program
    .command('config')
    .description('The configuration of the service: an example, a check, its schema.')
    .addHelpText('after', examples);
  config
    .command('example')
    .description('Print a commented configuration.')
    .action(() => {
      process.stdout.write(configExample());
    });
  config
    .command('check')
    .description('Check a configuration and print it with all defaults.')
    .argument('<file>', 'a YAML file')
    .action((file: string) => {
      process.stdout.write(`${JSON.stringify(loadConfig(file), null, 2)}\n`);
    });
  config
    .command('schema')
    .description('Print the JSON Schema of the configuration.')
    .action(() => {
      process.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
    });
}

import { stringify } from 'yaml';
import { configJsonSchema } from './json-schema.js';

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** For keys without a default: something that stands for what belongs there. */
const samples: Readonly<Record<string, unknown>> = {
  'can.address': 'socketcan:can0',
  'can.mapping': 'vigil-demo',
  'can.dbc': 'car.dbc',
  'camera.source': 'v4l2:/dev/video0',
  'camera.seat.left': 0.2,
  'camera.seat.top': 0,
  'camera.seat.right': 0.8,
  'camera.seat.bottom': 1,
  'driver.fifoPriority': 40,
  'driver.cpu': 1,
  'assistant.microphones.source': 'alsa:default',
  'recorder.folder': '/var/lib/vigil/drives',
  'metrics.address': 'unix:/run/vigil/metrics.sock',
  'log.file': '/var/log/vigil.log',
};

/**
 * Every key with its meaning, limits and default, all commented out: as it is, it reads as all defaults; without the first
 * "# " of its lines it is a whole configuration.
 */
export function configExample(): string {
  const schema = configJsonSchema() as Schema;
  const lines = [
    `# ${schema.description ?? ''}. Every key is here, with its default or a sample: remove "# " where you need one.`,
    '# yaml-language-server: $schema=vigil.schema.json',
    '',
    ...Object.entries(schema.properties ?? {}).flatMap(([key, value]) => [...entry(key, value, key, 0), '']),
  ];
  return lines.join('\n');
}

function entry(key: string, schema: Schema, path: string, depth: number): string[] {
  const about = [schema.description, limitsOf(schema)].filter(Boolean).join('. ');
  const indent = '  '.repeat(depth);
  const head = about === '' ? [] : [`# ${indent}# ${about}`];
  if (schema.properties !== undefined) {
    return [...head, `# ${indent}${key}:`, ...inside(schema.properties, path, depth + 1)];
  }
  if (schema.items?.properties !== undefined) {
    const [first, ...rest] = inside(schema.items.properties, path, depth + 2);
    return [
      ...head,
      `# ${indent}${key}:`,
      `# ${indent}  - # ${schema.items.description ?? ''}`,
      first,
      ...rest,
    ];
  }
  const value = schema.default ?? samples[path];
  if (value === undefined) throw new Error(`no sample for ${path}`);
  return [...head, `# ${indent}${key}: ${stringify(value, { collectionStyle: 'flow' }).trim()}`];
}

function inside(properties: Readonly<Record<string, Schema>>, path: string, depth: number): string[] {
  return Object.entries(properties).flatMap(([key, value]) => entry(key, value, `${path}.${key}`, depth));
}

function limitsOf(schema: Schema): string {
  const choices = schema.enum ?? schema.anyOf?.flatMap((one) => (one.const === undefined ? [] : [one.const]));
  if (choices !== undefined && choices.length > 1) return `One of ${choices.join(', ')}`;
  const { minimum, maximum } = schema;
  if (minimum === undefined || maximum === undefined || maximum > 1e9) return '';
  return `${minimum} to ${maximum}`;
}

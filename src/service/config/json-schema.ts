import { z } from 'zod';
import { configSchema } from './schema.js';

/** Where editors find it; a name, nothing is fetched. */
const schemaId = 'https://vigil.invalid/schema/vigil.schema.json';

/** What may be written in `vigil.yaml`, as JSON Schema (draft 2020-12), with meanings and defaults. */
export function configJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(configSchema, { io: 'input' }) as Record<string, unknown>;
  return { $schema, $id: schemaId, title: 'vigil.yaml', ...rest };
}

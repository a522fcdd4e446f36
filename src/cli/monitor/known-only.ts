import { planKey } from '../../can/j1939.js';
import type { Databases } from './databases.js';
import { compileFilter } from './ui-state.js';

/**
 * Keys of the messages that the databases know and the filter leaves: by identifier, by name or by the name of a
 * signal, as the table filters its rows. The bus then keeps everything else away, in the kernel where it can.
 * @param filter regular expression; all messages where it is empty or no expression
 */
export function knownKeys({ database }: Databases, filter: string): number[] {
  const expression = compileFilter(filter);
  return database.messages
    .filter(
      ({ id, extended, name, signals }) =>
        expression === undefined ||
        expression.test(
          id
            .toString(16)
            .toUpperCase()
            .padStart(extended ? 8 : 3, '0'),
        ) ||
        expression.test(name) ||
        signals.some((signal) => expression.test(signal.name)),
    )
    .map(planKey);
}

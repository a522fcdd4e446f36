import { messagesByKey, type DbcDatabase, type DbcMessage } from '../../can/dbc.js';
import { loadDbc } from '../../can/dbc-parser.js';
import { messageFinder } from '../../can/j1939.js';

/** The message that a frame of this identifier is; undefined when no database knows it. */
export type FindMessage = (id: number, extended: boolean) => DbcMessage | undefined;

/** Several databases as one. */
export interface Databases {
  readonly database: DbcDatabase;
  /** The message of a frame, by identifier or by J1939 parameter group. */
  readonly find: FindMessage;
  /** What a person should know: lines left out, messages that two files define. */
  readonly notes: readonly string[];
}

/**
 * Puts databases together; of an identifier in several files, the last file's message counts.
 * @throws VigilError `INVALID_ARGUMENT` without any database
 */
export function joinDatabases(databases: readonly [DbcDatabase, ...DbcDatabase[]]): Databases {
  const notes: string[] = [];
  const owner = new Map<number, string>();
  for (const database of databases) {
    for (const [key, message] of messagesByKey(database)) {
      const before = owner.get(key);
      if (before !== undefined) {
        notes.push(
          `${message.name} (${message.id.toString(16).toUpperCase()}): taken from ${database.file}, not from ${before}`,
        );
      }
      owner.set(key, database.file);
    }
  }
  const database = { ...databases[0], messages: databases.flatMap(({ messages }) => messages) };
  return { database, find: messageFinder(database), notes };
}

/**
 * Loads DBC files for decoding; undefined when none is given.
 * @throws VigilError `FILE_UNREADABLE`, `DBC_UNREADABLE`
 */
export function loadDatabases(files: readonly string[]): Databases | undefined {
  const parsed = files.map((file) => loadDbc(file));
  const [first, ...rest] = parsed.map(({ database }) => database);
  if (parsed.length === 0) return undefined;
  const joined = joinDatabases([first, ...rest]);
  const lost = parsed.flatMap(({ database, problems }) => {
    const errors = problems.filter(({ severity }) => severity === 'error').length;
    return errors === 0 ? [] : [`${database.file}: ${errors} lines could not be read and are left out`];
  });
  return { ...joined, notes: [...lost, ...joined.notes] };
}

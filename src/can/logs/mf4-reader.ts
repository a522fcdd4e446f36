import { VigilError } from '../../runtime/errors.js';
import type { CanFrames } from '../frames.js';
import type { CanLog, LogHeader, LogReadOptions, LogSource, LogSummary } from './log-format.js';
import { mergedByTime } from './merge.js';
import { Mf4File, Mf4Problems } from './mf4-blocks.js';
import { mf4Layout, skippedName } from './mf4-layout.js';
import { Mf4GroupFrames } from './mf4-records.js';
import { readMf4Structure, unfinishedBit, type Mf4DataGroup, type Mf4Structure } from './mf4-structure.js';

const keptProblems = 20;
const defaultBatchFrames = 4096;

/** The CAN frames of an MDF 4 bus log, in the order of their times where they lie in several data groups. */
export class Mf4Log implements CanLog {
  readonly header: LogHeader;
  readonly #file: Mf4File;
  readonly #structure: Mf4Structure;
  readonly #options: LogReadOptions;
  readonly #skipped: Record<string, number> = {};
  #groups: readonly Mf4GroupFrames[] = [];
  #frames = 0;

  private constructor(file: Mf4File, structure: Mf4Structure, options: LogReadOptions) {
    this.#file = file;
    this.#structure = structure;
    this.#options = options;
    this.header = { startNs: structure.startNs, channelNames: [] };
  }

  /** @throws VigilError `LOG_HEADER_INVALID`, `INVALID_ARGUMENT` */
  static async open(source: LogSource, options: LogReadOptions): Promise<Mf4Log> {
    const access = await source.randomAccess();
    try {
      const file = new Mf4File(access, new Mf4Problems());
      const log = new Mf4Log(file, await readMf4Structure(file, source.path), options);
      await log.#prepare();
      return log;
    } catch (error) {
      await access.close();
      throw error;
    }
  }

  get summary(): LogSummary {
    const { list, damaged, cutOff } = this.#file.problems;
    const skipped: Record<string, number> = { ...this.#skipped };
    const problems = [...list];
    let bad = damaged;
    for (const { summary, layout, group } of this.#groups) {
      bad += summary.damaged;
      for (const { record, text } of summary.problems) {
        problems.push({ place: `record ${record} of the data group at byte ${group.position}`, text });
      }
      layout.skipped.forEach((name, i) => {
        const count = summary.counts[i];
        if (name !== null && count > 0) skipped[name] = (skipped[name] ?? 0) + count;
      });
    }
    return {
      frames: this.#frames,
      skipped,
      damaged: bad,
      problems: problems.slice(0, keptProblems),
      cutOff,
    };
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<CanFrames, void, undefined> {
    try {
      if (this.#groups.length === 0) return;
      for await (const frames of mergedByTime(
        this.#groups,
        this.#options.batchFrames ?? defaultBatchFrames,
      )) {
        this.#frames += frames.count;
        yield frames;
      }
    } finally {
      await this.#file.access.close();
    }
  }

  async #prepare(): Promise<void> {
    const { dataGroups, unfinished, program } = this.#structure;
    // python-can writes through asammdf, and bus channels from 0 as it has them.
    const channelBase = program.startsWith('amdf') ? 0 : 1;
    const isOpen = (unfinished & unfinishedBit.lastDataLength) !== 0;
    const options = {
      ...this.#options,
      openBlock: isOpen ? await this.#lastDataBlock(dataGroups) : null,
      valuesInOrder: (unfinished & unfinishedBit.valueOffsets) !== 0,
    };
    const groups: Mf4GroupFrames[] = [];
    for (const group of dataGroups) {
      const layout = mf4Layout(group, channelBase, this.#file.problems);
      if (!layout.hasFrames) {
        this.#skip(group);
        continue;
      }
      try {
        groups.push(new Mf4GroupFrames(this.#file, group, layout, options));
      } catch (error) {
        if (!(error instanceof VigilError) || isWrongOption(this.#options)) throw error;
        this.#file.problems.damage(group.position, `expected a possible data group: ${error.message}`);
      }
    }
    this.#groups = groups;
  }

  #skip({ groups }: Mf4DataGroup): void {
    for (const group of groups) {
      if (group.isVariable || group.cycles === 0) continue;
      const name = skippedName(group);
      this.#skipped[name] = (this.#skipped[name] ?? 0) + group.cycles;
    }
  }

  /** Where the ##DT block that lies last in the file begins. */
  async #lastDataBlock(dataGroups: readonly Mf4DataGroup[]): Promise<number | null> {
    let last: number | null = null;
    for (const { dataLink } of dataGroups) {
      const seen = new Set<number>();
      let head = await this.#file.head(dataLink, ['DT', 'DZ', 'DL', 'HL']);
      if (head?.id === 'HL') head = await this.#file.head(head.links.at(0) ?? 0, ['DL']);
      while (head?.id === 'DL' && !seen.has(head.position)) {
        seen.add(head.position);
        for (const link of head.links.slice(1)) last = Math.max(last ?? 0, link);
        head = await this.#file.head(head.links.at(0) ?? 0, ['DL']);
      }
      if (head?.id === 'DT') last = Math.max(last ?? 0, head.position);
    }
    return last;
  }
}

function isWrongOption({ batchFrames = defaultBatchFrames }: LogReadOptions): boolean {
  return !Number.isInteger(batchFrames) || batchFrames < 1 || batchFrames > 1_000_000;
}

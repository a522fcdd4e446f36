import type { Readable, Writable } from 'node:stream';
import pc from 'picocolors';
import { colors } from '../colors.js';
import { ExitCode } from '../command.js';
import type { CanFrames } from '../../can/frames.js';
import { monotonicClock } from '../../runtime/clock.js';
import { VigilError } from '../../runtime/errors.js';
import { loadDatabases } from './databases.js';
import { keysOf } from './keys.js';
import { knownKeys } from './known-only.js';
import { latestValues } from './latest-values.js';
import { Player } from './player.js';
import { Screen, type Terminal } from './screen.js';
import { snapshot } from './snapshot.js';
import { openFrameSource, type FrameSource } from './source.js';
import { MonitorTable } from './table.js';
import { initialUi, pressKey, type UiState } from './ui-state.js';
import type { MonitorScene } from './row-lines.js';
import { selectRows } from './row-order.js';
import { JudgedFrames, validityJudge } from './validity.js';
import { monitorTableLines, monitorView } from './view.js';

export interface MonitorOptions {
  /** A file, or a live bus. */
  readonly source: string;
  readonly title: string;
  readonly dbc: readonly string[];
  /** Of a live bus receive only what the databases know and the filter leaves. */
  readonly known?: boolean;
  /** Validity rules: a file, or the name of one of ours. */
  readonly validity?: string;
  /** Regular expression. */
  readonly filter: string;
  readonly json: boolean;
  /** Factor for logs; 1 on a terminal and Infinity elsewhere when absent. */
  readonly speed?: number;
  /** Stop after so many seconds of watching. */
  readonly seconds?: number;
}

export interface MonitorStreams {
  readonly input: Readable & { isTTY?: boolean; setRawMode?: (raw: boolean) => unknown };
  readonly output: Terminal;
  readonly notes: Writable;
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Watches a source until it ends, the time is over or the user has seen enough.
 * @returns the exit code
 * @throws VigilError when the source or a database can't be read
 */
export async function monitor(options: MonitorOptions, streams: MonitorStreams): Promise<number> {
  const databases = loadDatabases(options.dbc);
  for (const note of databases?.notes ?? []) streams.notes.write(`vigil: ${note}\n`);
  if (options.known === true && databases === undefined) {
    throw new VigilError('INVALID_ARGUMENT', 'Expected --dbc beside --known.', 'Name the databases.');
  }
  const judge = options.validity === undefined ? undefined : validityJudge(options.validity, databases);
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const timer = options.seconds === undefined ? undefined : setTimeout(onSignal, options.seconds * 1000);
  const interactive = !options.json && streams.output.isTTY === true;
  const source = await openFrameSource(options.source, stop.signal);
  const speed = source.live ? 'live' : (options.speed ?? (interactive ? 1 : Infinity));
  const session = new Session(
    options,
    source,
    speed,
    latestValues(databases),
    new MonitorTable(databases?.find),
    judge === undefined ? undefined : new JudgedFrames(source.frames, judge),
    (filter) => {
      if (options.known === true && databases !== undefined) source.setFilter?.(knownKeys(databases, filter));
    },
  );
  try {
    if (interactive) await session.watch(streams, stop);
    else await session.gather(stop.signal);
  } finally {
    clearTimeout(timer);
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    await source.close();
  }
  session.report(streams.output);
  const problems = source.problems();
  for (const problem of problems) streams.notes.write(`vigil: ${problem}\n`);
  return problems.length > 0 ? ExitCode.dataLoss : ExitCode.ok;
}

/** Columns of a table that isn't on a terminal. */
const reportColumns = 120;

/** One watching of one source. */
class Session {
  readonly #player: Player;
  #ui: UiState;
  #ended = false;
  /** What a paused live bus shows: the bus goes on, the table stands still. */
  #held: { readonly table: MonitorTable; readonly nowMs: number } | undefined;

  constructor(
    private readonly options: MonitorOptions,
    private readonly source: FrameSource,
    private readonly speed: number | 'live',
    private readonly decode: MonitorScene['decode'],
    private readonly table: MonitorTable,
    private readonly judged: JudgedFrames | undefined,
    private readonly onFilter: (filter: string) => void,
  ) {
    this.#ui = { ...initialUi, filter: options.filter };
    this.onFilter(options.filter);
    this.#player = new Player(speed, monotonicClock, wait);
  }

  private get frames(): AsyncIterable<CanFrames> {
    return this.judged ?? this.source.frames;
  }

  #add(frames: CanFrames, from: number, to: number): void {
    this.table.add(frames, from, to, this.judged?.of(frames));
  }

  /** Takes all frames without showing anything. */
  async gather(stop: AbortSignal): Promise<void> {
    const { frames } = this;
    await this.#player.play(frames, (batch, from, to) => this.#add(batch, from, to), stop);
  }

  /** Shows the table on the terminal and obeys keys; a log that has ended stays until the user leaves. */
  async watch({ input, output }: MonitorStreams, stop: AbortController): Promise<void> {
    let page = { rows: 0, page: 1 };
    const screen = new Screen(output, monotonicClock, (size) => {
      const view = monitorView(this.#scene(), size, pc);
      page = view;
      return view.lines;
    });
    const onKeys = (text: string): void => {
      for (const key of keysOf(text)) this.#press(key, page, stop);
      screen.invalidate();
    };
    const tick = setInterval(() => screen.invalidate(), 100);
    input.setRawMode?.(true);
    input.setEncoding('utf8').on('data', onKeys).resume();
    try {
      await this.#player.play(
        this.frames,
        (frames, from, to) => {
          this.#add(frames, from, to);
          screen.invalidate();
        },
        stop.signal,
      );
      this.#ended = true;
      screen.invalidate();
      if (!stop.signal.aborted && input.isTTY === true) {
        await new Promise<void>((resolve) => {
          stop.signal.addEventListener('abort', () => resolve(), { once: true });
        });
      }
    } finally {
      clearInterval(tick);
      input.off('data', onKeys).pause();
      input.setRawMode?.(false);
      screen.close();
    }
  }

  #press(key: string, page: { readonly rows: number; readonly page: number }, stop: AbortController): void {
    const { ui, action } = pressKey(this.#ui, key, page);
    if (ui.paused !== this.#ui.paused) {
      this.#player.paused = ui.paused;
      const hold = ui.paused && this.speed === 'live';
      this.#held = hold ? { table: this.table.copy(), nowMs: this.#player.nowMs } : undefined;
    }
    if (ui.filter !== this.#ui.filter) this.onFilter(ui.filter);
    this.#ui = ui;
    if (action === 'quit') stop.abort();
    if (action === 'reset') {
      this.table.reset();
      if (this.#held !== undefined) this.#held = { ...this.#held, table: this.table.copy() };
    }
  }

  #scene(): MonitorScene {
    const table = this.#held?.table ?? this.table;
    const nowMs = this.#held?.nowMs ?? (this.#ended ? this.table.lastMs : this.#player.nowMs);
    const pace =
      this.speed === 'live'
        ? (this.source.state?.() ?? 'live')
        : this.speed === Infinity
          ? 'max'
          : `x${this.speed}`;
    const mode = this.#ended ? 'ended' : pace;
    return { table, decode: this.decode, title: this.options.title, nowMs, mode, ui: this.#ui };
  }

  /** The whole table, or the JSON object. */
  report(output: Terminal): void {
    const nowMs = this.table.lastMs;
    const ui = { ...this.#ui, typing: undefined, top: 0 };
    if (this.options.json) {
      const rows = selectRows(this.table, ui, nowMs);
      output.write(
        `${JSON.stringify(snapshot({ name: this.options.source, startNs: this.source.startNs }, this.table, rows, this.decode))}\n`,
      );
      return;
    }
    const seconds = this.table.frames === 0 ? 0 : (nowMs - this.table.firstMs) / 1000;
    const scene = { ...this.#scene(), ui, nowMs, table: this.table };
    if (output.isTTY !== true) {
      for (const line of monitorTableLines(scene, output.columns ?? reportColumns, colors))
        output.write(`${line.trimEnd()}\n`);
    }
    output.write(`${this.table.frames} frames, ${this.table.rows.length} rows, ${seconds.toFixed(1)} s\n`);
  }
}

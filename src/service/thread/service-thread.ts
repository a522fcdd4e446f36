import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import { VigilError } from '../../runtime/errors.js';
import { fromFailure, type Failure } from './failure.js';
import type { FromThread, ToThread } from './protocol.js';

export interface ThreadListener<Event> {
  events(events: readonly Event[]): void;
  /** Something went wrong that the part survives. */
  error(failure: Failure, where: string): void;
  /** The thread ended without being asked to. */
  died(reason: string): void;
}

/** An answer that does not come within this time will not come: the thread is stuck. */
const answerMs = 2000;

/** A part of the service in a thread of its own, seen from the thread that started it. `serve.ts` is the other side. */
export class ServiceThread<Command, Event> {
  readonly #waiting = new Map<number, (answer: FromThread<Event> | null) => void>();
  #lastId = 0;
  #closing: Promise<void> | undefined;

  private constructor(
    private readonly worker: Worker,
    private readonly exited: Promise<void>,
    private readonly name: string,
  ) {}

  /**
   * Resolves when the part is at work.
   * @param name for messages: `the driver service`
   * @param transferList ports in the data
   * @throws VigilError what the part throws, `SERVICE_THREAD_ENDED`
   */
  static async start<Command, Event>(
    file: URL,
    name: string,
    workerData: unknown,
    transferList: MessagePort[],
    listener: ThreadListener<Event>,
  ): Promise<ServiceThread<Command, Event>> {
    const worker = new Worker(file, { workerData, transferList });
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    const thread = new ServiceThread<Command, Event>(worker, exited, name);
    await new Promise<void>((resolve, reject) => {
      let isReady = false;
      let reason = 'it ended';
      worker.on('message', (message: FromThread<Event>) => {
        if (message.kind === 'ready') {
          isReady = true;
          resolve();
        } else if (message.kind === 'failed') reject(fromFailure(message.failure));
        else thread.#take(message, listener);
      });
      worker.on('error', (error: Error) => {
        reason = error.stack ?? error.message;
        reject(error);
      });
      worker.once('exit', () => {
        reject(new VigilError('SERVICE_THREAD_ENDED', `Expected ${name} to start but: ${reason}.`));
        for (const settle of thread.#waiting.values()) settle(null);
        if (isReady && thread.#closing === undefined) listener.died(reason);
      });
    });
    return thread;
  }

  /** The other end of a link to the part's store; `branch`: what this side provides itself, null for nothing. */
  link(name: string, branch: string | null): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.giveLink(name, branch, port1);
    return port2;
  }

  /** As `link`, for a port whose other end is somewhere else. */
  giveLink(name: string, branch: string | null, port: MessagePort): void {
    this.#tell({ kind: 'link', name, port, branch }, [port]);
  }

  tell(command: Command): void {
    this.#tell({ kind: 'command', command });
  }

  /** @throws VigilError what the part throws, `SERVICE_THREAD_STUCK` */
  async ask(command: Command): Promise<unknown> {
    const id = ++this.#lastId;
    const answer = await new Promise<FromThread<Event> | null>((resolve) => {
      const timer = setTimeout(() => resolve(null), answerMs);
      this.#waiting.set(id, (message) => {
        clearTimeout(timer);
        resolve(message);
      });
      this.#tell({ kind: 'ask', id, command });
    });
    this.#waiting.delete(id);
    if (answer?.kind !== 'answer') {
      throw new VigilError(
        'SERVICE_THREAD_STUCK',
        `Expected an answer of ${this.name} within ${answerMs / 1000} s but there was none.`,
      );
    }
    if (answer.failure !== null) throw fromFailure(answer.failure);
    return answer.value;
  }

  /** Ends the thread in good order; a stuck one is ended anyhow. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#tell({ kind: 'close' });
    const timer = setTimeout(() => void this.worker.terminate(), answerMs);
    await this.exited;
    clearTimeout(timer);
  }

  #tell(message: ToThread<Command>, transfer: MessagePort[] = []): void {
    this.worker.postMessage(message, transfer);
  }

  #take(message: FromThread<Event>, listener: ThreadListener<Event>): void {
    if (message.kind === 'events') listener.events(message.events);
    else if (message.kind === 'error') listener.error(message.failure, message.where);
    else if (message.kind === 'answer') this.#waiting.get(message.id)?.(message);
  }
}

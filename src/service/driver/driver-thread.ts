import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import { VigilError } from '../../runtime/errors.js';
import type { GraphOutput } from '../../fusion.js';
import { fromFailure, type Failure } from '../failure.js';
import type { DriverWorkerData, FromDriver, ToDriver } from './protocol.js';
import type { DriverStatus } from './status.js';

export interface DriverThreadListener {
  outputs(outputs: readonly GraphOutput[]): void;
  /** Something went wrong in a listener of the driver's store; it carries on. */
  error(failure: Failure, where: string): void;
  /** The thread ended without being asked to. */
  died(reason: string): void;
}

/** An answer that does not come within this time will not come: the thread is stuck. */
const answerMs = 2000;

/** The driver service in a thread of its own, seen from the thread that started it. */
export class DriverThread {
  readonly #waiting = new Map<number, (answer: FromDriver | null) => void>();
  #lastId = 0;
  #closing: Promise<void> | undefined;

  private constructor(
    private readonly worker: Worker,
    private readonly exited: Promise<void>,
  ) {}

  /** Resolves when the service watches. @throws VigilError what the driver service throws */
  static async start(data: DriverWorkerData, listener: DriverThreadListener): Promise<DriverThread> {
    const worker = new Worker(new URL('./driver-worker.js', import.meta.url), { workerData: data });
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    const thread = new DriverThread(worker, exited);
    await new Promise<void>((resolve, reject) => {
      let isReady = false;
      let reason = 'it ended';
      worker.on('message', (message: FromDriver) => {
        if (message.kind === 'ready') {
          isReady = true;
          resolve();
        } else if (message.kind === 'failed') {
          reject(fromFailure(message.failure));
        } else thread.#take(message, listener);
      });
      worker.on('error', (error: Error) => {
        reason = error.stack ?? error.message;
        reject(error);
      });
      worker.once('exit', () => {
        reject(
          new VigilError('DRIVER_SERVICE_ENDED', `Expected the driver service to start but: ${reason}.`),
        );
        thread.#settleAll();
        if (isReady && thread.#closing === undefined) listener.died(reason);
      });
    });
    return thread;
  }

  /** The other end of a store's link; `branch`: what that store provides itself, null for nothing. */
  link(name: string, branch: string | null): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.#tell({ kind: 'link', name, port: port1, branch }, [port1]);
    return port2;
  }

  acknowledge(): void {
    this.#tell({ kind: 'acknowledge' });
  }

  /** @throws VigilError as `DriverService.setPolicies`, `DRIVER_SERVICE_STUCK` */
  async setPolicies(names: readonly string[]): Promise<void> {
    const answer = await this.#ask((id) => ({ kind: 'policies', id, names }));
    if (answer.kind === 'policies' && answer.failure !== null) throw fromFailure(answer.failure);
  }

  /** @throws VigilError `DRIVER_SERVICE_STUCK` */
  async status(): Promise<DriverStatus> {
    const answer = await this.#ask((id) => ({ kind: 'status', id }));
    if (answer.kind !== 'status') throw new Error(`expected a status but received ${answer.kind}`);
    return answer.status;
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

  #tell(message: ToDriver, transfer: MessagePort[] = []): void {
    this.worker.postMessage(message, transfer);
  }

  async #ask(question: (id: number) => ToDriver): Promise<FromDriver> {
    const id = ++this.#lastId;
    const answer = await new Promise<FromDriver | null>((resolve) => {
      const timer = setTimeout(() => resolve(null), answerMs);
      this.#waiting.set(id, (message) => {
        clearTimeout(timer);
        resolve(message);
      });
      this.#tell(question(id));
    });
    this.#waiting.delete(id);
    if (answer !== null) return answer;
    throw new VigilError(
      'DRIVER_SERVICE_STUCK',
      `Expected an answer of the driver service within ${answerMs / 1000} s but there was none.`,
      'Its heartbeat has stopped; it is restarted by the watchdog.',
    );
  }

  #take(message: FromDriver, listener: DriverThreadListener): void {
    switch (message.kind) {
      case 'outputs':
        listener.outputs(message.outputs);
        return;
      case 'error':
        listener.error(message.failure, message.where);
        return;
      case 'status':
      case 'policies':
        this.#waiting.get(message.id)?.(message);
        return;
      case 'ready':
      case 'failed':
    }
  }

  #settleAll(): void {
    for (const settle of this.#waiting.values()) settle(null);
  }
}

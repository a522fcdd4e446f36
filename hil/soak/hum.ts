import { atDeadlines } from '../../src/runtime/deadlines.js';
import type { Clock } from '../../src/runtime/clock.js';
import { SocketServer } from '../feed/socket-server.js';

const rate = 16_000;
const blockMs = 20;

/** A microphone behind a socket that hears a car: a hum with noise, the same every time. Close it. */
export class HumServer {
  #phase = 0;
  #seed = 1;
  readonly #stop: () => void;

  private constructor(
    readonly server: SocketServer,
    clock: Clock,
  ) {
    this.#stop = atDeadlines(clock, blockMs, () => server.send(this.#block()));
  }

  static async listen(clock: Clock): Promise<HumServer> {
    return new HumServer(await SocketServer.listen({ kind: 'tcp', host: '127.0.0.1', port: 0 }), clock);
  }

  async close(): Promise<void> {
    this.#stop();
    await this.server.close();
  }

  #block(): Buffer {
    const samples = new Int16Array((rate * blockMs) / 1000);
    for (let i = 0; i < samples.length; i++) {
      this.#phase += (2 * Math.PI * 55) / rate;
      this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) | 0;
      samples[i] = 300 * Math.sin(this.#phase) + this.#seed / 2 ** 23;
    }
    return Buffer.from(samples.buffer);
  }
}

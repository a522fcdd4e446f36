import { encodePicture } from '../../src/camera/picture-stream.js';
import type { CanFrames } from '../../src/can/frames.js';
import { Slcan } from '../../src/can/live/slcan.js';
import type { Clock } from '../../src/runtime/clock.js';
import type { SocketEndpoint } from '../../src/runtime/sources/endpoint.js';
import type { RecordedMessage } from '../recording/message.js';
import type { Recording } from '../recording/reader.js';
import { Pacer, timerSleep } from '../replay/pacer.js';
import { SocketServer } from './socket-server.js';

export interface FeedEndpoints {
  readonly camera?: SocketEndpoint;
  /** An slcan adapter behind a socket. */
  readonly can?: SocketEndpoint;
}

export interface FeedOptions {
  /** 1 is real time. */
  readonly speed: number;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface FeedCounters {
  readonly frames: number;
  readonly canFrames: number;
  /** Pieces that a reader was too slow for. */
  readonly skipped: number;
}

/**
 * Plays a recording's inputs through sockets, as devices would send them: pictures as a camera server, frames as an slcan
 * adapter. Stamps of pictures are the recording's plus the time of earlier rounds. Close it.
 */
export class DriveFeeder {
  #frames = 0;
  #canFrames = 0;
  #roundOffsetMs = 0;
  readonly #slcan = new Slcan();

  private constructor(
    readonly camera: SocketServer | null,
    readonly can: SocketServer | null,
    private readonly clock: Clock,
  ) {}

  static async listen({ camera, can }: FeedEndpoints, clock: Clock): Promise<DriveFeeder> {
    return new DriveFeeder(
      camera === undefined ? null : await SocketServer.listen(camera),
      can === undefined ? null : await SocketServer.listen(can),
      clock,
    );
  }

  counters(): FeedCounters {
    return {
      frames: this.#frames,
      canFrames: this.#canFrames,
      skipped: (this.camera?.skipped ?? 0) + (this.can?.skipped ?? 0),
    };
  }

  /** Plays the recording once; resolves at its end, or when `signal` says so. */
  async play(recording: Recording, options: FeedOptions, signal: AbortSignal): Promise<void> {
    const { speed, fromMs, toMs } = options;
    const pacer = new Pacer(speed, this.clock, timerSleep);
    for await (const message of recording.messages({ fromMs, toMs, topics: ['camera', 'can'] })) {
      await pacer.until(message.t);
      if (signal.aborted) return;
      this.#send(message);
    }
    this.#roundOffsetMs += Math.min(toMs, recording.endMs) - Math.max(fromMs, recording.startMs);
  }

  async close(): Promise<void> {
    await Promise.all([this.camera?.close(), this.can?.close()]);
  }

  #send(message: RecordedMessage): void {
    if (message.kind === 'camera') {
      this.camera?.send(encodePicture({ stampMs: this.#roundOffsetMs + message.t, jpeg: message.data }));
      this.#frames += 1;
    } else if (message.kind === 'can') {
      this.can?.send(this.#slcanText(message.frames));
      this.#canFrames += message.frames.count;
    }
  }

  #slcanText({ count, id, flags, offset, length, data }: CanFrames): string {
    let text = '';
    for (let i = 0; i < count; i++) {
      const bytes = data.subarray(offset[i], offset[i] + length[i]);
      text += this.#slcan.encode({ id: id[i], flags: flags[i], data: bytes });
    }
    return text;
  }
}

import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ListenerEvent } from '../src/assistant/listening/listener-event.js';
import { Listener, type ListenerOptions, type SpeechDetector } from '../src/assistant/listening/listener.js';
import { phraseIntent, withPhrase } from '../src/assistant/listening/wake-phrase.js';
import type { CompiledGrammar } from '../src/assistant/speech/compiled-grammar.js';
import type { CommandRecogniser, Recognised } from '../src/assistant/speech/speech-recogniser.js';
import { SpeechRecogniser } from '../src/assistant/speech/speech-recogniser.js';
import { compile } from '../src/assistant/grammar/compile.js';
import { readCommands } from '../src/assistant/grammar/load.js';
import { Follower } from '../src/assistant/grammar/match.js';
import { chunksOf } from '../src/audio/chunks.js';
import { readSpeech } from '../src/audio/wav.js';
import { VigilError } from '../src/runtime/errors.js';
import { packageRoot } from '../src/runtime/paths.js';
import { coffeeGrammar, grammarOf } from './111-support.js';
import { heardCommand } from './118-support.js';
import { thrownBy } from './50-support.js';

const grammar = grammarOf(['x']);
const timings = { encodeCpuMs: 10, decodeCpuMs: 20, wallMs: 30, steps: 1, rows: 1 };

/** Speech is what is loud. */
const loud: SpeechDetector = {
  push: (samples) => Float32Array.of(Math.abs(samples[100]) > 0.1 ? 0.9 : 0.1),
  reset: () => undefined,
};

/** Answers with how long the sound was, after some turns of the event loop. */
class Table implements CommandRecogniser {
  readonly lengths: number[] = [];
  cancelled = 0;

  constructor(
    private readonly turns: () => number = () => 3,
    private readonly answer: (samples: Float32Array) => Recognised = (samples) => ({
      ...heardCommand(`heard ${samples.length}`),
      timings,
    }),
  ) {}

  async recognise(
    samples: Float32Array,
    _: CompiledGrammar | null,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<Recognised> {
    this.lengths.push(samples.length);
    for (let i = this.turns(); i > 0; i--) await new Promise((resolve) => setImmediate(resolve));
    if (signal?.aborted === true) {
      this.cancelled += 1;
      throw new VigilError('SPEECH_CANCELLED', '');
    }
    return this.answer(samples);
  }
}

/** Loud and silent stretches, ms. */
function sound(...stretches: readonly number[]): Float32Array {
  const parts = stretches.map((ms, i) =>
    Float32Array.from({ length: ms * 16 }, (_, k) => (i % 2 === 0 ? 0 : 0.5 * (k % 2 === 0 ? 1 : -1))),
  );
  const out = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function listenerOf(options: Partial<ListenerOptions> = {}): { listener: Listener; events: ListenerEvent[] } {
  const listener = new Listener({
    zone: 'driver',
    recogniser: new Table(),
    wake: null,
    voice: loud,
    ...options,
  });
  const events: ListenerEvent[] = [];
  listener.events.subscribe((event) => events.push(event));
  return { listener, events };
}

async function hearAll(listener: Listener, samples: Float32Array, chunkMs = 20): Promise<void> {
  for (const chunk of chunksOf({ rate: 16_000, samples }, 0, chunkMs)) {
    listener.push(chunk);
    await listener.settled();
  }
}

const kinds = (events: readonly ListenerEvent[]): string[] => events.map(({ kind }) => kind);

describe('listener', () => {
  it('tells the same whatever the pieces and however long the recogniser takes', async () => {
    const run = async (chunkMs: number, turns: () => number): Promise<ListenerEvent[]> => {
      const { listener, events } = listenerOf({ recogniser: new Table(turns) });
      listener.open(grammar, 0);
      await hearAll(listener, sound(500, 700, 150, 400, 900, 500, 1000), chunkMs);
      return events;
    };
    const wanted = await run(20, () => 0);
    expect(kinds(wanted).filter((kind) => kind === 'heard').length).toBe(2);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 400 }),
        fc.infiniteStream(fc.nat(9)),
        async (chunkMs, turns) => {
          expect(await run(chunkMs, () => Number(turns.next().value))).toEqual(wanted);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('does not wait for chunks that come meanwhile', async () => {
    const { listener, events } = listenerOf();
    listener.open(grammar, 0);
    for (const chunk of chunksOf({ rate: 16_000, samples: sound(300, 600, 800, 600, 800) }))
      listener.push(chunk);
    await listener.settled();
    expect(kinds(events).filter((kind) => kind === 'heard').length).toBe(2);
    expect(listener.counters()).toMatchObject({ accepted: 155, dropped: 0, asked: 2, cancelled: 0 });
  });

  it('takes a question back when the speaker goes on, and gives the recogniser all of it again', async () => {
    const table = new Table(() => 50);
    const { listener, events } = listenerOf({ recogniser: table });
    listener.open(grammar, 0);
    await hearAll(listener, sound(512, 512, 160, 512, 800));
    expect(table.lengths.length).toBe(2);
    expect(table.lengths[1] - table.lengths[0]).toBe((160 + 512) * 16);
    expect(table.cancelled).toBe(1);
    expect(listener.counters()).toMatchObject({ asked: 2, cancelled: 1 });
    expect(kinds(events).filter((kind) => kind === 'heard').length).toBe(1);
  });

  it('lets what is called in an event count from the next frame on', async () => {
    const { listener, events } = listenerOf();
    listener.events.subscribe((event) => {
      if (event.kind === 'heard') listener.shut(event.t);
    });
    listener.open(grammar, 0);
    await hearAll(listener, sound(300, 600, 800, 600, 800));
    expect(kinds(events).filter((kind) => kind === 'heard').length).toBe(1);
    expect(events.at(-1)).toMatchObject({ kind: 'state', state: { kind: 'asleep' } });
  });

  it('hears a command in one breath with the wake phrase, once it is verified', async () => {
    const asked: number[] = [];
    let verdict = false;
    const run = async (): Promise<ListenerEvent[]> => {
      let pushed = 0;
      const detector = {
        push: (samples: Float32Array) => {
          const before = pushed;
          pushed += samples.length;
          return before < 20_000 && pushed >= 20_000
            ? [{ phrase: 'hey you', t: pushed / 16, score: 0.9 }]
            : [];
        },
        reset: () => (pushed = 0),
      };
      const verifier = {
        verify: async (_: string, audio: Float32Array) => {
          asked.push(audio.length);
          await new Promise((resolve) => setImmediate(resolve));
          return verdict;
        },
      };
      const { listener, events } = listenerOf({ wake: { phrase: 'hey you', detector, verifier } });
      listener.events.subscribe((event) => {
        if (event.kind === 'wake') listener.open(grammar, event.t);
      });
      await hearAll(listener, sound(2000, 1400, 800));
      return events;
    };
    expect(kinds(await run())).not.toContain('wake');
    verdict = true;
    const events = await run();
    const heard = events.find((event) => event.kind === 'heard');
    expect(asked).toEqual([32_000, 32_000]);
    expect(events.find((event) => event.kind === 'wake')).toMatchObject({ how: 'phrase' });
    expect(heard?.startT).toBe(2016);
  });

  it('says that sound is missing in the middle of speech, and hears on', async () => {
    const { listener, events } = listenerOf();
    listener.open(grammar, 0);
    await hearAll(listener, sound(500, 500));
    for (const chunk of chunksOf({ rate: 16_000, samples: sound(500, 500, 800) }, 5000)) listener.push(chunk);
    await listener.settled();
    expect(events.filter(({ kind }) => kind === 'notHeard')).toMatchObject([{ why: 'gap', t: 5000 }]);
    expect(events.find(({ kind }) => kind === 'heard')?.t).toBeGreaterThan(6000);
  });

  it('follows a clock that runs a little off, without a gap', async () => {
    const { listener, events } = listenerOf();
    for (const chunk of chunksOf({ rate: 16_000, samples: sound(205_000) }, 0, 100)) {
      listener.push({ ...chunk, t: chunk.t * 1.001 });
      await listener.settled();
    }
    expect(kinds(events)).toEqual(['state']);
  });

  it('takes any rate', async () => {
    const { listener, events } = listenerOf();
    listener.open(grammar, 0);
    const samples = Float32Array.from({ length: 48_000 * 2 }, (_, i) =>
      i > 24_000 && i < 48_000 ? 0.5 * Math.sin((2 * Math.PI * 300 * i) / 48_000 + 1) : 0,
    );
    for (const chunk of chunksOf({ rate: 48_000, samples })) listener.push(chunk);
    await listener.settled();
    const heard = events.find((event) => event.kind === 'heard');
    expect(Math.abs((heard?.startT ?? 0) - 500)).toBeLessThan(100);
    expect(thrownBy(() => listener.push({ t: 0, rate: 10, samples }))).toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });

  it('refuses sound for which there is no room, and says when it is lost or closed', async () => {
    const { listener, events } = listenerOf({ queueMs: 100 });
    expect(listener.state).toEqual({ kind: 'notReady' });
    const silence = (t: number) => ({ t, rate: 16_000, samples: new Float32Array(1600) });
    expect([0, 100, 200].map((t) => listener.push(silence(t)))).toEqual(['accepted', 'full', 'full']);
    await listener.settled();
    listener.lost(100, 'unplugged');
    expect(events.at(-1)).toMatchObject({ state: { kind: 'unavailable', reason: 'unplugged' } });
    expect(listener.counters()).toMatchObject({ accepted: 1, dropped: 2 });
    listener.close();
    expect(listener.push(silence(300))).toBe('closed');
  });

  it('says when the recogniser fails', async () => {
    const recogniser: CommandRecogniser = {
      recognise: () => Promise.reject(new VigilError('MODEL_MISSING', 'Expected a model.')),
    };
    const { listener, events } = listenerOf({ recogniser });
    listener.open(grammar, 0);
    await hearAll(listener, sound(300, 600, 800));
    expect(events.filter(({ kind }) => kind === 'notHeard')).toMatchObject([
      { why: 'failed', code: 'MODEL_MISSING' },
    ]);
  });

  it('hears nothing in its own voice but what is clearly louder', async () => {
    const run = async (gain: number): Promise<string[]> => {
      const { listener, events } = listenerOf();
      listener.open(grammar, 0);
      const reply = sound(500, 3000, 1000);
      const speaker = sound(2500, 600, 1400);
      listener.ownVoice(400, true);
      for (const chunk of chunksOf({ rate: 16_000, samples: reply })) {
        if (chunk.t === 3600) listener.ownVoice(3600, false);
        const from = chunk.t * 16;
        listener.reference(chunk);
        listener.push({
          ...chunk,
          samples: chunk.samples.map((value, i) => 0.4 * value + gain * (speaker[from + i] ?? 0)),
        });
        await listener.settled();
      }
      return kinds(events).filter((kind) => kind === 'speechStarted' || kind === 'heard');
    };
    expect(await run(0)).toEqual([]);
    expect(await run(1.6)).toEqual(['speechStarted', 'heard']);
  });
});

describe('the wake phrase in a grammar', () => {
  const plain = compile(
    readCommands("intents:\n  test.do:\n    about: Test\n    say: ['open it']\n", 'test'),
  );

  it.each([['hey you'], ['vigil'], ['hey you there']])('%s', (phrase) => {
    const follower = new Follower(withPhrase(plain, phrase.split(' ')));
    const meanings = (text: string): string[] =>
      follower.meanings(text.split(' ')).map(({ intent }) => intent);
    expect(meanings('open it')).toEqual(['test.do']);
    expect(meanings(`${phrase} open it`)).toEqual(['test.do']);
    expect(meanings(phrase)).toEqual([phraseIntent]);
    expect(meanings(`${phrase} ${phrase} open it`)).toEqual([]);
    expect(meanings(`open it ${phrase}`)).toEqual([]);
  });

  it('is none without words', () => {
    expect(withPhrase(plain, [])).toBe(plain);
  });
});

describe('listening with the network', () => {
  it('hears an order in a stream, twice the same', async () => {
    const recogniser = new SpeechRecogniser();
    const latte = readSpeech(join(packageRoot, 'test', 'fixtures', 'speech', 'latte.wav'));
    const samples = new Float32Array(latte.length + 32_000);
    samples.set(latte, 12_000);
    const coffee = coffeeGrammar();
    const run = async (): Promise<string> => {
      const listener = new Listener({ zone: 'passenger', recogniser, wake: null });
      const events: ListenerEvent[] = [];
      listener.events.subscribe((event) => events.push(event));
      listener.open(coffee, 0);
      await hearAll(listener, samples);
      return JSON.stringify(events);
    };
    try {
      const first = await run();
      const events = JSON.parse(first) as ListenerEvent[];
      const heard = events.flatMap((event) => (event.kind === 'heard' ? [event] : []));
      expect(heard.length).toBe(1);
      expect(heard[0].zone).toBe('passenger');
      expect(heard[0].heard.hypotheses[0].meaning.slots).toEqual({
        size: 'large',
        coffeeDrink: 'latte',
        milkAmount: 'soy milk',
      });
      expect(await run()).toBe(first);
    } finally {
      recogniser.close();
    }
  });
});

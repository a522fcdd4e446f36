import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { hear } from '../src/assistant/speech/hear.js';
import { SpeechRecogniser } from '../src/assistant/speech/speech-recogniser.js';
import { zoneOf } from '../src/assistant/speech/zones.js';
import { VoiceActivity } from '../src/audio/voice-activity.js';
import { readSpeech } from '../src/audio/wav.js';
import { packageRoot } from '../src/runtime/paths.js';
import { coffeeGrammar, grammarOf } from './111-support.js';

const recogniser = new SpeechRecogniser();
afterAll(() => {
  recogniser.close();
});
const recording = (name: string): Float32Array =>
  readSpeech(join(packageRoot, 'test', 'fixtures', 'speech', `${name}.wav`));
const latte = recording('latte');
const coffee = coffeeGrammar();
const seats = grammarOf(['turn (on|off) the seat heating', 'open the window', 'call home']);

describe('speech recogniser', () => {
  it('hears an order through the grammar that it does not hear without', async () => {
    const { hypotheses, freeText, llr, timings } = await recogniser.recognise(latte, coffee);
    expect(hypotheses[0].meaning).toEqual({
      intent: 'orderDrink',
      slots: { size: 'large', coffeeDrink: 'latte', milkAmount: 'soy milk' },
    });
    expect(hypotheses[0].words.join(' ')).toBe('can i have a large latte with soy milk');
    expect(freeText).not.toContain('latte');
    expect(llr).toBeGreaterThan(0);
    expect(timings.steps).toBeGreaterThan(5);
    expect(timings.rows).toBeLessThanOrEqual(7 * timings.steps);
    expect(new Set(hypotheses.map(({ meaning }) => JSON.stringify(meaning))).size).toBe(hypotheses.length);
  });

  it('gives the same for the same sound, also with others in between', async () => {
    const first = await recogniser.recognise(latte, coffee);
    await recogniser.recognise(recording('seat-heating'), seats);
    const again = await recogniser.recognise(latte, coffee);
    expect({ ...again, timings: 0 }).toEqual({ ...first, timings: 0 });
  });

  it('scores a command that was said far better than one that was not', async () => {
    const said = await hear(recogniser, new VoiceActivity(), recording('seat-heating'), seats);
    expect(said.hypotheses[0].words.join(' ')).toBe('turn on the seat heating');
    expect(said.zone).not.toBe('reject');
    const other = await hear(recogniser, new VoiceActivity(), latte, seats);
    expect(other.zone).toBe('reject');
    expect(other.llr ?? Number.NaN).toBeGreaterThan((said.llr ?? Number.NaN) + 8);
  });

  it('writes free text without a grammar', async () => {
    const { hypotheses, freeText, llr } = await recogniser.recognise(latte, null);
    expect(hypotheses).toEqual([]);
    expect(llr).toBeNull();
    expect(freeText).toContain('soy milk');
  });

  it('leaves the event loop free', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 2);
    await recogniser.recognise(latte, coffee);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
  });

  it('answers in order, and refuses more than it has room for', async () => {
    const asked = Array.from({ length: 12 }, () =>
      recogniser.recognise(latte, null).then(
        () => 'heard',
        (error: unknown) => (error as { code: string }).code,
      ),
    );
    const answers = await Promise.all(asked);
    expect(answers.filter((answer) => answer === 'heard').length).toBeGreaterThanOrEqual(8);
    expect(answers.filter((answer) => answer !== 'heard').every((code) => code === 'SPEECH_BUSY')).toBe(true);
    expect(answers.at(-1)).toBe('SPEECH_BUSY');
  });

  it('gives up what is cancelled, before and while it is recognised, and hears the next', async () => {
    const codes = async (wait: number): Promise<string> => {
      const abort = new AbortController();
      const asked = recogniser.recognise(latte, coffee, { signal: abort.signal });
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      abort.abort();
      return asked.then(
        () => 'heard',
        (error: unknown) => (error as { code: string }).code,
      );
    };
    expect(await codes(0)).toBe('SPEECH_CANCELLED');
    // However fast the machine, it is over one way or the other, and the next one is heard.
    expect(['SPEECH_CANCELLED', 'heard']).toContain(await codes(30));
    const aborted = recogniser.recognise(latte, coffee, { signal: AbortSignal.abort() });
    await expect(aborted).rejects.toMatchObject({ code: 'SPEECH_CANCELLED' });
    expect((await recogniser.recognise(latte, coffee)).hypotheses[0].meaning.slots['coffeeDrink']).toBe(
      'latte',
    );
  });

  it('tells whether a speaker stopped in the middle', async () => {
    const half = recording('seat-heating').subarray(0, 16_000 * 0.75);
    expect((await recogniser.recognise(recording('seat-heating'), seats)).ending).toBe('final');
    expect((await recogniser.recognise(half, seats)).ending).toBe('incomplete');
  });

  it('says what is wrong with the sound', async () => {
    await expect(recogniser.recognise(new Float32Array(100), coffee)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    await expect(
      hear(recogniser, new VoiceActivity(), new Float32Array(32_000), coffee),
    ).rejects.toMatchObject({ code: 'NO_SPEECH' });
  });

  it('tells who waits when it is closed', async () => {
    const other = new SpeechRecogniser();
    const waiting = other.recognise(latte, null);
    other.close();
    await expect(waiting).rejects.toMatchObject({ code: 'SPEECH_CLOSED' });
    await expect(other.recognise(latte, null)).rejects.toMatchObject({ code: 'SPEECH_CLOSED' });
  });
});

describe('zones', () => {
  it.each([
    [-1, 'act'],
    [5, 'act'],
    [5.01, 'confirm'],
    [10, 'confirm'],
    [10.01, 'reject'],
    [null, 'reject'],
    [Number.NaN, 'reject'],
  ] as const)('%s: %s', (llr, zone) => {
    expect(zoneOf(llr, { words: ['yes'], freeText: 'Yes.', soundS: 0.8 })).toBe(zone);
  });
});

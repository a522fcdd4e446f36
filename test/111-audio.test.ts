import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atSpeechRate, Resampler } from '../src/audio/resampler.js';
import { spokenStretch, VoiceActivity, voiceFrame } from '../src/audio/voice-activity.js';
import { parseWav, readSpeech } from '../src/audio/wav.js';
import { VigilError } from '../src/runtime/errors.js';
import { join } from 'node:path';
import { packageRoot } from '../src/runtime/paths.js';
import { wavBytes } from './111-support.js';

const tone = (hertz: number, rate: number, seconds: number): number[] =>
  Array.from({ length: rate * seconds }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hertz * i) / rate));
const latte = readSpeech(join(packageRoot, 'test', 'fixtures', 'speech', 'latte.wav'));

describe('wav', () => {
  it('gives samples back, channels averaged', () => {
    const { rate, samples } = parseWav(wavBytes([0.5, -0.5, 0.25, 0.75], 44_100, 2), 'test');
    expect(rate).toBe(44_100);
    expect(samples.length).toBe(2);
    expect(samples[0]).toBeCloseTo(0, 4);
    expect(samples[1]).toBeCloseTo(0.5, 4);
  });

  it('ends with the file where the data chunk claims more, and skips other chunks', () => {
    const bytes = Buffer.from(wavBytes([0.1, 0.2, 0.3], 16_000));
    bytes.writeUInt32LE(0xffffffff, 40);
    expect(parseWav(bytes, 'test').samples.length).toBe(3);
    const note = Buffer.concat([Buffer.from('LIST\x03\x00\x00\x00abc\x00', 'latin1')]);
    const noted = Buffer.concat([bytes.subarray(0, 36), note, bytes.subarray(36)]);
    expect(parseWav(noted, 'test').samples.length).toBe(3);
  });

  it('refuses what it cannot read, and never anything but AUDIO_INVALID', () => {
    expect(() => readSpeech('/nowhere.wav')).toThrow(VigilError);
    const good = Buffer.from(wavBytes([0.1, 0.2], 16_000));
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), (at, value, length) => {
        const bytes = Buffer.from(good);
        bytes[at] = value;
        try {
          const { samples } = parseWav(bytes.subarray(0, length), 'test');
          expect(samples.length).toBeLessThanOrEqual(length);
        } catch (error) {
          expect(error).toMatchObject({ code: 'AUDIO_INVALID' });
        }
      }),
    );
  });
});

describe('resampler', () => {
  it('keeps a tone, at the right time, from the usual rates', () => {
    for (const rate of [8000, 44_100, 48_000]) {
      const out = atSpeechRate(Float32Array.from(tone(440, rate, 1)), rate);
      expect(out.length).toBe(16_000);
      const wanted = tone(440, 16_000, 1);
      for (let i = 500; i < 15_500; i++) expect(Math.abs(out[i] - wanted[i])).toBeLessThan(1e-3);
    }
  });

  it('names a rate that it does not take', () => {
    expect(() => new Resampler(400)).toThrow(VigilError);
  });
});

describe('voice activity', () => {
  it('is not ready before the first frame, and says how much is missing', () => {
    const voice = new VoiceActivity();
    expect(voice.state).toEqual({ kind: 'notReady', missingSamples: voiceFrame });
    expect(voice.push(latte.subarray(0, 500)).length).toBe(0);
    expect(voice.state).toEqual({ kind: 'notReady', missingSamples: 12 });
    expect(voice.push(latte.subarray(500, 512)).length).toBe(1);
    expect(voice.state.kind).toBe('judged');
    voice.reset();
    expect(voice.state.kind).toBe('notReady');
  });

  it('hears speech, not silence nor a hum, and the same however the stream is cut', () => {
    const voice = new VoiceActivity();
    const whole = voice.push(latte);
    expect(whole.filter((p) => p > 0.5).length).toBeGreaterThan(whole.length / 2);
    voice.reset();
    const parts = [];
    for (let at = 0; at < latte.length; at += 777) parts.push(...voice.push(latte.subarray(at, at + 777)));
    expect(parts).toEqual([...whole]);
    voice.reset();
    expect(Math.max(...voice.push(new Float32Array(32_000)))).toBeLessThan(0.2);
    voice.reset();
    expect(Math.max(...voice.push(Float32Array.from(tone(60, 16_000, 2))))).toBeLessThan(0.5);
  });

  it('finds where somebody speaks, with a margin', () => {
    const silence = new Float32Array(40 * voiceFrame);
    const recording = new Float32Array(2 * silence.length + latte.length);
    recording.set(latte, silence.length);
    const stretch = spokenStretch(new VoiceActivity().push(recording), recording.length);
    expect(stretch?.from).toBeGreaterThan(silence.length - 6000);
    expect(stretch?.from).toBeLessThan(silence.length + 4000);
    expect(stretch?.to).toBeGreaterThan(silence.length + latte.length - 8000);
    expect(stretch?.to).toBeLessThan(silence.length + latte.length + 8000);
    expect(spokenStretch(new Float32Array(10), 5120)).toBeUndefined();
  });
});

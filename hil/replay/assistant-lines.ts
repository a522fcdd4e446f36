import { colors as pc } from '../../src/cli/colors.js';
import type { AssistantOutput } from '../../src/assistant/exchange.js';
import type { Meaning } from '../../src/assistant/grammar/match.js';
import type { Output } from '../recording/message.js';
import { driveTime } from './wording.js';

/** One line for what a person wants to see of the assistant; undefined for the rest. */
export function assistantLine(output: AssistantOutput): string | undefined {
  const at = pc.dim(driveTime(output.t));
  switch (output.kind) {
    case 'understood':
      return `${at}  heard            "${output.text}" ${pc.dim(understoodText(output))}`;
    case 'say':
      return `${at}  ${pc.cyan('Vigil says')}       ${output.text}`;
    case 'hush':
      return `${at}  Vigil falls silent`;
    case 'actuate':
      return output.requests
        .map(({ path, value }) => `${at}  ${pc.green('sets')}             ${path} = ${String(value)}`)
        .join('\n');
    case 'earcon':
    case 'duck':
    case 'listen':
    case 'closeMicrophone':
    case 'ignored':
    case 'phase':
      return undefined;
  }
}

/** What happened, as events of a recording; what only moves the microphone is left out. */
export function assistantMessages(output: AssistantOutput): Output[] {
  switch (output.kind) {
    case 'understood': {
      const name = output.meaning?.intent ?? 'notUnderstood';
      return [event(output.t, 'utterance', name, `"${output.text}": ${understoodText(output)}`)];
    }
    case 'say':
      return [event(output.t, 'reply', output.priority, output.text)];
    case 'hush':
      return [event(output.t, 'reply', 'cutOff', 'Falls silent.')];
    case 'actuate':
      return output.requests.map(({ path, value }) => event(output.t, 'command', path, String(value)));
    case 'phase':
      return [event(output.t, 'dialog', output.phase, output.zone ?? '')];
    case 'earcon':
    case 'duck':
    case 'listen':
    case 'closeMicrophone':
    case 'ignored':
      return [];
  }
}

function understoodText({ meaning, certainty }: Extract<AssistantOutput, { kind: 'understood' }>): string {
  return meaning === null ? 'not understood' : `${meaningText(meaning)} (${certainty})`;
}

/** `window.open side=mine` */
export function meaningText({ intent, slots }: Meaning): string {
  return [intent, ...Object.entries(slots).map(([name, value]) => `${name}=${String(value)}`)].join(' ');
}

function event(t: number, kind: string, name: string, detail: string): Output {
  const message = { kind, name, startMs: t, endMs: t, detail, source: 'assistant', measures: [] };
  return { t, topic: 'vigil/event', typeName: 'vigil.Event', message };
}

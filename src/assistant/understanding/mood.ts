import { normalise } from '../grammar/normalise.js';

/**
 * What a sentence wants, from its structure alone:
 * - `command`: imperative, a polite request to the car, or a bare "rear defogger off"
 * - `wish`: could be granted, but is not an order: "is it possible to", "could I", "the heater is off"
 * - `state`: how something is or feels: "it's freezing in here"
 * - `question`: wants to be told something; never to be answered by an action
 * - `negated`: says what not to do
 */
export type Mood = 'command' | 'wish' | 'state' | 'question' | 'negated';

const polite =
  /^(please|hey|hi|hello|ok|okay|so|well|and|now|um|uh|er|alright|just|car|vehicle|excuse me|go ahead and|kindly)\s+/;
const subject = '(i|you|we|it|he|she|they|this|that|there)';
const verbs =
  '(set|turn|switch|change|adjust|put|make|modify|alter|customize|customise|tune|tweak|move|select|choose|configure|power|shut|activate|deactivate|enable|disable|start|stop|raise|lower|increase|decrease|reset|convert|place|keep|maintain)';
/** Verbs and nouns by which one asks to be told. */
const telling =
  '(tell|inform|let (me|us) know|know|knowing|ask|check|confirm|verify|remind|see if|see whether|see what|find out|explain|describe|say|report|hear|inquire|wonder|wondering|read|show|view|update (me|us|on|the status|status)|give (me|us) (a |an |the |my )?(current )?(status|state|update|information|info|details|what|how)|get (me|us)? ?(a |an |the |my )?(current )?(status|state|update|information|info|details|what|how)|have (a|an) (status|update))';

const question = [
  /^(what|what's|whats|which|how|how's|hows|why|why's|where|where's|when|who|who's|whose)\b/,
  new RegExp(`^${telling}\\b`),
  /^(is|are|am|was|were|do|does|did|have|has|had|isn't|aren't|doesn't|don't (i|we|you)|didn't|haven't|hasn't|wasn't|weren't|should|shall|shouldn't)\b/,
  new RegExp(`^(can|could|will|would|may|might|won't|can't|couldn't)\\b.{0,40}?\\b${telling}\\b`),
  new RegExp(
    `^(i|we)('d|'ll| will| would| really| just| only| do| also|'m| am| are)* (want|like|love|need|wanted|trying|wish|have)( really| just)*( you)? to (be (told|informed|reminded)|${telling})\\b`,
  ),
  new RegExp(
    `^(i|we)('d| would| really| just|'m| am)* (want|like|love|need|wanted) (a|an|the|some|my)? ?(current )?(status|state|update|information|info|details)\\b`,
  ),
  /^(i|we)('m| am| are|'d| would| just| really)* (wonder|wondering|curious|unsure|not sure|asking)\b/,
  /^(i|we) (forgot|forget|don't know|do not know|don't remember)\b/,
  /\b(status|state|level|amount|percentage|setting)s? (update|inquiry|enquiry|check|report|request|query)\b/,
  /^(update|inquiry|enquiry|query|status|any (idea|chance|update|news))\b/,
  /^(give|get|bring|send) (me|us) .*\b(status|state|update|what|how|reading|report|information|info)\b/,
  /^[^,]*\b(please )?i (want|need|would like) (an? )?(update|status|to know)\b/,
  /\bwhether\b|\bor not$|\bupdate( please)?$|\bmind knowing\b|\bwanna (know|see|hear)\b|\bupdate status\b|\b(run ?down|read ?out)\b/,
];

const possible = [
  new RegExp(
    `^(is it|would it be|will it be|is there|am i|are we|is) .{0,12}?(possible|able|way|allowed|okay|ok|alright)\\b`,
  ),
  /^(can|could|may|might|would|will|should|shall|won't|couldn't) (i|we)\b/,
  /^(how|what) about\b|^why don't (we|you|i)\b|^(let's|lets)\b/,
];

/** "what happened to the radio, turn it on": the order comes last. */
const orderAtEnd = new RegExp(`\\b${verbs} (it|them|that)( back)? (\\S+ ?){1,4}$`);

const feeling = new RegExp(
  `^(${subject}|it's|i'm|we're|that's|this's|my|the|our|too|so|a bit|.{2,40}? (feels|feel|seems|seem|looks|gets|got)) `,
);
const being =
  /\b(is|are|am|feels?|seems?|gets?|got|gotten|getting|might be|should be|it's|i'm|we're|that's)\b/;
const wanting = new RegExp(
  `^(i|we)('d|'ll| would| will| really| just| only| also)* (want|like|need|love|prefer|wish|think|can have|have)\\b`,
);

/** @param text as typed or recognised; a question mark counts, its absence does not */
export function moodOf(text: string): Mood {
  const words = normalise(text);
  let said = words.join(' ');
  for (let match = polite.exec(said); match !== null; match = polite.exec(said))
    said = said.slice(match[0].length);
  if (/^(don't|do not|never)\b(?! (you|i|we))/.test(said)) return 'negated';
  const orders = new RegExp(`^${verbs}\\b`).test(said);
  if (!orders && possible.some((pattern) => pattern.test(said)))
    return new RegExp(`\\b${telling}\\b`).test(said) ? 'question' : 'wish';
  if (!orders && question.some((pattern) => pattern.test(said)))
    return orderAtEnd.test(said.replace(/ please$/, '')) ? 'wish' : 'question';
  if (/\b(don't|do not|never|not|no longer|doesn't|without)\b/.test(said)) return 'negated';
  if (/^(can|could|will|would|won't|may) you\b/.test(said)) return 'command';
  if (text.trimEnd().endsWith('?')) return 'question';
  if (/^(can|could|will|would|may|might)\b/.test(said)) return 'wish';
  if (/^(i|we) (feel|feels|find)\b/.test(said)) return 'state';
  if (wanting.test(said)) return /\bthink\b/.test(said) ? 'state' : 'command';
  if (!orders && being.test(said) && (feeling.test(`${said} `) || /\S+ (is|are)\b/.test(said)))
    return 'state';
  if (/^(too|so|a bit|way too|kind of)\b|\bfind it\b/.test(said)) return 'state';
  return 'command';
}

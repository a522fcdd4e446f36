const months: Readonly<Record<string, number>> = {
  ...{ jan: 0, feb: 1, mar: 2, apr: 3, may: 4, jun: 5, jul: 6, aug: 7, sep: 8, oct: 9, nov: 10, dec: 11 },
  // German systems write their own names; the a-umlaut comes as one byte or as two.
  ...{ 'm\xe4r': 2, 'm\xc3\xa4r': 2, mrz: 2, mai: 4, okt: 9, dez: 11 },
};
const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const pattern =
  /^\S+\s+(\S+)\s+(\d{1,2})\s+(\d{1,2}):(\d{2}):(\d{2})(?:[.,](\d{1,3})\d*)?(?:\s+([ap])m)?\s+(\d{4})\s*$/i;

/** Milliseconds since 1970 of a date as Vector writes it, taken as UTC since it names no zone; null if it is none. */
export function parseAscDate(text: string): number | null {
  const match = pattern.exec(text);
  if (!match) return null;
  const [, name, day, hour, minute, second, fraction, half, year] = match as (string | undefined)[];
  const word = (name ?? '').toLowerCase();
  if (!Object.hasOwn(months, word)) return null;
  const month = months[word];
  let hours = Number(hour);
  if (half !== undefined) hours = (hours % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
  const milliseconds = Number((fraction ?? '').padEnd(3, '0'));
  return Date.UTC(Number(year), month, Number(day), hours, Number(minute), Number(second), milliseconds);
}

/** "Wed Jul 10 08:17:32.249 am 2015", UTC. */
export function ascDate(milliseconds: number): string {
  const date = new Date(milliseconds);
  const two = (value: number) => value.toString().padStart(2, '0');
  const hours = date.getUTCHours();
  const clock =
    `${two(hours % 12 === 0 ? 12 : hours % 12)}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}.` +
    date.getUTCMilliseconds().toString().padStart(3, '0');
  const day = `${dayNames[date.getUTCDay()]} ${monthNames[date.getUTCMonth()]} ${date.getUTCDate()}`;
  return `${day} ${clock} ${hours < 12 ? 'am' : 'pm'} ${date.getUTCFullYear()}`;
}

const ones = [
  'zero',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
  'thirteen',
  'fourteen',
  'fifteen',
  'sixteen',
  'seventeen',
  'eighteen',
  'nineteen',
];
const tens = ['', '', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];

/** English words of a whole number from 0 to 999,999: "one hundred and five". */
export function wholeWords(value: number): string[] {
  if (value < 20) return [ones[value]];
  if (value < 100) {
    const unit = value % 10;
    return unit === 0 ? [tens[value / 10]] : [tens[(value - unit) / 10], ones[unit]];
  }
  if (value < 1000) {
    const rest = value % 100;
    const hundreds = [ones[(value - rest) / 100], 'hundred'];
    return rest === 0 ? hundreds : [...hundreds, 'and', ...wholeWords(rest)];
  }
  const rest = value % 1000;
  const thousands = [...wholeWords((value - rest) / 1000), 'thousand'];
  if (rest === 0) return thousands;
  return rest < 100 ? [...thousands, 'and', ...wholeWords(rest)] : [...thousands, ...wholeWords(rest)];
}

/**
 * Every way in which English says or a recogniser writes a number: words with and without "and", "a hundred",
 * digits, "point" and "and a half" for decimals, "minus". Words are lower case.
 */
export function spokenNumber(value: number): string[][] {
  if (value < 0) return spokenNumber(-value).map((words) => ['minus', ...words]);
  const text = String(Number(value.toFixed(3)));
  const [whole, decimals] = text.split('.') as [string, string | undefined];
  const wholes = wholeForms(Number(whole));
  if (decimals === undefined) return [...wholes, [text]];
  const digits = Array.from(decimals, (digit) => ones[Number(digit)]);
  const pointed = wholes.map((words) => [...words, 'point', ...digits]);
  const half = decimals === '5' ? wholes.map((words) => [...words, 'and', 'a', 'half']) : [];
  return [...pointed, ...half, [text]];
}

function wholeForms(value: number): string[][] {
  const full = wholeWords(value);
  const forms = [full];
  if (full.includes('and')) forms.push(full.filter((word) => word !== 'and'));
  if (value >= 100 && value < 200) forms.push(...forms.map((words) => ['a', ...words.slice(1)]));
  return forms;
}

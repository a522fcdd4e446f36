const ones = [
  'null',
  'eins',
  'zwei',
  'drei',
  'vier',
  'fünf',
  'sechs',
  'sieben',
  'acht',
  'neun',
  'zehn',
  'elf',
  'zwölf',
  'dreizehn',
  'vierzehn',
  'fünfzehn',
  'sechzehn',
  'siebzehn',
  'achtzehn',
  'neunzehn',
];
const tens = ['', '', 'zwanzig', 'dreißig', 'vierzig', 'fünfzig', 'sechzig', 'siebzig', 'achtzig', 'neunzig'];

/** The German word of a whole number from 0 to 999,999: "hundertfünf", "einundzwanzig"; German writes it as one. */
export function germanWord(value: number): string {
  if (value < 20) return ones[value];
  if (value < 100) {
    const unit = value % 10;
    const ten = tens[(value - unit) / 10];
    return unit === 0 ? ten : `${joining(unit)}und${ten}`;
  }
  const size = value < 1000 ? 100 : 1000;
  const rest = value % size;
  const count = (value - rest) / size;
  const whole = `${count === 1 ? '' : joining(count)}${size === 100 ? 'hundert' : 'tausend'}`;
  return rest === 0 ? whole : `${whole}${germanWord(rest)}`;
}

/** Inside a compound "eins" loses its last letter. */
function joining(value: number): string {
  return germanWord(value).replace(/eins$/, 'ein');
}

/**
 * Every way in which German says or a recogniser writes a number: "eins" and its article forms, "einhundert", "zwo",
 * "Komma fünf", "einundzwanzigeinhalb", digits, "minus". Words are lower case.
 */
export function germanNumber(value: number): string[][] {
  if (value < 0) return germanNumber(-value).map((words) => ['minus', ...words]);
  const text = String(Number(value.toFixed(3)));
  const [whole, decimals] = text.split('.') as [string, string | undefined];
  const said = wholeForms(Number(whole));
  if (decimals === undefined) {
    const articles = whole === '1' ? ['ein', 'eine', 'einen', 'einer'] : [];
    return [...said, ...articles, text].map((word) => [word]);
  }
  const digits = Array.from(decimals, (digit) => ones[Number(digit)]);
  const pointed = said.map((word) => [word, 'komma', ...digits]);
  return [...pointed, ...(decimals === '5' ? halves(Number(whole)) : []), [text]];
}

function halves(whole: number): string[][] {
  if (whole === 0) return [['einhalb'], ['ein', 'halb']];
  const joined = wholeForms(whole).map((word) => word.replace(/eins$/, 'ein'));
  const forms = joined.flatMap((word) => [[`${word}einhalb`], [word, 'einhalb']]);
  return whole === 1 ? [...forms, ['anderthalb']] : forms;
}

function wholeForms(value: number): string[] {
  const full = germanWord(value);
  const forms = [full];
  if (/^(hundert|tausend)/.test(full)) forms.push(`ein${full}`);
  if (value === 2) forms.push('zwo');
  return forms;
}

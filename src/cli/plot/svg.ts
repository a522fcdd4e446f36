type Attributes = Readonly<Record<string, string | number>>;

/** Text as XML content: the five characters with a meaning escaped, those that XML forbids left out. */
export function escapeXml(text: string): string {
  const names: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&apos;',
  };
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replace(/[&<>"']/g, (character) => names[character]);
}

/** Two decimals of a pixel are more than anyone sees, and keep the same input the same bytes. */
export function coordinate(value: number): string {
  return String(Number(value.toFixed(2)));
}

function attributesText(attributes: Attributes): string {
  return Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${typeof value === 'number' ? coordinate(value) : escapeXml(value)}"`)
    .join('');
}

/** One element; `content` is markup already. */
export function element(
  name: string,
  attributes: Attributes,
  content: string | readonly string[] = '',
): string {
  const inner = typeof content === 'string' ? content : `\n${content.join('\n')}\n`;
  const start = `<${name}${attributesText(attributes)}`;
  return inner === '' ? `${start}/>` : `${start}>${inner}</${name}>`;
}

export function textElement(text: string, attributes: Attributes): string {
  return element('text', attributes, escapeXml(text));
}

/** A whole document, white behind it. */
export function svgDocument(
  width: number,
  height: number,
  title: string,
  content: readonly string[],
): string {
  const root = element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      'font-family': 'DejaVu Sans, Verdana, Helvetica, sans-serif',
      'font-size': 11,
    },
    [element('title', {}, escapeXml(title)), element('rect', { width, height, fill: 'white' }), ...content],
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`;
}

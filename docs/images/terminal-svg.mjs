// Draws terminal output as an SVG picture for the README:
//   FORCE_COLOR=1 npx vigil replay build/demo.mcap --speed max | node docs/images/terminal-svg.mjs > docs/images/replay.svg
import { readFileSync } from 'node:fs';

const colours = { 31: '#ff6b68', 32: '#7ec699', 33: '#e6c07b', 36: '#56b6c2' };
const plain = '#d7dae0';
const faint = '#7f8590';
const line = 18;
const advance = 7.8;
const margin = 16;

const escape = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

/** Splits a line at its SGR sequences; returns tspans. */
function spans(text) {
  let fill = plain;
  let weight = '';
  let out = '';
  for (const part of text.split(/(\u001b\[\d+m)/)) {
    const code = /^\u001b\[(\d+)m$/.exec(part)?.[1];
    if (code === undefined) {
      if (part !== '') out += `<tspan fill="${fill}"${weight}>${escape(part)}</tspan>`;
    } else if (code === '1') weight = ' font-weight="bold"';
    else if (code === '2') fill = faint;
    else if (code === '22') [fill, weight] = [fill === faint ? plain : fill, ''];
    else fill = colours[code] ?? plain;
  }
  return out;
}

const lines = readFileSync(0, 'utf8').trimEnd().split('\n');
const bare = lines.map((text) => text.replace(/\u001b\[\d+m/g, ''));
const width = Math.ceil(Math.max(...bare.map((text) => text.length)) * advance) + 2 * margin;
const height = lines.length * line + 2 * margin;
const rows = lines
  .map(
    (text, i) =>
      `<text x="${margin}" y="${margin + (i + 0.75) * line}" xml:space="preserve">${spans(text)}</text>`,
  )
  .join('\n');

process.stdout
  .write(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<rect width="100%" height="100%" rx="8" fill="#1e2127"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="13">
${rows}
</g>
</svg>
`);

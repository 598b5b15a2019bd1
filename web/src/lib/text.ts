// Log content is hostile: what it holds beyond plain characters is made visible, never obeyed.

// The sequences terminals obey: CSI, OSC and the two-character escapes.
const escapes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;
// Control characters but tab and newline, and those that reorder or hide text.
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** visible drops colour codes and shows every other control character as a mark of its own. */
export function visible(text: string): string {
  return text.replace(escapes, '').replace(/\r\n/g, '\n').replace(unseen, mark);
}

/** spelled shows every control character as a mark of its own, those of colour codes too: an opened row hides nothing. */
export function spelled(text: string): string {
  return text.replace(/\r\n/g, '\n').replace(unseen, mark);
}

function mark(c: string): string {
  const code = c.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code); // ␀ … ␟
  if (code === 0x7f) return '␡';
  return `⟨${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
}

// A row shows what fits a wide screen; the opened row shows everything.
const longestInRow = 2000;

/** firstLine is the part of a message a closed row shows, and how many more lines there are. */
export function firstLine(text: string): { line: string; more: number } {
  const all = visible(text).replace(/\n+$/, '');
  const end = all.indexOf('\n');
  const line = end < 0 ? all : all.slice(0, end);
  const more = end < 0 ? 0 : all.slice(end).split('\n').length - 1;
  return { line: line.slice(0, longestInRow), more };
}

export interface Piece {
  text: string;
  hit: boolean;
}

/** pieces cuts a text where the sought words stand, ignoring case. */
export function pieces(text: string, sought: string[]): Piece[] {
  if (!sought.length || !text) return [{ text, hit: false }];
  const pattern = sought.map((w) => w.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  const cut = text.split(new RegExp(`(${pattern})`, 'gi'));
  return cut.map((piece, i) => ({ text: piece, hit: i % 2 === 1 })).filter((piece) => piece.text);
}

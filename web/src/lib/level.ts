// Levels: many spellings, five marks. The letter always stands beside the colour.
import type { Row, Value } from './api';

export type Mark = 'F' | 'E' | 'W' | 'I' | 'D' | '';

export const levelFields = ['level', 'severity', 'severity_text', 'loglevel', 'log_level', 'log.level', 'lvl'];

const words: [RegExp, Mark][] = [
  [/^(fatal|crit|critical|alert|emerg|emergency|panic)$/, 'F'],
  [/^(err|error|severe|failure)$/, 'E'],
  [/^(warn|warning)$/, 'W'],
  [/^(info|information|informational|notice|log)$/, 'I'],
  [/^(debug|dbg|trace|verbose|fine|finer|finest)$/, 'D'],
];

/** markOf reads one level: a word, a syslog number (0–7) or a pino number (10–60). */
export function markOf(value: Value | undefined): Mark {
  if (value === undefined || value === null) return '';
  const text = String(value).trim().toLowerCase();
  if (/^\d+$/.test(text)) return numeric(Number(text));
  return words.find(([pattern]) => pattern.test(text))?.[1] ?? '';
}

function numeric(n: number): Mark {
  if (n <= 7) return n <= 2 ? 'F' : n === 3 ? 'E' : n === 4 ? 'W' : n <= 6 ? 'I' : 'D';
  if (n >= 60) return 'F';
  if (n >= 50) return 'E';
  if (n >= 40) return 'W';
  return n >= 30 ? 'I' : n >= 10 ? 'D' : '';
}

export function levelOf(row: Row): Mark {
  for (const name of levelFields) {
    const mark = markOf(row[name]);
    if (mark) return mark;
  }
  return '';
}

export const markNames: Record<Mark, string> = { F: 'fatal', E: 'error', W: 'warning', I: 'info', D: 'debug', '': '' };

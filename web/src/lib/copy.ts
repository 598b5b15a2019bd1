// A line in the forms people paste elsewhere.
import type { Row, Value } from './api';
import { json, text } from './format';
import { rfc3339 } from './time';
import { term } from './question';

const named = (row: Row) => Object.entries(row).filter(([, v]) => v !== null);

export function asJSON(row: Row): string {
  return `{${named(row).map(([k, v]) => `${JSON.stringify(k)}:${json(v)}`).join(',')}}`;
}

export function asLogfmt(row: Row): string {
  return named(row).map(([k, v]) => `${k.replace(/[\s="]+/g, '_')}=${logfmtValue(v)}`).join(' ');
}

/** logfmtValue quotes a value when it would not come back whole. */
export function logfmtValue(v: Value): string {
  const s = text(v);
  return s === '' || /[\s="\\\u0000-\u001f]/.test(s) ? JSON.stringify(s) : s;
}

/** quote a word for a POSIX shell. */
export const quote = (s: string) => `'${s.replace(/'/g, `'\\''`)}'`;

/** asCurl asks the server for this one line again. */
export function asCurl(row: Row, origin: string): string {
  const ms = Date.parse(text(row._time));
  const q = [term('_dataset', row._dataset ?? ''), term('_seq', row._seq ?? '')].join(' ');
  return curl(origin, { q, from: rfc3339(ms), to: rfc3339(ms + 1000), format: 'json' });
}

export function curl(origin: string, params: Record<string, string>): string {
  const data = Object.entries(params).filter(([, v]) => v).map(([k, v]) => `--data-urlencode ${quote(`${k}=${v}`)}`);
  return [`curl -G ${quote(`${origin}/api/v1/query`)}`, ...data].join(' \\\n  ');
}

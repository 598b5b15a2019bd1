// Numbers and values as people read them.
import type { Value } from './api';

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** count writes a whole number with thin groups: 48,213. */
export const count = (n: number | bigint) => grouped.format(n);

/** short writes a number for an axis or a narrow place: 1.2 k, 3.4 M. */
export function short(n: number): string {
  const size = Math.abs(n);
  if (size >= 1e15) return n.toExponential(1);
  for (const [unit, name] of [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k']] as const) {
    if (size >= unit) return `${Number((n / unit).toPrecision(3))} ${name}`;
  }
  return number(n);
}

/** number writes a computed value with at most five significant places and never an exponent where digits do. */
export function number(n: number): string {
  if (!Number.isFinite(n)) return String(n);
  if (Number.isInteger(n)) return Math.abs(n) < 1e15 ? grouped.format(n) : String(n);
  const size = Math.abs(n);
  if (size < 1e-6) return n.toExponential(2);
  const places = size >= 1000 ? 1 : size >= 100 ? 2 : size >= 1 ? 3 : Math.min(9, 3 - Math.floor(Math.log10(size)));
  return n.toLocaleString('en-US', { maximumFractionDigits: places });
}

/** bytes writes a size in decimal units, as disks are sold: 1.2 MB. */
export function bytes(n: number): string {
  for (const [unit, name] of [[1e12, 'TB'], [1e9, 'GB'], [1e6, 'MB'], [1e3, 'kB']] as const) {
    if (n >= unit) return `${Number((n / unit).toPrecision(n / unit >= 100 ? 3 : 2))} ${name}`;
  }
  return `${count(n)} B`;
}

/** elapsed writes how long an answer took. */
export function elapsed(ms: number): string {
  if (ms < 10) return `${Number(ms.toPrecision(2))} ms`;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${Number((ms / 1000).toPrecision(3))} s`;
}

export function percent(part: number, whole: number): string {
  if (!whole) return '0 %';
  const p = (100 * part) / whole;
  if (p >= 99.95 || p === 0) return `${Math.round(p)} %`;
  return p < 0.1 ? '<0.1 %' : `${p.toFixed(p < 10 ? 1 : 0)} %`;
}

/** plural writes "1 line", "2 lines". */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** text is a value as it was written; a list as JSON. */
export function text(v: Value | undefined): string {
  if (v === null || v === undefined) return '';
  return Array.isArray(v) ? json(v) : String(v);
}

/** json writes a value as JSON without losing whole numbers beyond 2^53. */
export function json(v: Value | undefined): string {
  if (typeof v === 'bigint') return v.toString();
  if (Array.isArray(v)) return `[${v.map(json).join(',')}]`;
  if (v !== null && typeof v === 'object') return JSON.stringify(v, (_, x) => (typeof x === 'bigint' ? x.toString() : x));
  return JSON.stringify(v ?? null);
}

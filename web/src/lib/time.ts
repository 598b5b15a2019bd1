// Times: reading whatever people paste, and writing them short in the chosen zone.
import type { Zone } from './address';

export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

export interface Preset {
  from: string;
  label: string;
}

export const presets: Preset[] = [
  { from: '-15m', label: 'Last 15 minutes' },
  { from: '-1h', label: 'Last hour' },
  { from: '-6h', label: 'Last 6 hours' },
  { from: '-24h', label: 'Last 24 hours' },
  { from: '-7d', label: 'Last 7 days' },
  { from: 'all', label: 'Everything' },
];

const units: Record<string, number> = { ms: 1, s: second, m: minute, h: hour, d: day, w: 7 * day };

/** relative reads "-90m" as milliseconds before now (a positive number); undefined when it is no such text. */
export function relative(text: string): number | undefined {
  const m = /^-\s*(\d+(?:\.\d+)?)\s*(ms|[smhdw])$/.exec(text.trim());
  return m ? Number(m[1]) * units[m[2]!]! : undefined;
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/**
 * parse reads a time as people paste it: RFC 3339 and its relatives, Unix seconds to nanoseconds,
 * Apache's and syslog's forms, a bare clock time, "now" and "-1h". A text without a zone is in `zone`.
 */
export function parse(text: string, zone: Zone, now = Date.now()): number | undefined {
  const t = text.trim().replace(/^[[("']+|[\])"',]+$/g, '');
  if (t === 'now') return now;
  const back = relative(t);
  if (back !== undefined) return now - back;
  return unix(t) ?? iso(t, zone) ?? apache(t, zone) ?? syslog(t, zone, now) ?? clock(t, zone, now);
}

function unix(t: string): number | undefined {
  if (!/^\d{9,19}(\.\d+)?$/.test(t)) return undefined;
  const n = Number(t);
  if (n < 1e11) return n * 1000; // seconds, until the year 5138
  if (n < 1e14) return n; // milliseconds
  return n < 1e17 ? n / 1e3 : n / 1e6; // microseconds, nanoseconds
}

function iso(t: string, zone: Zone): number | undefined {
  const m = /^(\d{4})[-/](\d\d?)[-/](\d\d?)(?:[T ,]+(\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?)?\s*(Z|UTC|GMT|[+-]\d\d:?(?:\d\d)?)?$/i.exec(t);
  if (!m) return undefined;
  return assemble([m[1], m[2], m[3], m[4], m[5], m[6]].map((x) => Number(x ?? 0)), m[7], m[8], zone);
}

function apache(t: string, zone: Zone): number | undefined {
  const m = /^(\d\d?)[/ -]([A-Za-z]{3})[/ -](\d{4})[: ](\d\d):(\d\d):(\d\d)(?:[.,](\d+))?\s*(Z|[+-]\d\d:?\d\d)?$/.exec(t);
  const month = m ? months.indexOf(m[2]!.toLowerCase()) : -1;
  if (!m || month < 0) return undefined;
  return assemble([Number(m[3]), month + 1, Number(m[1]), Number(m[4]), Number(m[5]), Number(m[6])], m[7], m[8], zone);
}

function syslog(t: string, zone: Zone, now: number): number | undefined {
  const m = /^([A-Za-z]{3})\s+(\d\d?)\s+(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?$/.exec(t);
  const month = m ? months.indexOf(m[1]!.toLowerCase()) : -1;
  if (!m || month < 0) return undefined;
  const rest = [month + 1, Number(m[2]), Number(m[3]), Number(m[4]), Number(m[5])];
  const year = parts(now, zone).year;
  const at = assemble([year, ...rest], m[6], undefined, zone);
  // Without a year, a date in the future means the one that has passed.
  return at !== undefined && at > now + day ? assemble([year - 1, ...rest], m[6], undefined, zone) : at;
}

function clock(t: string, zone: Zone, now: number): number | undefined {
  const m = /^(\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?$/.exec(t);
  if (!m) return undefined;
  const p = parts(now, zone);
  return assemble([p.year, p.month, p.day, Number(m[1]), Number(m[2]), Number(m[3] ?? 0)], m[4], undefined, zone);
}

function assemble(n: number[], fraction: string | undefined, offset: string | undefined, zone: Zone): number | undefined {
  const [y, mo, d, h, mi, s] = n as [number, number, number, number, number, number];
  if (mo < 1 || mo > 12 || d < 1 || d > 31 || h > 24 || mi > 59 || s > 60) return undefined;
  const ms = fraction ? Number(`0.${fraction}`) * 1000 : 0;
  if (!offset && zone === 'local') return new Date(y, mo - 1, d, h, mi, s).getTime() + ms;
  return Date.UTC(y, mo - 1, d, h, mi, s) + ms - shift(offset);
}

function shift(offset: string | undefined): number {
  const m = /^([+-])(\d\d):?(\d\d)?$/.exec(offset ?? '');
  return m ? (m[1] === '-' ? -1 : 1) * (Number(m[2]) * hour + Number(m[3] ?? 0) * minute) : 0;
}

/** parseRange reads "A – B", "A to B", "A .. B", or one time, which means five minutes to either side. */
export function parseRange(text: string, zone: Zone, now = Date.now()): [number, number] | undefined {
  const around = 5 * minute; // enough to see what led to a moment and what followed
  const one = parse(text, zone, now);
  if (one !== undefined) return [one - around, one + around];
  for (const between of [/\s+(?:to|until|–|—|-)\s+/i, /\s*(?:\.\.+|…|–|—|\/(?=\d{4}))\s*/, /\s{2,}|\t|\n|;/]) {
    const [a, b, ...more] = text.trim().split(between);
    if (a === undefined || b === undefined || more.length) continue;
    const from = parse(a, zone, now);
    const to = parse(b, zone, now);
    if (from !== undefined && to !== undefined) return from < to ? [from, to] : [to, from];
  }
  return undefined;
}

interface Parts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  ms: number;
}

/** parts of a moment in the zone. */
export function parts(ms: number, zone: Zone): Parts {
  const d = new Date(ms);
  return zone === 'utc'
    ? { year: d.getUTCFullYear(), month: d.getUTCMonth() + 1, day: d.getUTCDate(), hour: d.getUTCHours(), minute: d.getUTCMinutes(), second: d.getUTCSeconds(), ms: d.getUTCMilliseconds() }
    : { year: d.getFullYear(), month: d.getMonth() + 1, day: d.getDate(), hour: d.getHours(), minute: d.getMinutes(), second: d.getSeconds(), ms: d.getMilliseconds() };
}

const two = (n: number) => String(n).padStart(2, '0');

/** date as 2026-11-21. */
export function date(ms: number, zone: Zone): string {
  const p = parts(ms, zone);
  return `${p.year}-${two(p.month)}-${two(p.day)}`;
}

/** clockTime as 14:03, 14:03:22 or 14:03:22.123, as fine as asked. */
export function clockTime(ms: number, zone: Zone, fine: 'minute' | 'second' | 'ms' = 'second'): string {
  const p = parts(ms, zone);
  const hm = `${two(p.hour)}:${two(p.minute)}`;
  if (fine === 'minute') return hm;
  return fine === 'second' ? `${hm}:${two(p.second)}` : `${hm}:${two(p.second)}.${String(p.ms).padStart(3, '0')}`;
}

/** moment as 2026-11-21 14:03:22, dropping seconds that are nought. */
export function moment(ms: number, zone: Zone): string {
  const fine = ms % second ? 'ms' : ms % minute ? 'second' : 'minute';
  return `${date(ms, zone)} ${clockTime(ms, zone, fine)}`;
}

/** exact writes an RFC 3339 time of the API in the zone without losing its nanoseconds. */
export function exact(rfc: string, zone: Zone): string {
  const ms = Date.parse(rfc);
  if (Number.isNaN(ms)) return rfc;
  const fraction = /\.(\d+)/.exec(rfc)?.[1] ?? '';
  const tail = fraction ? `.${fraction}` : '';
  if (zone === 'utc') return `${date(ms, zone)} ${clockTime(ms, zone)}${tail} UTC`;
  const off = -new Date(ms).getTimezoneOffset();
  const sign = off < 0 ? '-' : '+';
  return `${date(ms, zone)} ${clockTime(ms, zone)}${tail} ${sign}${two(Math.floor(Math.abs(off) / 60))}:${two(Math.abs(off) % 60)}`;
}

/** range writes two moments, naming a shared date once. */
export function range(from: number, to: number, zone: Zone): string {
  if (date(from, zone) !== date(to, zone)) return `${moment(from, zone)} – ${moment(to, zone)}`;
  const fine = from % minute || to % minute ? (from % second || to % second ? 'ms' : 'second') : 'minute';
  return `${date(from, zone)} ${clockTime(from, zone, fine)} – ${clockTime(to, zone, fine)}`;
}

/** span writes a length of time: 250 ms, 30 s, 5 min, 2 h, 1 d. */
export function span(ms: number): string {
  const steps: [number, string][] = [[7 * day, 'w'], [day, 'd'], [hour, 'h'], [minute, 'min'], [second, 's']];
  for (const [size, name] of steps) {
    if (ms >= size && ms % size === 0) return `${ms / size} ${name}`;
  }
  for (const [size, name] of steps.slice(1)) {
    if (ms >= size) return `${Number((ms / size).toFixed(1))} ${name}`;
  }
  return `${Number(ms.toPrecision(3))} ms`;
}

/** tick writes the label of a time axis whose labels stand `step` apart. */
export function tick(ms: number, step: number, zone: Zone): string {
  const p = parts(ms, zone);
  const dayName = `${months[p.month - 1]!.replace(/^./, (c) => c.toUpperCase())} ${p.day}`;
  if (step >= day || (p.hour === 0 && p.minute === 0 && p.second === 0 && p.ms === 0)) return dayName;
  if (step >= minute) return clockTime(ms, zone, 'minute');
  return clockTime(ms, zone, step >= second ? 'second' : 'ms');
}

const ladder = [1, 2, 5, 10, 20, 50, 100, 200, 500, second, 2 * second, 5 * second, 10 * second, 15 * second, 30 * second,
  minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute, hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour,
  day, 2 * day, 7 * day, 14 * day, 30 * day, 90 * day, 365 * day];

/** ticks are at most `most` round moments of the zone within [from, to], and their distance. */
export function ticks(from: number, to: number, most: number, zone: Zone): { at: number[]; step: number } {
  const step = ladder.find((s) => (to - from) / s <= most) ?? (to - from) / Math.max(1, most);
  const off = zone === 'utc' ? 0 : -new Date(from).getTimezoneOffset() * minute;
  const at: number[] = [];
  for (let t = Math.ceil((from + off) / step) * step - off; t <= to; t += step) at.push(t);
  return { at, step };
}

/** rfc3339 is the API's spelling of a moment. */
export const rfc3339 = (ms: number) => new Date(ms).toISOString();

/** after is the moment one nanosecond later than an RFC 3339 UTC time. */
export function after(rfc: string): string {
  const m = /^(.*?)(?:\.(\d{1,9}))?Z$/.exec(rfc);
  if (!m) return rfc;
  const ns = Number((m[2] ?? '').padEnd(9, '0')) + 1;
  if (ns < 1e9) return `${m[1]}.${String(ns).padStart(9, '0')}Z`;
  return rfc3339(Date.parse(`${m[1]}Z`) + second);
}

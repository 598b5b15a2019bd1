// Deploys, as marks on charts and as what was different after them.
import { ask } from './api';
import { ms, type Deploy, type Time } from './watch';
import { rfc3339 } from './time';

export interface Work {
  requests: number;
  errors: number;
  /** Seconds. */
  p95: number;
}

export interface Shift {
  service: string;
  before: Work;
  after: Work;
}

export interface Changed {
  service: string;
  pattern: string;
  example: string;
  before: number;
  after: number;
}

export interface Effect {
  deploy: Deploy;
  before: { from: Time; to: Time };
  after: { from: Time; to: Time };
  services: Shift[];
  patterns: Changed[];
  notes: string[];
}

export const deploys = (from?: string) => ask<{ deploys: Deploy[] }>('deploys', { from });
export const effectOf = (service: string, release: string, over: string) => ask<Effect>('deploys/effect', { service, release, over });

// All charts of a page share what was asked last; a deploy may be on them half a minute late.
const fresh = 20_000; // ms
let known = { from: Infinity, at: 0, list: Promise.resolve<Deploy[]>([]) };

/**
 * deploysIn gives the deploys between two moments, oldest first. A chart without marks is better than
 * none, so failing to know them is no error: a token may see lines and not deploys.
 */
export async function deploysIn(from: number, to: number): Promise<Deploy[]> {
  if (from < known.from || Date.now() - known.at > fresh) {
    const list = deploys(rfc3339(from)).then((got) => got.deploys, () => []);
    known = { from, at: Date.now(), list };
  }
  return (await known.list).filter((d) => ms(d.at) >= from && ms(d.at) <= to);
}

export interface Mark {
  /** Share of the chart's width, 0 to 1. */
  at: number;
  deploys: Deploy[];
}

/** marks puts deploys on a chart, those nearer to each other than `near` (a share of its width) together. */
export function marks(list: Deploy[], from: number, to: number, near: number): Mark[] {
  const out: Mark[] = [];
  for (const d of list) {
    const at = (ms(d.at) - from) / (to - from);
    const last = out.at(-1);
    if (last && at - last.at < near) last.deploys.push(d);
    else out.push({ at, deploys: [d] });
  }
  return out;
}

const share = (w: Work) => (w.requests ? w.errors / w.requests : 0);
const few = 5; // fewer errors than this are no change: somebody tried something

/** errorsWent says which way the share of errors went. */
export function errorsWent({ before, after }: Shift): 'worse' | 'better' | '' {
  if (!before.requests || !after.requests) return '';
  const [was, is] = [share(before), share(after)];
  if (after.errors >= few && is > 1.5 * was && is - was > 0.002) return 'worse';
  return before.errors >= few && was > 1.5 * is && was - is > 0.002 ? 'better' : '';
}

/** p95Went says which way response times went: by a quarter, and by what people could notice. */
export function p95Went({ before, after }: Shift): 'slower' | 'faster' | '' {
  if (!before.requests || !after.requests) return '';
  const noticed = Math.abs(after.p95 - before.p95) > 0.005;
  if (noticed && after.p95 > 1.25 * before.p95) return 'slower';
  return noticed && before.p95 > 1.25 * after.p95 ? 'faster' : '';
}

/** linesOf is a question for the lines of a pattern: its longest words, which stand in each of them. */
export function linesOf(c: Changed): string {
  const words = c.pattern.split(/<n>|<hex>|<uuid>/).map((s) => s.trim()).sort((a, b) => b.length - a.length)[0] ?? '';
  const quoted = (s: string) => `"${s.replace(/["\\]/g, '\\$&')}"`;
  return [words && quoted(words), c.service && `service=${quoted(c.service)}`].filter(Boolean).join(' ') || '*';
}

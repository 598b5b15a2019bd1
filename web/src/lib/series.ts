// Colours of series: status classes, levels and percentiles have their own; others keep one by name.
import { markOf } from './level';

/** Hues in the style sheet (--hue-0 … --hue-6); chosen after Okabe and Ito so that most eyes tell them apart. */
const hues = 7;

export interface Tone {
  /** A colour of the style sheet, as CSS. */
  colour: string;
  width: number;
}

/** tones gives each series its look; names are the columns of the answer. */
export function tones(names: string[]): Tone[] {
  const percentiles = names.map((n) => /^p(\d+(?:\.\d+)?)\(/.exec(n)?.[1]);
  if (names.length > 1 && percentiles.every((p) => p !== undefined)) return weights(names.length);
  const taken = new Set<number>();
  const used = new Map<string, number>();
  return names.map((name) => {
    const token = own(name) ?? `--hue-${free(name, taken)}`;
    const times = used.get(token) ?? 0;
    used.set(token, times + 1);
    return { colour: shade(token, times), width: 1.75 };
  });
}

/** shade tells the second and later of one kind (404, 429, 499) apart: in turn towards the ink and the paper, each time further. */
function shade(token: string, times: number): string {
  return times === 0 ? `var(${token})` : `color-mix(in srgb, var(${token}) ${Math.max(30, 75 - 15 * times)}%, var(${times % 2 ? '--ink' : '--paper'}))`;
}

// One hue in several weights: the higher the percentile, the stronger the line.
function weights(n: number): Tone[] {
  return Array.from({ length: n }, (_, i) => {
    const strength = Math.round((i * 3) / (n - 1));
    return { colour: `var(--weight-${strength + 1})`, width: 1.25 + 0.35 * strength };
  });
}

function own(name: string): string | undefined {
  if (name === 'other' || name === 'OTHER' || name === '') return '--hue-other';
  const status = /^([1-5])(?:\d\d|xx)$/i.exec(name)?.[1];
  if (status) return `--status-${status}`;
  const mark = /^\d+$/.test(name) ? '' : markOf(name);
  return mark ? `--level-${mark}` : undefined;
}

/** free is the hue a name hashes to, or the next one nobody here has. */
function free(name: string, taken: Set<number>): number {
  let hash = 2166136261; // FNV-1a, so that a value keeps its colour from page to page
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 16777619);
  let hue = (hash >>> 0) % hues;
  for (let i = 0; taken.has(hue) && i < hues; i++) hue = (hue + 1) % hues;
  taken.add(hue);
  return hue;
}

/** order is how series are stacked from the bottom: 2xx below 5xx, "other" last. */
export function order(names: string[]): number[] {
  const all = names.map((_, i) => i);
  const byStatus = names.every((n) => /^[1-5](?:\d\d|xx)$/i.test(n) || n === 'other');
  if (!byStatus) return all;
  return all.sort((a, b) => (names[a] === 'other' ? -1 : names[b] === 'other' ? 1 : names[a]!.localeCompare(names[b]!)));
}

// A timechart's rows as columns to draw.
import type { Row } from './api';

export interface Drawn {
  /** Unix milliseconds, growing. */
  times: number[];
  names: string[];
  columns: (number | null)[][];
  /** The last bucket still fills. */
  partial: boolean;
}

/** frame turns rows into columns; what is no number stays out, and a gap stays a gap. */
export function frame(rows: Row[], fields: string[]): Drawn {
  const inTime = [...rows].sort((a, b) => Date.parse(String(a._time)) - Date.parse(String(b._time)));
  const all = fields.length ? fields : [...new Set(rows.flatMap((r) => Object.keys(r)))];
  const names = all.filter((n) => !n.startsWith('_') && rows.some((r) => numeric(r[n]) !== null));
  return {
    times: inTime.map((r) => Date.parse(String(r._time))),
    names,
    columns: names.map((n) => inTime.map((r) => numeric(r[n]))),
    partial: Boolean(inTime.at(-1)?._partial),
  };
}

function numeric(v: unknown): number | null {
  return typeof v === 'number' || typeof v === 'bigint' ? Number(v) : null;
}

/** stacked adds each column to those below it; drawn from the last to the first they show as a stack. */
export function stacked(columns: (number | null)[][]): (number | null)[][] {
  const sum: number[] = [];
  return columns.map((c) => c.map((v, i) => (sum[i] = (sum[i] ?? 0) + (v ?? 0))));
}

/** drawable tells whether a table can be drawn over time: one row per moment and something to count. */
export function drawable(rows: Row[], fields: string[]): boolean {
  if (rows.length < 2 || !fields.includes('_time')) return false;
  const moments = new Set(rows.map((r) => r._time));
  return moments.size === rows.length && frame(rows, fields).names.length > 0;
}

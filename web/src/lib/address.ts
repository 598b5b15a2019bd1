// The page's state as it stands in the address bar, so that a link shows what its sender saw.

export type Zone = 'local' | 'utc';
export type View = 'line' | 'bars' | 'table';

export interface Address {
  q: string;
  /** "-1h", an RFC 3339 time, or "all" for everything kept. */
  from: string;
  /** An RFC 3339 time; empty means now. */
  to: string;
  /** Undefined leaves the reader's own choice. */
  zone?: Zone;
  view?: View;
  /** Fields shown as columns of their own between service and message. */
  columns: string[];
  live: boolean;
  /** "dataset/seq" of the opened line. */
  line: string;
}

export const everything = 'all';
const defaultFrom = '-1h';

export function read(search: string): Address {
  const p = new URLSearchParams(search);
  const zone = p.get('zone');
  const view = p.get('view');
  return {
    q: p.get('q') ?? '',
    from: p.get('from') || defaultFrom,
    to: p.get('to') ?? '',
    zone: zone === 'utc' || zone === 'local' ? zone : undefined,
    view: view === 'line' || view === 'bars' || view === 'table' ? view : undefined,
    columns: p.getAll('column').filter(Boolean),
    live: p.get('live') === '1',
    line: p.get('line') ?? '',
  };
}

export function write(a: Address): string {
  const p = new URLSearchParams();
  if (a.q) p.set('q', a.q);
  if (a.from !== defaultFrom || a.to) p.set('from', a.from);
  if (a.to) p.set('to', a.to);
  if (a.zone) p.set('zone', a.zone);
  if (a.view) p.set('view', a.view);
  for (const name of a.columns) p.append('column', name);
  if (a.live) p.set('live', '1');
  if (a.line) p.set('line', a.line);
  const text = p.toString();
  return text ? `?${text}` : '';
}

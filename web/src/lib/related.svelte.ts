// The state of the page of related ids, and its address.
import { Fault, related, type Related } from './api';
import type { Zone } from './address';

export interface Asked {
  id: string;
  kind: string;
  depth: string;
  within: string;
  max: string;
}

/** What a picture begins with: near enough to be looked through, far enough for the late report. */
const otherwise: Omit<Asked, 'id'> = { kind: '', depth: '3', within: '7d', max: '2000' };

export function read(search: string): Asked {
  const p = new URLSearchParams(search);
  const out: Asked = { id: p.get('id') ?? '', ...otherwise };
  for (const name of ['kind', 'depth', 'within', 'max'] as const) out[name] = p.get(name) || otherwise[name];
  return out;
}

export function write(a: Asked): string {
  const p = new URLSearchParams({ id: a.id });
  for (const name of ['kind', 'depth', 'within', 'max'] as const) if (a[name] !== otherwise[name]) p.set(name, a[name]);
  return `?${p}`;
}

/** link is the address of the picture around an id. */
export const link = (kind: string, id: string) => `related${write({ ...otherwise, id, kind })}`;

/** isID reports whether a field holds an id that joins lines, by its name. */
export function isID(field: string): boolean {
  const word = /^(?:.*[_.-])?([^_.-]*)[_.]id$/.exec(field)?.[1];
  if (field === 'id') return true;
  if (word === undefined || field.startsWith('_')) return false;
  return !['user', 'customer', 'account', 'key', 'tenant', 'host', 'session', 'process', 'thread'].includes(word);
}

export class RelatedPage {
  asked = $state<Asked>(read(location.search));
  answer = $state.raw<Related | undefined>(undefined);
  fault = $state<Fault | undefined>(undefined);
  running = $state(false);
  wantsToken = $state(false);
  notice = $state('');
  zone = $state<Zone>(localStorage.getItem('plumbline.zone') === 'utc' ? 'utc' : 'local');
  #stop: AbortController | undefined;

  start(): () => void {
    const onpopstate = () => {
      this.asked = read(location.search);
      this.load();
    };
    addEventListener('popstate', onpopstate);
    this.load();
    return () => removeEventListener('popstate', onpopstate);
  }

  /** ask looks for what is related to another id, or farther. */
  ask(change: Partial<Asked>): void {
    this.asked = { ...this.asked, ...change };
    history.pushState(null, '', `related${write(this.asked)}`);
    this.load();
  }

  load(): void {
    this.#stop?.abort();
    if (!this.asked.id) {
      this.answer = this.fault = undefined;
      return;
    }
    const stop = (this.#stop = new AbortController());
    this.running = true;
    this.fault = undefined;
    document.title = `${this.asked.id} – Plumbline`;
    void related({ ...this.asked }, stop.signal)
      .then((answer) => (this.answer = answer))
      .catch((err) => {
        if (stop.signal.aborted) return;
        this.answer = undefined;
        if (err instanceof Fault && err.status === 401) this.wantsToken = true;
        this.fault = err instanceof Fault ? err : new Fault(0, { message: String(err) });
      })
      .finally(() => {
        if (this.#stop === stop) this.running = false;
      });
  }

  tell(text: string): void {
    this.notice = text;
    setTimeout(() => (this.notice = ''), 2500);
  }

  async copyLink(): Promise<void> {
    await navigator.clipboard.writeText(`${location.origin}${location.pathname}${write(this.asked)}`);
    this.tell('Copied a link to this picture');
  }
}

// Live tail: new lines as they are stored, held back while the reader looks at older ones.
import * as api from './api';
import { Fault, keyOf, type Row } from './api';
import { events } from './tail';
import { second } from './time';

const mostShown = 5000; // a tail is for watching; the older lines are one question away
const flushEvery = 200; // ms; fast enough to feel live, slow enough for the eye
const countEvery = 10 * second; // how often the histogram, or a table, is asked anew
const catchUpMost = 1000; // lines fetched after a broken connection
const longestPause = 15 * second; // between attempts to connect again

/** Followed is what a tail needs of the page whose question it keeps asking. */
export interface Followed {
  readonly q: string;
  readonly kind: string | undefined;
  to: string;
  rows: Row[];
  ended: boolean;
  said: string;
  fault: Fault | undefined;
  run(): void;
  ask(): Promise<void>;
  count(): Promise<void>;
  denied(fault: Fault): void;
  keepAddress(): void;
}

export class Tail {
  on = $state(false);
  /** Held back: the reader scrolled away or marked text. */
  paused = $state(false);
  connected = $state(false);
  held = $state(0);
  dropped = $state(0);

  #page: Followed;
  #stop: AbortController | undefined;
  #waiting: Row[] = [];
  #seen = new Set<string>();

  constructor(page: Followed) {
    this.#page = page;
  }

  toggle(): void {
    this.on = !this.on;
    if (!this.on) {
      this.stop();
      this.#page.keepAddress();
      return;
    }
    this.#page.to = ''; // what comes is now
    this.#page.run();
  }

  start(): void {
    this.stop();
    const stop = (this.#stop = new AbortController());
    this.#waiting = [];
    this.held = this.dropped = 0;
    this.paused = false;
    this.#seen = new Set(this.#page.rows.map(keyOf));
    const lines = this.#page.kind === 'lines';
    if (lines) void this.#follow(stop.signal);
    this.#every(flushEvery, stop.signal, () => this.#flush());
    this.#every(countEvery, stop.signal, () => void (lines ? this.#page.count() : this.#page.ask()));
  }

  stop(): void {
    this.#stop?.abort();
    this.connected = false;
  }

  pause(): void {
    if (this.on) this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.#flush();
  }

  #every(ms: number, signal: AbortSignal, work: () => void): void {
    const timer = setInterval(() => document.visibilityState === 'visible' && work(), ms);
    signal.addEventListener('abort', () => clearInterval(timer));
  }

  async #follow(signal: AbortSignal): Promise<void> {
    for (let pause = second; !signal.aborted; pause = Math.min(2 * pause, longestPause)) {
      try {
        const response = await api.open('tail', { q: this.#page.q || '*' }, signal, 'text/event-stream');
        this.connected = true;
        void this.#catchUp(signal);
        pause = second;
        for await (const event of events(response.body!)) this.#take(event.name, event.data);
      } catch (err) {
        if (signal.aborted) return;
        if (err instanceof Fault && err.status >= 400 && err.status < 500) return this.#refused(err);
      }
      this.connected = false;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  /** catchUp fetches what was stored while nobody listened. */
  async #catchUp(signal: AbortSignal): Promise<void> {
    const newest = this.#page.rows[0]?._time;
    if (newest === undefined) return;
    const answer = await api.query({ q: this.#page.q || '*', from: String(newest), limit: catchUpMost }, signal).catch(() => undefined);
    const missed = (answer?.rows ?? []).filter((row) => this.#isNew(row));
    this.#waiting.unshift(...missed.reverse());
  }

  #isNew(row: Row): boolean {
    const key = keyOf(row);
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    return true;
  }

  #take(name: string, data: string): void {
    if (name === 'row') {
      const row = api.parse(data) as Row;
      if (this.#isNew(row)) this.#waiting.push(row);
    }
    if (name === 'error') {
      const body = api.parse(data) as { error?: object } & object;
      throw new Fault(400, (body.error ?? body) as object);
    }
  }

  #refused(fault: Fault): void {
    this.on = false;
    this.stop();
    this.#page.fault = fault;
    this.#page.denied(fault);
    this.#page.keepAddress();
  }

  #flush(): void {
    if (this.#waiting.length > mostShown) this.dropped += this.#waiting.splice(0, this.#waiting.length - mostShown).length;
    this.held = this.#waiting.length;
    if (this.paused || !this.held) return;
    const fresh = this.#waiting.reverse();
    this.#waiting = [];
    this.held = 0;
    const page = this.#page;
    const rows = [...fresh, ...page.rows];
    if (rows.length > mostShown) {
      page.ended = false; // the ones let go can be fetched again
      for (const row of rows.splice(mostShown)) this.#seen.delete(keyOf(row));
    }
    page.rows = rows;
    page.said = `${fresh.length} new`;
  }
}

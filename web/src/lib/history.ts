// Questions asked before, newest first, kept in this browser only.

const key = 'plumbline.history';
const most = 200; // a few weeks of an on-call engineer's questions

export function history(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? '[]');
    return Array.isArray(kept) ? kept.filter((q): q is string => typeof q === 'string') : [];
  } catch {
    return [];
  }
}

export function remember(q: string): void {
  if (!q.trim()) return;
  try {
    localStorage.setItem(key, JSON.stringify([q, ...history().filter((old) => old !== q)].slice(0, most)));
  } catch {
    // a full or forbidden storage costs only the history
  }
}

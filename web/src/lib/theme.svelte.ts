// Dark, light, or as the system says; paper is light.

export type Theme = 'system' | 'light' | 'dark';

const key = 'plumbline.theme';
const system = matchMedia('(prefers-color-scheme: dark)');
const paper = matchMedia('print');

class Look {
  theme = $state<Theme>('system');
  /** What the theme comes to now. */
  dark = $state(false);

  start(): void {
    const kept = localStorage.getItem(key);
    this.theme = kept === 'light' || kept === 'dark' ? kept : 'system';
    for (const asks of [system, paper]) asks.addEventListener('change', () => this.#apply());
    this.#apply();
  }

  set(theme: Theme): void {
    this.theme = theme;
    localStorage.setItem(key, theme);
    this.#apply();
  }

  #apply(): void {
    this.dark = !paper.matches && (this.theme === 'dark' || (this.theme === 'system' && system.matches));
    document.documentElement.dataset.theme = this.dark ? 'dark' : 'light';
  }
}

export const look = new Look();

/** colour works out a CSS colour, for what is drawn on a canvas. */
export function colour(css: string): string {
  const probe = document.createElement('i');
  probe.style.color = css;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

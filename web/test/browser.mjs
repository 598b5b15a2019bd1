// Debian's Chromium, asking nobody but the server under test.
import { chromium } from 'playwright-core';

export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });

/** open a page of the size; errors it throws or reports are gathered in `wrong`. */
export async function open(browser, url, { width = 1440, height = 900, scheme = 'light', zone = 'Europe/Zagreb' } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, timezoneId: zone, permissions: ['clipboard-read', 'clipboard-write'], reducedMotion: 'reduce' });
  const page = await context.newPage();
  const wrong = [];
  page.on('pageerror', (err) => wrong.push(String(err)));
  page.on('console', (m) => m.type() === 'error' && !/Failed to load resource/.test(m.text()) && wrong.push(m.text()));
  page.on('request', (r) => new URL(r.url()).origin !== new URL(url).origin && !r.url().startsWith('blob:') && wrong.push(`asked ${r.url()}`));
  await page.goto(url);
  return { page, wrong, close: () => context.close() };
}

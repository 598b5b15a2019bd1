// Takes a picture of the page: node test/picture.mjs URL out.png [width height light|dark]
import { launch, open } from './browser.mjs';

const [url, out, width = '1440', height = '900', scheme = 'light'] = process.argv.slice(2);
if (!url || !out) {
  console.error('usage: node test/picture.mjs URL out.png [width height light|dark]');
  process.exit(2);
}
const browser = await launch();
const { page, wrong } = await open(browser, url, { width: Number(width), height: Number(height), scheme });
await page.waitForFunction(() => /\d/.test(document.querySelector('[role=status]')?.textContent ?? ''), { timeout: 30_000 });
await page.waitForTimeout(600); // the field list and the chart come after the answer
await page.screenshot({ path: out });
await browser.close();
for (const line of wrong) console.error(line);

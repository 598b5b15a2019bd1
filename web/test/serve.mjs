// A real server for tests: the one PLUMBLINE_URL names, or the binary PLUMBLINE over an empty folder.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { write } from './mock.mjs';

export async function serve() {
  const { PLUMBLINE_URL, PLUMBLINE } = process.env;
  if (PLUMBLINE_URL) return ready(PLUMBLINE_URL.replace(/\/?$/, '/'), async () => undefined);
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-page-'));
  const port = await new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
  const server = spawn(PLUMBLINE, ['serve', '--data', folder, '--listen', `127.0.0.1:${port}`], { stdio: ['ignore', 'inherit', 'inherit'] });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  return ready(`http://127.0.0.1:${port}/`, async () => {
    server.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  });
}

async function ready(url, stop) {
  for (let i = 0; i < 200; i++) {
    const answer = await fetch(`${url}readyz`).catch(() => undefined);
    if (answer?.ok) return { url, stop, ingest: (rows) => ingest(url, rows) };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await stop();
  throw new Error(`${url} is not ready after 10 s`);
}

async function ingest(url, rows) {
  const body = rows.map((row) => write(row)).join('\n');
  const answer = await fetch(`${url}api/v1/ingest/jsonl`, { method: 'POST', body });
  assert.equal(answer.status, 200, await answer.clone().text());
  assert.equal((await answer.json()).accepted, rows.length);
}

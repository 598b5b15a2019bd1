// Loads a module of src as it is, through the same compiler as the build.
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));

export async function source() {
  const server = await createServer({ root, configFile: false, appType: 'custom', logLevel: 'error', server: { middlewareMode: true, ws: false }, optimizeDeps: { noDiscovery: true } });
  return { load: (name) => server.ssrLoadModule(`/src/lib/${name}.ts`), close: () => server.close() };
}

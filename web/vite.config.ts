import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

interface Modules {
  getModuleInfo(id: string): { isEntry: boolean; importers: readonly string[] } | null;
}

const known = new Map<string, boolean>();

function isInFirstView(id: string, modules: Modules): boolean {
  if (!known.has(id)) {
    known.set(id, false);
    const module = modules.getModuleInfo(id);
    const isIn = module?.isEntry || module?.importers.some((by) => isInFirstView(by, modules));
    known.set(id, isIn ?? false);
  }
  return known.get(id)!;
}

/** What every page needs, in one file. By default it is three dozen, and a browser asks for six at a time. */
const firstView = (id: string, modules: Modules): string | null =>
  isInFirstView(id, modules) && !/\/web\/(index\.html|main\.tsx)$/.test(id) ? 'first' : null;

/** `npm run build` → dist/web. For work on it: `npx vite web`, beside an `npm start`. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2024',
    // What is inlined as a data: URL is not reached by the policy's 'self'.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    manifest: true,
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: firstView, debugName: 'first' }] } } },
  },
  server: { proxy: { '/v1': process.env.POSTHORN_URL ?? 'http://127.0.0.1:8080' } },
});

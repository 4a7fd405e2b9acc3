import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

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
  },
  server: { proxy: { '/v1': process.env.POSTHORN_URL ?? 'http://127.0.0.1:8080' } },
});

/** scripts/node.mjs: which Node the npm scripts run on. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { findNode, NEEDED_MAJOR, programIn } from '../../scripts/node.mjs';

const folders: string[] = [];
let cacheDir: string;
const say = vi.fn();

beforeEach(() => {
  cacheDir = mkdtempSync(join(tmpdir(), 'posthorn-node-'));
  folders.push(cacheDir);
  say.mockClear();
});
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** Puts a program where npm would, which says that it is this version of Node. */
const installs = (version: string) =>
  vi.fn((dir: string) => {
    const program = programIn(dir);
    mkdirSync(dirname(program), { recursive: true });
    writeFileSync(program, `#!/bin/sh\necho ${version}\n`);
    chmodSync(program, 0o755);
  });

describe('the Node that npm scripts run on', () => {
  it('is the one that is there when it is new enough', () => {
    const install = installs('v24.0.0');
    for (const version of [`${NEEDED_MAJOR}.0.0`, `${NEEDED_MAJOR + 2}.3.1`])
      expect(findNode({ version, cacheDir, install, say })).toBeNull();
    expect(install).not.toHaveBeenCalled();
  });

  it('is brought by npm once, with a word about it, and found in the cache from then on', () => {
    const install = installs('v24.1.2');
    const first = findNode({ version: '20.20.2', cacheDir, install, say });
    expect(first).toBe(programIn(join(cacheDir, 'node-24')));
    expect(say.mock.calls.flat().join('\n')).toMatch(/needs Node 24 or newer, and this is 20\.20\.2/);
    expect(findNode({ version: '18.0.0', cacheDir, install, say })).toBe(first);
    expect(install).toHaveBeenCalledTimes(1);
  });

  it('replaces a copy in the cache that does not run here', () => {
    installs('')(join(cacheDir, 'node-24'));
    const install = installs('v24.1.2');
    const found = findNode({ version: '20.0.0', cacheDir, install, say })!;
    expect(execFileSync(found, { encoding: 'utf8' })).toBe('v24.1.2\n');
  });

  it('leaves nothing behind and says what to do when npm cannot bring one', () => {
    const install = () => {
      throw new Error('the registry is away');
    };
    const find = () => findNode({ version: '20.0.0', cacheDir, install, say });
    expect(find).toThrow(/needs Node 24 or newer; this is 20\.0\.0.*the registry is away.*Install Node 24/);
    expect(() => findNode({ version: '20.0.0', cacheDir, install: installs('v22.1.0'), say })).toThrow(
      /does not run here|too old/,
    );
    expect(execFileSync('ls', ['-A', cacheDir], { encoding: 'utf8' })).toBe('');
  });

  it('is never a program that others may write, not even to ask for its version', () => {
    const asked = join(cacheDir, 'asked');
    const program = programIn(join(cacheDir, 'node-24'));
    mkdirSync(dirname(program), { recursive: true });
    writeFileSync(program, `#!/bin/sh\ntouch ${asked}\necho v24.9.9\n`);
    chmodSync(program, 0o777);
    const install = installs('v24.1.2');
    const found = findNode({ version: '20.0.0', cacheDir, install, say })!;
    expect(existsSync(asked)).toBe(false);
    expect(execFileSync(found, { encoding: 'utf8' })).toBe('v24.1.2\n');
  });

  it('is got anew without what stopped attempts left behind', () => {
    const [old, young] = ['.node-old', '.node-young'].map((name) => join(cacheDir, name));
    for (const dir of [old!, young!]) mkdirSync(dir);
    vi.useFakeTimers({ now: Date.now() + 2 * 3_600_000, toFake: ['Date'] });
    try {
      findNode({ version: '20.0.0', cacheDir, install: installs('v24.1.2'), say });
    } finally {
      vi.useRealTimers();
    }
    expect([existsSync(old!), existsSync(young!)]).toEqual([false, false]);
  });

  it.each([
    ['a relative cache folder', 'XDG_CACHE_HOME', 'cache', /must be a whole path/],
    ['a cache folder that PATH cannot hold', 'XDG_CACHE_HOME', '/tmp/a:b', /without ":"/],
    ['a cache folder that cannot be made', 'XDG_CACHE_HOME', '/dev/null', /ENOTDIR|EEXIST/],
  ])('names %s', (_, name, value, message) => {
    vi.stubEnv(name, value);
    try {
      expect(() => findNode({ version: '20.0.0', install: installs('v24.1.2'), say })).toThrow(message);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('comes first in PATH, and where this one is enough PATH stays as it is, whatever a preload prints', () => {
    const path = (preload: string) =>
      execFileSync('sh', ['-c', '. scripts/on-node.sh && echo "$PATH"'], {
        cwd: fileURLToPath(new URL('../..', import.meta.url)),
        encoding: 'utf8',
        env: { ...process.env, NODE_OPTIONS: preload },
      });
    const preload = join(cacheDir, 'noise.cjs');
    writeFileSync(preload, 'console.log("noise")');
    const plain = `${process.env.PATH}\n`;
    expect([path(''), path(`--require ${preload}`)]).toEqual([plain, plain]);
  });

  it('is asked for by every npm script, and by package.json', () => {
    const root = fileURLToPath(new URL('../..', import.meta.url));
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      engines: { node: string };
      scripts: Record<string, string>;
    };
    expect(manifest.engines.node).toBe(`>=${NEEDED_MAJOR}`);
    for (const [name, script] of Object.entries(manifest.scripts))
      expect(script, name).toMatch(/^\. scripts\/on-node\.sh && /);
  });
});

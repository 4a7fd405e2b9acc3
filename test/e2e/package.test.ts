/** The package as it would be published, in a folder of its own with nothing else installed. */
import { EdgeVM } from '@edge-runtime/vm';
import { execFile, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateSigningKey, publicKeyOf } from '../../src/signing/ed25519.ts';
import { aRequest, builtIn, HEX_SECRET, WHSEC_SECRET } from '../unit/profiles-fixtures.ts';

const root = resolve(import.meta.dirname, '../..');
const bin = (name: string) => join(root, 'node_modules/.bin', name);
const execute = promisify(execFile);
/** Where programs are that are run by our Node. */
const env = { ...process.env, PATH: `${resolve(process.execPath, '..')}:${process.env.PATH}` };

let folder: string;
let tarball: string;
let server: Server;
let baseUrl: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'posthorn-package-'));
  const packing = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder];
  await execute('npm', packing, { cwd: root, env });
  tarball = join(
    folder,
    readdirSync(folder).find((name) => name.endsWith('.tgz'))!,
  );
  // As npm would install it, without asking anybody for the server's dependencies: these two need none.
  const installed = join(folder, 'node_modules/posthorn');
  mkdirSync(installed, { recursive: true });
  await execute('tar', ['-xzf', tarball, '--strip-components=1', '-C', installed]);
  cpSync(join(root, 'test/fixtures/package'), folder, { recursive: true });
  // Not a part of this repository's own check, which comes before there is a build.
  renameSync(join(folder, 'consumer.ts.txt'), join(folder, 'consumer.ts'));
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  server = await answering();
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

/** What check.js asks for. */
async function answering(): Promise<Server> {
  let published = 0;
  const http = createServer((request, response) => {
    const json = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const url = new URL(request.url!, 'http://x');
    if (url.pathname === '/given') json(200, { baseUrl, requests: requests() });
    else if (url.pathname.endsWith('/events')) {
      // The first of two is to be repeated.
      published += 1;
      if (published % 2) json(503, { code: 'unavailable' });
      else json(202, { id: 'evt_1' });
    } else if (url.pathname.endsWith('/deliveries'))
      json(200, url.searchParams.has('cursor') ? page('dlv_2', null) : page('dlv_1', 'c1'));
    else if (url.pathname.endsWith('/ep_0')) json(404, { code: 'not_found', detail: 'There is none.' });
    // Everything else hangs.
  });
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done));
  return http;
}
const page = (id: string, next: string | null) => ({ data: [{ id }], next_cursor: next });

/** One for each profile and kind of signature. */
function requests() {
  const attemptTime = new Date();
  const signingKey = generateSigningKey();
  const byProfile = ['standard', '8bit', 'agentbot', 'eev'].map((name) => ({
    profile: name,
    secret: builtIn(name).secretFormat === 'whsec' ? WHSEC_SECRET : HEX_SECRET,
    ...aRequest(builtIn(name), { attemptTime }),
  }));
  const byKey = aRequest(builtIn('standard'), { attemptTime, signature: 'ed25519', signingKey });
  return [...byProfile, { profile: 'standard', secret: publicKeyOf(signingKey), ...byKey }].map(
    (request) => ({
      ...request,
      type: 'conversation.created',
    }),
  );
}

describe('is used by', () => {
  const FINE = '5 requests verified';
  const has = (program: string) => spawnSync(program, ['--version']).status === 0;

  it('Node', async () => {
    const { stdout } = await execute(process.execPath, ['run.js', baseUrl], { cwd: folder });
    expect(stdout).toContain(FINE);
  });

  it.skipIf(!has('deno'))('Deno', async () => {
    const args = ['run', '--allow-net=127.0.0.1', '--node-modules-dir=manual', 'run.js', baseUrl];
    expect((await execute('deno', args, { cwd: folder })).stdout).toContain(FINE);
  });

  it.skipIf(!has('bun'))('Bun', async () => {
    expect((await execute('bun', ['run.js', baseUrl], { cwd: folder })).stdout).toContain(FINE);
  });

  it('an edge runtime, where there is nothing but what is Web-standard', async () => {
    const made = await build({
      ...{ root: folder, configFile: false, logLevel: 'error' },
      build: {
        ...{ write: false, minify: false },
        lib: { entry: join(folder, 'check.js'), formats: ['iife'], name: 'checked' },
      },
    });
    const [{ output }] = made as unknown as [{ output: [{ code: string }] }];
    const vm = new EdgeVM();
    vm.evaluate(`${output[0].code}; globalThis.checked = checked`);
    const given = JSON.stringify({ baseUrl, requests: requests() });
    expect(vm.evaluate('typeof process + typeof Buffer + typeof require')).toBe('undefined'.repeat(3));
    expect(await vm.evaluate(`checked.check(${given})`)).toBe(FINE);
  });
});

describe('its types', () => {
  it('hold for a user who checks libraries, too', async () => {
    const options = {
      ...{
        module: 'NodeNext',
        moduleResolution: 'NodeNext',
        strict: true,
        noEmit: true,
        skipLibCheck: false,
      },
      ...{ target: 'ES2022', lib: ['ES2023', 'DOM', 'DOM.AsyncIterable'], types: [] },
      exactOptionalPropertyTypes: true,
    };
    const config = 'tsconfig.json';
    writeFileSync(join(folder, config), JSON.stringify({ compilerOptions: options, files: ['consumer.ts'] }));
    const { stdout } = await execute(bin('tsc'), ['-p', config], { cwd: folder, env }).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout).toBe('');
  });

  it('are found by every way of resolving that knows ES modules (attw)', async () => {
    const args = [tarball, '--profile', 'esm-only', '--no-definitely-typed', '--format', 'json'];
    const { stdout } = await execute(bin('attw'), args, { env, maxBuffer: 2 ** 26 });
    const { analysis } = JSON.parse(stdout);
    expect(Object.keys(analysis.entrypoints)).toEqual(['./client', './verify', './package.json']);
    const resolved = (entry: string, kind: string) =>
      analysis.entrypoints[entry].resolutions[kind].resolution;
    for (const entry of ['./client', './verify'])
      for (const kind of ['node16-esm', 'bundler']) expect(resolved(entry, kind).isTypeScript).toBe(true);
  });
});

it('has in order what it says of itself (publint)', async () => {
  const { stdout } = await execute(bin('publint'), [tarball, '--strict'], { env });
  expect(stdout).toContain('All good!');
});

/** Of a program that is installed without our lock file, and by whoever puts no package where others find it. */
it('imports at run time what it says it depends on, and nothing else', () => {
  const installed = join(folder, 'node_modules/posthorn');
  const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  const modules = (readdirSync(installed, { recursive: true }) as string[]).filter((file) =>
    /^dist\/(src|workflows|activities)\/.*\.js$/.test(file),
  );
  const importsOf = (file: string) =>
    ts.preProcessFile(readFileSync(join(installed, file), 'utf8'), true, true).importedFiles;
  const foreign = modules.flatMap((file) =>
    importsOf(file)
      .filter(({ fileName }) => !/^(\.|node:)/.test(fileName))
      .map(({ fileName }) => ({ file, name: /^(@[^/]+\/)?[^/]+/.exec(fileName)![0] })),
  );
  expect(foreign.length).toBeGreaterThan(100);
  expect(foreign.filter(({ name }) => !(name in dependencies))).toEqual([]);
});

it('holds no sources, no tests, no maps and no secrets of ours, and what the command needs', () => {
  const files = readdirSync(join(folder, 'node_modules/posthorn'), { recursive: true }) as string[];
  expect(
    files.filter((file) => /\.map$|\.test\.|^src\/|^test|\.posthorn|\.env|tsbuildinfo/.test(file)),
  ).toEqual([]);
  const { bin: commands } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const needed = [
    ...Object.values<string>(commands),
    'dist/src/main.js',
    'dist/workflow-bundle.js',
    'dist/package.json',
  ];
  expect(files).toEqual(expect.arrayContaining(needed));
  expect(files.some((file) => /^migrations\/\d+.*\.sql$/.test(file))).toBe(true);
});

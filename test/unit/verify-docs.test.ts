/** The receiver code in docs/ is run here against requests of ours, so that what people copy works. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadProfiles } from '../../src/profiles/index.ts';
import { PATIENCE_MS } from '../support/until.ts';
import {
  aRequest,
  builtIn,
  HEX_SECRET,
  OLD_HEX_SECRET,
  OLD_WHSEC_SECRET,
  WHSEC_SECRET,
} from './profiles-fixtures.ts';

const root = resolve(import.meta.dirname, '../..');
const has = (program: string, argument: string) => spawnSync(program, [argument]).status === 0;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'verifying-'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The only code block of that language in docs/<page> that contains `marker`. */
function codeBlock(page: string, language: string, marker: string): string {
  const text = readFileSync(join(root, 'docs', page), 'utf8');
  const blocks = [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter(
    (m) => m[1] === language && m[2]?.includes(marker),
  );
  if (blocks.length !== 1) throw new Error(`${blocks.length} ${language} blocks with "${marker}" in ${page}`);
  return blocks[0]?.[2] ?? '';
}

interface Case {
  what: string;
  scheme: 'standard' | '8bit' | 'agentbot';
  secret: string;
  headers: Record<string, string>;
  body: string;
  /** null: to be accepted. Else what the complaint must contain. */
  complaint: string | null;
}

const NO_SECRETS = ['', 'whsec_', 'whsec_!!!!', 'whsec_AAAA', 'undefined'];

/** What every receiver, in whatever language, has to get right. */
function cases(): Case[] {
  return (['standard', 'eev', '8bit', 'agentbot'] as const).flatMap((name) => {
    const profile = builtIn(name);
    const scheme = name === 'eev' ? 'standard' : name;
    const [secret, old] =
      scheme === 'standard' ? [WHSEC_SECRET, OLD_WHSEC_SECRET] : [HEX_SECRET, OLD_HEX_SECRET];
    const now = new Date();
    const request = aRequest(profile, { attemptTime: now });
    const grace = aRequest(profile, {
      attemptTime: now,
      previousSecrets: [{ secret: old, validUntil: new Date(now.getTime() + 60_000) }],
    });
    const late = aRequest(profile, { attemptTime: new Date(now.getTime() - 400_000) });
    const early = aRequest(profile, { attemptTime: new Date(now.getTime() + 400_000) });
    const tampered = { ...request, body: request.body.replace('conv_1', 'conv_2') };
    const text = aRequest(profile, { attemptTime: now, secret: 'a plain text secret' });
    const whsec = aRequest(profile, { attemptTime: now, secret: WHSEC_SECRET });
    const common = { scheme, secret, complaint: null };
    // Signed with the key that a receiver would take such a secret for.
    const forged = NO_SECRETS.map((none) => ({
      ...common,
      what: `${name}: forged with ${JSON.stringify(none)}`,
      ...aRequest(profile, { attemptTime: now, secret: none }),
      secret: none,
      complaint: '',
    }));
    return [
      ...forged,
      { ...common, what: `${name}: a secret in base64`, ...whsec, secret: WHSEC_SECRET },
      { ...common, what: `${name}: genuine`, ...request },
      { ...common, what: `${name}: a secret that is plain text`, ...text, secret: 'a plain text secret' },
      { ...common, what: `${name}: new secret in grace`, ...grace },
      { ...common, what: `${name}: old secret in grace`, ...grace, secret: old },
      {
        ...common,
        what: `${name}: old secret after grace`,
        ...request,
        secret: old,
        complaint: 'no signature',
      },
      { ...common, what: `${name}: tampered`, ...tampered, complaint: 'no signature' },
      { ...common, what: `${name}: too late`, ...late, complaint: 'too old' },
      { ...common, what: `${name}: too early`, ...early, complaint: 'too new' },
      { ...common, what: `${name}: without headers`, ...request, headers: {}, complaint: '' },
    ];
  });
}

/** `answers`: what a receiver printed for each case, "" when it accepted the request. */
function expectAnswers(all: Case[], answers: string[]): void {
  const asExpected = all.map(({ what, complaint }, i) => {
    const answer = answers[i] ?? 'no answer';
    const right = complaint === null ? answer === '' : answer !== '' && answer.includes(complaint);
    return right ? `${what}: right` : `${what}: ${answer || 'accepted'}`;
  });
  expect(asExpected).toEqual(all.map(({ what }) => `${what}: right`));
}

function run(program: string, args: string[], all: Case[]): string[] {
  const env = { ...process.env, GOFLAGS: '', GO111MODULE: 'off' };
  return JSON.parse(
    execFileSync(program, args, { cwd: folder, env, input: JSON.stringify(all), encoding: 'utf8' }),
  );
}

describe('docs/verifying.md', () => {
  it('Node', () => {
    writeFileSync(
      join(folder, 'verify-webhook.mjs'),
      codeBlock('verifying.md', 'js', '// verify-webhook.mjs'),
    );
    writeFileSync(
      join(folder, 'harness.mjs'),
      `import { readFileSync } from 'node:fs';
       import { verify8bit, verifyAgentbot, verifyStandard } from './verify-webhook.mjs';
       const schemes = { standard: verifyStandard, '8bit': verify8bit, agentbot: verifyAgentbot };
       const answers = JSON.parse(readFileSync(0, 'utf8')).map(({ scheme, secret, headers, body }) => {
         const lower = Object.fromEntries(Object.entries(headers).map(([k, v]) => [k.toLowerCase(), v]));
         try { schemes[scheme](secret, lower, Buffer.from(body)); return ''; } catch (error) { return error.message; }
       });
       console.log(JSON.stringify(answers));`,
    );
    const all = cases();
    expectAnswers(all, run(process.execPath, ['harness.mjs'], all));
  });

  it.skipIf(!has('python3', '--version'))('Python', () => {
    writeFileSync(
      join(folder, 'verify_webhook.py'),
      codeBlock('verifying.md', 'python', '# verify_webhook.py'),
    );
    writeFileSync(
      join(folder, 'harness.py'),
      [
        'import json, sys, verify_webhook as v',
        'schemes = {"standard": v.verify_standard, "8bit": v.verify_8bit, "agentbot": v.verify_agentbot}',
        'def answer(c):',
        '    try:',
        '        schemes[c["scheme"]](c["secret"], c["headers"], c["body"].encode())',
        '        return ""',
        '    except ValueError as error:',
        '        return str(error)',
        'print(json.dumps([answer(c) for c in json.load(sys.stdin)]))',
      ].join('\n'),
    );
    const all = cases();
    expectAnswers(all, run('python3', ['harness.py'], all));
  });

  it.skipIf(!has('go', 'version'))('Go', () => {
    const code = codeBlock('verifying.md', 'go', 'package webhook');
    writeFileSync(join(folder, 'webhook.go'), code.replace('package webhook', 'package main'));
    writeFileSync(
      join(folder, 'main.go'),
      `package main
       import ("encoding/json"; "net/http"; "os")
       func main() {
         var cases []struct { Scheme, Secret, Body string; Headers map[string]string }
         if err := json.NewDecoder(os.Stdin).Decode(&cases); err != nil { panic(err) }
         schemes := map[string]func(string, http.Header, []byte) error{
           "standard": VerifyStandard, "8bit": Verify8bit, "agentbot": VerifyAgentbot }
         answers := []string{}
         for _, c := range cases {
           header := http.Header{}
           for name, value := range c.Headers { header.Set(name, value) }
           answer := ""
           if err := schemes[c.Scheme](c.Secret, header, []byte(c.Body)); err != nil { answer = err.Error() }
           answers = append(answers, answer)
         }
         json.NewEncoder(os.Stdout).Encode(answers)
       }`,
    );
    execFileSync('go', ['build', '-o', 'harness', 'webhook.go', 'main.go'], { cwd: folder });
    const all = cases();
    expectAnswers(all, run(join(folder, 'harness'), [], all));
  });

  it('the Express server', async () => {
    writeFileSync(
      join(folder, 'verify-webhook.mjs'),
      codeBlock('verifying.md', 'js', '// verify-webhook.mjs'),
    );
    writeFileSync(join(folder, 'server.mjs'), codeBlock('verifying.md', 'js', '// server.mjs'));
    const port = await freePort();
    const env = { ...process.env, PORT: String(port), WEBHOOK_SECRET: HEX_SECRET };
    const server = spawn(process.execPath, ['server.mjs'], { cwd: folder, env, stdio: 'ignore' });
    try {
      const { headers, body } = aRequest(builtIn('8bit'), { attemptTime: new Date() });
      const post = (text: string) =>
        fetch(`http://127.0.0.1:${port}/webhooks`, { method: 'POST', headers, body: text });
      await expect
        .poll(
          () =>
            post(body).then(
              (r) => r.status,
              () => 0,
            ),
          { timeout: PATIENCE_MS },
        )
        .toBe(204);
      const refused = await post(body.replace('conv_1', 'conv_2'));
      expect([refused.status, await refused.text()]).toEqual([401, 'no signature matches']);
    } finally {
      server.kill();
    }
  });
});

it('docs/profiles.md: the example file loads and is complete', () => {
  const file = join(folder, 'profiles.json');
  writeFileSync(file, codeBlock('profiles.md', 'json', '"acme"'));
  const acme = loadProfiles(file).get('acme');
  expect(acme).toEqual(JSON.parse(readFileSync(file, 'utf8'))[0]);
  expect(Object.keys(acme ?? {}).sort()).toEqual(Object.keys(builtIn('8bit')).sort());
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

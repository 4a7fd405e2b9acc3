/** The shell commands that stand in documents, to be run as they stand there. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

export interface Block {
  language: string;
  text: string;
  /** From a comment in the line above: `<!-- not run: why -->`, `<!-- runs until it is stopped -->`. */
  notRun: string | null;
  runsOn: boolean;
}

export function blocksOf(file: string, languages: string[]): Block[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found = text.matchAll(/^(?: *<!-- ([^\n]*) -->\n\n?)?^( *)```(\w+)\n(.*?)^ *```$/gms);
  return [...found]
    .filter(([, , , language]) => languages.includes(language!))
    .map(([, remark, , language, code]) => ({
      language: language!,
      text: code!,
      notRun: /^not run: (.+)/.exec(remark ?? '')?.[1] ?? null,
      runsOn: remark === 'runs until it is stopped',
    }));
}

/** An error status ends the script, and so does a command that fails anywhere in a pipe. */
const PREAMBLE = `set -eo pipefail
curl() { command curl --fail-with-body "$@"; }
`;

/** What a program prints that runs on, when it is ready. */
const READY = 'is ready|listening on';

/**
 * One script for all blocks of a file, so that a later one finds what an earlier one has set. What runs until it is
 * stopped does so beside the others, and is stopped at the end.
 */
export function scriptOf(blocks: Block[]): string {
  const parts = blocks
    .filter(({ notRun }) => notRun === null)
    .map(({ text, runsOn }, n) => (runsOn ? inBackground(text, n) : text));
  return `${PREAMBLE}
STARTED=""
LOGS=$(mktemp -d)
trap 'for one in $STARTED; do kill -- -$one 2>/dev/null || true; done; rm -rf $LOGS' EXIT
${parts.join('\n')}`;
}

function inBackground(text: string, n: number): string {
  return `
LOG=$LOGS/${n}
setsid bash -c "$(cat <<'BLOCK_${n}'
${PREAMBLE}${text}
BLOCK_${n}
)" > "$LOG" 2>&1 &
STARTED="$STARTED $!"
for try in $(seq 600); do grep -qE '${READY}' "$LOG" && break; kill -0 $! 2>/dev/null || break; sleep 0.1; done
cat "$LOG"
grep -qE '${READY}' "$LOG"
`;
}

export interface Ran {
  code: number | null;
  output: string;
}

export function runScript(script: string, env: NodeJS.ProcessEnv): Promise<Ran> {
  const child = spawn('bash', ['-c', script], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const hear = (chunk: Buffer) => void (output += chunk.toString('utf8'));
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  return new Promise((done) => child.once('close', (code) => done({ code, output })));
}

/** Getting a program that npm does not bring: into a temporary folder first, then into its place in one step. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';

export type Log = (line: string) => void;

/** Where downloaded and built programs are kept for all Posthorns of this user. */
export function defaultCacheDir(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'posthorn');
}

/**
 * Lets `make` fill a new folder, which then becomes `target`. Two processes may do it at once: the first to
 * finish wins, and the other's copy is thrown away.
 */
export async function makeAtomically(target: string, make: (dir: string) => Promise<void>): Promise<void> {
  mkdirSync(dirname(target), { recursive: true });
  const temporary = mkdtempSync(join(dirname(target), `.${basename(target)}-`));
  try {
    await make(temporary);
    try {
      renameSync(temporary, target);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    }
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Downloads an archive, checks that it is the one we know (null: none is known), and unpacks it into `dir`. */
export async function downloadArchive(
  url: string,
  sha256: string | null,
  dir: string,
  log: Log,
): Promise<void> {
  log(`  downloading ${url}`);
  const answer = await fetch(url, { signal: AbortSignal.timeout(900_000) }).catch((error: unknown) => {
    throw new Error(`${url} cannot be reached (${reason(error)})`);
  });
  if (!answer.ok || !answer.body) throw new Error(`${url} answered ${answer.status}`);
  const chunks: Uint8Array[] = [];
  await withProgress('downloading', log, async () => {
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) chunks.push(chunk);
  });
  const bytes = Buffer.concat(chunks);
  const found = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== null && found !== sha256) {
    throw new Error(
      `${url} is not what it was: its SHA-256 is ${found}, expected ${sha256}; nothing of it was run`,
    );
  }
  const archive = join(dir, 'archive.tar.gz');
  writeFileSync(archive, bytes);
  await runTool('tar', ['-xzf', archive, '-C', dir], { log, what: 'unpacking' });
  rmSync(archive);
}

/** fetch() hides what went wrong in `cause`. */
export function reason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}

export interface ToolOptions {
  /** For the progress lines: "building temporal". */
  what: string;
  log: Log;
  cwd?: string;
  env?: NodeJS.ProcessEnv;
}

/** Runs a program to its end, with a line every 10 s; an error carries the end of what it printed. */
export async function runTool(command: string, args: string[], options: ToolOptions): Promise<string> {
  return withProgress(options.what, options.log, () => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const killWithUs = () => child.kill();
    process.once('exit', killWithUs);
    let output = '';
    const keep = (chunk: Buffer) => (output = (output + chunk.toString()).slice(-4_000));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    return new Promise<string>((resolve, reject) => {
      child.once('error', (error: NodeJS.ErrnoException) =>
        reject(error.code === 'ENOENT' ? new Error(`there is no program "${command}" here`) : error),
      );
      child.once('close', (code, signal) =>
        code === 0
          ? resolve(output)
          : reject(new Error(`${command} failed (${signal ?? code}): ${lastLines(output)}`)),
      );
    }).finally(() => process.off('exit', killWithUs));
  });
}

function lastLines(output: string): string {
  return output.trim().split('\n').slice(-6).join('\n      ');
}

async function withProgress<T>(what: string, log: Log, work: () => Promise<T>): Promise<T> {
  const startedAt = Date.now();
  const timer = setInterval(
    () => log(`  … ${what} (${Math.round((Date.now() - startedAt) / 1000)} s)`),
    10_000,
  );
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

/**
 * Knowing processes again. A number alone is not enough: after a crash or a reboot the number in a pid file may
 * belong to somebody else, and we must neither wait for that process nor stop it.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProcessRef {
  pid: number;
  /** Boot and start time, as `processIdentity` gives it. */
  identity: string;
}

/** What tells this process from a later one with the same number; null when it has ended. */
export function processIdentity(pid: number): string | null {
  return process.platform === 'linux' ? identityFromProc(pid) : identityFromPs(pid);
}

function identityFromProc(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The program's name is in parentheses and may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, startTicks] = [fields[0], fields[19]];
    if (state === 'Z' || state === 'X') return null; // ended, but its parent has not looked yet
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return `${bootId} ${startTicks}`;
  } catch {
    return null;
  }
}

function identityFromPs(pid: number): string | null {
  try {
    const columns = ['-o', 'stat=,lstart=', '-p', String(pid)];
    const line = execFileSync('ps', columns, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    return line === '' || line.startsWith('Z') ? null : line.replace(/^\S+\s+/, '');
  } catch {
    return null;
  }
}

/** This process, or the one with `pid`; null when there is none. */
export function processRef(pid: number = process.pid): ProcessRef | null {
  const identity = processIdentity(pid);
  return identity === null ? null : { pid, identity };
}

export function isRunning(ref: ProcessRef): boolean {
  return processIdentity(ref.pid) === ref.identity;
}

/** Writes a pid file in one step: whoever reads it sees all of it or none. */
export function writePidFile(file: string, ref: ProcessRef): void {
  writeFileSync(`${file}.new`, JSON.stringify(ref));
  renameSync(`${file}.new`, file);
}

/** The process a pid file names, if the file is there and that very process still runs. */
export function runningFromPidFile(file: string): ProcessRef | null {
  try {
    const ref = JSON.parse(readFileSync(file, 'utf8')) as Partial<ProcessRef>;
    if (typeof ref.pid !== 'number' || typeof ref.identity !== 'string') return null;
    const whole = { pid: ref.pid, identity: ref.identity };
    return isRunning(whole) ? whole : null;
  } catch {
    return null;
  }
}

export interface StopStep {
  signal: NodeJS.Signals;
  waitMs: number;
}

/** Ends a process: each signal in turn until one has helped. True when the process is gone. */
export async function stopProcess(ref: ProcessRef, steps: StopStep[]): Promise<boolean> {
  for (const { signal, waitMs } of steps) {
    if (!isRunning(ref)) return true;
    try {
      process.kill(ref.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
    const deadline = Date.now() + waitMs;
    while (isRunning(ref) && Date.now() < deadline) await sleep(25);
  }
  return !isRunning(ref);
}

/** The command line of a process, "" when there is none or it cannot be read. */
export function commandLine(pid: number): string {
  try {
    if (process.platform === 'linux')
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}

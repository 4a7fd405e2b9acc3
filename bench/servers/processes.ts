/** CPU and memory of processes, from Linux's /proc. Elsewhere everything reads as null. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** Linux counts in hundredths of a second on every platform Node runs on. */
const MS_PER_TICK = 10;

interface Stat {
  name: string;
  parent: number;
  ownMs: number;
  /** Of children that ended and were waited for. */
  reapedMs: number;
}

/** Of a line in /proc/<pid>/stat, or of a thread's. */
export function parseStat(text: string): Stat {
  // The name is in parentheses and may hold spaces and parentheses itself. Fields as in proc(5), from the 3rd on.
  const [open, close] = [text.indexOf('('), text.lastIndexOf(')')];
  const fields = text
    .slice(close + 2)
    .split(' ')
    .map(Number);
  return {
    name: text.slice(open + 1, close),
    parent: fields[1]!,
    ownMs: (fields[11]! + fields[12]!) * MS_PER_TICK,
    reapedMs: (fields[13]! + fields[14]!) * MS_PER_TICK,
  };
}

function readStat(pid: number): Stat | null {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return null;
  }
}

/** CPU of one process since it began; null when it is gone. */
export function cpuMs(pid: number): number | null {
  return readStat(pid)?.ownMs ?? null;
}

/** CPU of a process and its children, those that have ended included: Postgres and its backends. */
export function cpuMsWithChildren(pid: number): number | null {
  const own = readStat(pid);
  if (!own) return null;
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readStat(Number(name)))
    .filter((stat) => stat?.parent === pid);
  return children.reduce((sum, child) => sum + child!.ownMs + child!.reapedMs, own.ownMs + own.reapedMs);
}

/** CPU that the whole machine has used, and that its host has kept from it, since it was started. */
export function machineCpuMs(): { busy: number; stolen: number } | null {
  try {
    const [line] = readFileSync('/proc/stat', 'latin1').split('\n');
    const [user, nice, system, , , irq, softirq, steal] = line!.split(/ +/).slice(1).map(Number);
    const ticks = user! + nice! + system! + irq! + softirq!;
    return { busy: ticks * MS_PER_TICK, stolen: (steal ?? 0) * MS_PER_TICK };
  } catch {
    return null;
  }
}

function statusMib(pid: number, field: string): number | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    const kib = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1];
    return kib === undefined ? null : Number(kib) / 1024;
  } catch {
    return null;
  }
}

export const residentMib = (pid: number): number | null => statusMib(pid, 'VmRSS');

/** The highest since the process began, or since resetPeak(). */
export const peakResidentMib = (pid: number): number | null => statusMib(pid, 'VmHWM');

export function resetPeak(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // Not allowed here: then the peak counts from the process's start.
  }
}

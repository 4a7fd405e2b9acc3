import type { ExitCode } from '../exit.ts';
import { EXIT } from '../exit.ts';
import type { Output } from '../output.ts';
import { status } from '../output.ts';
import { printableLines } from '../../printable.ts';

export type Verdict = 'ok' | 'warn' | 'fail';

export interface Finding {
  /** What was looked at: `postgres: clock`. */
  check: string;
  verdict: Verdict;
  message: string;
  /** What to do. */
  advice: string | null;
}

/** Findings, shown as they come; in JSON, all of them at the end. */
export interface Report {
  ok(check: string, message: string): void;
  warn(check: string, message: string, advice: string): void;
  fail(check: string, message: string, advice: string): void;
  end(strict: boolean): ExitCode;
}

const CHECK_WIDTH = 22;

export function createReport(output: Output): Report {
  const findings: Finding[] = [];
  function add(verdict: Verdict, check: string, message: string, advice: string | null): void {
    findings.push({ check, verdict, message, advice });
    if (output.json) return;
    const { style } = status(verdict);
    output.line(
      `${output.style(style, verdict.padEnd(4))}  ${check.padEnd(CHECK_WIDTH)}  ${printableLines(message)}`,
    );
    if (advice) output.line(`${' '.repeat(CHECK_WIDTH + 8)}→ ${printableLines(advice)}`);
  }
  return {
    ok: (check, message) => add('ok', check, message, null),
    warn: (check, message, advice) => add('warn', check, message, advice),
    fail: (check, message, advice) => add('fail', check, message, advice),
    end(strict) {
      const count = (verdict: Verdict) => findings.filter((one) => one.verdict === verdict).length;
      const counts = { ok: count('ok'), warn: count('warn'), fail: count('fail') };
      const isWell = counts.fail === 0 && !(strict && counts.warn > 0);
      output.answer({ well: isWell, ...counts, findings }, () =>
        output.line(`\n${counts.ok} ok, ${counts.warn} to look at, ${counts.fail} wrong`),
      );
      return isWell ? EXIT.ok : EXIT.failed;
    },
  };
}

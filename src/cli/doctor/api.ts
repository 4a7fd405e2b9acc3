import { printable } from '../../printable.ts';
import { apiUrl } from '../connect.ts';
import type { Run } from '../run.ts';
import type { Report } from './report.ts';

const PATIENCE_MS = 5_000;

/** Whether the API answers, and is ready. Neither wants a key. */
export async function checkApi(report: Report, run: Run<object>, isExpected: boolean): Promise<void> {
  const given = apiUrl(run);
  const url = given.replace(/\/+$/, '');
  if (mayHoldPassword(given)) {
    // Not repeated: it may hold a password.
    const what = 'its address (--url, POSTHORN_URL) has credentials in it, or is none';
    return report.fail('api', what, 'The API takes a key (POSTHORN_API_KEY), and nothing in its address.');
  }
  let answer: { status: number; body: { reasons?: string[] } | null };
  try {
    const response = await fetch(`${url}/readyz`, {
      signal: AbortSignal.timeout(PATIENCE_MS),
      redirect: 'manual',
    });
    answer = { status: response.status, body: (await response.json().catch(() => null)) as never };
  } catch (error) {
    const { cause, message } = error as Error;
    const why = cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : message;
    const what = `${url} does not answer: ${why}`;
    const advice = 'Start it (posthorn start), or say where it is with --url or POSTHORN_URL.';
    if (isExpected) report.fail('api', what, advice);
    else report.warn('api', what, advice);
    return;
  }
  const { status, body } = answer;
  if (status === 200 && body) report.ok('api', `${url} is ready`);
  else if (status === 503 && body?.reasons)
    report.fail(
      'api',
      `${url} is not ready: ${body.reasons.map((reason) => printable(String(reason))).join('; ')}`,
      'What is said of these below may say why.',
    );
  else
    report.fail(
      'api',
      `${url} answers ${status}, which is not Posthorn's answer`,
      'Is it the right address, and what is in between?',
    );
}

function mayHoldPassword(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url === null || url.username !== '' || url.password !== '';
}

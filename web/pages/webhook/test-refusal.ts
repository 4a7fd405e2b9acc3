import { ApiProblem } from '../../api/client.ts';
import { words } from '../../words/index.ts';

/** Why a test was not sent, for people. */
export function testRefusal(error: Error): string {
  const { refusedByUs, notSent } = words.webhook.test;
  const code = error instanceof ApiProblem ? error.code : '';
  return code in refusedByUs ? refusedByUs[code as keyof typeof refusedByUs] : notSent(error.message);
}

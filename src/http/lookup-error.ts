/** The ways in which a look-up comes to nothing. */

/** The look-up did not run: those that its payer had asked for before it took all the time. */
const NO_TURN = 'EBUSY';

/** In the shape in which getaddrinfo says it. `code`: ENOTFOUND, ETIMEOUT, ESERVFAIL … */
export function lookupError(hostname: string, code: string): NodeJS.ErrnoException {
  const error = new Error(`${hostname} could not be resolved (${code})`);
  return Object.assign(error, { code, syscall: 'getaddrinfo', hostname });
}

export function noTurnError(hostname: string): NodeJS.ErrnoException {
  return lookupError(hostname, NO_TURN);
}

/** Nobody knows whether the name has addresses; a definite no is something else. */
export function isNoAnswer(error: unknown): boolean {
  const code = codeOf(error);
  return code !== 'ENOTFOUND' && code !== 'ENODATA';
}

/** Says something about whoever asked, nothing about the name. */
export function isNoTurn(error: unknown): boolean {
  return codeOf(error) === NO_TURN;
}

export function isSilent(error: unknown): boolean {
  return codeOf(error) === 'ETIMEOUT';
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

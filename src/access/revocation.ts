/**
 * A revocation counts within a second in every process. It is told by notification, and those may stop without a word: so
 * what is remembered counts only while everything that is older than this has certainly been heard. Else Postgres is
 * asked, and where that does not answer, neither do we: who may do what is not guessed.
 */
export const HEARD_WITHIN_MS = 600;

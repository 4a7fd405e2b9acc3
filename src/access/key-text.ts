import { hash, randomBytes } from 'node:crypto';

/** So much of a key is kept and shown, so that people can tell which it is: 48 of its 256 bits. */
const PREFIX_CHARS = 11;

/** A new key: `ph_` and 256 random bits. */
export const newKeyText = (): string => `ph_${randomBytes(32).toString('base64url')}`;

export const prefixOf = (key: string): string => key.slice(0, PREFIX_CHARS);

/** What is kept of a key. Keys are random, so nothing slower than SHA-256 is needed. */
export const digestOf = (key: string): string => hash('sha256', key, 'hex');

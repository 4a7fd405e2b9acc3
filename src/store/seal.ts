import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

/** Seals what must not be read from the database alone: signing secrets, credentials, static header values. */
export interface Seal {
  close(plain: string): string;
  /** Throws when the text was sealed under another key. */
  open(stored: string): string;
}

const PREFIX = 'sealed:1:';

/**
 * AES-256-GCM under the hash of POSTHORN_ENCRYPTION_KEY; without a key, text is stored as it is. Rows written
 * before a key was set stay readable: only text with our prefix is decrypted.
 */
export function createSeal(encryptionKey: string | null): Seal {
  if (encryptionKey === null) return { close: (plain) => plain, open: openWithoutKey };
  const key = createHash('sha256').update(encryptionKey).digest();
  return {
    close(plain) {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return PREFIX + Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64');
    },
    open(stored) {
      if (!stored.startsWith(PREFIX)) return stored;
      const bytes = Buffer.from(stored.slice(PREFIX.length), 'base64');
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
      decipher.setAuthTag(bytes.subarray(12, 28));
      try {
        return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
      } catch {
        throw new Error(
          'A stored secret was sealed under another POSTHORN_ENCRYPTION_KEY: set that key again.',
        );
      }
    },
  };
}

function openWithoutKey(stored: string): string {
  if (!stored.startsWith(PREFIX)) return stored;
  throw new Error(
    'The database holds sealed secrets: set POSTHORN_ENCRYPTION_KEY to the key they were sealed with.',
  );
}

/** Sealing what must not be read from the database alone: signing secrets, credentials, static header values. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

export interface Seal {
  /** `place` is where the text will stand, such as `ep_1/secret`: it opens nowhere else. */
  close(plain: string, place: string): string;
  /** Throws an {@link UnsealError} when it cannot be opened here. */
  open(stored: string, place: string): string;
  /** Whether {@link close} would seal it with the same key again. */
  isCurrent(stored: string): boolean;
}

/** A stored value that no key of this process opens. The message is for whoever looks after the process. */
export class UnsealError extends Error {
  override name = 'UnsealError';
}

/** What every sealed text begins with; no secret of a caller's may (see signing/secret.ts). */
export const SEALED_PREFIX = 'sealed:';

const FORM = /^sealed:1:([0-9a-f]{8}):([A-Za-z0-9+/=]+)$/;
const IV_BYTES = 12;
const TAG_BYTES = 16;

interface Key {
  /** Tells keys apart without saying anything about them. */
  id: string;
  bytes: Buffer;
}

/**
 * `sealed:1:<key id>:<base64 of iv, tag, text>`: AES-256-GCM with the place as additional data, so that a value moved
 * into another row or column does not open. The first of the keys seals; all of them open, so that they can be changed
 * one after the other. Without keys text is stored as it is, and what was stored so stays readable with one.
 */
export function createSeal(encryptionKeys: readonly string[]): Seal {
  const keys = encryptionKeys.map(keyFrom);
  const [newest] = keys;
  return {
    close(plain, place) {
      if (!newest) return plain;
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', newest.bytes, iv).setAAD(Buffer.from(place));
      const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      const text = Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64');
      return `${SEALED_PREFIX}1:${newest.id}:${text}`;
    },
    open(stored, place) {
      if (!stored.startsWith(SEALED_PREFIX)) return stored;
      const [, id, text] = FORM.exec(stored) ?? [];
      if (id === undefined || text === undefined) throw new UnsealError('it is damaged');
      const key = keys.find((one) => one.id === id);
      if (!key)
        throw new UnsealError(`it is sealed with the key ${id}, which is not among POSTHORN_ENCRYPTION_KEYS`);
      return decrypt(key, Buffer.from(text, 'base64'), place);
    },
    isCurrent: (stored) => (newest ? stored.startsWith(`${SEALED_PREFIX}1:${newest.id}:`) : true),
  };
}

function decrypt(key: Key, bytes: Buffer, place: string): string {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key.bytes, bytes.subarray(0, IV_BYTES), {
      authTagLength: TAG_BYTES,
    })
      .setAAD(Buffer.from(place))
      .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    const text = [decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()];
    return Buffer.concat(text).toString('utf8');
  } catch {
    throw new UnsealError('it is damaged, or was sealed for another row');
  }
}

function keyFrom(encryptionKey: string): Key {
  const derive = (purpose: string, bytes: number) =>
    Buffer.from(hkdfSync('sha256', encryptionKey, '', `posthorn ${purpose}`, bytes));
  return { id: derive('key id', 4).toString('hex'), bytes: derive('seal', 32) };
}

import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Of the source or of the built file, as this one is. */
export const PAYLOAD_CONVERTER_PATH = fileURLToPath(
  new URL(`./payload-converter${extname(import.meta.url)}`, import.meta.url),
);

/**
 * The two parts of undici that are used. Its index loads fetch, caches, mocks and WebSockets as well: ninety files and a megabyte
 * of source that each process would keep. undici promises nobody these paths, so package.json names one version of it.
 */
declare module 'undici/lib/dispatcher/client.js' {
  import { Client } from 'undici';
  export default Client;
}

declare module 'undici/lib/core/errors.js' {
  import { errors } from 'undici';
  export default errors;
}

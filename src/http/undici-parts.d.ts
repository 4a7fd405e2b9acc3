/**
 * The two parts of undici that are used. Its index loads fetch, caches, mocks and WebSockets as well: ninety files and a megabyte
 * of source that each process would keep.
 */
declare module 'undici/lib/dispatcher/client.js' {
  import { Client } from 'undici';
  export default Client;
}

declare module 'undici/lib/core/errors.js' {
  import { errors } from 'undici';
  export default errors;
}

import { words } from '../../words/index.ts';

/** What is wrong with an address, as far as it can be told without asking the network; null: nothing. */
export function urlProblem(text: string, isProduction: boolean): string | null {
  const { url: said } = words.edit;
  const written = text.trim();
  if (written === '') return null;
  if (!/^[a-z][a-z0-9+.-]*:/i.test(written)) return said.noProtocol;
  if (!URL.canParse(written)) return said.malformed;
  const url = new URL(written);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return said.protocol(url.protocol);
  if (url.protocol === 'http:' && isProduction) return said.notSecure;
  if (url.username || url.password) return said.credentials;
  if (url.hash || written.endsWith('#')) return said.fragment;
  if (isProduction && /^(localhost|127\.|10\.|192\.168\.|169\.254\.|\[::1\]|.*\.local$)/.test(url.hostname))
    return said.notPublic;
  return null;
}

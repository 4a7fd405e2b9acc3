import type { Need } from '../access/credential.ts';

const TENANT = '^/v1/tenants/[^/]+';

/** The first that fits decides. What none of them names is for admins: a new route is closed until it is listed. */
const RULES: [methods: string, path: RegExp, need: Need][] = [
  ['POST', new RegExp(`${TENANT}/events(/batch)?/?$`), 'publish'],
  ['POST DELETE', new RegExp(`${TENANT}/tokens/?$`), 'admin'],
  ['PUT DELETE', new RegExp(`${TENANT}/?$`), 'admin'],
  ['GET HEAD', new RegExp(`${TENANT}(/|$)`), 'read'],
  ['POST PUT PATCH DELETE', new RegExp(`${TENANT}/(endpoints|deliveries|replays)(/|$)`), 'manage'],
  ['GET HEAD', new RegExp('^/v1/(event-types|egress-ips|me|profiles)(/|$)'), 'any'],
];

/** What a request needs. `path`: as it was sent; the router compares upper and lower case, too. */
export function needOf(method: string, path: string): Need {
  const rule = RULES.find(([methods, pattern]) => methods.split(' ').includes(method) && pattern.test(path));
  return rule ? rule[2] : 'admin';
}

/** The tenant that a path is about; null: none. Throws a URIError for what is no encoding. */
export function tenantOf(path: string): string | null {
  const [, encoded] = /^\/v1\/tenants\/([^/]+)/.exec(path) ?? [];
  return encoded === undefined ? null : decodeURIComponent(encoded);
}

/** What the form holds: text as it is typed, and what is made of it for the API. */
import type { Endpoint, EndpointInput, Profile } from '../../api/types.ts';
import { numberOf } from '../../numbers.ts';
import { listOf, retriesOf, retryDraftOf, type RetryDraft } from './retry-draft.ts';

export interface Draft extends RetryDraft {
  url: string;
  name: string;
  profile: string;
  method: 'POST' | 'PUT' | '';
  secretFrom: 'generated' | 'own' | 'none';
  secret: string;
  signature: 'hmac' | 'ed25519' | 'both';
  events: string[];
  environments: ('production' | 'staging' | 'development')[];
  timeout: string;
  ordering: 'none' | 'fifo';
  perSecond: string;
  burst: string;
  maxInFlight: string;
  auth: 'none' | 'bearer' | 'basic' | 'kept';
  token: string;
  username: string;
  password: string;
  headers: { name: string; value: string }[];
  verifyTls: boolean;
  ca: string;
  certificate: 'none' | 'own' | 'kept';
  certificatePem: string;
  keyPem: string;
  allowedIps: string;
  notify: boolean;
  emails: string;
  disableAfterDays: string;
  probe: boolean;
  template: 'none' | 'slack' | 'discord' | 'teams' | 'jsonata';
  title: string;
  fields: string;
  link: string;
  jsonata: string;
}

export const EMPTY: Draft = {
  ...{
    url: '',
    name: '',
    profile: 'standard',
    method: '',
    secretFrom: 'generated',
    secret: '',
    signature: 'hmac',
  },
  ...{
    events: ['*'],
    environments: ['production'],
    retries: 'profile',
    maxRetries: '',
    delay: '60',
    schedule: '',
  },
  ...{ timeout: '', ordering: 'none', perSecond: '', burst: '', maxInFlight: '', auth: 'none', token: '' },
  ...{
    username: '',
    password: '',
    headers: [],
    verifyTls: true,
    ca: '',
    certificate: 'none',
    certificatePem: '',
  },
  ...{
    keyPem: '',
    allowedIps: '',
    notify: true,
    emails: '',
    disableAfterDays: '5',
    probe: false,
    template: 'none',
  },
  ...{ title: '', fields: '', link: '', jsonata: '' },
};

const textOf = (value: number | null): string => (value === null ? '' : String(value));

export function draftOf(endpoint: Endpoint, profile: Profile): Draft {
  const { template, rate_limit: rate, auth } = endpoint;
  const preset = template && 'preset' in template ? template : null;
  return {
    ...EMPTY,
    ...{ url: endpoint.url, name: endpoint.name ?? '', profile: endpoint.profile, method: endpoint.method },
    ...{ signature: endpoint.signature, events: endpoint.events, environments: endpoint.environments },
    ...retryDraftOf(endpoint, profile),
    ...{ timeout: String(endpoint.timeout_seconds), ordering: endpoint.ordering },
    ...{ perSecond: textOf(rate?.per_second ?? null), burst: textOf(rate?.burst ?? null) },
    maxInFlight: textOf(endpoint.max_in_flight),
    auth: auth === null ? 'none' : 'kept',
    headers: Object.entries(endpoint.headers).map(([name, value]) => ({ name, value })),
    ...{ verifyTls: endpoint.verify_tls, ca: endpoint.ca ?? '' },
    certificate: endpoint.client_certificate === null ? 'none' : 'kept',
    allowedIps: endpoint.allowed_ips.join('\n'),
    ...{ notify: endpoint.notify_on_failure, emails: endpoint.notify_emails.join(', ') },
    ...{ disableAfterDays: textOf(endpoint.disable_after_days), probe: endpoint.probe },
    template: preset ? preset.preset : template ? 'jsonata' : 'none',
    ...{ title: preset?.title ?? '', fields: preset?.fields?.join('\n') ?? '', link: preset?.link ?? '' },
    jsonata: template && 'jsonata' in template ? template.jsonata : '',
  };
}

export function inputOf(draft: Draft): EndpointInput {
  return {
    url: draft.url.trim(),
    name: draft.name.trim() || null,
    profile: draft.profile,
    ...(draft.method && { method: draft.method }),
    ...(draft.secretFrom === 'own' && { secret: draft.secret }),
    ...(draft.secretFrom === 'none' && { secret: null }),
    signature: draft.signature,
    events: draft.events,
    environments: draft.environments,
    timeout_seconds: numberOf(draft.timeout),
    ...retriesOf(draft),
    ordering: draft.ordering,
    rate_limit:
      numberOf(draft.perSecond) === null
        ? null
        : { per_second: numberOf(draft.perSecond)!, burst: numberOf(draft.burst) ?? 1 },
    max_in_flight: numberOf(draft.maxInFlight),
    ...(draft.auth !== 'kept' && { auth: authOf(draft) }),
    headers: Object.fromEntries(
      draft.headers.filter(({ name }) => name.trim() !== '').map(({ name, value }) => [name.trim(), value]),
    ),
    verify_tls: draft.verifyTls,
    ca: draft.ca.trim() || null,
    ...(draft.certificate !== 'kept' && {
      client_certificate:
        draft.certificate === 'none' ? null : { certificate: draft.certificatePem, key: draft.keyPem },
    }),
    allowed_ips: listOf(draft.allowedIps),
    notify_on_failure: draft.notify,
    notify_emails: listOf(draft.emails),
    disable_after_days: numberOf(draft.disableAfterDays),
    probe: draft.probe,
    template: templateOf(draft),
  };
}

function authOf({ auth, token, username, password }: Draft): EndpointInput['auth'] {
  if (auth === 'bearer') return { type: 'bearer', token };
  return auth === 'basic' ? { type: 'basic', username, password } : null;
}

function templateOf({ template, title, fields, link, jsonata }: Draft): EndpointInput['template'] {
  if (template === 'none') return null;
  if (template === 'jsonata') return { jsonata };
  return {
    preset: template,
    ...(title && { title }),
    ...(fields.trim() && { fields: listOf(fields) }),
    ...(link && { link }),
  };
}

function differencesOf(before: Draft, after: Draft): Partial<EndpointInput> {
  const [was, is] = [inputOf(before), inputOf(after)] as Record<string, unknown>[];
  const different = Object.entries(is!).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(was![name]),
  );
  return Object.fromEntries(different);
}

/** What a PATCH has to say: only what differs, so that what cannot be shown (tokens, masked headers) stays as it is. */
export function changesOf(before: Draft, after: Draft): Partial<EndpointInput> {
  const changes = differencesOf(before, after);
  const retries = retriesOf(after);
  return Object.keys(retries).some((name) => name in changes) ? { ...changes, ...retries } : changes;
}

/** What the API calls these parts of the form. */
export function fieldsOf(stored: Draft, typed: Draft, parts: readonly (keyof Draft)[]): string[] {
  const changed = Object.fromEntries(parts.map((part) => [part, typed[part]])) as Partial<Draft>;
  return Object.keys(differencesOf(stored, { ...stored, ...changed }));
}

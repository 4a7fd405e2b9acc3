/** What a notice says as a mail: text and HTML. Ids, names, hosts and errors only; no secret, no payload, no URL of an endpoint. Pure. */
import type { ClosedNotice } from '../store/notices.ts';

export interface MailText {
  subject: string;
  text: string;
  html: string;
}

export interface MailSettings {
  /** Where the API is for people; null: links are shown as paths. */
  publicUrl: string | null;
  mailsPerHour: number;
}

/** A line of a mail, with what it is about, or where to look. */
type Line = { label: string; value: string } | { link: string; about: string } | string;

const MAX_SUBJECT_CHARS = 150;
const MAX_NAME_CHARS = 80;

export function composeMail(notice: ClosedNotice, settings: MailSettings): MailText {
  const name = `${plain(notice.name ?? notice.endpointId)} (${plain(notice.host ?? 'deleted')})`;
  const [title, lines] = SAID[notice.kind](notice, name, settings);
  const all = [...lines, ...aboutLimit(notice, settings)];
  return {
    subject: plain(title, MAX_SUBJECT_CHARS),
    text: `${[title, ...all.map(asText), FOOTER].join('\n\n')}\n`,
    html: `<!doctype html><html><body style="font-family: sans-serif; max-width: 40em">\n<h3>${escapeHtml(title)}</h3>\n${all
      .map((line) => `<p>${asHtml(line)}</p>`)
      .join('\n')}\n<p style="color: #666">${escapeHtml(FOOTER)}</p>\n</body></html>\n`,
  };
}

const FOOTER = 'You get this because your address is among notify_emails of the endpoint or its tenant.';

type Say = (notice: ClosedNotice, name: string, settings: MailSettings) => [title: string, lines: Line[]];

const SAID: Record<ClosedNotice['kind'], Say> = {
  'delivery.exhausted': (notice, name, settings) => {
    const { deliveries, deliveryIds, openedAt, lastAt } = notice;
    const which = deliveries === 1 ? 'A webhook' : `${deliveries} webhooks`;
    const more = deliveries - deliveryIds.length;
    return [
      `${which} could not be delivered to ${name}`,
      [
        'All attempts of the schedule have failed, and no more are made by themselves. What failed is kept and can be sent again.',
        ...about(notice),
        {
          label: 'Failed',
          value: deliveries === 1 ? time(openedAt) : `${time(openedAt)} to ${time(lastAt)}`,
        },
        ...lastError(notice),
        { label: 'Deliveries', value: `${deliveryIds.join(', ')}${more > 0 ? ` and ${more} more` : ''}` },
        { link: logUrl(notice, settings), about: 'The log' },
      ],
    ];
  },
  'endpoint.failing': (notice, name, settings) => [
    `Nothing has been delivered to ${name} for some time`,
    [
      'Every attempt has failed since then. If that goes on for as long again, the endpoint will be disabled: what is published for it will be held, and delivered when it is enabled.',
      ...about(notice),
      ...lastError(notice),
      { link: logUrl(notice, settings), about: 'The log' },
    ],
  ],
  'endpoint.disabled': (notice, name, settings) => [
    `${name} has been disabled`,
    [
      notice.reason === 'gone'
        ? 'It answered 410 Gone: nothing is sent to it any more.'
        : 'Every attempt has failed for too long: nothing is sent to it any more.',
      'What is published for it is held. Mend it, then enable it: what is held is delivered then.',
      ...about(notice),
      ...lastError(notice),
      { link: endpointUrl(notice, settings), about: 'To enable it, POST to' },
    ],
  ],
  'endpoint.recovered': (notice, name) => [
    `${name} answers again`,
    ['It has been enabled, and what was held for it is being delivered.', ...about(notice)],
  ],
};

function about({ tenantId, endpointId, failingSince }: ClosedNotice): Line[] {
  const lines: Line[] = [
    { label: 'Endpoint', value: endpointId },
    { label: 'Tenant', value: tenantId },
  ];
  return failingSince ? [...lines, { label: 'Failing since', value: time(failingSince) }] : lines;
}

function lastError({ lastStatusCode, lastErrorClass, lastErrorMessage }: ClosedNotice): Line[] {
  if (lastStatusCode === null && lastErrorClass === null) return [];
  const code = lastStatusCode === null ? [] : [`HTTP ${lastStatusCode}`];
  const words = lastErrorMessage ?? lastErrorClass;
  const parts = words === null || code.includes(words) ? code : [...code, words];
  return [{ label: 'Last error', value: plain(parts.join(': '), 400) }];
}

/** The limit's last mail says that it is, and the next one how much there was between. */
function aboutLimit({ grantedNumber, unmailed }: ClosedNotice, { mailsPerHour }: MailSettings): Line[] {
  const lines: Line[] = [];
  if (unmailed > 0)
    lines.push(
      `${unmailed} more ${unmailed === 1 ? 'notice' : 'notices'} of this tenant ${unmailed === 1 ? 'was' : 'were'} not mailed in the last hour: GET …/notifications has them.`,
    );
  if (grantedNumber !== null && grantedNumber >= mailsPerHour)
    lines.push(
      `This was the last of ${mailsPerHour} mails that a tenant gets in an hour. What else there is to tell is in GET …/notifications.`,
    );
  return lines;
}

const pathOf = ({ tenantId }: ClosedNotice): string => `/v1/tenants/${encodeURIComponent(tenantId)}`;

/** A little earlier than the first attempt of what failed cannot be known: all that failed, newest first. */
const logUrl = (notice: ClosedNotice, { publicUrl }: MailSettings): string =>
  `${publicUrl ?? ''}${pathOf(notice)}/deliveries?endpoint_id=${notice.endpointId}&status=failed,retrying`;

const endpointUrl = (notice: ClosedNotice, { publicUrl }: MailSettings): string =>
  `${publicUrl ?? ''}${pathOf(notice)}/endpoints/${notice.endpointId}/enable`;

const time = (date: Date): string => date.toISOString().replace(/\.\d+Z$/, 'Z');

function asText(line: Line): string {
  if (typeof line === 'string') return line;
  return 'link' in line ? `${line.about}: ${line.link}` : `${line.label}: ${line.value}`;
}

function asHtml(line: Line): string {
  if (typeof line === 'string') return escapeHtml(line);
  if ('label' in line) return `<b>${escapeHtml(line.label)}:</b> ${escapeHtml(line.value)}`;
  const link = escapeHtml(line.link);
  const shown = /^https?:/.test(line.link) ? `<a href="${link}">${link}</a>` : `<code>${link}</code>`;
  return `${escapeHtml(line.about)}: ${shown}`;
}

/** One line without what controls terminals, headers or the direction of writing. */
export function plain(text: string, maxChars = MAX_NAME_CHARS): string {
  const line = text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return line.length <= maxChars ? line : `${line.slice(0, maxChars - 1)}…`;
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

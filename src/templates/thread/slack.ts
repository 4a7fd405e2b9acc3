/** For an incoming webhook of Slack: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
import type { Preset } from '../template.ts';
import type { Input } from './input.ts';
import { messageOf } from './message.ts';

/** Slack's own are 150 for a header, 2,000 for a field; a field's text grows by what is escaped. */
const LIMITS = { titleChars: 150, labelChars: 60, valueChars: 300 };
const FIELDS_PER_SECTION = 10;

export function slackBody(preset: Preset, input: Input): object {
  const { title, fields, link } = messageOf(preset, input, LIMITS);
  const sections: object[] = [];
  for (let from = 0; from < fields.length; from += FIELDS_PER_SECTION) {
    const some = fields.slice(from, from + FIELDS_PER_SECTION);
    sections.push({
      type: 'section',
      fields: some.map(({ label, value }) => markdown(`*${escaped(label)}*\n${escaped(value)}`)),
    });
  }
  const when = Math.floor(Date.parse(input.timestamp) / 1000);
  const context = `${escaped(input.type)} · <!date^${when}^{date_short_pretty} {time}|${input.timestamp}>`;
  return {
    // Shown in notifications.
    text: escaped(title),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: title } },
      ...sections,
      ...(link ? [{ type: 'section', text: markdown(`<${linkUrl(link)}|Open>`) }] : []),
      { type: 'context', elements: [markdown(context)] },
    ],
  };
}

const markdown = (text: string) => ({ type: 'mrkdwn', text });

/** All that is special in Slack's texts: nobody is mentioned, and nothing is linked, by what an event says. */
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const linkUrl = (url: string): string => escaped(url).replaceAll('|', '%7C');

/** For a Teams channel's workflow "when a webhook request is received": an adaptive card. */
import type { Preset } from '../template.ts';
import type { Input } from './input.ts';
import { messageOf } from './message.ts';

/** Teams takes 28 KB in all. */
const LIMITS = { titleChars: 250, labelChars: 60, valueChars: 200 };

export function teamsBody(preset: Preset, input: Input): object {
  const { title, fields, link } = messageOf(preset, input, LIMITS);
  const facts = fields.map(({ label, value }) => ({ title: plain(label), value: plain(value) }));
  const card = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      { type: 'TextBlock', size: 'Medium', weight: 'Bolder', wrap: true, text: plain(title) },
      ...(facts.length > 0 ? [{ type: 'FactSet', facts }] : []),
      {
        type: 'TextBlock',
        isSubtle: true,
        size: 'Small',
        wrap: true,
        text: `${input.type} · ${input.timestamp}`,
      },
    ],
    ...(link ? { actions: [{ type: 'Action.OpenUrl', title: 'Open', url: link }] } : {}),
  };
  return {
    type: 'message',
    attachments: [
      { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content: card },
    ],
  };
}

/** Cards read Markdown: links and emphasis that an event brings along stay text. */
const plain = (text: string): string => text.replaceAll(/[\\*_[\]()~`]/g, '\\$&');

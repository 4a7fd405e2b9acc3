/** For a webhook of Discord: https://discord.com/developers/docs/resources/webhook#execute-webhook */
import type { Preset } from '../template.ts';
import type { Input } from './input.ts';
import { messageOf } from './message.ts';

/** Discord takes 256, 256 and 1,024, and 6,000 in all. */
const LIMITS = { titleChars: 250, labelChars: 60, valueChars: 200 };
const SHORT_CHARS = 40;

export function discordBody(preset: Preset, input: Input): object {
  const { title, fields, link } = messageOf(preset, input, LIMITS);
  return {
    embeds: [
      {
        title,
        ...(link ? { url: link } : {}),
        timestamp: input.timestamp,
        fields: fields.map(({ label, value }) => ({
          name: label,
          value,
          inline: value.length <= SHORT_CHARS,
        })),
        footer: { text: input.type },
      },
    ],
    // Nobody is mentioned by what an event says.
    allowed_mentions: { parse: [] },
  };
}

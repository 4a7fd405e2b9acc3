import type { Preset } from '../template.ts';
import { shortened, shown, valueAt, type Input } from './input.ts';

/** What all presets say, each in its own way. */
export interface Message {
  title: string;
  fields: { label: string; value: string }[];
  /** http or https. */
  link: string | null;
}

export interface MessageLimits {
  titleChars: number;
  labelChars: number;
  valueChars: number;
}

const MEMBERS_SHOWN = 10;

export function messageOf(preset: Preset, input: Input, limits: MessageLimits): Message {
  const title = (preset.title ?? '{type}').replaceAll(/\{([^{}\s]{1,200})\}/g, (_, path: string) =>
    shown(valueAt(input, path), limits.titleChars),
  );
  const paths =
    preset.fields ??
    Object.keys(input.data)
      .slice(0, MEMBERS_SHOWN)
      .map((name) => `data.${name}`);
  const fields = paths.map((path) => ({
    label: shortened(labelOf(path), limits.labelChars),
    // A member of the data may have a dot in its name.
    value: shown(
      preset.fields ? valueAt(input, path) : input.data[path.slice('data.'.length)],
      limits.valueChars,
    ),
  }));
  return {
    title: shortened(title, limits.titleChars),
    fields,
    link: preset.link ? urlAt(input, preset.link) : null,
  };
}

/** `data.visitor_email`: Visitor email. */
function labelOf(path: string): string {
  const words = path
    .slice(path.lastIndexOf('.') + 1)
    .replaceAll(/[_-]+/g, ' ')
    .trim();
  return words === '' ? path : words[0]!.toUpperCase() + words.slice(1);
}

const MAX_URL_CHARS = 2_000;

function urlAt(input: Input, path: string): string | null {
  const value = valueAt(input, path);
  if (typeof value !== 'string' || !URL.canParse(value)) return null;
  const { href, protocol } = new URL(value);
  return /^https?:$/.test(protocol) && href.length <= MAX_URL_CHARS ? href : null;
}

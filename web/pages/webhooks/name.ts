import { visible } from '../../ui/visible.ts';

/** What a webhook is called where it has no name: its host. */
export function nameOf({ name, url }: { name: string | null; url: string }): string {
  if (name) return visible(name);
  return URL.canParse(url) ? new URL(url).host : visible(url);
}

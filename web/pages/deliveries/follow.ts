/** A stream of changes of the first page of a list, for as long as it flows. */
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { fetchSignedIn } from '../../api/client.ts';
import type { Change } from './poll.ts';

/** It begins with what there is. What stands between may keep it back until it has more: then there is none to be had. */
const FIRST_BYTES_MS = 8_000;
/** The server says something every 15 s, if only that it is there. */
const SILENT_MS = 40_000;

/** Ends when the stream does; throws when it cannot be had, or has gone silent. */
export async function follow(
  url: string,
  signal: AbortSignal,
  onChange: (change: Change) => void,
): Promise<void> {
  const silent = new AbortController();
  let timer = setTimeout(() => silent.abort(), FIRST_BYTES_MS);
  const heard = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      clearTimeout(timer);
      timer = setTimeout(() => silent.abort(), SILENT_MS);
      controller.enqueue(chunk);
    },
  });
  try {
    const both = AbortSignal.any([signal, silent.signal]);
    const response = await fetchSignedIn(new Request(url, { signal: both }));
    if (!response.ok || !response.body) throw new Error(`answered ${response.status}`);
    const events = response.body
      .pipeThrough(heard)
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(new EventSourceParserStream());
    const reader = events.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      if (value.event === 'deliveries') onChange(JSON.parse(value.data) as Change);
    }
  } finally {
    clearTimeout(timer);
  }
}

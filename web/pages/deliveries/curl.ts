/** What is needed of a delivery with its attempts. */
interface Sent {
  attempts: {
    number: number;
    request: { method: string; url: string; headers: Record<string, string> | null };
  }[];
  request_body: string | null;
}

/** For sh and its like, and for fish, where a backslash within quotes means something. */
const quoted = (text: string): string => `'${text.replaceAll(/['\\]/g, "'\\$&'")}'`;

/** The last attempt as a command. What is masked in it stays masked: credentials have to be put in by hand. */
export function curlOf({ attempts, request_body: body }: Sent, number?: number): string {
  const attempt = attempts.find((one) => one.number === number) ?? attempts.at(-1);
  if (!attempt) return '';
  const { method, url, headers } = attempt.request;
  const lines = [
    `curl -i --globoff -X ${method} ${quoted(url)}`,
    ...Object.entries(headers ?? {}).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(body === null ? [] : [`--data-raw ${quoted(body)}`]),
  ];
  return lines.join(' \\\n  ');
}

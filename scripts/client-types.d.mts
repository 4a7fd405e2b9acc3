/** File → text. */
export function clientTypes(): Promise<Record<string, string>>;

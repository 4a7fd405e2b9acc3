export const NEEDED_MAJOR: number;
export interface FindNodeOptions {
  version?: string;
  cacheDir?: string;
  install?: (dir: string) => void;
  say?: (line: string) => void;
}
export function findNode(options?: FindNodeOptions): string | null;
export function programIn(dir: string): string;

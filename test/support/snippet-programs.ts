/** The least program around the dashboard's code for receivers, in each language: a JSON list of cases goes in, one of answers comes out. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';

export interface SnippetCase {
  what: string;
  /** Which of the pieces of code is asked. */
  snippet: number;
  secret: string;
  /** Names in lower case; each program hands them over as servers in its language do. */
  headers: Record<string, string>;
  body: string;
  isGenuine: boolean;
}

interface Program {
  /** Says whether the language is on this machine. */
  version: [string, ...string[]];
  command: [string, ...string[]];
  files(snippets: string[]): Record<string, string>;
}

export const PROGRAMS: Record<'Node' | 'Python' | 'Go' | 'PHP', Program> = {
  Node: {
    version: [process.execPath, '--version'],
    command: [process.execPath, 'main.mjs'],
    files: (snippets) => ({
      ...filesOf(snippets, (at) => `snippet${at}.mjs`),
      'main.mjs': `import { readFileSync } from 'node:fs';
const answers = [];
for (const { snippet, secret, headers, body } of JSON.parse(readFileSync(0, 'utf8'))) {
  const { isGenuine } = await import(\`./snippet\${snippet}.mjs\`);
  try { answers.push(isGenuine(secret, headers, Buffer.from(body))); } catch (error) { answers.push(error.message); }
}
console.log(JSON.stringify(answers));`,
    }),
  },
  Python: {
    version: ['python3', '--version'],
    command: ['python3', 'main.py'],
    files: (snippets) => ({
      ...filesOf(snippets, (at) => `snippet${at}.py`),
      'main.py': `import importlib, json, sys
def answer(case):
    is_genuine = importlib.import_module(f"snippet{case['snippet']}").is_genuine
    headers = {name.title(): value for name, value in case["headers"].items()}
    try:
        return is_genuine(case["secret"], headers, case["body"].encode())
    except ValueError as error:
        return str(error)
print(json.dumps([answer(case) for case in json.load(sys.stdin)]))`,
    }),
  },
  Go: {
    version: ['go', 'version'],
    command: ['go', 'run', '.'],
    files: (snippets) => ({
      ...filesOf(snippets, (at) => `snippet${at}/webhook.go`),
      'go.mod': 'module receiver\n\ngo 1.21\n',
      'main.go': `package main
import ("encoding/json"; "net/http"; "os"
${snippets.map((_, at) => `snippet${at} "receiver/snippet${at}"`).join('\n')})
func main() {
	var cases []struct { Snippet int; Secret, Body string; Headers map[string]string }
	if err := json.NewDecoder(os.Stdin).Decode(&cases); err != nil { panic(err) }
	snippets := []func(string, http.Header, []byte) bool{ ${snippets.map((_, at) => `snippet${at}.IsGenuine`).join(', ')} }
	answers := []bool{}
	for _, one := range cases {
		header := http.Header{}
		for name, value := range one.Headers { header.Set(name, value) }
		answers = append(answers, snippets[one.Snippet](one.Secret, header, []byte(one.Body)))
	}
	json.NewEncoder(os.Stdout).Encode(answers)
}`,
    }),
  },
  PHP: {
    version: ['php', '--version'],
    command: ['php', 'main.php'],
    files: (snippets) => ({
      // All of them define the same function: each gets a namespace.
      ...filesOf(
        snippets.map((code, at) =>
          code.replace('<?php', `<?php\nnamespace Snippet${at};\nuse InvalidArgumentException;`),
        ),
        (at) => `snippet${at}.php`,
      ),
      'main.php': `<?php
$answers = [];
foreach (json_decode(stream_get_contents(STDIN), true) as $case) {
    require_once __DIR__ . "/snippet{$case['snippet']}.php";
    $headers = [];
    foreach ($case['headers'] as $name => $value) $headers[ucwords($name, '-')] = $value;
    try { $answers[] = ("Snippet{$case['snippet']}\\\\isGenuine")($case['secret'], $headers, $case['body']); }
    catch (InvalidArgumentException $error) { $answers[] = $error->getMessage(); }
}
echo json_encode($answers);`,
    }),
  },
};

const filesOf = (snippets: string[], nameOf: (at: number) => string): Record<string, string> =>
  Object.fromEntries(snippets.map((code, at) => [nameOf(at), code]));

export const isThere = ({ version: [program, ...args] }: Program): boolean =>
  spawnSync(program, args).status === 0;

/** One process for all cases. true and false are what the code answered, a text is its complaint. */
export async function answersOf(
  { command: [program, ...args], files }: Program,
  folder: string,
  snippets: string[],
  cases: SnippetCase[],
): Promise<unknown[]> {
  for (const [name, content] of Object.entries(files(snippets))) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  const offline = { GOFLAGS: '', GO111MODULE: 'on', GOWORK: 'off', GOPROXY: 'off', GOTOOLCHAIN: 'local' };
  const child = execFile(program, args, { cwd: folder, env: { ...process.env, ...offline } });
  child.stdin!.end(JSON.stringify(cases));
  const [printed, complaints] = await Promise.all([text(child.stdout!), text(child.stderr!)]);
  if (printed === '') throw new Error(`${program}: ${complaints}`);
  return JSON.parse(printed) as unknown[];
}

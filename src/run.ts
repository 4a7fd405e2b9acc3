import pino from 'pino';
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { noteApiUrl, readOrMakeApiKey } from './api-key.ts';
import { STOP_LIMIT_MS } from './closers.ts';
import { loadConfig, type Config } from './config.ts';
import { startReceiver, type Receiver } from './dev/receiver.ts';
import { createReceivedVerifier } from './dev/verify-received.ts';
import { startEmbedded } from './embedded/index.ts';
import { passwordFile } from './embedded/postgres-files.ts';
import { startPosthorn, type Posthorn } from './posthorn.ts';
import { SEARCH_ATTRIBUTES } from './temporal/names.ts';
import { welcomeText } from './welcome.ts';

type Stoppable = { stop(): Promise<void> };

const SAME_SIGNAL_MS = 1_000;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function workflowBundlePath(): string {
  const path = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));
  if (!existsSync(path)) throw new Error(`${path} is missing: run "npm run build".`);
  return path;
}

/** An api and a worker that each started servers of their own would never meet. */
function requireSharedServers({ role, databaseUrl, temporalAddress }: Config): void {
  if (role === 'all' || (databaseUrl !== null && temporalAddress !== null)) return;
  throw new Error(
    `POSTHORN_ROLE=${role} is a part of a whole that shares its servers: set DATABASE_URL and TEMPORAL_ADDRESS to ` +
      "them, the same for every process. (Posthorn's own servers come with POSTHORN_ROLE=all, the default.)",
  );
}

async function startDevReceiver(config: Config, posthorn: Posthorn): Promise<Receiver> {
  let url = '';
  const verify = createReceivedVerifier(posthorn.endpointStore, posthorn.profiles, () => url);
  const wanted = config.receiverPort ?? config.port + 1;
  const receiver = await startReceiver({ port: wanted, log: say, verify }).catch((error: unknown) => {
    if (config.receiverPort !== null) throw error;
    return startReceiver({ port: 0, log: say, verify });
  });
  url = receiver.url;
  return receiver;
}

async function run(): Promise<void> {
  const started: Stoppable[] = [];
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= stopAll(started));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void onSignal(stop));

  try {
    const config = loadConfig(process.env);
    requireSharedServers(config);
    const apiKey = readOrMakeApiKey(config);
    const embedded = await startEmbedded({
      dataDir: config.dataDir,
      port: config.port,
      wantPostgres: config.databaseUrl === null,
      wantTemporal: config.temporalAddress === null,
      searchAttributes: SEARCH_ATTRIBUTES,
      log: say,
    });
    started.push(embedded);
    const posthorn = await startPosthorn({
      config,
      apiKey,
      databaseUrl: config.databaseUrl ?? embedded.databaseUrl!,
      temporalAddress: config.temporalAddress ?? embedded.temporalAddress!,
      workflowBundle: { codePath: workflowBundlePath() },
      temporalUiUrl: embedded.temporalUiUrl ?? null,
      showMail: config.env === 'development' ? say : null,
      log: pino({ level: config.logLevel }),
    });
    started.push(posthorn);
    if (config.apiKey === null && posthorn.url) noteApiUrl(config.dataDir, posthorn.url);
    if (config.temporalAddress === null) await posthorn.ready;
    const dev = config.env === 'development' && config.role === 'all';
    const receiver = dev ? await startDevReceiver(config, posthorn) : null;
    if (receiver) started.push(receiver);
    const temporalUiUrl = embedded.temporalUiUrl ?? null;
    const shown = config.env === 'production' ? null : apiKey;
    if (posthorn.url)
      say(
        welcomeText({
          apiUrl: posthorn.url,
          temporalUiUrl,
          temporalAddress: embedded.temporalAddress ?? null,
          postgres: embedded.databaseUrl
            ? {
                address: new URL(embedded.databaseUrl).host,
                passwordFile: relative('', passwordFile(config.dataDir)),
              }
            : null,
          receiverUrl: receiver?.url ?? null,
          apiKey: shown,
        }),
      );
    else say('Posthorn worker is ready.');
  } catch (error) {
    if (stopping) return;
    process.stderr.write(`\nPosthorn could not start: ${(error as Error).message}\n`);
    await stop();
    process.exit(1);
  }
}

async function stopAll(started: Stoppable[]): Promise<void> {
  if (started.length > 0) say('\nStopping…');
  for (const part of started.reverse()) {
    await part.stop().catch((error: unknown) => process.stderr.write(`While stopping: ${String(error)}\n`));
  }
}

/** The first signal stops cleanly; should that hang, or another come later, it ends anyway. */
let signalledAtMs: number | null = null;
async function onSignal(stop: () => Promise<void>): Promise<void> {
  if (signalledAtMs !== null) {
    // Ctrl-C reaches us twice: from the terminal, and handed on by npm.
    if (performance.now() - signalledAtMs > SAME_SIGNAL_MS) process.exit(1);
    return;
  }
  signalledAtMs = performance.now();
  setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
  await stop();
  say('Stopped.');
  process.exit(process.exitCode ?? 0);
}

await run();

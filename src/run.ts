import pino from 'pino';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readOrMakeApiKey } from './api-key.ts';
import { loadConfig, type Config } from './config.ts';
import { startReceiver, type Receiver } from './dev/receiver.ts';
import { createReceivedVerifier } from './dev/verify-received.ts';
import { startEmbedded } from './embedded/index.ts';
import { startPosthorn, type Posthorn } from './posthorn.ts';
import { SEARCH_ATTRIBUTES } from './temporal/names.ts';
import { welcomeText } from './welcome.ts';

type Stoppable = { stop(): Promise<void> };

/** By then what is under way has ended, or is left to the next start. */
const STOP_LIMIT_MS = 25_000;
const SAME_SIGNAL_MS = 1_000;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function workflowBundlePath(): string {
  const path = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));
  if (!existsSync(path)) throw new Error(`${path} is missing: run "npm run build".`);
  return path;
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
      warmUp: true,
      log: pino({ level: config.logLevel }),
    });
    started.push(posthorn);
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
  say('\nStopping…');
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

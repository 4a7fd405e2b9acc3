import express, { type RequestHandler } from 'express';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { requireApiKey } from './auth.ts';
import type { ApiContext } from './context.ts';
import { errorHandler, notFound } from './errors.ts';
import { deliveryRoutes } from './routes/deliveries.ts';
import { endpointRoutes } from './routes/endpoints.ts';
import { eventTypeRoutes } from './routes/event-types.ts';
import { eventRoutes } from './routes/events.ts';
import { tenantRoutes } from './routes/tenants.ts';

export interface RunningApi {
  url: string;
  /** Takes no new requests and lets those under way finish, for a few seconds. */
  stop(): Promise<void>;
}

/** An event's data may have 1 MiB; the rest is what stands around it. */
const EVENT_LIMIT = (1 << 20) + (64 << 10);
const BATCH_LIMIT = 16 << 20;
const STOP_MS = 3_000;

export async function startApi(context: ApiContext): Promise<RunningApi> {
  const server = createServer(createApp(context));
  server.keepAliveTimeout = 65_000;
  const { port, host } = context.config;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(
        taken ? new Error(`Port ${port} is in use: stop what uses it, or set PORT to another one.`) : error,
      );
    });
    server.listen(port, host, resolve);
  });
  const { port: actualPort } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}`,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), STOP_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}

export function createApp(context: ApiContext): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.get('/healthz', (_request, response) => void response.json({ status: 'ok' }));
  app.get('/readyz', readiness(context));

  const v1 = express.Router();
  v1.use(requireApiKey(context.apiKey));
  // Whatever the content type says: `curl -d` sends a form's, and means JSON.
  v1.use(
    '/v1/tenants/:tenant/events/batch',
    express.json({ limit: BATCH_LIMIT, type: () => true, strict: false }),
  );
  v1.use(express.json({ limit: EVENT_LIMIT, type: () => true, strict: false }));
  tenantRoutes(v1, context);
  endpointRoutes(v1, context);
  eventRoutes(v1, context);
  deliveryRoutes(v1, context);
  eventTypeRoutes(v1, context);
  app.use((request, response, next) =>
    request.path.startsWith('/v1/') ? v1(request, response, next) : next(),
  );

  app.use(notFound);
  app.use(errorHandler(context.log));
  return app;
}

/** 200 when events can be accepted and retried: Postgres answers and Temporal is connected. */
function readiness({ pool, temporal }: ApiContext): RequestHandler {
  return async (_request, response) => {
    const postgres = await pool.query('SELECT 1').then(
      () => true,
      () => false,
    );
    const connected = temporal();
    const temporalOk = connected !== null && (await isServing(connected));
    response.status(postgres && temporalOk ? 200 : 503).json({ postgres, temporal: temporalOk });
  };
}

async function isServing({ connection }: NonNullable<ReturnType<ApiContext['temporal']>>): Promise<boolean> {
  try {
    await connection.withDeadline(Date.now() + 2_000, () => connection.workflowService.getSystemInfo({}));
    return true;
  } catch {
    return false;
  }
}

import express, { type RequestHandler, type Router } from 'express';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { authorize } from './auth.ts';
import type { ApiContext } from './context.ts';
import { errorHandler, notFound, wrongMethod } from './errors.ts';
import { createHttpServer, SERVER_LIMITS } from './http-server.ts';
import { jsonBody } from './json-body.ts';
import { createPublishRoute } from './publish.ts';
import { auditRoutes } from './routes/audit.ts';
import { attemptRoutes } from './routes/attempts.ts';
import { dashboard } from './routes/dashboard.ts';
import { docsRoutes } from './routes/docs.ts';
import { deliveryRoutes } from './routes/deliveries.ts';
import { egressRoutes } from './routes/egress.ts';
import { endpointRoutes } from './routes/endpoints.ts';
import { eventTypeRoutes } from './routes/event-types.ts';
import { eventRoutes } from './routes/events.ts';
import { keyRoutes } from './routes/keys.ts';
import { liveRoutes } from './routes/live.ts';
import { meRoutes } from './routes/me.ts';
import { notificationRoutes } from './routes/notifications.ts';
import { operationsRoutes } from './routes/operations.ts';
import { statsRoutes } from './routes/stats.ts';
import { replayRoutes } from './routes/replays.ts';
import { testRoutes } from './routes/tests.ts';
import { tenantRoutes } from './routes/tenants.ts';
import { protect } from './security-headers.ts';

export interface RunningApi {
  url: string;
  /** Takes no new requests and lets those under way finish, for a few seconds. */
  stop(): Promise<void>;
}

/** An event's data may have 1 MiB; the rest is what stands around it. */
const EVENT_LIMIT = (1 << 20) + (64 << 10);
const BATCH_LIMIT = 16 << 20;
/** Of an OpenAPI document. */
const DOCUMENT_LIMIT = 4 << 20;
export const STOP_MS = 3_000;

export async function startApi(context: ApiContext): Promise<RunningApi> {
  const { port, host, maxConnections } = context.config;
  const ends: (() => void)[] = [];
  const listener = createListener({ ...context, onStop: (end) => ends.push(end) });
  const server = createHttpServer(listener, { ...SERVER_LIMITS, connections: maxConnections });
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
      for (const end of ends) end();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), STOP_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}

export function createListener(context: ApiContext): RequestListener {
  const publish = createPublishRoute(context, EVENT_LIMIT);
  const app = createApp(context);
  return (request, response) => {
    if (publish(request, response)) return;
    protect(response);
    app(request, response);
  };
}

export function createApp(context: ApiContext): express.Express {
  const app = express();
  const authorized = authorize(context.access.authenticator);
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  docsRoutes(app);
  app.use(forgetCaches);
  app.get('/healthz', (_request, response) => void response.json({ status: 'ok' }));
  app.get('/readyz', context.readiness);
  app.get('/metrics', authorized, context.metricsPage);

  const v1 = createV1(context, authorized);
  app.use((request, response, next) =>
    request.path.startsWith('/v1/') ? v1(request, response, next) : next(),
  );

  const { frameAncestors = [], env } = context.config ?? {};
  app.use(dashboard({ frameAncestors, keepsFiles: env === 'production' }));
  app.use(notFound);
  app.use(errorHandler(context.log));
  return app;
}

/** Nothing here has a tag, so nobody can have it already; Express would answer 304 to `If-None-Match: *`. */
const forgetCaches: RequestHandler = (request, _response, next) => {
  delete request.headers['if-none-match'];
  delete request.headers['if-modified-since'];
  next();
};

export function createV1(context: ApiContext, authorized: RequestHandler): Router {
  // What decides over access compares paths as they are.
  const v1 = express.Router({ caseSensitive: true });
  v1.use(authorized);
  v1.use('/v1/tenants/:tenant/events/batch', ...jsonBody(BATCH_LIMIT));
  v1.use('/v1/event-types/import', ...jsonBody(DOCUMENT_LIMIT));
  v1.use(...jsonBody(EVENT_LIMIT));
  tenantRoutes(v1, context);
  endpointRoutes(v1, context);
  testRoutes(v1, context);
  eventRoutes(v1, context);
  liveRoutes(v1, context);
  deliveryRoutes(v1, context);
  attemptRoutes(v1, context);
  statsRoutes(v1, context);
  replayRoutes(v1, context);
  eventTypeRoutes(v1, context);
  keyRoutes(v1, context);
  auditRoutes(v1, context);
  egressRoutes(v1, context);
  notificationRoutes(v1, context);
  operationsRoutes(v1, context);
  meRoutes(v1, context);
  v1.use(wrongMethod(v1));
  return v1;
}

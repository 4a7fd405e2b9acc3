import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface MetricsServerOptions {
  port: number;
  host: string;
  metrics: RequestHandler;
  readiness: RequestHandler;
}

/** Express would show where in our code it was. */
const withoutStack: ErrorRequestHandler = (error: { status?: number }, _request, response, next) => {
  if (response.headersSent) return next(error);
  response
    .status(error.status ?? 500)
    .type('text/plain')
    .send(error.status ? 'This is no path.\n' : 'This failed.\n');
};

/** A small port for those who watch: no key, nothing of any tenant. A worker, which has no API, is watched here. */
export async function startMetricsServer(options: MetricsServerOptions) {
  const app = express();
  app.disable('x-powered-by');
  app.get('/healthz', (_request, response) => void response.json({ status: 'ok' }));
  app.get('/readyz', options.readiness);
  app.get('/metrics', options.metrics);
  app.use(withoutStack);
  const server = createServer(app).listen(options.port, options.host);
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    throw new Error(`METRICS_PORT ${options.port} is in use: stop what uses it, or choose another one.`);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    stop(): void {
      server.close();
      server.closeAllConnections();
    },
  };
}

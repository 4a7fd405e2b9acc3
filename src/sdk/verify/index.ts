/** Verifying webhooks, wherever they are received: Web Crypto is all that is needed. */
export * from './failure.ts';
export { fastifyPlugin, type FastifyPluginOptions } from './fastify.ts';
export { fetchHandler, honoHandler, type FetchHandlerOptions, type HonoHandlerOptions } from './fetch.ts';
export type { HandlerOptions, OnEvent } from './handler.ts';
export { nodeHandler, type NodeHandlerOptions } from './node.ts';
export * from './webhook.ts';

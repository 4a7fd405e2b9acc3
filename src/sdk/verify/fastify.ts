/** For Fastify. Types are as much of its own as is used, so that it is not needed. */
import { DEFAULT_MAX_BYTES, PLAIN_TEXT, refusalOf, type HandlerOptions, type OnEvent } from './handler.ts';
import { createVerifier } from './webhook.ts';

export interface FastifyRequestLike {
  headers: Record<string, string | string[] | undefined>;
  body: unknown;
  ip: string;
}

export interface FastifyReplyLike {
  code(status: number): FastifyReplyLike;
  headers(headers: Record<string, string>): FastifyReplyLike;
  send(payload?: string): FastifyReplyLike;
}

/** What is asked of the instance; its own types are too many to be said here. */
interface FastifyLike {
  removeAllContentTypeParsers(): unknown;
  addContentTypeParser(
    type: string,
    options: { parseAs: 'buffer'; bodyLimit: number },
    parse: (request: never, body: never, done: (error: null, body: unknown) => void) => void,
  ): unknown;
  route(route: {
    method: ('POST' | 'PUT')[];
    url: string;
    handler: (request: FastifyRequestLike, reply: FastifyReplyLike) => Promise<unknown>;
  }): unknown;
}

export interface FastifyPluginOptions extends HandlerOptions {
  path: string;
  /** Who is connected, for `allowedSources`. By default Fastify's `ip`, as its `trustProxy` says. */
  remoteAddress?: ((request: FastifyRequestLike) => string | undefined) | undefined;
}

/**
 * A route of its own, whose bodies are left as they came; others go on being parsed:
 * `app.register(fastifyPlugin({ path: '/webhooks', secret }, (event) => …))`. Answers as the other handlers do.
 */
export function fastifyPlugin(options: FastifyPluginOptions, onEvent: OnEvent<[FastifyRequestLike]>) {
  const { path: url, maxBytes: bodyLimit = DEFAULT_MAX_BYTES, remoteAddress = ({ ip }) => ip } = options;
  const verify = createVerifier(options);
  return (scope: object, _options: unknown, done: () => void): void => {
    const instance = scope as FastifyLike;
    instance.removeAllContentTypeParsers();
    instance.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit }, (_request, body, parsed) =>
      parsed(null, body),
    );
    instance.route({
      method: ['POST', 'PUT'],
      url,
      handler: async (request, reply) => {
        const body = request.body instanceof Uint8Array ? request.body : '';
        const { headers } = request;
        const event = await verify({ headers, body, remoteAddress: remoteAddress(request) }).catch(refusalOf);
        if ('status' in event) return reply.code(event.status).headers(PLAIN_TEXT).send(event.text);
        await onEvent(event, request);
        return reply.code(204).send();
      },
    });
    done();
  };
}

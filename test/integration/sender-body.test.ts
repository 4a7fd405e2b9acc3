import { describe, expect, it } from 'vitest';
import { expectSockets, startHttp, startSender } from '../support/sender-fixtures.ts';

const KIB = 1024;

describe('the body of an answer', () => {
  it('is kept whole up to 64 KiB', async () => {
    const text = 'a'.repeat(64 * KIB);
    const server = await startHttp((_request, response) => response.end(text));
    const result = await startSender().post(server.url);
    expect(result.responseBody).toBe(text);
    expect(result.responseBodyBytes).toBe(64 * KIB);
  });

  it.each([1, 2, 3])('is cut between characters at 64 KiB (%d bytes before them)', async (before) => {
    const text = 'a'.repeat(before) + '🌍'.repeat(20 * KIB);
    const server = await startHttp((_request, response) => response.end(text));
    const result = await startSender().post(server.url);
    expect(result.error).toBeNull();
    expect(result.responseBody).toBe('a'.repeat(before) + '🌍'.repeat(16 * KIB - 1));
    expect(result.responseBodyBytes).toBe(before + 80 * KIB);
  });

  it('loses NUL and replaces what is not UTF-8', async () => {
    const server = await startHttp((_request, response) =>
      response.end(Buffer.from([0x61, 0, 0xff, 0x62, 0xc3])),
    );
    expect(await startSender().post(server.url)).toMatchObject({
      responseBody: 'a\ufffdb\ufffd',
      responseBodyBytes: 5,
    });
  });

  it('is read to its end up to 1 MiB, and the connection is used again', async () => {
    const server = await startHttp((_request, response) => response.end(Buffer.alloc(900 * KIB, 'x')));
    const sender = startSender();
    for (let i = 0; i < 3; i++) expect((await sender.post(server.url)).responseBodyBytes).toBe(900 * KIB);
    expect(server.sockets).toBe(1);
  });

  it.each([true, false])(
    'of 5 MiB is not read to its end, and the status decides (declared: %s)',
    async (declared) => {
      const server = await startHttp((_request, response) => {
        response.writeHead(200, declared ? { 'content-length': 5 * KIB * KIB } : {});
        response.end(Buffer.alloc(5 * KIB * KIB, 'x'));
      });
      const result = await startSender().post(server.url);
      expect(result).toMatchObject({
        error: null,
        remark: 'the answer is longer than 1 MiB: it was not read to its end',
      });
      expect(result.responseBody.length).toBe(64 * KIB);
      if (declared) expect(result.responseBodyBytes).toBe(5 * KIB * KIB);
      else expect(result.responseBodyBytes).toBeGreaterThan(KIB * KIB);
    },
  );

  it('without an end holds up neither a success nor a failure, nor memory', async () => {
    const chunk = Buffer.alloc(16 * KIB, 'x');
    const server = await startHttp((request, response) => {
      response.writeHead(request.url === '/hook' ? 200 : 500);
      const more = () => {
        while (!response.destroyed && response.write(chunk));
        response.once('drain', more);
      };
      more();
    });
    const sender = startSender();
    const before = process.memoryUsage.rss();
    const results = await Promise.all(
      Array.from({ length: 200 }, (_, i) => sender.post(server.url + (i % 2 ? '/failing' : ''))),
    );
    // The server is in this process too and has its own buffers.
    expect((process.memoryUsage.rss() - before) / KIB / KIB).toBeLessThan(200);
    expect(results.filter(({ error }) => error === null)).toHaveLength(100);
    expect(results.filter(({ error }) => error?.class === 'http')).toHaveLength(100);
    expect(new Set(results.map(({ responseBody }) => responseBody.length))).toEqual(new Set([64 * KIB]));
    await expectSockets(server, 200, 0);
  });
});

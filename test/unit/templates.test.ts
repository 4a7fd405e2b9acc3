import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PRESETS, type Template } from '../../src/templates/template.ts';
import { checkTemplate, renderTemplate } from '../../src/templates/thread/evaluate.ts';

const AROUND = {
  id: 'evt_1',
  type: 'message.created',
  timestamp: '2026-05-17T12:34:56.000Z',
  environment: 'production',
  tenant_id: 'site_abc',
};
const inputOf = (dataJson: string) => `${JSON.stringify(AROUND).slice(0, -1)},"data":${dataJson}}`;
const render = (template: Parameters<typeof renderTemplate>[0], data: string | object) =>
  renderTemplate(template, inputOf(typeof data === 'string' ? data : JSON.stringify(data)));
const bodyOf = async (template: Parameters<typeof renderTemplate>[0], data: string | object) => {
  const rendered = await render(template, data);
  if ('failure' in rendered) throw new Error(rendered.failure);
  return rendered.body;
};

const message = {
  conversation_id: 'conv_xyz',
  sender_type: 'visitor',
  body: "Hi, what's <your> pricing & so on?",
  visitor_email: null,
  url: 'https://example.com/c/1?a=b|c',
};

describe('JSONata', () => {
  it('sees the event, and hands numbers on with all their digits', async () => {
    const jsonata =
      '{"text": type & " in " & tenant_id, "id": data.id, "said": "no. " & data.id, "all": data}';
    expect(await bodyOf({ jsonata }, '{"id":12345678901234567890}')).toBe(
      '{"text":"message.created in site_abc","id":12345678901234567890,"said":"no. 12345678901234567890","all":{"id":12345678901234567890}}',
    );
    expect(await bodyOf({ jsonata: 'data ~> |$|{"more": 1}|' }, '{"id":12345678901234567890}')).toBe(
      '{"id":12345678901234567890,"more":1}',
    );
  });

  it('says what is wrong, and where', () => {
    expect(checkTemplate({ jsonata: '{"a": (data.x }' })).toMatch(/"\)", got "\}".*character 15, after/);
    expect(checkTemplate({ jsonata: '{\n"a": $$$(\n}' })).toMatch(/line \d/);
    expect(checkTemplate({ jsonata: '{"a": 1}' })).toBeNull();
  });

  it.each([
    ['data.body + 1', /must evaluate to a number.*character 11/],
    ['$nothing()', /non-function.*character/],
    ['data.none', /makes nothing/],
    ['function($x){$x}', /a function/],
    ['$sum', /a function/],
    ['$pad("x", 2000000)', /bytes of this event; at most 1048576/],
    ['$error("on purpose")', /on purpose/],
  ])('%s fails in words', async (jsonata, words) => {
    expect(await render({ jsonata }, message)).toMatchObject({
      failure: expect.stringMatching(words) as string,
    });
  });

  it.each([
    'data.constructor',
    '$string.constructor',
    'data.__proto__',
    '$sum.implementation',
    '$eval("data.constructor.constructor")',
  ])('%s reaches nothing of the program', async (jsonata) => {
    expect(await render({ jsonata }, message)).toMatchObject({ failure: 'it makes nothing of this event' });
  });

  it.each([
    '{} ~> |$uppercase|{"implementation": function($s) { "forged" }}|',
    '{} ~> |[1, $uppercase]|{"implementation": function($s) { "forged" }}|',
    '{} ~> |$uppercase|{}, "implementation"|',
    '($clone := function($x) { $x }; {"f": $uppercase} ~> |f|{"implementation": function($s) { "forged" }}|)',
    '$eval("{} ~> |$uppercase|{\\"implementation\\": function($s) { \\"forged\\" }}|")',
    '($f := data.f; $g := $f(?, 1); $g(1))',
  ])('%s changes nothing for the templates after it', async (jsonata) => {
    const update = {
      type: 'unary',
      value: '{',
      lhs: [
        [
          { value: 'implementation', type: 'string' },
          { value: 1, type: 'number' },
        ],
      ],
    };
    const transform = { type: 'transform', pattern: { value: 'uppercase', type: 'variable' }, update };
    const body = {
      type: 'apply',
      value: '~>',
      lhs: { type: 'unary', value: '{', lhs: [] },
      rhs: transform,
    };
    const f = { _jsonata_lambda: true, arguments: [{ value: 'x' }, { value: 'y' }], body };
    expect(await render({ jsonata }, { f })).toMatchObject({
      failure: expect.stringContaining('but no function') as string,
    });
    expect(await bodyOf({ jsonata: '$uppercase(data.text)' }, { text: 'mine' })).toBe('"MINE"');
  });

  it('ends when it waits for what never comes', async () => {
    expect(await render({ jsonata: '{"then": /a/("aa").next}' }, message)).toEqual({
      failure: 'it waits for what never comes',
      isLimit: true,
    });
    expect(await bodyOf({ jsonata: '$count([1..50000].($ * 2))' }, message)).toBe('50000');
  });

  it('leaves nothing of one event for the next', async () => {
    const jsonata = '{"before": $kept, "now": $kept := data.text}';
    await bodyOf({ jsonata }, { text: 'of another' });
    expect(await bodyOf({ jsonata }, { text: 'mine' })).toBe('{"now":"mine"}');
  });
});

describe('presets', () => {
  it('slack: what a receiver of Agentbot would have to build by hand, with nobody mentioned', async () => {
    const template = {
      preset: 'slack',
      title: 'New message from {data.sender_type}',
      fields: ['data.body', 'data.visitor_email'],
      link: 'data.url',
    } satisfies Template;
    expect(JSON.parse(await bodyOf(template, message))).toEqual({
      text: 'New message from visitor',
      blocks: [
        { type: 'header', text: { type: 'plain_text', text: 'New message from visitor' } },
        {
          type: 'section',
          fields: [
            { type: 'mrkdwn', text: "*Body*\nHi, what's &lt;your&gt; pricing &amp; so on?" },
            { type: 'mrkdwn', text: '*Visitor email*\n–' },
          ],
        },
        { type: 'section', text: { type: 'mrkdwn', text: '<https://example.com/c/1?a=b%7Cc|Open>' } },
        {
          type: 'context',
          elements: [
            {
              type: 'mrkdwn',
              text: 'message.created · <!date^1779021296^{date_short_pretty} {time}|2026-05-17T12:34:56.000Z>',
            },
          ],
        },
      ],
    });
  });

  it('discord: an embed', async () => {
    expect(JSON.parse(await bodyOf({ preset: 'discord', link: 'data.url' }, message))).toMatchObject({
      embeds: [
        {
          title: 'message.created',
          url: 'https://example.com/c/1?a=b|c',
          timestamp: AROUND.timestamp,
          fields: [{ name: 'Conversation id', value: 'conv_xyz', inline: true }, {}, {}, {}, {}],
        },
      ],
      allowed_mentions: { parse: [] },
    });
  });

  it('teams: an adaptive card, whose texts are no Markdown', async () => {
    const body = JSON.parse(
      await bodyOf({ preset: 'teams', title: '*{data.body}*', fields: ['data.sender_type'] }, message),
    ) as { attachments: { content: object }[] };
    expect(body.attachments[0]!.content).toMatchObject({
      type: 'AdaptiveCard',
      body: [
        { text: "\\*Hi, what's <your> pricing & so on?\\*" },
        { type: 'FactSet', facts: [{ title: 'Sender type', value: 'visitor' }] },
        {},
      ],
    });
  });

  it('whatever an event holds, it keeps within what Slack, Discord and Teams take', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '&'.repeat(3_000),
        '<@everyone>',
        '𝄞'.repeat(1_000),
        'javascript:alert(1)',
        '_*[x](y)'.repeat(400),
      ),
    );
    const data = fc.dictionary(text, fc.oneof(text, fc.jsonValue(), fc.integer()), { maxKeys: 25 });
    await fc.assert(
      fc.asyncProperty(data, text, fc.constantFrom(...PRESETS), async (any, title, preset) => {
        const json = JSON.stringify(any);
        const fields = Object.keys(any)
          .slice(0, 20)
          .map((name) => `data.${name}`);
        const template = {
          preset,
          title: title || '{data}',
          link: `data.${Object.keys(any)[0]}`,
          ...(fields.length > 0 ? { fields } : {}),
        };
        const body = JSON.parse(await bodyOf(template, json));
        if (preset === 'teams') expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThan(28_000);
        if (preset === 'slack') {
          expect(body.blocks.length).toBeLessThanOrEqual(50);
          expect(body.blocks[0].text.text.length).toBeLessThanOrEqual(150);
          for (const block of body.blocks)
            for (const field of block.fields ?? []) expect(field.text.length).toBeLessThanOrEqual(2_000);
        }
        if (preset === 'discord') {
          const [embed] = body.embeds;
          expect(embed.fields.length).toBeLessThanOrEqual(25);
          const all =
            embed.title +
            embed.footer.text +
            embed.fields.map((field: { name: string; value: string }) => field.name + field.value).join('');
          expect(all.length).toBeLessThanOrEqual(6_000);
          for (const field of embed.fields)
            expect([field.name.length > 0, field.value.length > 0]).toEqual([true, true]);
        }
      }),
    );
  });
});

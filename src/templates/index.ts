/** Bodies made by templates: of an endpoint's own, or of one that is tried. */
import type { Endpoint, EventRecord } from '../domain.ts';
import { Problem } from '../problem.ts';
import { createBreaker } from '../sandbox/breaker.ts';
import { SandboxBusy, TaskError, TaskLimit, type Sandbox } from '../sandbox/pool.ts';
import type { Template } from './template.ts';

/** The bytes to be sent, or why there are none, in words. */
export type Rendered = { body: string } | { failure: string };

/** Whose template it is. */
export type Owner = Pick<Endpoint, 'id' | 'tenantId' | 'updatedAt'>;

export interface Templates {
  /** Waits for its turn. Rejects with SandboxBusy when there is none to be had. */
  render(owner: Owner, template: Template, event: EventRecord): Promise<Rendered>;
  /**
   * For whoever waits for an answer: a Problem about the field `template` where it can never be carried out, or not within
   * the limits. What it fails of with this event is returned.
   */
  tryOut(tenantId: string, template: Template, event: EventRecord): Promise<Rendered>;
}

/** Of the processor, for one body. */
const RENDER_CPU_MS = 500;
const PATIENCE_MS = 60_000;

export function createTemplates(sandbox: Sandbox): Templates {
  const breaker = createBreaker();

  return {
    async render({ id, tenantId, updatedAt }, template, event) {
      // A change of the endpoint is another chance.
      const key = `${id} ${updatedAt.getTime()}`;
      const refusal = () => pauseOf(breaker.closedForSeconds(key));
      try {
        const task = { kind: 'render', template, input: inputOf(event) } as const;
        const work = { tenant: tenantId, lane: id, task, maxCpuMs: RENDER_CPU_MS, refusal };
        const rendered = await sandbox.run({ ...work, patienceMs: PATIENCE_MS });
        if ('failure' in rendered && rendered.isLimit) breaker.strike(key);
        else breaker.clear(key);
        return rendered;
      } catch (error) {
        if (error instanceof TaskError) return { failure: error.message };
        if (!(error instanceof TaskLimit)) throw error;
        breaker.strike(key);
        return { failure: `it ${error.message}` };
      }
    },

    async tryOut(tenantId, template, event) {
      const own = { tenant: tenantId, lane: '', maxCpuMs: RENDER_CPU_MS };
      try {
        const wrong = await sandbox.run({ ...own, task: { kind: 'check-template', template } });
        if (wrong !== null) throw Problem.field(fieldOf(template), wrong);
        const rendered = await sandbox.run({
          ...own,
          task: { kind: 'render', template, input: inputOf(event) },
        });
        if ('failure' in rendered && rendered.isLimit)
          throw Problem.field(fieldOf(template), rendered.failure);
        return rendered;
      } catch (error) {
        if (error instanceof TaskLimit)
          throw Problem.field(fieldOf(template), `${error.message} for an event of type "${event.type}"`);
        if (error instanceof SandboxBusy)
          throw Problem.unavailable('Too many templates are being tried; try again shortly.', 1);
        throw error;
      }
    },
  };
}

const pauseOf = (seconds: number): string | null =>
  seconds === 0 ? null : `it went beyond its limits several times, and is not tried for ${seconds} s`;

export const fieldOf = (template: Template): string =>
  'jsonata' in template ? 'template.jsonata' : 'template';

/** What a template sees of an event, as JSON text: its data goes in as it is. */
function inputOf({ id, type, timestamp, environment, tenantId, data }: EventRecord): string {
  const around = JSON.stringify({ id, type, timestamp, environment, tenant_id: tenantId });
  return `${around.slice(0, -1)},"data":${data}}`;
}

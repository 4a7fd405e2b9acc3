import type { Catalogue } from '../catalogue/index.ts';
import type { Endpoint, EventRecord } from '../domain.ts';
import { newId } from '../ids.ts';
import type { Templates } from '../templates/index.ts';
import type { Template } from '../templates/template.ts';

/** As far as a template is concerned. */
export type Wanting = Pick<Endpoint, 'tenantId' | 'profile' | 'events' | 'environments'>;

export interface TemplateCheck {
  /**
   * Throws a Problem for a template that cannot be carried out, or goes beyond the limits with an example of what the
   * endpoint wants. Returns why it makes nothing of that example otherwise: events may look different. Null: it does.
   */
  check(endpoint: Wanting, template: Template): Promise<string | null>;
}

export function createTemplateCheck(
  templates: Templates,
  catalogue: Pick<Catalogue, 'testEvent'>,
): TemplateCheck {
  return {
    async check(endpoint, template) {
      const { type = 'example.event', data } = await catalogue.testEvent(endpoint, undefined, undefined);
      const event: EventRecord = {
        id: newId('evt'),
        tenantId: endpoint.tenantId,
        type,
        environment: endpoint.environments[0]!,
        timestamp: new Date(),
        data: JSON.stringify(data),
      };
      const rendered = await templates.tryOut(endpoint.tenantId, template, event);
      return 'failure' in rendered
        ? `of an example of "${type}", it makes nothing: ${rendered.failure}`
        : null;
    },
  };
}

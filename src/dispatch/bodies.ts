import type { Endpoint } from '../domain.ts';
import type { RenderedBodies } from '../store/rendered-bodies.ts';
import type { Rendered, Templates } from '../templates/index.ts';
import type { Job } from './job.ts';

/** What an attempt sends where it is not the profile's own body: see {@link Bodies.of}. */
export interface Bodies {
  /**
   * Null: the profile's. Else what the endpoint's template has made of the event: once for each delivery, and kept before it
   * is sent, so that every attempt sends those bytes, whatever becomes of the template. What an attempt has sent without a
   * template stays so, too. `gone`: the delivery is not there any more.
   */
  of(job: Job, endpoint: Endpoint): Promise<Rendered | 'gone'> | null;
}

export function createBodies(templates: Templates, kept: RenderedBodies): Bodies {
  async function render(job: Job, endpoint: Endpoint): Promise<Rendered | 'gone'> {
    const rendered = await templates.render(endpoint, endpoint.template!, job.event);
    if ('failure' in rendered) return rendered;
    const body = await kept.keep(job.deliveryId, rendered.body);
    if (body === null) return 'gone';
    // From now on that is what it sends, should its endpoint change while it waits.
    job.body = 'rendered';
    return { body };
  }

  async function find({ deliveryId }: Job): Promise<Rendered | 'gone'> {
    const body = await kept.find(deliveryId);
    return body === null ? 'gone' : { body };
  }

  return {
    of(job, endpoint) {
      if (job.body === 'rendered') return find(job);
      const isPlain = job.body === 'plain' || endpoint.template === null;
      // Nothing is sent to what cannot be read.
      if (isPlain || endpoint.unreadable !== null) return null;
      return render(job, endpoint);
    },
  };
}

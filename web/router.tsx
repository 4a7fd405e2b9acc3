import { QueryClient } from '@tanstack/react-query';
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  retainSearchParams,
} from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { ApiProblem } from './api/client.ts';
import {
  parseSearch,
  readDeliverySearch,
  readEventSearch,
  readListSearch,
  stringifySearch,
  text,
} from './search.ts';
import { isEmbedded } from './session.ts';
import { NoSuchPage, PageFailed } from './shell/page-failed.tsx';
import { Root } from './shell/root.tsx';

export const queryClient = new QueryClient({
  defaultOptions: {
    // Where the browser takes itself for offline, it is tried and said, too: what waited silently would be done when nobody
    // thinks of it any more.
    mutations: { networkMode: 'always' },
    queries: {
      networkMode: 'always',
      staleTime: 5_000,
      // What was refused will be refused again.
      retry: (count, error) =>
        count < 2 && !(error instanceof ApiProblem && error.status > 0 && error.status < 500),
      refetchIntervalInBackground: false,
    },
  },
});

const root = createRootRoute({
  component: Root,
  notFoundComponent: NoSuchPage,
  errorComponent: PageFailed,
  validateSearch: (search: Record<string, unknown>): { tenant?: string } => ({ tenant: text(search.tenant) }),
  search: { middlewares: [retainSearchParams(['tenant'])] },
});
/**
 * A page, loaded when it is opened. Its type is left out on purpose: pages name routes, and routes would name the types of pages.
 */
const page = (load: () => Promise<object>, name: string) =>
  lazyRouteComponent(load as () => Promise<Record<string, ComponentType>>, name);

const at = <P extends string>(path: P) => ({ getParentRoute: () => root, path });

const webhook = createRoute({
  ...at('/webhooks/$id'),
  component: page(() => import('./pages/webhook/layout.tsx'), 'WebhookLayout'),
});
const of = <P extends string>(path: P) => ({ getParentRoute: () => webhook, path });

const routes = [
  createRoute({
    ...at('/'),
    beforeLoad: () => {
      throw redirect({ to: '/webhooks', replace: true });
    },
  }),
  createRoute({
    ...at('/webhooks'),
    validateSearch: readListSearch,
    component: page(() => import('./pages/webhooks/list.tsx'), 'WebhookList'),
  }),
  createRoute({
    ...at('/webhooks/new'),
    component: page(() => import('./pages/edit/new.tsx'), 'NewWebhook'),
  }),
  webhook.addChildren([
    createRoute({
      ...of('/'),
      component: page(() => import('./pages/webhook/overview.tsx'), 'Overview'),
    }),
    createRoute({
      ...of('/edit'),
      component: page(() => import('./pages/edit/edit.tsx'), 'EditWebhook'),
    }),
    createRoute({
      ...of('/secret'),
      component: page(() => import('./pages/webhook/secret.tsx'), 'SecretPage'),
    }),
    createRoute({
      ...of('/test'),
      component: page(() => import('./pages/webhook/test.tsx'), 'TestPage'),
    }),
    createRoute({
      ...of('/audit'),
      component: page(() => import('./pages/webhook/audit.tsx'), 'WebhookAudit'),
    }),
  ]),
  createRoute({
    ...at('/deliveries'),
    validateSearch: readDeliverySearch,
    component: page(() => import('./pages/deliveries/list.tsx'), 'DeliveryList'),
  }),
  createRoute({
    ...at('/events'),
    validateSearch: readEventSearch,
    component: page(() => import('./pages/events/list.tsx'), 'EventList'),
  }),
  createRoute({
    ...at('/events/$id'),
    component: page(() => import('./pages/events/detail.tsx'), 'EventPage'),
  }),
  createRoute({
    ...at('/event-types'),
    component: page(() => import('./pages/event-types/list.tsx'), 'EventTypes'),
  }),
  createRoute({
    ...at('/replays'),
    component: page(() => import('./pages/replays/list.tsx'), 'ReplayList'),
  }),
  createRoute({
    ...at('/replays/$id'),
    component: page(() => import('./pages/replays/detail.tsx'), 'ReplayPage'),
  }),
  createRoute({
    ...at('/audit'),
    component: page(() => import('./pages/audit/page.tsx'), 'AuditPage'),
  }),
  createRoute({
    ...at('/ops'),
    component: page(() => import('./pages/operations/page.tsx'), 'OperationsPage'),
  }),
  createRoute({
    ...at('/keys'),
    component: page(() => import('./pages/keys/list.tsx'), 'KeysPage'),
  }),
  createRoute({
    ...at('/settings'),
    component: page(() => import('./pages/settings/page.tsx'), 'SettingsPage'),
  }),
] as const;

export const router = createRouter({
  routeTree: root.addChildren(routes),
  basepath: isEmbedded ? '/embed' : '/',
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
  defaultErrorComponent: PageFailed,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

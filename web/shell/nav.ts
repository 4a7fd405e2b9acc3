import {
  Activity,
  BookOpen,
  History,
  KeyRound,
  Radio,
  Send,
  SlidersHorizontal,
  Webhook,
  Zap,
  type LucideIcon,
} from 'lucide-react';
import type { Words } from '../words/index.ts';

/** What stands in the navigation, and who sees it. */
export interface NavEntry {
  to:
    | '/webhooks'
    | '/deliveries'
    | '/events'
    | '/event-types'
    | '/replays'
    | '/audit'
    | '/ops'
    | '/keys'
    | '/settings';
  word: keyof Words['nav'];
  icon: LucideIcon;
}

/** Of a tenant. */
export const NAV: NavEntry[] = [
  { to: '/webhooks', word: 'webhooks', icon: Webhook },
  { to: '/deliveries', word: 'deliveries', icon: Send },
  { to: '/events', word: 'events', icon: Zap },
  { to: '/event-types', word: 'eventTypes', icon: BookOpen },
  { to: '/replays', word: 'replays', icon: Radio },
  { to: '/audit', word: 'audit', icon: History },
];

/** Of the deployment: for admins, whichever tenant is chosen, or none. */
export const OPERATORS_NAV: NavEntry[] = [
  { to: '/ops', word: 'operations', icon: Activity },
  { to: '/keys', word: 'keys', icon: KeyRound },
  { to: '/settings', word: 'settings', icon: SlidersHorizontal },
];

export const isForOperators = (path: string): boolean => OPERATORS_NAV.some(({ to }) => path === to);

/** Pages that are nothing but ways to change something. */
export const isForChanges = (path: string): boolean =>
  /\/webhooks\/(new|[^/]+\/(edit|secret|test))\/?$/.test(path);

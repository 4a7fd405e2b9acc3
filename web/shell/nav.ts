import { BookOpen, History, Radio, Send, Webhook, Zap, type LucideIcon } from 'lucide-react';
import type { Words } from '../words/index.ts';

/** What stands in the navigation, and who sees it. */
export interface NavEntry {
  to: '/webhooks' | '/deliveries' | '/events' | '/event-types' | '/replays' | '/audit';
  word: keyof Words['nav'];
  icon: LucideIcon;
  /** Only for admins. */
  admin?: true;
}

export const NAV: NavEntry[] = [
  { to: '/webhooks', word: 'webhooks', icon: Webhook },
  { to: '/deliveries', word: 'deliveries', icon: Send },
  { to: '/events', word: 'events', icon: Zap },
  { to: '/event-types', word: 'eventTypes', icon: BookOpen },
  { to: '/replays', word: 'replays', icon: Radio },
  { to: '/audit', word: 'audit', icon: History },
];

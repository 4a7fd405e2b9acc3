import { agentbot } from './agentbot.ts';
import { eev } from './eev.ts';
import { eightBit } from './8bit.ts';
import type { Profile } from './profile.ts';
import { standard } from './standard.ts';

/** In the order in which they are listed to people. */
export const builtInProfiles: readonly Profile[] = [standard, eightBit, agentbot, eev];

/** What an endpoint has that names none. */
export const DEFAULT_PROFILE = standard.name;

/** The dashboard of a Posthorn under test, in a real browser: signed in, and watched for what should not happen. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterEach, beforeAll, expect } from 'vitest';
import { sharedChromium } from './chromium.ts';
import { API_KEY } from './posthorn.ts';
import type { Rig } from './rig.ts';
import { until } from './until.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export interface OpenOptions {
  width?: number;
  dark?: boolean;
  key?: string | null;
  /** Its time can be moved on: see `laterShows`. */
  withClock?: boolean;
}

export interface Dashboard {
  browser: Browser;
  /** A tab that is signed in, at this address. */
  open(path: string, options?: OpenOptions): Promise<Page>;
}

export function useDashboard(rig: Rig): Dashboard {
  const dashboard = {} as Dashboard;
  const contexts: BrowserContext[] = [];
  const problems: string[] = [];
  beforeAll(async () => {
    const browser = await sharedChromium();
    Object.assign(dashboard, {
      browser,
      async open(path, { width = 1440, dark = false, key = API_KEY, withClock = false } = {}) {
        const context = await browser.newContext({
          viewport: { width, height: 900 },
          colorScheme: dark ? 'dark' : 'light',
          locale: 'en-GB',
        });
        contexts.push(context);
        context.setDefaultTimeout(30_000);
        const page = await context.newPage();
        if (withClock) await page.clock.install();
        // A refused script or style, a script that fails: none of it may happen on any page.
        page.on('pageerror', (error) => problems.push(`${page.url()}: ${error.message}`));
        page.on('console', (message) => {
          const isOurs = /Content Security Policy|Trusted|React|Uncaught/.test(message.text());
          if (message.type() === 'error' && isOurs) problems.push(`${page.url()}: ${message.text()}`);
        });
        if (key !== null)
          await page.addInitScript((value) => sessionStorage.setItem('posthorn-key', value), key);
        await page.goto(rig.url + path);
        return page;
      },
    } satisfies Dashboard);
  });
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()));
    expect(problems.splice(0)).toEqual([]);
  });
  return dashboard;
}

/** Moves the page's time on, ten times as fast as ours goes, until this is there: what it does now and then, it does soon. */
export async function laterShows(page: Page, awaited: Locator): Promise<void> {
  const look = async () => {
    await page.clock.fastForward(1_000);
    return awaited.count();
  };
  await until(look, (count) => count > 0, 100);
}

interface Violation {
  id: string;
  help: string;
  nodes: { html: string; failureSummary: string }[];
}

/** What axe finds wrong with the page, for people: nothing, we hope. */
export async function violationsOn(page: Page): Promise<string[]> {
  // As the debugger: the page's own policy lets no such script in.
  const client = await page.context().newCDPSession(page);
  // Colours on their way to others have too little contrast for a tenth of a second.
  const rest = `document.getAnimations().filter((each) => each instanceof CSSTransition).map((each) => each.finished)`;
  const run = `(async () => { await Promise.allSettled(${rest}); ${AXE}; const { violations } = await axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    resultTypes: ['violations'] }); return JSON.stringify(violations); })()`;
  const { result, exceptionDetails } = await client.send('Runtime.evaluate', {
    expression: run,
    awaitPromise: true,
    returnByValue: true,
  });
  if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  return (JSON.parse(String(result.value)) as Violation[]).map(
    ({ id, help, nodes }) =>
      `${id}: ${help}\n  ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 240)} ${failureSummary}`).join('\n  ')}`,
  );
}

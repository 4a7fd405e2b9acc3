import './design/tokens.css';
import './design/base.css';
import { CSPProvider } from '@base-ui/react/csp-provider';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { isLocale } from './format.ts';
import { acceptToken, talkToFrame } from './frame.ts';
import { queryClient, router } from './router.tsx';
import { isEmbedded } from './session.ts';
import { applyTheme, setTheme, setVariables } from './theme.ts';
import { chooseLanguage, language } from './words/index.ts';

/**
 * `#token=…&theme=dark&lang=de&accent=%230a7`, after /embed: read, and the token is gone from the address before anything else happens.
 * Elsewhere a link with a token would sign somebody out, and in as somebody else; one with colours would hide from an operator what is done.
 */
function readFragment(): string | null {
  const given = new URLSearchParams(location.hash.slice(1));
  // The whole address, since a path that begins with two slashes alone would be one of another host.
  if (given.has('token')) history.replaceState(history.state, '', location.href.split('#', 1)[0]);
  if (!isEmbedded || !(given.has('token') || given.has('theme'))) return null;
  const { token, theme, lang, ...variables } = Object.fromEntries(given);
  if (theme === 'light' || theme === 'dark') setTheme(theme, false);
  setVariables(variables);
  if (token) acceptToken(token);
  return lang ?? null;
}

const lang = readFragment();
// The page around us has given its frame another fragment: nothing is loaded again by that.
addEventListener('hashchange', readFragment);
applyTheme();
await chooseLanguage(lang);
// The charts' library gives Intl what the browser says, and no page with a chart would open.
if (!isLocale(navigator.language)) Object.defineProperty(navigator, 'language', { value: language });
talkToFrame();

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </CSPProvider>
  </StrictMode>,
);

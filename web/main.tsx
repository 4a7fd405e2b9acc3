import './design/tokens.css';
import './design/base.css';
import { CSPProvider } from '@base-ui/react/csp-provider';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { acceptToken, talkToFrame } from './frame.ts';
import { queryClient, router } from './router.tsx';
import { isEmbedded } from './session.ts';
import { applyTheme, setTheme, setVariables } from './theme.ts';
import { chooseLanguage } from './words/index.ts';

/** `#token=…&theme=dark&lang=de&accent=%230a7`: read, and gone from the address before anything else happens. */
function readFragment(): URLSearchParams {
  const given = new URLSearchParams(location.hash.slice(1));
  if (given.has('token')) history.replaceState(null, '', location.pathname + location.search);
  return given.has('token') || given.has('theme') ? given : new URLSearchParams();
}

const { token, theme, lang, ...variables } = Object.fromEntries(readFragment());
if (theme === 'light' || theme === 'dark') setTheme(theme, false);
applyTheme();
setVariables(variables);
// Elsewhere than in a frame a link with a token would sign somebody out, and in as somebody else.
if (token && isEmbedded) acceptToken(token);
await chooseLanguage(lang ?? null);
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

import { ButtonLink } from '../ui/button.tsx';
import { PageHead } from '../ui/layout.tsx';
import { Failed } from '../ui/states.tsx';
import { words } from '../words/index.ts';

export const PageFailed = ({ error, reset }: { error: unknown; reset?: () => void }) => (
  <Failed error={error} onRetry={reset} />
);

export const NoSuchPage = () => (
  <PageHead title={words.errors.noSuchPage}>
    <ButtonLink to="/webhooks">{words.nav.webhooks}</ButtonLink>
  </PageHead>
);

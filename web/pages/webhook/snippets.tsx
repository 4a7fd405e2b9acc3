import { Tabs } from '@base-ui/react/tabs';
import type { Endpoint, Profile } from '../../api/types.ts';
import { Code } from '../../ui/code.tsx';
import { Card } from '../../ui/layout.tsx';
import { words } from '../../words/index.ts';
import { ed25519Code } from './snippets/ed25519.ts';
import { LANGUAGES } from './snippets/languages.ts';
import styles from './webhook.module.css';

/** How the receiver tells a request of ours from anybody's, for this format. */
export function Snippets({ profile, signature }: { profile: Profile; signature: Endpoint['signature'] }) {
  const languages = signature === 'ed25519' ? [{ name: 'Node', make: ed25519Code }] : LANGUAGES;
  const { snippets } = words.webhook;
  return (
    <Card title={snippets.title} text={snippets.text}>
      <Tabs.Root defaultValue="Node">
        <Tabs.List className={styles.languages} aria-label={snippets.language}>
          {languages.map(({ name }) => (
            <Tabs.Tab key={name} value={name} className={styles.language!}>
              {name}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {languages.map(({ name, make }) => (
          <Tabs.Panel key={name} value={name}>
            <Code label={snippets.code(name)} text={make(profile)} tall />
          </Tabs.Panel>
        ))}
      </Tabs.Root>
    </Card>
  );
}

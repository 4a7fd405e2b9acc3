import { useState } from 'react';
import { Confirm } from '../ui/confirm.tsx';
import { Choice } from '../ui/field.tsx';
import { language, LANGUAGES, switchLanguage, words } from '../words/index.ts';
import { isAnythingUnsaved } from '../unsaved.ts';
import { chosenTheme, setTheme, type Theme } from '../theme.ts';
import styles from './preferences.module.css';

export function Preferences() {
  const [theme, setShown] = useState<Theme>(chosenTheme);
  const [wanted, setWanted] = useState<string | null>(null);
  const change = (next: Theme) => {
    setTheme(next);
    setShown(next);
  };
  const themes: { value: Theme; label: string }[] = [
    { value: 'system', label: words.nav.system },
    { value: 'light', label: words.nav.light },
    { value: 'dark', label: words.nav.dark },
  ];
  return (
    <div className={styles.pair}>
      <Choice hideLabel label={words.nav.theme} value={theme} options={themes} onChange={change} />
      <Choice
        hideLabel
        label={words.nav.language}
        value={language}
        options={LANGUAGES.map(({ code, name }) => ({ value: code, label: name }))}
        onChange={(code) => (isAnythingUnsaved() ? setWanted(code) : switchLanguage(code))}
      />
      <Confirm
        danger
        open={wanted !== null}
        title={words.nav.reloadTitle}
        text={words.nav.reloadText}
        action={words.nav.reload}
        onClose={() => setWanted(null)}
        onConfirm={async () => switchLanguage(wanted!)}
      />
    </div>
  );
}

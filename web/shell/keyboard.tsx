import { useNavigate } from '@tanstack/react-router';
import { Keyboard as Icon } from 'lucide-react';
import { useRef, useState } from 'react';
import { runKey, setKeysOn, useKeys, useKeysOn } from '../keys.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Check } from '../ui/field.tsx';
import { words } from '../words/index.ts';
import styles from './keyboard.module.css';
import { useIsAdmin, useMayChange, useSignedIn } from './signed-in.tsx';

/** After "g", the second key is waited for so long. */
const SECOND_KEY_MS = 1_500;

/** Keys that go everywhere, and the sheet that lists all of them. */
export function Keyboard({ hideButton }: { hideButton?: boolean }) {
  const [isOpen, setIsOpen] = useState(false);
  useGlobalKeys(() => setIsOpen(true));
  const { keyboard } = words;
  return (
    <>
      {!hideButton && (
        <Button look="quiet" small className={styles.button} onClick={() => setIsOpen(true)}>
          <Icon size={14} aria-hidden />
          {keyboard.title}
        </Button>
      )}
      <Dialog wide open={isOpen} title={keyboard.title} onClose={() => setIsOpen(false)}>
        {isOpen && <Sheet />}
      </Dialog>
    </>
  );
}

function useGlobalKeys(help: () => void): void {
  const navigate = useNavigate();
  const isAdmin = useIsAdmin();
  const hasTenant = useSignedIn().tenant !== null;
  const mayChange = useMayChange() && hasTenant;
  const goesAt = useRef(-Infinity);
  const ofTenant = (to: '/webhooks' | '/deliveries' | '/events') =>
    hasTenant ? () => void navigate({ to }) : undefined;
  useKeys((event) => {
    const isSecond = event.timeStamp - goesAt.current < SECOND_KEY_MS;
    goesAt.current = -Infinity;
    if (isSecond)
      return void runKey(event, {
        w: ofTenant('/webhooks'),
        d: ofTenant('/deliveries'),
        e: ofTenant('/events'),
        o: isAdmin ? () => void navigate({ to: '/ops' }) : undefined,
      });
    runKey(event, {
      g: () => (goesAt.current = event.timeStamp),
      n: mayChange ? () => void navigate({ to: '/webhooks/new' }) : undefined,
      '?': help,
    });
  });
}

type Line = [keys: string[], meaning: string];

function Sheet() {
  const isAdmin = useIsAdmin();
  const areOn = useKeysOn();
  const { keyboard, nav } = words;
  const { keys } = keyboard;
  const list: Line[] = [
    [['j'], keys.next],
    [['k'], keys.previous],
    [['Enter'], keys.open],
    [['Esc'], keys.close],
    [['[', ']'], keys.attempt],
    [['r'], keys.retry],
    [['x'], keys.select],
    [['c'], keys.curl],
    [['y'], keys.id],
    [['/'], keys.search],
    [['l'], keys.live],
    [['.'], keys.newer],
  ];
  const everywhere: Line[] = [
    [['g', 'w'], keys.go(nav.webhooks)],
    [['g', 'd'], keys.go(nav.deliveries)],
    [['g', 'e'], keys.go(nav.events)],
    ...(isAdmin ? [[['g', 'o'], keys.go(nav.operations)] satisfies Line] : []),
    [['n'], keys.create],
    [['?'], keys.help],
  ];
  return (
    <>
      <div className={styles.columns}>
        <Lines title={keyboard.list} lines={list} note={keyboard.text} />
        <Lines title={keyboard.everywhere} lines={everywhere} />
      </div>
      <Check label={keyboard.on} hint={keyboard.onHint} checked={areOn} onChange={setKeysOn} />
    </>
  );
}

function Lines({ title, lines, note }: { title: string; lines: Line[]; note?: string }) {
  return (
    <section>
      <h3>{title}</h3>
      {note && <p className={styles.note}>{note}</p>}
      <dl className={styles.lines}>
        {lines.map(([keys, meaning]) => (
          <div key={keys.join('')}>
            <dt>
              {keys.map((key, index) => (
                <span key={key}>
                  {index > 0 && keys[0] === 'g' && <span className="sr-only"> {words.keyboard.then} </span>}
                  <kbd>{key}</kbd>
                </span>
              ))}
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

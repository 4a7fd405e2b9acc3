import { LogOut } from 'lucide-react';
import { useState } from 'react';
import { signOut } from '../session.ts';
import { Button } from '../ui/button.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { isAnythingUnsaved } from '../unsaved.ts';
import { words } from '../words/index.ts';

export function SignOut() {
  const [isAsked, setIsAsked] = useState(false);
  return (
    <>
      <Button look="quiet" small onClick={() => (isAnythingUnsaved() ? setIsAsked(true) : signOut())}>
        <LogOut size={14} aria-hidden />
        {words.signIn.signOut}
      </Button>
      <Confirm
        danger
        open={isAsked}
        title={words.leave.title}
        text={words.leave.text}
        action={words.signIn.signOut}
        back={words.leave.stay}
        onClose={() => setIsAsked(false)}
        onConfirm={async () => signOut()}
      />
    </>
  );
}

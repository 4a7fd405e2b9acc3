import { useMutation, useQueryClient } from '@tanstack/react-query';
import { RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { api, ask } from '../../api/client.ts';
import { useMayChange, useTenant } from '../../shell/signed-in.tsx';
import { announce } from '../../ui/announce.tsx';
import { Button } from '../../ui/button.tsx';
import { words } from '../../words/index.ts';
import styles from './deliveries.module.css';

const AT_A_TIME = 4;

/** What is ticked: sent again one by one, with how far that is. */
export function Selection({ ids, onDone }: { ids: string[]; onDone: () => void }) {
  const tenant = useTenant();
  const mayChange = useMayChange();
  const queries = useQueryClient();
  const [done, setDone] = useState(0);
  const { selection } = words.deliveries;
  const retryAll = useMutation({
    mutationFn: async () => {
      const waiting = [...ids];
      const problems: string[] = [];
      const work = async () => {
        for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
          const params = { path: { tenant, id } };
          await ask(api.POST('/v1/tenants/{tenant}/deliveries/{id}/retry', { params })).catch(
            (error: Error) => problems.push(error.message),
          );
          setDone((count) => count + 1);
        }
      };
      await Promise.all(Array.from({ length: AT_A_TIME }, work));
      return problems;
    },
    onSuccess: (problems) => {
      const asked = ids.length - problems.length;
      announce(
        [selection.asked(asked), ...problems.slice(0, 1)].join(' '),
        problems.length > 0 ? 'bad' : 'good',
      );
      void queries.invalidateQueries({ queryKey: [tenant, 'delivery'] });
      onDone();
    },
  });
  return (
    <div className={styles.selection}>
      <b>{selection.count(ids.length)}</b>
      {mayChange && (
        <Button look="primary" small busy={retryAll.isPending} onClick={() => retryAll.mutate()}>
          <RotateCcw size={14} aria-hidden />
          {retryAll.isPending ? selection.progress(done, ids.length) : selection.retry}
        </Button>
      )}
      <Button small onClick={onDone}>
        {selection.clear}
      </Button>
    </div>
  );
}

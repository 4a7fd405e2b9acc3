import { useInfiniteQuery } from '@tanstack/react-query';
import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import { api, ask } from '../../api/client.ts';
import { Button } from '../../ui/button.tsx';
import { Card, layout, PageHead, Table } from '../../ui/layout.tsx';
import { useIsAdmin } from '../../shell/signed-in.tsx';
import { ShownOnce } from '../../ui/shown-once.tsx';
import { Empty, Failed, Loading, Stale } from '../../ui/states.tsx';
import { useUnsaved } from '../../unsaved.ts';
import { words } from '../../words/index.ts';
import { NewKeyDialog, type NewKey } from './new-key.tsx';
import { KeyRow } from './row.tsx';

export const KEYS = ['keys'] as const;

/** The deployment's API keys. A key itself is shown when it is made, and never again. */
export function KeysPage() {
  const [isMaking, setIsMaking] = useState(false);
  const [fresh, setFresh] = useState<NewKey | null>(null);
  useUnsaved(fresh !== null);
  const list = useInfiniteQuery({
    queryKey: KEYS,
    queryFn: ({ pageParam }) =>
      ask(api.GET('/v1/keys', { params: { query: { limit: 50, ...(pageParam && { cursor: pageParam }) } } })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: 30_000,
  });
  const isAdmin = useIsAdmin();
  const { keys } = words;
  const rows = list.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <>
      <PageHead title={keys.title} text={keys.text}>
        {isAdmin && (
          <Button look="primary" onClick={() => setIsMaking(true)}>
            <Plus size={16} aria-hidden />
            {keys.create}
          </Button>
        )}
      </PageHead>
      {fresh && (
        <ShownOnce title={keys.once(fresh.name)} text={keys.onceText} name={keys.one} secret={fresh.key}>
          <Button onClick={() => setFresh(null)}>{keys.stored}</Button>
        </ShownOnce>
      )}
      {list.isError && list.data && <Stale error={list.error} onRetry={() => void list.refetch()} />}
      <Card flush>
        {list.isPending && <Loading />}
        {list.isError && !list.data && <Failed error={list.error} onRetry={() => void list.refetch()} />}
        {list.isSuccess && rows.length === 0 && (
          <Empty icon={KeyRound} title={keys.none}>
            {keys.noneText}
          </Empty>
        )}
        {rows.length > 0 && (
          <Table
            label={keys.title}
            head={
              <>
                <th scope="col">{words.common.name}</th>
                <th scope="col" className={layout.minor}>
                  {keys.scopes}
                </th>
                <th scope="col" className={layout.minor}>
                  {keys.tenant}
                </th>
                <th scope="col">{keys.state}</th>
                <th scope="col" className={layout.minor}>
                  {keys.lastUse}
                </th>
                <th scope="col">
                  <span className="sr-only">{words.webhooks.actions}</span>
                </th>
              </>
            }
          >
            {rows.map((key) => (
              <KeyRow key={key.id} apiKey={key} />
            ))}
          </Table>
        )}
      </Card>
      {list.hasNextPage && (
        <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {words.common.more}
        </Button>
      )}
      <NewKeyDialog
        open={isMaking}
        onClose={() => setIsMaking(false)}
        onMade={(made) => {
          setFresh(made);
          setIsMaking(false);
        }}
      />
    </>
  );
}

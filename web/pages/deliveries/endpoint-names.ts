import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { endpointsQuery } from '../../api/queries.ts';
import { useTenant } from '../../shell/signed-in.tsx';
import { nameOf } from '../webhooks/name.ts';

/** Id → what it is called. */
export function useEndpointNames(): ReadonlyMap<string, string> {
  const endpoints = useInfiniteQuery(endpointsQuery(useTenant()));
  return useMemo(
    () =>
      new Map(
        endpoints.data?.pages.flatMap((page) => page.data.map((one) => [one.id, nameOf(one)] as const)),
      ),
    [endpoints.data],
  );
}

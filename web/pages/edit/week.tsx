import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { eventCountsQuery } from '../../api/queries.ts';
import { useTenant } from '../../shell/signed-in.tsx';

/** What was published in the last seven days, of the environments that are chosen. */
export interface Week {
  isKnown: boolean;
  isComplete: boolean;
  types: string[];
  countOf(type: string): number;
  lastOf(type: string): string | null;
}

export function useWeek(environments: readonly string[]): Week {
  const counts = useQuery(eventCountsQuery(useTenant()));
  return useMemo(() => {
    const rows = counts.data?.data.filter(({ environment }) => environments.includes(environment)) ?? [];
    const byType = Map.groupBy(rows, ({ type }) => type);
    return {
      isKnown: counts.isSuccess,
      isComplete: counts.data?.is_complete ?? true,
      types: [...byType.keys()],
      countOf: (type) => byType.get(type)?.reduce((sum, { events }) => sum + events, 0) ?? 0,
      lastOf: (type) => byType.get(type)?.[0]?.last_event_id ?? null,
    };
  }, [counts.data, counts.isSuccess, environments]);
}

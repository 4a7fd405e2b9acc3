/** Who is signed in and whose webhooks are shown, for everything below. */
import { createContext, useContext } from 'react';
import type { Me } from '../api/client.ts';

export interface SignedIn {
  me: Me;
  tenant: string;
}
export const SignedInContext = createContext<SignedIn | null>(null);

export function useSignedIn(): SignedIn {
  const value = useContext(SignedInContext);
  if (!value) throw new Error('nobody is signed in here');
  return value;
}
export const useTenant = (): string => useSignedIn().tenant;

/** Whether what is shown may also be changed. */
export function useMayChange(): boolean {
  const { scopes } = useSignedIn().me;
  return scopes.includes('manage') || scopes.includes('admin');
}
export const useIsAdmin = (): boolean => useSignedIn().me.scopes.includes('admin');

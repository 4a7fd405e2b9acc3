/** Who is signed in and whose webhooks are shown, for everything below. */
import { createContext, useContext } from 'react';
import type { Me } from '../api/client.ts';

export interface SignedIn {
  me: Me;
  /** Null: none is chosen, and what is shown is about the deployment. */
  tenant: string | null;
}
export const SignedInContext = createContext<SignedIn | null>(null);

export function useSignedIn(): SignedIn {
  const value = useContext(SignedInContext);
  if (!value) throw new Error('nobody is signed in here');
  return value;
}
export function useTenant(): string {
  const { tenant } = useSignedIn();
  if (tenant === null) throw new Error('no tenant is chosen here');
  return tenant;
}

/** Whether what is shown may also be changed. */
export function useMayChange(): boolean {
  const { scopes } = useSignedIn().me;
  return scopes.includes('manage') || scopes.includes('admin');
}
export const useIsAdmin = (): boolean => useSignedIn().me.scopes.includes('admin');

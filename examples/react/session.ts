import { createGatehouse, type State, type User } from '@gatehouse/client';
import { useEffect, useState, useSyncExternalStore } from 'react';

/** Where Gatehouse is; filled in by the build. */
declare const AUTH_URL: string;
/** One for the page, outside of every component: mounting twice does not matter to it. */
export const auth = createGatehouse({ url: AUTH_URL });

/** Who is logged in. */
export const useSession = (): State => useSyncExternalStore(auth.onChange, () => auth.state);

/** Their name and address, once they are known. */
export function useProfile(): User | undefined {
  const session = useSession();
  const [profile, setProfile] = useState<User>();
  const userId = session.status === 'signedIn' ? session.userId : undefined;
  useEffect(() => {
    // A refusal changes the session, and useSession shows that.
    if (userId) auth.account.profile().then(setProfile, () => {});
  }, [userId]);
  return profile?.id === userId ? profile : undefined;
}

/** What the admin Worker answers, as JSON: the part that the page shows. test/admin/http.test.ts compares. */
export type Found = {
  id: string;
  email: string;
  name: string;
  state: 'waiting' | 'active' | 'disabled' | 'closed';
  createdAt: string;
};

export type Shown = {
  account: Found & {
    externalId: string | null;
    emailVerifiedAt: string | null;
    passwordChangedAt: string;
    disabledAt: string | null;
    disabledBy: string | null;
    deletionDueAt: string | null;
    /** Why the address is not mailed. */
    suppression: string | null;
  };
  factors: {
    authenticatorSince: string | null;
    recoveryCodesUsed: number | null;
    removalDueAt: string | null;
    passkeys: { name: string }[];
  };
  counters: { failures: number; lockedUntil: string | null; isSwitchedOff: boolean }[];
  sessions: {
    client: string | null;
    userAgent: string | null;
    place: string | null;
    lastUsedAt: string;
  }[];
  history: {
    at: string;
    kind: string;
    reason: string | null;
    client: string | null;
    userAgent: string | null;
    operator: string | null;
    note: string | null;
  }[];
  mails: {
    kind: string;
    status: string;
    failure: string | null;
    report: string | null;
    to: string | null;
    createdAt: string;
  }[];
};

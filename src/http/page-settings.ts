/** What the Worker tells its pages, in the `data-settings` of their one shell (pages/shell.html). */
export type PageSettings = {
  product: string;
  logo: string;
  language: string;
  support?: string | undefined;
  terms?: string | undefined;
  privacy?: string | undefined;
  /** Where a log-in leads; judged here, so that no page has to. */
  returnTo?: string | undefined;
  /** Where to log in again, when that is elsewhere: only the page for operators says it (pages/admin.html). */
  login?: string | undefined;
  password: { min: number; max: number; isCheckedForLeaks: boolean };
  code: { seconds: number; tries: number; resends: number };
  resetSeconds: number;
  undoSeconds: number;
};

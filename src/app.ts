/** The HTTP surface on one page: the middleware in its order, then every endpoint. */
import { Hono } from 'hono';
import { TrieRouter } from 'hono/router/trie-router';
import { cancelChangeRoute, changeEmailRoute, confirmChangeRoute } from './account/change-email.route.ts';
import { exportRoute } from './account/export.route.ts';
import { historyRoute } from './account/history.route.ts';
import { deleteMeRoute, meRoute, renameRoute } from './account/me.route.ts';
import { signupRoute } from './account/signup.route.ts';
import { resendRoute, verifyEmailRoute } from './account/verify-email.route.ts';
import { beginEnrolmentRoute, finishEnrolmentRoute } from './factor/enrol-login.route.ts';
import {
  beginTotpRoute,
  confirmTotpRoute,
  listFactorsRoute,
  removeTotpRoute,
  renewRecoveryRoute,
} from './factor/factors.route.ts';
import { factorLoginRoute } from './factor/login.route.ts';
import { passkeyLoginRoute, passkeyOptionsRoute } from './factor/passkey-login.route.ts';
import {
  addPasskeyRoute,
  beginPasskeyRoute,
  removePasskeyRoute,
  renamePasskeyRoute,
} from './factor/passkeys.route.ts';
import { mountRelatedOrigins } from './factor/related-origins.route.ts';
import { stepUpOptionsRoute, stepUpRoute } from './factor/step-up.route.ts';
import { mountDocs } from './http/api-docs.ts';
import { type AppEnv, requestContext, type Wiring } from './http/context.ts';
import { originRule } from './http/cross-origin.ts';
import { mountHealth } from './http/health.ts';
import { mountJwks } from './http/jwks.ts';
import { observed } from './http/log.ts';
import { mountPages } from './http/pages.ts';
import { renderError } from './http/problem.ts';
import { apiHeaders, noStore } from './http/shield.ts';
import { changePasswordRoute } from './password/change.route.ts';
import { forgotPasswordRoute, resetPasswordRoute } from './password/reset.route.ts';
import { Refusal } from './refusal.ts';
import { loginRoute } from './session/login.route.ts';
import { logoutRoute } from './session/logout.route.ts';
import { refreshRoute } from './session/refresh.route.ts';
import { mountRevokedSessions } from './session/revoked-sessions.route.ts';
import { listSessionsRoute, revokeOtherSessionsRoute, revokeSessionRoute } from './session/sessions.route.ts';
import { mountResendWebhook } from './webhook/resend.route.ts';

export const BASE_PATH = '/api/v1/auth';

export const endpoints = [
  signupRoute,
  verifyEmailRoute,
  resendRoute,
  loginRoute,
  factorLoginRoute,
  beginEnrolmentRoute,
  finishEnrolmentRoute,
  passkeyOptionsRoute,
  passkeyLoginRoute,
  refreshRoute,
  logoutRoute,
  forgotPasswordRoute,
  resetPasswordRoute,
  meRoute,
  renameRoute,
  deleteMeRoute,
  exportRoute,
  listSessionsRoute,
  revokeSessionRoute,
  revokeOtherSessionsRoute,
  historyRoute,
  listFactorsRoute,
  beginTotpRoute,
  confirmTotpRoute,
  removeTotpRoute,
  renewRecoveryRoute,
  beginPasskeyRoute,
  addPasskeyRoute,
  renamePasskeyRoute,
  removePasskeyRoute,
  stepUpOptionsRoute,
  stepUpRoute,
  changePasswordRoute,
  changeEmailRoute,
  confirmChangeRoute,
  cancelChangeRoute,
];

export function createApp(wiring: Wiring): Hono<AppEnv> {
  // The default first builds a router that cannot take our paths, at the first request of every isolate.
  const app = new Hono<AppEnv>({ router: new TrieRouter() });
  app.use(noStore, requestContext(wiring), observed);
  mountDocs(app);
  mountPages(app);
  app.use(apiHeaders, originRule);
  app.onError(renderError);
  app.notFound((c) => renderError(new Refusal('not_found'), c));

  for (const { method, path, answer } of endpoints) app.on(method, BASE_PATH + path, answer);
  mountHealth(app);
  mountJwks(app);
  mountRevokedSessions(app);
  mountRelatedOrigins(app);
  mountResendWebhook(app);
  refuseOtherMethods(app);
  return app;
}

/** RFC 9110 section 15.5.6: a known path with a wrong method says which methods it has. */
function refuseOtherMethods(app: Hono<AppEnv>): void {
  const byPath = Map.groupBy(
    app.routes.filter((route) => route.method !== 'ALL'),
    (route) => route.path,
  );
  for (const [path, routes] of byPath) {
    const methods = new Set(routes.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method])));
    const headers = { Allow: [...methods].join(', ') };
    app.all(path, () => {
      throw new Refusal('method_not_allowed', { headers });
    });
  }
}

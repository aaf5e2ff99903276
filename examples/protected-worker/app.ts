/** A separate service that verifies the access tokens of Gatehouse by itself. ISSUER and AUDIENCE are Gatehouse's. */
import { env } from 'cloudflare:workers';
import { createVerifier } from '@gatehouse/verify';
import { authenticated } from '@gatehouse/verify/hono';
import { Hono } from 'hono';

const { ISSUER: issuer, AUDIENCE: audience } = env as unknown as Record<'ISSUER' | 'AUDIENCE', string>;
const app = new Hono().use('/orders/*', authenticated(createVerifier({ issuer, audience })));
app.get('/orders/mine', (c) => c.json({ orders: [], of: c.get('session').userId }));

export default app;

/** A server that poses as Postgres with a certificate that nobody vouches for, and keeps what it is told. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

// Of this test alone: it opens nothing.
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgFR6pWGOB0RDZBoOI
3wUU5BeL86Zlzldgc5xpzXNbi5ihRANCAARUIVB1FR6F1lbcoKsADEccOxBXJZE5
Y34cGMm/4jFRGvLDcmVmwEb/G8zarTSYxS6QtSgzA8E+/+cOf2jz0dfM
-----END PRIVATE KEY-----`;
const cert = `-----BEGIN CERTIFICATE-----
MIIBnTCCAUSgAwIBAgIUXOarKr6V+ut4oSXYRdhfgORQsaswCgYIKoZIzj0EAwIw
HDEaMBgGA1UEAwwRZGIuZ2F0ZWhvdXNlLnRlc3QwHhcNMjYxMTI0MDkwODM5WhcN
MzYxMTIxMDkwODM5WjAcMRowGAYDVQQDDBFkYi5nYXRlaG91c2UudGVzdDBZMBMG
ByqGSM49AgEGCCqGSM49AwEHA0IABFQhUHUVHoXWVtygqwAMRxw7EFclkTljfhwY
yb/iMVEa8sNyZWbARv8bzNqtNJjFLpC1KDMDwT7/5w5/aPPR18yjZDBiMB0GA1Ud
DgQWBBSbNqrveU9HxLGm0fzp7LPMJmJedDAfBgNVHSMEGDAWgBSbNqrveU9HxLGm
0fzp7LPMJmJedDAPBgNVHRMBAf8EBTADAQH/MA8GA1UdEQQIMAaHBH8AAAIwCgYI
KoZIzj0EAwIDRwAwRAIgDsvk3Xl7/khb2nrd61chZ/9Zn7G+Xwb9JvwgOyW63RMC
IBlSrAt1QhfCsuV1DmUwyjPsSygMNd3JdWXjILJzMytL
-----END CERTIFICATE-----`;

/** The message that asks for TLS: https://www.postgresql.org/docs/current/protocol-message-formats.html */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

export async function startImpostor() {
  const told: string[] = [];
  const listen = (socket: Socket | TLSSocket) =>
    socket
      .on('error', () => {})
      .on('data', (chunk: Buffer) => {
        told.push(chunk.toString('latin1'));
        socket.destroy();
      });
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (first: Buffer) => {
      if (first.equals(SSL_REQUEST)) {
        socket.write('S');
        listen(new TLSSocket(socket, { isServer: true, key, cert }));
      } else {
        told.push(first.toString('latin1'));
        socket.destroy();
      }
    });
  });
  server.listen(0);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    told,
    close: () => new Promise<void>((closed) => server.close(() => closed())),
  };
}

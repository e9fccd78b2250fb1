// The stand-in for AWS STS, as a pod: it trusts the cluster that it runs in, by the authority that every pod is given.
//
//   ISSUER   the cluster's issuer of ServiceAccount tokens
//   ROLES    JSON: the ARN of each role -> namespace/ServiceAccount that may assume it
//   PORT     where to listen
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { z } from 'zod';
import { startSts } from '../../support/sts/sts-server.ts';
import { webIdentityPolicy } from '../../support/sts/web-identity-policy.ts';

const audience = 'sts.amazonaws.com';
const clusterAuthority = '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt';
const schema = z.object({
  ISSUER: z.url(),
  ROLES: z.string().transform(text => z.record(z.string(), z.string()).parse(JSON.parse(text))),
  PORT: z.coerce.number(),
});

const { ISSUER: issuer, ROLES: subjects, PORT: port } = schema.parse(process.env);
const sts = await startSts({
  providers: [{ issuer, audiences: [audience], ca: readFileSync(clusterAuthority, 'utf8') }],
  roles: Object.entries(subjects).map(([arn, subject]) => {
    const [namespace = '', serviceAccount = ''] = subject.split('/');
    return {
      arn,
      trustPolicy: webIdentityPolicy({ account: arn.split(':')[4] ?? '', issuer, namespace, serviceAccount }),
    };
  }),
});

// It listens on loopback only, as the other tests want it.
const inner = Number(new URL(sts.url).port);
createServer(outside => {
  const inside = connect(inner, '127.0.0.1');
  outside.on('error', () => inside.destroy()).pipe(inside);
  inside.on('error', () => outside.destroy()).pipe(outside);
}).listen(port, () => process.stdout.write(`listening on ${port}\n`));
process.on('SIGTERM', () => process.exit(0));

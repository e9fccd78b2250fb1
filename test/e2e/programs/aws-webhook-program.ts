// A stand-in for a second webhook: it injects what the AWS webhook injects into pods of ServiceAccounts with a role, in the
// way that it does it: it takes a container that has a variable, a mount or a pod that has the volume for done.
//
//   ROLE         the role of every ServiceAccount
//   TLS_CERT, TLS_KEY   PEM
//   PORT         where to listen
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

const volume = 'aws-iam-token';
const folder = '/var/run/secrets/eks.amazonaws.com/serviceaccount';
const { ROLE, TLS_CERT, TLS_KEY, PORT } = z
  .object({ ROLE: z.string(), TLS_CERT: z.string(), TLS_KEY: z.string(), PORT: z.coerce.number() })
  .parse(process.env);
const variables = { AWS_ROLE_ARN: ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: `${folder}/token` };

const named = z.looseObject({ name: z.string() });
const container = z.looseObject({
  env: z.array(named).default([]),
  volumeMounts: z.array(z.looseObject({ mountPath: z.string() })).default([]),
});
const review = z.object({
  request: z.object({
    uid: z.string(),
    object: z.object({ spec: z.looseObject({ containers: z.array(container), volumes: z.array(named).default([]) }) }),
  }),
});

const server = createServer({ cert: TLS_CERT, key: TLS_KEY }, (request, response) => void answer(request, response));
server.listen(PORT);
process.on('SIGTERM', () => process.exit(0));

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { uid, object } = review.parse(JSON.parse(await text(request))).request;
  const patch = [
    { op: 'add', path: '/spec/containers', value: object.spec.containers.map(injected) },
    { op: 'add', path: '/spec/volumes', value: withToken(object.spec.volumes) },
  ];
  const result = {
    uid,
    allowed: true,
    patchType: 'JSONPatch',
    patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
  };
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: result }));
}

function injected({ env, volumeMounts, ...rest }: z.infer<typeof container>): object {
  const missing = Object.entries(variables).filter(([name]) => !env.some(variable => variable.name === name));
  const isMounted = volumeMounts.some(({ mountPath }) => mountPath === folder);
  return {
    ...rest,
    env: [...env, ...missing.map(([name, value]) => ({ name, value }))],
    volumeMounts: isMounted ? volumeMounts : [...volumeMounts, { name: volume, mountPath: folder, readOnly: true }],
  };
}

function withToken(volumes: readonly z.infer<typeof named>[]): readonly object[] {
  if (volumes.some(({ name }) => name === volume)) return volumes;
  const serviceAccountToken = { audience: 'sts.amazonaws.com', expirationSeconds: 86_400, path: 'token' };
  return [...volumes, { name: volume, projected: { sources: [{ serviceAccountToken }] } }];
}

// Run by `helm test`: asks the webhook over TLS as the API server does, trusting exactly the authorities that the webhook's
// registration publishes. Prints what it finds; exits with 1 when a call would fail.
import { readFileSync } from 'node:fs';
import { request } from 'node:https';

const credentials = process.env.KUBE_CREDENTIALS ?? '/var/run/secrets/kubernetes.io/serviceaccount';
const timeoutMs = 10_000;

function get(url, options) {
  return new Promise((resolve, reject) => {
    const call = request(url, { ...options, timeout: timeoutMs }, response => {
      let body = '';
      response.setEncoding('utf8').on('data', text => (body += text));
      response.on('end', () => resolve({ status: response.statusCode, body })).on('error', reject);
    });
    call
      .on('timeout', () => call.destroy(new Error(`no answer within ${timeoutMs} ms`)))
      .on('error', reject)
      .end();
  });
}

async function readHooks(name) {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env;
  const address = host.includes(':') ? `[${host}]` : host;
  const url = `https://${address}:${port}/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${name}`;
  const token = readFileSync(`${credentials}/token`, 'utf8').trim();
  const { status, body } = await get(url, {
    ca: readFileSync(`${credentials}/ca.crt`),
    headers: { authorization: `Bearer ${token}` },
  });
  if (status !== 200) throw new Error(`the API server answered ${status} for the registration ${name}: ${body}`);
  return JSON.parse(body).webhooks;
}

async function check({ name, clientConfig: { caBundle, service } }) {
  if (!caBundle) throw new Error(`${name}: no caBundle has been published yet`);
  const host = `${service.name}.${service.namespace}.svc`;
  const url = `https://${host}:${service.port ?? 443}/healthz`;
  const { status } = await get(url, { ca: Buffer.from(caBundle, 'base64') });
  if (status !== 200) throw new Error(`${name}: ${url} answered ${status}`);
  process.stdout.write(`${name}: ${url} answers, with a certificate of a published authority\n`);
}

try {
  for (const hook of await readHooks(process.env.WEBHOOK_CONFIGURATION)) await check(hook);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

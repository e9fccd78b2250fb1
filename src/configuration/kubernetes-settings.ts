import { text } from './setting-kinds.ts';
import type { Read, Setting, SettingGroup } from './setting.ts';
import { dnsLabel, folderPath, optionalHttpEndpoint } from './text-forms.ts';

/** How the Kubernetes API is reached; without both, as a pod does. */
export interface KubernetesSettings {
  /** Path of a kubeconfig. */
  readonly kubeconfig: string | undefined;
  /** URL of the API server, instead of that of kubeconfig or pod. */
  readonly apiUrl: string | undefined;
  /** Folder with the `token` and `ca.crt` of the pod's ServiceAccount. */
  readonly credentialsPath: string;
  /** The namespace of our own objects. */
  readonly namespace: string;
}

const kubeconfig: Setting<string> = text({
  name: 'kubeconfig',
  default: '',
  help: 'Reach the API server as this kubeconfig file says; empty means as a pod, by its ServiceAccount.',
});

const kubeApi: Setting<string> = text({
  name: 'kube-api',
  default: '',
  form: optionalHttpEndpoint,
  help: 'URL of the API server, instead of the one in the kubeconfig or of the pod.',
});

const kubeCredentialsPath: Setting<string> = text({
  name: 'kube-credentials-path',
  default: '/var/run/secrets/kubernetes.io/serviceaccount',
  form: folderPath,
  help: 'Folder with token and ca.crt, read again when they change; used without a kubeconfig.',
});

export const namespace: Setting<string> = text({
  name: 'namespace',
  default: 'eks',
  form: dnsLabel,
  help: 'Namespace of the webhook; the mapping ConfigMap is read there.',
});

export const kubernetesGroup: SettingGroup = {
  title: 'Kubernetes API',
  settings: [kubeconfig, kubeApi, kubeCredentialsPath, namespace],
};

export function readKubernetes(read: Read): KubernetesSettings {
  return {
    kubeconfig: read(kubeconfig) || undefined,
    apiUrl: read(kubeApi) || undefined,
    credentialsPath: read(kubeCredentialsPath),
    namespace: read(namespace),
  };
}

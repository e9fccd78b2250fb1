# Deployments start new pods before they stop the old ones.
kubectl rollout restart deployment/web -n ns

# StatefulSets replace one pod after the other.
kubectl rollout restart statefulset/db -n ns

# By hand:
# DaemonSet ns/agent (IRSA004): See whether the pod template has the containers. Where another webhook adds them, ours needs `reinvocationPolicy: IfNeeded`, or `skip-containers` on the pod where they need no identity; else restart the workload.
# Pod ns/mapped (IRSA001): Nothing replaces this pod: delete it and create it again from its manifest.
# ServiceAccount ns/mapped (IRSA005): Correct the value, then restart the workloads that use it.
# Pod ns/alone (IRSA003): Restart the workload where the role was removed on purpose; else annotate the ServiceAccount again.
# ServiceAccount ns/idle (IRSA005): Correct the value, then restart the workloads that use it.

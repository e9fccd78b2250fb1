{{/*
Combinations that are never meant so. Included by every rendering, whatever it renders; each message names the value to
change. What single values may be is in values.schema.json.
*/}}
{{- define "irsa-webhook.checks" -}}
{{- include "irsa-webhook.checkCertificates" . -}}
{{- include "irsa-webhook.checkImage" . -}}
{{- if .Values.serviceAnnotations -}}
{{- fail "serviceAnnotations: this is service.annotations" -}}
{{- end -}}
{{- with .Values.podDisruptionBudget -}}
{{- if and .minAvailable .maxUnavailable -}}
{{- fail "podDisruptionBudget: set minAvailable or maxUnavailable, not both" -}}
{{- end -}}
{{- end -}}
{{- if and (eq .Values.mutatingWebhook.failurePolicy "Fail") (not .Values.mutatingWebhook.excludeReleaseNamespace) -}}
{{- fail "mutatingWebhook.failurePolicy: Fail needs mutatingWebhook.excludeReleaseNamespace: true, or pods beside the webhook could not start while it is away" -}}
{{- end -}}
{{- if and .Values.autoscaling.enabled (gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas)) -}}
{{- fail "autoscaling.minReplicas is larger than autoscaling.maxReplicas" -}}
{{- end -}}
{{- if and .Values.autoscaling.enabled (not .Values.autoscaling.targetCPUUtilizationPercentage) (not .Values.autoscaling.targetMemoryUtilizationPercentage) -}}
{{- fail "autoscaling.enabled needs autoscaling.targetCPUUtilizationPercentage or autoscaling.targetMemoryUtilizationPercentage" -}}
{{- end -}}
{{- if and .Values.config.containerCredentials.enabled (not .Values.config.containerCredentials.configMapName) -}}
{{- fail "config.containerCredentials.enabled needs config.containerCredentials.configMapName" -}}
{{- end -}}
{{- if eq (int .Values.config.ports.webhook) (int .Values.config.ports.metrics) -}}
{{- fail "config.ports.webhook and config.ports.metrics are the same port" -}}
{{- end -}}
{{- if and .Values.hostNetwork (eq (toString .Values.hostUsers) "false") -}}
{{- fail "hostUsers: false cannot go with hostNetwork: true; Kubernetes refuses such pods" -}}
{{- end -}}
{{- if and .Values.validatingAdmissionPolicy.enabled (semverCompare "<1.30.0-0" .Capabilities.KubeVersion.Version) -}}
{{- fail (printf "validatingAdmissionPolicy.enabled needs Kubernetes 1.30 or newer, found %s" .Capabilities.KubeVersion.Version) -}}
{{- end -}}
{{- if and .Values.metrics.serviceMonitor.enabled .Values.metrics.podMonitor.enabled -}}
{{- fail "metrics: enable serviceMonitor or podMonitor, not both: each replica would be scraped twice" -}}
{{- end -}}
{{- if and .Values.metrics.serviceMonitor.enabled (not .Values.metrics.enabled) -}}
{{- fail "metrics.serviceMonitor.enabled needs metrics.enabled: true, which offers the port in the Service" -}}
{{- end -}}
{{- end -}}

{{- define "irsa-webhook.checkCertificates" -}}
{{- $pki := .Values.pki -}}
{{- $sources := list -}}
{{- if $pki.certManager.enabled }}{{ $sources = append $sources "pki.certManager.enabled" }}{{ end -}}
{{- if $pki.existingSecret }}{{ $sources = append $sources "pki.existingSecret" }}{{ end -}}
{{- if or $pki.cert $pki.key }}{{ $sources = append $sources "pki.cert" }}{{ end -}}
{{- if gt (len $sources) 1 -}}
{{- fail (printf "the serving certificate can come from one place only, found %s: unset all but one" (join " and " $sources)) -}}
{{- end -}}
{{- if and $pki.certManager.existingIssuer.enabled (not $pki.certManager.enabled) -}}
{{- fail "pki.certManager.existingIssuer.enabled needs pki.certManager.enabled: true, which is not this chart's default" -}}
{{- end -}}
{{- if not (eq (empty $pki.cert) (empty $pki.key)) -}}
{{- fail "pki.cert and pki.key are needed together" -}}
{{- end -}}
{{- if and $pki.caBundle (or (not $sources) $pki.certManager.enabled) -}}
{{- fail "pki.caBundle goes with pki.existingSecret or pki.cert only; in the other modes the bundle is published for you" -}}
{{- end -}}
{{- range $name := list "cert" "key" "caBundle" -}}
{{- with index $pki $name -}}
{{- if not (contains "-----BEGIN " .) -}}
{{- fail (printf "pki.%s: expected PEM, beginning with -----BEGIN" $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $isInjected := false -}}
{{- range $key, $_ := .Values.mutatingWebhook.annotations -}}
{{- if contains "inject-ca" $key }}{{ $isInjected = true }}{{ end -}}
{{- end -}}
{{- if and $sources (not $pki.certManager.enabled) (not $pki.caBundle) (not $isInjected) -}}
{{- fail (printf "%s needs pki.caBundle, or an annotation in mutatingWebhook.annotations that has it injected, such as cert-manager.io/inject-ca-from-secret" (first $sources)) -}}
{{- end -}}
{{- end -}}

{{/* Values written for the chart of the AWS webhook may name its image, which knows neither our flags nor our probes. */}}
{{- define "irsa-webhook.checkImage" -}}
{{- if hasSuffix "amazon-eks-pod-identity-webhook" .Values.image.repository -}}
{{- fail (printf "image.repository is %s, the AWS webhook: remove image.registry, image.repository and image.tag, or name a copy of irsa-webhook" .Values.image.repository) -}}
{{- end -}}
{{- if regexMatch "^v0[.][1-6][.][0-9]+$" (toString .Values.image.tag) -}}
{{- fail (printf "image.tag is %s, a version of the AWS webhook: remove it" .Values.image.tag) -}}
{{- end -}}
{{- end -}}

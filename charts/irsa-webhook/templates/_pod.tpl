{{/* The image to run: (list $ image), where empty fields of the image are those of the webhook's. */}}
{{- define "irsa-webhook.image" -}}
{{- $root := index . 0 -}}
{{- $image := index . 1 -}}
{{- $own := $root.Values.image -}}
{{- $registry := $root.Values.global.imageRegistry | default $image.registry | default $own.registry -}}
{{- $tag := $image.tag | default $own.tag | default $root.Chart.AppVersion -}}
{{- $digest := $image.digest | default (ternary "" $own.digest (ne (toString $image.repository) "")) -}}
{{- with $registry }}{{ . }}/{{ end -}}
{{- $image.repository | default $own.repository }}:{{ $tag }}
{{- with $digest }}@{{ . }}{{ end -}}
{{- end -}}

{{- define "irsa-webhook.imagePullSecrets" -}}
{{- range concat .Values.global.imagePullSecrets .Values.imagePullSecrets }}
- name: {{ kindIs "map" . | ternary . (dict "name" .) | dig "name" "" | quote }}
{{- end }}
{{- end -}}

{{/* A probe; a handler of the user's own takes the place of httpGet, for a probe may have one only. */}}
{{- define "irsa-webhook.probe" -}}
{{- $hasOther := or (hasKey . "exec") (hasKey . "grpc") (hasKey . "tcpSocket") -}}
{{- toYaml (ternary (omit . "httpGet") . $hasOther) -}}
{{- end -}}

{{/* Constraints that name no pods are about ours. */}}
{{- define "irsa-webhook.topologySpreadConstraints" -}}
{{- $selector := dict "labelSelector" (dict "matchLabels" (include "irsa-webhook.selectorLabels" . | fromYaml)) -}}
{{- range .Values.topologySpreadConstraints }}
- {{ toYaml (hasKey . "labelSelector" | ternary . (merge (deepCopy .) $selector)) | nindent 2 | trim }}
{{- end }}
{{- end -}}

{{/* Rolling parameters belong to one type only; the defaults of ours must not stay with another. */}}
{{- define "irsa-webhook.strategy" -}}
{{- toYaml (ternary .Values.strategy (omit .Values.strategy "rollingUpdate") (eq (toString .Values.strategy.type) "RollingUpdate")) -}}
{{- end -}}

{{/* Where the serving certificate comes from: selfManaged, certManager, existingSecret or provided. */}}
{{- define "irsa-webhook.certificateMode" -}}
{{- if .Values.pki.certManager.enabled -}}certManager
{{- else if .Values.pki.existingSecret -}}existingSecret
{{- else if .Values.pki.cert -}}provided
{{- else -}}selfManaged
{{- end -}}
{{- end -}}

{{/* One a line. */}}
{{- define "irsa-webhook.args" -}}
{{- $config := .Values.config -}}
--in-cluster=false
{{- if eq (include "irsa-webhook.certificateMode" .) "selfManaged" }}
--certificates=self-managed
--ca-secret={{ include "irsa-webhook.caSecretName" . }}
--webhook-configuration={{ include "irsa-webhook.fullname" . }}
--service-name={{ include "irsa-webhook.fullname" . }}
--cluster-domain={{ .Values.pki.selfManaged.clusterDomain }}
--ca-duration={{ .Values.pki.selfManaged.caDuration }}
--certificate-duration={{ .Values.pki.selfManaged.certDuration }}
{{- else }}
--certificates=files
--tls-cert=/etc/webhook/certs/tls.crt
--tls-key=/etc/webhook/certs/tls.key
{{- end }}
--namespace={{ include "irsa-webhook.namespace" . }}
--port={{ int64 $config.ports.webhook }}
--metrics-port={{ int64 $config.ports.metrics }}
--annotation-prefix={{ $config.annotationPrefix }}
--token-audience={{ $config.tokenAudience }}
--token-expiration={{ int64 $config.tokenExpiration }}
--token-mount-path={{ $config.tokenMountPath }}
--sts-regional-endpoint={{ $config.stsRegionalEndpoint }}
{{- with $config.defaultAwsRegion }}
--aws-default-region={{ . }}
{{- end }}
{{- with $config.serviceAccountLookupGracePeriod }}
--service-account-lookup-grace-period={{ . }}
{{- end }}
{{- if $config.composeRoleArn.enabled }}
--compose-role-arn=true
{{- with $config.composeRoleArn.accountId }}
--account-id={{ . }}
{{- end }}
{{- with $config.composeRoleArn.partition }}
--partition={{ . }}
{{- end }}
{{- end }}
{{- if $config.containerCredentials.enabled }}
--watch-container-credentials-config=/etc/webhook/container-credentials/{{ $config.containerCredentials.key }}
{{- end }}
{{- if $config.podIdentityWebhookMap.enabled }}
--watch-config-map=true
--config-map-name={{ $config.podIdentityWebhookMap.name }}
{{- end }}
--log-level={{ .Values.log.level }}
--log-format={{ .Values.log.format }}
{{- if .Values.metrics.legacyNames }}
--legacy-metrics=true
{{- end }}
{{- range $config.extraArgs }}
{{ . }}
{{- end }}
{{- end -}}

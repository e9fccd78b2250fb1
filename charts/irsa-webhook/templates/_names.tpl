{{/* Names are no longer than 50, so that the longest suffix fits into the 63 that labels and names of Services may have. */}}
{{- define "irsa-webhook.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "irsa-webhook.fullname" -}}
{{- $name := include "irsa-webhook.name" . -}}
{{- $release := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- .Values.fullnameOverride | default $release | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "irsa-webhook.namespace" -}}
{{- .Values.namespaceOverride | default .Release.Namespace -}}
{{- end -}}

{{- define "irsa-webhook.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (ternary (include "irsa-webhook.fullname" .) "default" .Values.serviceAccount.create) -}}
{{- end -}}

{{- define "irsa-webhook.caSecretName" -}}
{{- .Values.pki.selfManaged.secretName | default (printf "%s-ca" (include "irsa-webhook.fullname" .)) -}}
{{- end -}}

{{- define "irsa-webhook.certificateSecretName" -}}
{{- .Values.pki.existingSecret | default (printf "%s-cert" (include "irsa-webhook.fullname" .)) -}}
{{- end -}}

{{/* Never changed by an upgrade: the selector of a Deployment cannot be. */}}
{{- define "irsa-webhook.selectorLabels" -}}
app.kubernetes.io/name: {{ include "irsa-webhook.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "irsa-webhook.labels" -}}
{{- $own := dict
  "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-")
  "app.kubernetes.io/version" (.Chart.AppVersion | replace "+" "_" | trunc 63 | trimSuffix "-")
  "app.kubernetes.io/managed-by" .Release.Service
  "app.kubernetes.io/component" "webhook"
  "app.kubernetes.io/part-of" "irsa-webhook"
-}}
{{- toYaml (merge (include "irsa-webhook.selectorLabels" . | fromYaml) $own .Values.commonLabels) -}}
{{- end -}}

{{/* Name, namespace and labels of an object: (list $ "suffix" extraLabels). */}}
{{- define "irsa-webhook.metadata" -}}
{{- $root := index . 0 -}}
{{- $suffix := index . 1 -}}
{{- $labels := index . 2 -}}
name: {{ include "irsa-webhook.fullname" $root }}{{ $suffix }}
namespace: {{ include "irsa-webhook.namespace" $root }}
labels:
  {{- toYaml (merge (include "irsa-webhook.labels" $root | fromYaml) $labels) | nindent 2 }}
{{- end -}}

{{/* The same for objects without a namespace: (list $ "suffix"). */}}
{{- define "irsa-webhook.clusterMetadata" -}}
name: {{ include "irsa-webhook.fullname" (index . 0) }}{{ index . 1 }}
labels:
  {{- include "irsa-webhook.labels" (index . 0) | nindent 2 }}
{{- end -}}

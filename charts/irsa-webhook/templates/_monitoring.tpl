{{/* Whether to render objects of an operator: (list $ "group/version"). "true" or nothing. */}}
{{- define "irsa-webhook.rendersKindsOf" -}}
{{- $root := index . 0 -}}
{{- if or (eq $root.Values.metrics.renderMode "alwaysRender") ($root.Capabilities.APIVersions.Has (index . 1)) }}true{{ end -}}
{{- end -}}

{{/* Metadata of an object with a namespace and labels of its own: (list $ "suffix" namespace labels annotations). */}}
{{- define "irsa-webhook.monitoringMetadata" -}}
{{- $root := index . 0 -}}
name: {{ include "irsa-webhook.fullname" $root }}{{ index . 1 }}
namespace: {{ index . 2 | default (include "irsa-webhook.namespace" $root) }}
labels:
  {{- toYaml (merge (include "irsa-webhook.labels" $root | fromYaml) (index . 3)) | nindent 2 }}
{{- with index . 4 }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

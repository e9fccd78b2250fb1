{{- define "irsa-webhook.requireLabel" -}}
{{ .Values.config.annotationPrefix }}/require-pod-identity
{{- end -}}

{{/* The labels with which a pod opts out. The first is the AWS webhook's, whatever the prefix. */}}
{{- define "irsa-webhook.skipLabels" -}}
{{- list "eks.amazonaws.com/skip-pod-identity-webhook" (printf "%s/skip-pod-identity-webhook" .Values.config.annotationPrefix) | uniq | toJson -}}
{{- end -}}

{{/* Whether the whole namespace of the webhook is left out: "true" or nothing. Not kube-system, where others need roles. */}}
{{- define "irsa-webhook.excludesNamespace" -}}
{{- if and .Values.mutatingWebhook.excludeReleaseNamespace (ne (include "irsa-webhook.namespace" .) "kube-system") }}true{{ end -}}
{{- end -}}

{{- define "irsa-webhook.namespaceSelector" -}}
{{- $user := .Values.mutatingWebhook.namespaceSelector -}}
{{- $own := list -}}
{{- if include "irsa-webhook.excludesNamespace" . -}}
{{- $own = list (dict "key" "kubernetes.io/metadata.name" "operator" "NotIn" "values" (list (include "irsa-webhook.namespace" .))) -}}
{{- end -}}
{{- $expressions := concat $own ($user.matchExpressions | default list) -}}
{{- $selector := ternary (dict "matchExpressions" $expressions) dict (gt (len $expressions) 0) -}}
{{- with $user.matchLabels }}{{ $_ := set $selector "matchLabels" . }}{{ end -}}
{{- toYaml $selector -}}
{{- end -}}

{{/* Leaves out the pods that opt out. */}}
{{- define "irsa-webhook.notSkipped" -}}
{{- $expressions := list -}}
{{- range include "irsa-webhook.skipLabels" . | fromJsonArray -}}
{{- $expressions = append $expressions (dict "key" . "operator" "DoesNotExist") -}}
{{- end -}}
{{- toJson $expressions -}}
{{- end -}}

{{/* The pods that require an identity, and those that opt out as well: the webhook refuses them. */}}
{{- define "irsa-webhook.requireSelector" -}}
{{- $required := list (dict "key" (include "irsa-webhook.requireLabel" .) "operator" "In" "values" (list "true")) -}}
{{- include "irsa-webhook.objectSelector" (list . $required) -}}
{{- end -}}

{{/* The expressions of an entry, then the user's: (list $ expressionsOfTheEntry). */}}
{{- define "irsa-webhook.objectSelector" -}}
{{- $user := (index . 0).Values.mutatingWebhook.objectSelector -}}
{{- $selector := dict "matchExpressions" (concat (index . 1) (empty $user.matchExpressions | ternary list $user.matchExpressions)) -}}
{{- with $user.matchLabels }}{{ $_ := set $selector "matchLabels" . }}{{ end -}}
{{- toYaml $selector -}}
{{- end -}}

{{/*
An error in a condition skips the webhook under Ignore and refuses the pod under Fail, so every optional field is asked for
with has(): https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-matchconditions
*/}}
{{- define "irsa-webhook.matchConditions" -}}
{{- if .Values.mutatingWebhook.defaultMatchConditions }}
- name: not-a-mirror-pod
  expression: "!has(object.metadata.annotations) || !('kubernetes.io/config.mirror' in object.metadata.annotations)"
- name: has-a-service-account
  expression: "has(object.spec.serviceAccountName) && object.spec.serviceAccountName != ''"
{{- end }}
{{- if not (include "irsa-webhook.excludesNamespace" .) }}
# Where the namespace is not left out as a whole, the webhook's own pods are: else none could start after all had gone.
- name: not-the-webhook-itself
  expression: >-
    !(request.namespace == '{{ include "irsa-webhook.namespace" . }}' && has(object.metadata.labels)
    && 'app.kubernetes.io/name' in object.metadata.labels
    && object.metadata.labels['app.kubernetes.io/name'] == '{{ include "irsa-webhook.name" . }}'
    && 'app.kubernetes.io/instance' in object.metadata.labels
    && object.metadata.labels['app.kubernetes.io/instance'] == '{{ .Release.Name }}')
{{- end }}
{{- with .Values.mutatingWebhook.matchConditions }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* What all entries share. */}}
{{- define "irsa-webhook.hookFields" -}}
admissionReviewVersions: [v1, v1beta1]
clientConfig:
  service:
    name: {{ include "irsa-webhook.fullname" . }}
    namespace: {{ include "irsa-webhook.namespace" . }}
    path: /mutate
    port: {{ int .Values.service.port }}
  {{- with .Values.pki.caBundle }}
  caBundle: {{ . | b64enc }}
  {{- end }}
matchPolicy: {{ .Values.mutatingWebhook.matchPolicy }}
reinvocationPolicy: {{ .Values.mutatingWebhook.reinvocationPolicy }}
sideEffects: None
namespaceSelector:
  {{- include "irsa-webhook.namespaceSelector" . | nindent 2 }}
{{- with include "irsa-webhook.matchConditions" . | trim }}
matchConditions:
  {{- . | nindent 2 }}
{{- end }}
{{- end -}}

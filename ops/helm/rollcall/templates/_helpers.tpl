{{- define "rollcall.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "rollcall.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else if contains (include "rollcall.name" .) .Release.Name }}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "rollcall.name" .) | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "rollcall.selectorLabels" -}}
app.kubernetes.io/name: {{ include "rollcall.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "rollcall.labels" -}}
{{ include "rollcall.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "rollcall.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "rollcall.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "rollcall.image" -}}
{{- $tag := default .Chart.AppVersion .Values.image.tag -}}
{{- if .Values.image.digest -}}
{{ printf "%s:%s@%s" .Values.image.repository $tag .Values.image.digest }}
{{- else -}}
{{ printf "%s:%s" .Values.image.repository $tag }}
{{- end -}}
{{- end }}

{{/* The deployments of the mode, as YAML: name, the roles of its processes, and its values. */}}
{{- define "rollcall.deployments" -}}
{{- $workers := list "orchestrator" "reducer" "consul" "postgres" "snapshots" -}}
{{- $deployments := .Values.deployments -}}
{{- if eq .Values.mode "all-in-one" }}
- name: all
  roles: {{ concat (list "api") $workers (list "heartbeats") | join "," | quote }}
  values: {{- toYaml $deployments.all | nindent 4 }}
{{- else }}
- name: api
  roles: api
  values: {{- toYaml $deployments.api | nindent 4 }}
- name: workers
  roles: {{ ternary $workers (append $workers "heartbeats") $deployments.heartbeats.enabled | join "," | quote }}
  values: {{- toYaml $deployments.workers | nindent 4 }}
{{- if $deployments.heartbeats.enabled }}
- name: heartbeats
  roles: heartbeats
  values: {{- toYaml (omit $deployments.heartbeats "enabled") | nindent 4 }}
{{- end }}
{{- end }}
{{- end }}

{{/* What values.schema.json cannot say. */}}
{{- define "rollcall.validate" -}}
{{- $partitions := int (default 6 .Values.config.TOPIC_PARTITIONS) -}}
{{- range (include "rollcall.deployments" . | fromYamlArray) }}
{{- $most := ternary .values.autoscaling.maxReplicas .values.replicas .values.autoscaling.enabled | int }}
{{- if and (ne .name "api") (gt $most $partitions) }}
{{- fail (printf "deployments.%s: %d replicas share %d partitions, so some would have no work: raise TOPIC_PARTITIONS (docs/operations.md says how) or have fewer" .name $most $partitions) }}
{{- end }}
{{- end }}
{{- if and .Values.migration.enabled (not .Values.migration.existingSecret) }}
{{- fail "migration.existingSecret is empty: name a Secret with the URL of the tables' owner, or set migration.enabled=false and let the registry make its tables" }}
{{- end }}
{{- if and .Values.prometheusRule.enabled (not .Values.prometheusRule.rules) }}
{{- fail "prometheusRule.rules is empty: --set-file prometheusRule.rules=ops/prometheus/alerts.yml" }}
{{- end }}
{{- end }}

{{/* A value of a variable as text: a large number would become 1e+06. */}}
{{- define "rollcall.text" -}}
{{- if kindIs "float64" . }}{{ int64 . }}{{ else }}{{ . }}{{ end }}
{{- end }}

{{/* Variables that all processes share; the roles and what concerns the tables come beside them. */}}
{{- define "rollcall.env" -}}
{{- range $name, $value := .root.Values.config }}
- name: {{ $name }}
  value: {{ include "rollcall.text" $value | quote }}
{{- end }}
{{- range $name, $key := .files }}
- name: {{ $name }}
  value: {{ printf "/etc/rollcall/secrets/%s" $key | quote }}
{{- end }}
{{- end }}

{{- define "rollcall.secretVolume" -}}
- name: secrets
  secret:
    secretName: {{ . }}
    defaultMode: 0440
{{- end }}

package hook

import (
	"cmp"
	"encoding/json"
	"html"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/plumbline/plumbline/internal/incident"
	"github.com/plumbline/plumbline/internal/rule"
)

// forms is the table of kinds.
func forms() map[string]form {
	own := func(o *Options) string { return o.URL }
	or := func(usual string) func(o *Options) string {
		return func(o *Options) string {
			if o.URL != "" {
				return o.URL
			}
			return usual
		}
	}
	return map[string]form{
		"webhook":      {url: own, body: (*message).webhook},
		"alertmanager": {url: own, body: (*message).alertmanager},
		"slack":        {url: own, body: (*message).slack},
		"mattermost":   {url: own, body: (*message).mattermost},
		"telegram": {keyed: true, to: true, body: (*message).telegram, url: func(o *Options) string {
			return or("https://api.telegram.org")(o) + "/bot" + url.PathEscape(o.Key) + "/sendMessage"
		}},
		"pagerduty": {keyed: true, url: or("https://events.pagerduty.com/v2/enqueue"), body: (*message).pagerduty, sends: (*message).ofIncident},
		"opsgenie": {keyed: true, body: (*message).opsgenie, sends: (*message).ofIncident, url: or("https://api.opsgenie.com/v2/alerts"),
			auth: func(o *Options) (string, string) { return "Authorization", "GenieKey " + o.Key }},
		"matrix": {keyed: true, to: true, body: (*message).matrix, put: func(m *message) string { return url.PathEscape(m.Key) },
			auth: func(o *Options) (string, string) { return "Authorization", "Bearer " + o.Key },
			url: func(o *Options) string {
				return strings.TrimSuffix(o.URL, "/") + "/_matrix/client/v3/rooms/" + url.PathEscape(o.To) + "/send/m.room.message/"
			}},
		"teams":      {url: own, body: (*message).teams},
		"googlechat": {url: own, body: (*message).googlechat},
		"http":       {url: own, body: (*message).template},
	}
}

// message is a notice on its way into the form of a kind.
type message struct {
	incident.Notice
	opts  *Options
	again bool
}

func (m *message) link() string {
	if m.opts.Link == "" || m.Incident == "" {
		return m.opts.Link
	}
	return m.opts.Link + "/incident?id=" + url.QueryEscape(m.Incident)
}

// lines are what a person reads, the first one the title.
func (m *message) lines() []string {
	lines := []string{m.Subject()}
	lines = append(lines, m.Body()...)
	if l := m.link(); l != "" {
		lines = append(lines, l)
	}
	if m.again {
		lines = append(lines, "(perhaps sent before)")
	}
	return lines
}

// ofIncident keeps notices that open or end an incident, for services that keep
// incidents of their own.
func (m *message) ofIncident() bool {
	return m.Kind == incident.NoticeOpened || m.Kind == incident.NoticeEnded || m.Kind == incident.NoticeTest
}

func encoded(v any) ([]byte, string) {
	text, err := json.Marshal(v)
	if err != nil {
		text = []byte("{}") // cannot be: texts and numbers always marshal
	}
	return text, "application/json"
}

func (m *message) webhook() ([]byte, string) {
	return encoded(map[string]any{
		"version": 1, "key": m.Key, "kind": m.Kind, "severity": m.Severity, "title": m.Title, "lines": m.Lines,
		"incident": m.Incident, "rule": m.Rule, "labels": m.Labels, "at": stamp(m.At), "since": stamp(m.Since),
		"episodes": m.Episodes, "step": m.Step, "link": m.link(), "possible_duplicate": m.again,
	})
}

func stamp(ns int64) string { return time.Unix(0, ns).UTC().Format(time.RFC3339Nano) }

// slack escapes the three characters that Slack reads.
// https://docs.slack.dev/messaging/formatting-message-text#escaping
func (m *message) slack() ([]byte, string) {
	safe := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(strings.Join(m.lines(), "\n"))
	return encoded(map[string]any{"text": safe, "mrkdwn": false, "link_names": false})
}

// mattermost shows the text as code, in which nothing is read; a link stands
// outside of it.
func (m *message) mattermost() ([]byte, string) {
	text := strings.ReplaceAll(strings.Join(append([]string{m.Subject()}, m.Body()...), "\n"), "`", "ˋ")
	body := map[string]any{"text": "```\n" + text + "\n```\n" + m.link()}
	if m.opts.To != "" {
		body["channel"] = m.opts.To
	}
	return encoded(body)
}

// telegram sends plain text: without parse_mode nothing in it is read.
func (m *message) telegram() ([]byte, string) {
	text := strings.Join(m.lines(), "\n")
	const most = 4000 // Telegram's limit is 4096 characters
	if r := []rune(text); len(r) > most {
		text = string(r[:most]) + "…"
	}
	return encoded(map[string]any{"chat_id": m.opts.To, "text": text, "disable_web_page_preview": true})
}

// matrix sends plain text that mentions nobody. The key is the id of the
// transaction: a room shows what is sent again once.
// https://spec.matrix.org/latest/client-server-api/#put_matrixclientv3roomsroomidsendeventtypetxnid
func (m *message) matrix() ([]byte, string) {
	return encoded(map[string]any{"msgtype": "m.text", "body": strings.Join(m.lines(), "\n"), "m.mentions": map[string]any{}})
}

// teams sends a card to a workflow, in runs of text: those are the part of a card
// in which no Markdown is read. https://adaptivecards.io/explorer/TextRun.html
func (m *message) teams() ([]byte, string) {
	var body []any
	for _, line := range m.lines() {
		body = append(body, map[string]any{"type": "RichTextBlock", "inlines": []any{map[string]any{"type": "TextRun", "text": line}}})
	}
	card := map[string]any{"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.2", "body": body}
	return encoded(map[string]any{"type": "message", "attachments": []any{
		map[string]any{"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": nil, "content": card},
	}})
}

// googlechat sends a card, whose text is HTML, and so can be escaped; that of a
// plain message cannot. https://developers.google.com/workspace/chat/format-messages
func (m *message) googlechat() ([]byte, string) {
	text := map[string]any{"text": strings.ReplaceAll(html.EscapeString(strings.Join(m.lines(), "\n")), "\n", "<br>")}
	return encoded(map[string]any{"cardsV2": []any{map[string]any{"cardId": "notice", "card": map[string]any{
		"sections": []any{map[string]any{"widgets": []any{map[string]any{"textParagraph": text}}}},
	}}}})
}

// pagerduty speaks Events API v2; the incident is its key, so that what opens and
// what ends it meet. https://developer.pagerduty.com/docs/send-alert-event
func (m *message) pagerduty() ([]byte, string) {
	action := "trigger"
	if m.Kind == incident.NoticeEnded {
		action = "resolve"
	}
	return encoded(map[string]any{
		"routing_key": m.opts.Key, "event_action": action, "dedup_key": m.alias(), "client": "Plumbline", "client_url": m.link(),
		"payload": map[string]any{
			"summary": short(m.Subject(), 1000), "source": "plumbline", "severity": m.Severity, "timestamp": stamp(m.At),
			"custom_details": m.Labels,
		},
	})
}

func (m *message) alias() string {
	if m.Incident != "" {
		return m.Incident
	}
	return m.Key
}

// opsgenie makes an alert whose alias is the incident.
// https://docs.opsgenie.com/docs/alert-api
func (m *message) opsgenie() ([]byte, string) {
	priority := map[rule.Severity]string{rule.Critical: "P1", rule.Warning: "P3", rule.Info: "P5"}[m.Severity]
	return encoded(map[string]any{
		"message": short(m.Subject(), 130), "alias": m.alias(), "description": strings.Join(m.lines(), "\n"),
		"priority": priority, "source": "Plumbline", "details": m.Labels,
	})
}

func short(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}

// alertmanager is the webhook that Alertmanager sends, version 4.
// https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
func (m *message) alertmanager() ([]byte, string) {
	type alert struct {
		Status       string            `json:"status"`
		Labels       map[string]string `json:"labels"`
		Annotations  map[string]string `json:"annotations"`
		StartsAt     string            `json:"startsAt"`
		EndsAt       string            `json:"endsAt"`
		GeneratorURL string            `json:"generatorURL"`
		Fingerprint  string            `json:"fingerprint"`
	}
	list := []alert{}
	var labels, notes []map[string]string
	for _, a := range m.alerts() {
		status, ends := "firing", "0001-01-01T00:00:00Z"
		if a.To != 0 {
			status, ends = "resolved", stamp(a.To)
		}
		list = append(list, alert{status, a.Labels, a.Annotations, stamp(a.From), ends, a.Link, rule.Fingerprint(a.Labels)})
		labels, notes = append(labels, a.Labels), append(notes, a.Annotations)
	}
	status := "firing"
	if m.Kind == incident.NoticeEnded {
		status = "resolved"
	}
	return encoded(map[string]any{
		"version": "4", "groupKey": m.alias(), "truncatedAlerts": m.More, "status": status, "receiver": "plumbline", "groupLabels": named(m.Group),
		"commonLabels": common(labels), "commonAnnotations": common(notes), "externalURL": m.opts.Link, "alerts": list,
	})
}

// alerts are those of the notice with names that Prometheus takes; of a test, which
// has none, the notice itself.
func (m *message) alerts() []incident.Alert {
	list := slices.Clone(m.Alerts)
	if len(list) == 0 {
		list = []incident.Alert{{
			Labels: map[string]string{"alertname": cmp.Or(m.Rule, "plumbline"), "severity": m.Severity.String()}, From: m.Since,
			Annotations: map[string]string{"summary": m.Title, "description": strings.Join(m.Body(), "\n")},
		}}
	}
	for i := range list {
		a := &list[i]
		a.Labels, a.Annotations, a.Link = named(a.Labels), named(a.Annotations), cmp.Or(a.Link, m.link())
	}
	return list
}

// named are labels whose names are letters, digits and _, as all versions of
// Prometheus and Alertmanager take them.
func named(labels map[string]string) map[string]string {
	out := map[string]string{}
	for name, value := range labels {
		safe := strings.Map(func(c rune) rune {
			if c != '_' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
				return '_'
			}
			return c
		}, name)
		if safe == "" || safe[0] >= '0' && safe[0] <= '9' {
			safe = "_" + safe
		}
		out[safe] = value
	}
	return out
}

// common are the labels that all have, with the same values.
func common(all []map[string]string) map[string]string {
	out := maps.Clone(all[0])
	for _, labels := range all[1:] {
		maps.DeleteFunc(out, func(name, value string) bool { v, has := labels[name]; return !has || v != value })
	}
	return out
}

// template fills the body that the configuration gives, for gateways of SMS and
// voice and whatever else speaks HTTP. What is filled in is escaped as the body
// wants it: in JSON as a string's inside, elsewhere as in a form.
func (m *message) template() ([]byte, string) {
	isJSON := strings.HasPrefix(strings.TrimSpace(m.opts.Template), "{")
	escape, kind := url.QueryEscape, "application/x-www-form-urlencoded"
	if isJSON {
		kind = "application/json"
		escape = func(s string) string {
			text, _ := encoded(s)
			return string(text[1 : len(text)-1])
		}
	}
	fill := strings.NewReplacer(
		"{{title}}", escape(m.Subject()), "{{text}}", escape(strings.Join(m.lines(), "\n")), "{{severity}}", escape(m.Severity.String()),
		"{{kind}}", escape(m.Kind), "{{key}}", escape(m.Key), "{{incident}}", escape(m.Incident), "{{link}}", escape(m.link()), "{{to}}", escape(m.opts.To),
	)
	return []byte(fill.Replace(m.opts.Template)), kind
}

package dataset

import (
	"slices"
	"testing"
)

func TestKindOfFields(t *testing.T) {
	d := New("comm")
	d.IDs = []string{"ref", "session_id"}
	d.Kinds = map[string]string{"msg": "message_id", "parent_msg": "message_id"}
	d.Hubs = []string{"campaign_id", "route_id"}
	d.Aliases["mid"] = "message_id"
	d.Aliases["campaign"] = "campaign_id"
	for field, want := range map[string]string{
		"id": "id", "message_id": "message_id", "trace.id": "trace.id", "bulk_id": "bulk_id",
		"msg": "message_id", "parent_msg": "message_id", "mid": "message_id", // two names, one kind
		"ref": "ref", "session_id": "session_id", // declared, also where the name is that of a hub
		"user_id": "", "user": "", "user.id": "", "sender_account_id": "", "api_key_id": "", "host.id": "", "thread_id": "",
		"campaign_id": "", "campaign": "", "route_id": "",
		"monkey_id": "monkey_id", "process_idle": "", "identity": "", "paid": "", "_id": "", "_chunk_id": "", "": "", "_msg": "",
	} {
		if got := d.Kind(field); got != want {
			t.Errorf("%s is of kind %q, want %q", field, got, want)
		}
	}
	if got, want := d.Names("message_id"), []string{"message_id", "mid", "msg", "parent_msg"}; !slices.Equal(got, want) {
		t.Errorf("names %v, want %v", got, want)
	}
}

func TestWrongKindsAreSaid(t *testing.T) {
	d := New("comm")
	d.Kinds = map[string]string{"msg": ""}
	if err := d.Check(); err == nil || err.Error() != "dataset comm: kinds: msg wants the name of a kind, as order_id" {
		t.Error(err)
	}
	d.Kinds, d.Hubs = map[string]string{"msg": "message_id"}, []string{"msg"}
	if err := d.Check(); err == nil || err.Error() != "dataset comm: msg is among the hubs, which have no kind" {
		t.Error(err)
	}
}

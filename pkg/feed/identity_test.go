package feed

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestKeys(t *testing.T) {
	lower := func(s string) (string, error) {
		if strings.Contains(s, "%zz") {
			return "", errors.New("bad")
		}
		return strings.ToLower(s), nil
	}
	f := func(items []Item, want ...Key) {
		t.Helper()
		if got := Keys("F", items, lower); !reflect.DeepEqual(got, want) {
			t.Errorf("%+v:\n got %+v\nwant %+v", items, got, want)
		}
	}
	usable := func(c string) Key { return Key{Key: c, Canonical: c, Usable: true} }
	f([]Item{{GUID: "1", URL: "https://A.example/x"}, {GUID: "2", URL: "https://a.example/y"}}, usable("https://a.example/x"), usable("https://a.example/y"))
	f([]Item{{GUID: "1", URL: "https://a.example/"}, {URL: "https://a.example", Title: "T"}}, Key{Key: "F\n1", Canonical: "https://a.example/"}, Key{Key: "F\n\nT\nhttps://a.example", Canonical: "https://a.example"})
	f([]Item{{GUID: "1", URL: "https://a.example/x"}, {GUID: "2", URL: "https://a.example/X"}}, Key{Key: "F\n1", Canonical: "https://a.example/x"}, Key{Key: "F\n2", Canonical: "https://a.example/x"})
	f([]Item{{GUID: "1", URL: "https://a.example/x"}, {GUID: "1", URL: "https://a.example/X"}}, usable("https://a.example/x"), usable("https://a.example/x"))
	f([]Item{{GUID: "1", URL: "/x"}, {GUID: "2", URL: "https://a.example/%zz"}, {}}, Key{Key: "F\n1"}, Key{Key: "F\n2"}, Key{})
}

func TestKeysWithoutGUID(t *testing.T) {
	same := func(s string) (string, error) { return s, nil }
	at := time.Date(2002, 9, 7, 0, 0, 0, 0, time.UTC)
	f := func(items []Item, want ...string) {
		t.Helper()
		var got []string
		for _, k := range KeysWithoutGUID("F", items, same) {
			got = append(got, k.Key)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%+v:\n got %q\nwant %q", items, got, want)
		}
	}
	f([]Item{{GUID: "1", URL: "https://a.example/x", Title: "A"}, {GUID: "2", URL: "https://a.example/x", Title: "A"}}, "https://a.example/x", "https://a.example/x")
	f([]Item{{GUID: "1", URL: "https://a.example/x", Title: "A", Published: at}, {GUID: "2", URL: "https://a.example/x", Title: "B"}},
		"F\n\nA\nhttps://a.example/x\n2002-09-07T00:00:00Z", "F\n\nB\nhttps://a.example/x")
	f([]Item{{GUID: "1", Summary: "s"}, {GUID: "2"}, {GUID: "3", URL: "https://a.example/"}}, "F\n\ns\n", "", "F\n\n\nhttps://a.example/")
	// The address behind a feed host's link counts.
	f([]Item{{URL: "https://feeds.example/~r/1", OriginalURL: "https://a.example/x"}}, "https://a.example/x")

	// All items with one link and no GUIDs are told apart by their titles.
	keys := Keys("F", []Item{{URL: "https://a.example/x", Title: "A"}, {URL: "https://a.example/x", Title: "B"}}, same)
	if keys[0].Key == keys[1].Key || keys[0].Usable {
		t.Errorf("%+v", keys)
	}
}

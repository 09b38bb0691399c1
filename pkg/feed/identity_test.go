package feed

import (
	"errors"
	"reflect"
	"strings"
	"testing"
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

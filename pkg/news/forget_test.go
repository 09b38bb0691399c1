package news

import "testing"

func TestTombstones(t *testing.T) {
	s := NewTombstones([]Tombstone{
		{Article: 5}, {Site: "b.example"}, {Site: "medium.com/@ann"}, {Site: "10.0.0.1:8080"}, {Site: "c.example", Lifted: true}, {Article: 6, Lifted: true},
	})
	if s.Len() != 4 || len(s.All()) != 4 {
		t.Errorf("%d tombstones, %d listed, want 4", s.Len(), len(s.All()))
	}
	f := func(want bool, id ID, source string, addresses ...string) {
		t.Helper()
		if got := s.Covers(id, source, addresses...); got != want {
			t.Errorf("%d of %s at %q: %v, want %v", id, source, addresses, got, want)
		}
	}
	f(true, 5, "a.example")
	f(false, 6, "a.example", "", "https://a.example/6")
	f(true, 7, "b.example")
	f(true, 7, "blog.b.example")
	f(false, 7, "notb.example")
	f(false, 7, "b.example.org")
	f(true, 7, "a.example", "https://www.B.example:8443/x")
	f(true, 7, "a.example", "", "https://news.b.example/x")
	f(false, 7, "a.example", "https://a.example/?u=b.example", "::bad")
	f(true, 7, "medium.com/@ann", "https://medium.com/@ann/x")
	f(false, 7, "medium.com/@bob", "https://medium.com/@bob/x")
	f(true, 7, "10.0.0.1:8080")
	f(false, 7, "10.0.0.1:8081")
	f(false, 7, "c.example")
	f(false, 0, "")

	for _, want := range []Tombstone{{Article: 0xfe, Reason: "r"}, {Site: "medium.com/@ann", KeepCounts: true}, {Site: "x.example", Lifted: true}} {
		got, err := TombstoneOf(want.Knowledge())
		if err != nil || got != want || want.Knowledge().Validate() != nil {
			t.Errorf("%+v came back as %+v, %v", want, got, err)
		}
	}
	for _, name := range []string{"", "article", "article/5", "site/", "topic/x"} {
		if got, err := ParseTombstoneName(name); err == nil {
			t.Errorf("%q is read as %+v", name, got)
		}
	}
}

package feed

import (
	"bytes"
	stdjson "encoding/json"
	"fmt"
	"reflect"
	"testing"
)

// itemSpans gives the place of each item in a sound document, as bytes.
func itemSpans(b []byte, format string) []piece {
	if format == FormatJSON {
		return jsonSpans(b)
	}
	kind := map[string]rootKind{FormatAtom: rootAtom, FormatSitemap: rootURLSet}[format]
	if kind == rootNone {
		kind = rootRSS
	}
	_, pos, _, _ := findRoot(b)
	var out []piece
	depth, start := 0, -1
	for pos < len(b) {
		lt := bytes.IndexByte(b[pos:], '<')
		if lt < 0 {
			break
		}
		pos += lt
		t := readTag(b, pos)
		isItem := bytes.EqualFold(localName(t.name), []byte(kind.item()))
		switch t.kind {
		case tagOpen:
			if isItem && start < 0 && depth <= 2 {
				start = pos
			}
			depth++
		case tagEmpty:
			if isItem && start < 0 && depth <= 2 {
				out = append(out, piece{pos, t.end})
			}
		case tagClose:
			depth--
			if isItem && start >= 0 && depth <= 2 {
				out, start = append(out, piece{start, t.end}), -1
			}
		}
		pos = t.end
	}
	return out
}

func jsonSpans(b []byte) []piece {
	d := stdjson.NewDecoder(bytes.NewReader(b))
	var out []piece
	for depth := 0; ; {
		t, err := d.Token()
		if err != nil {
			return out
		}
		switch t {
		case stdjson.Delim('{'), stdjson.Delim('['):
			depth++
		case stdjson.Delim('}'), stdjson.Delim(']'):
			depth--
		}
		if t != "items" || depth != 1 {
			continue
		}
		if _, err := d.Token(); err != nil {
			return out
		}
		for d.More() {
			var raw stdjson.RawMessage
			if d.Decode(&raw) != nil {
				return out
			}
			end := int(d.InputOffset())
			out = append(out, piece{end - len(raw), end})
		}
		return out
	}
}

// cleanFeed is a real feed that is sound, with its items and their places.
type cleanFeed struct {
	realFeed
	feed  *Feed
	spans []piece
}

func cleanFeeds(t *testing.T) []cleanFeed {
	var out []cleanFeed
	for _, rf := range realFeeds(t) {
		f, err := Parse(rf.body, Options{BaseURL: "https://base.example/"})
		if err != nil || len(f.Items) == 0 {
			continue
		}
		if f.Salvaged {
			t.Logf("%s is damaged as it is: %v", rf.name, f.Warnings)
			continue
		}
		spans := itemSpans(rf.body, f.Format)
		if len(spans) != len(f.Items) {
			t.Errorf("%s: %d places of %d items", rf.name, len(spans), len(f.Items))
			continue
		}
		out = append(out, cleanFeed{rf, f, spans})
	}
	return out
}

// same tells whether two items say the same; what they take from the head of
// the document is left out where that is damaged.
func same(a, b Item, head bool) bool {
	a.Salvaged, b.Salvaged = false, false
	if !head {
		a.Language, b.Language = "", ""
		a.Author, b.Author = "", ""
		a.URL, b.URL, a.Image, b.Image, a.SourceURL, b.SourceURL = "", "", "", "", "", ""
		a.Summary, b.Summary, a.Content, b.Content = "", "", "", ""
	}
	return reflect.DeepEqual(a, b)
}

// Each feed is cut at 20 places: exactly the items that are whole up to there
// come out, each as it does of the whole feed.
func TestRealFeedsCut(t *testing.T) {
	cuts := 0
	for _, cf := range cleanFeeds(t) {
		for k := 1; k <= 20; k++ {
			at := len(cf.body) * k / 21
			want := 0
			for want < len(cf.spans) && cf.spans[want].to <= at {
				want++
			}
			var got []Item
			f, err := Parse(cf.body[:at], Options{BaseURL: "https://base.example/"})
			if err == nil {
				got = f.Items
			}
			cuts++
			if len(got) != want {
				t.Errorf("%s cut at %d of %d: %d items, %d are whole (%v)", cf.name, at, len(cf.body), len(got), want, err)
				continue
			}
			for i := range got {
				if !same(got[i], cf.feed.Items[i], true) {
					t.Errorf("%s cut at %d: item %d differs:\n got %+v\nwant %+v", cf.name, at, i, got[i], cf.feed.Items[i])
					break
				}
			}
		}
	}
	t.Logf("%d cuts", cuts)
}

// Each feed gets one wrong byte of several kinds at 20 places: no item is lost
// or changed but the one hit.
func TestRealFeedsBadByte(t *testing.T) {
	tries := 0
	for _, cf := range cleanFeeds(t) {
		kinds := []byte{0x92, '<', '&', 0x00, 0xff, '>', '"', '\''}
		if len(cf.body) > 16<<10 {
			kinds = kinds[:3] // the others behave alike, and long feeds take long
		}
		for _, bad := range kinds {
			for k := range 20 {
				at := len(cf.body) * k / 20
				b := bytes.Clone(cf.body)
				b[at] = bad
				tries++
				lost := lostItems(cf, b, at)
				if lost != "" {
					t.Errorf("%s with %#x at %d of %d (%q): %s", cf.name, bad, at, len(b), cf.body[max(0, at-30):min(len(b), at+30)], lost)
				}
			}
		}
	}
	t.Logf("%d bad bytes", tries)
}

// lostItems compares the items of a feed with one bad byte with what they
// were. An item that was hit may be lost or changed; it may not take another
// one with it.
func lostItems(cf cleanFeed, b []byte, at int) string {
	hit := -1
	for i, s := range cf.spans {
		if at >= s.from && at < s.to {
			hit = i
		}
	}
	f, err := Parse(b, Options{BaseURL: "https://base.example/"})
	if err != nil {
		if hit >= 0 && len(cf.spans) == 1 {
			return ""
		}
		return err.Error()
	}
	got := f.Items
	for i, want := range cf.feed.Items {
		if i == hit {
			// Skip what is left of it.
			if len(got) > 0 && len(got) > len(cf.feed.Items)-i-1 {
				got = got[1:]
			}
			continue
		}
		if len(got) == 0 {
			return fmt.Sprintf("item %d is missing", i)
		}
		if !same(got[0], want, hit >= 0) {
			return fmt.Sprintf("item %d differs:\n got %.300q\nwant %.300q", i, fmt.Sprintf("%+v", got[0]), fmt.Sprintf("%+v", want))
		}
		got = got[1:]
	}
	if len(got) > 0 {
		return fmt.Sprintf("%d items too many", len(got))
	}
	return ""
}

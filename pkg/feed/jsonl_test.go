package feed

import (
	"bytes"
	"testing"
)

func TestWriteJSONLines(t *testing.T) {
	var buf bytes.Buffer
	f := mustParse(t, rssDoc(item(1, "<description>&lt;p&gt;One&lt;/p&gt;&lt;p&gt;Two &amp;amp; three&lt;script&gt;x()&lt;/script&gt;&lt;/p&gt;</description><pubDate>Sat, 07 Sep 2002 02:00:00 +0200</pubDate>"), "<item/>"), Options{})
	if err := WriteJSONLines(&buf, f); err != nil {
		t.Fatal(err)
	}
	want := `{"guid":"g1","url":"https://harbour.example/1","title":"Title 1","author":"","published":"2002-09-07T00:00:00Z","updated":null,"summary":"One Two & three","text":"One Two & three","language":"","image":"","categories":[],"salvaged":false}
{"guid":"","url":"","title":"","author":"","published":null,"updated":null,"summary":"","text":"","language":"","image":"","categories":[],"salvaged":false}
`
	if buf.String() != want {
		t.Errorf("got %s\nwant %s", buf.String(), want)
	}
}

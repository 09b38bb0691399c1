package newsroom

import (
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/feed"
)

// shown is what of an item the test reads back.
type shown struct{ guid, link, title, date, body string }

func parseFeed(t *testing.T, format, body string) []shown {
	t.Helper()
	var items []shown
	if format == "json" {
		var feed struct {
			Version string
			Items   []struct {
				ID, URL, Title string
				Published      string `json:"date_published"`
				HTML           string `json:"content_html"`
				Text           string `json:"content_text"`
			}
		}
		if err := json.Unmarshal([]byte(body), &feed); err != nil {
			t.Fatalf("%v in %.300s", err, body)
		}
		for _, i := range feed.Items {
			items = append(items, shown{i.ID, i.URL, i.Title, i.Published, i.HTML + i.Text})
		}
		return items
	}
	type entry struct {
		GUID  string `xml:"guid"`
		ID    string `xml:"id"`
		About string `xml:"http://www.w3.org/1999/02/22-rdf-syntax-ns# about,attr"`
		Title string `xml:"title"`
		Link  struct {
			Href string `xml:"href,attr"`
			Text string `xml:",chardata"`
		} `xml:"link"`
		PubDate     string `xml:"pubDate"`
		Published   string `xml:"published"`
		Date        string `xml:"http://purl.org/dc/elements/1.1/ date"`
		Description string `xml:"description"`
		Summary     string `xml:"summary"`
		Encoded     string `xml:"http://purl.org/rss/1.0/modules/content/ encoded"`
		Content     struct {
			Text  string `xml:",chardata"`
			Inner string `xml:",innerxml"`
		} `xml:"content"`
	}
	var feed struct {
		RSS  []entry `xml:"channel>item"`
		RDF  []entry `xml:"item"`
		Atom []entry `xml:"entry"`
	}
	if err := xml.Unmarshal([]byte(body), &feed); err != nil {
		t.Fatalf("%s: %v in %.300s", format, err, body)
	}
	for _, list := range [][]entry{feed.RSS, feed.RDF, feed.Atom} {
		for _, e := range list {
			content := e.Content.Text
			if strings.TrimSpace(content) == "" {
				content = e.Content.Inner
			}
			items = append(items, shown{e.GUID + e.ID + e.About, e.Link.Text + e.Link.Href, e.Title,
				e.PubDate + e.Published + e.Date, e.Description + e.Summary + e.Encoded + content})
		}
	}
	return items
}

func TestFeeds(t *testing.T) {
	n, c := open(t, Config{Seed: 8, Outlets: 60, Window: 10_000})
	for range 30 {
		n.Publish(20)
		c.advance(time.Minute)
	}
	newest := map[string]Entry{} // by GUID and feed
	articles := map[string]int{}
	for _, e := range n.Ledger().Entries() {
		if e.Kind != Revision {
			articles[e.FeedURL]++
		}
		newest[e.FeedURL+e.GUID] = e
	}
	formats := map[string]int{}
	for _, feed := range n.Feeds() {
		formats[feed.Format]++
		r := get(t, n, feed.URL)
		if r.StatusCode != 200 {
			t.Fatalf("%s: %s", feed.URL, r.Status)
		}
		body := bodyOf(t, r)
		items := parseFeed(t, feed.Format, body)
		if len(items) != articles[feed.URL] {
			t.Errorf("%s: %d items, want %d", feed.URL, len(items), articles[feed.URL])
		}
		for _, item := range items {
			e, ok := newest[feed.URL+item.guid]
			if !ok || item.link != e.Link || item.title != e.Title {
				t.Errorf("%s: item %+v\nis not in the ledger: %+v", feed.URL, item, e)
			}
			var at time.Time
			var err error
			for _, layout := range []string{time.RFC1123Z, time.RFC1123, time.RFC3339} {
				if at, err = time.Parse(layout, item.date); err == nil {
					break
				}
			}
			if err != nil {
				t.Errorf("%s: date %q", feed.URL, item.date)
			}
			// A zone name alone tells Go nothing.
			if e.Revision == 0 && strings.HasSuffix(item.date, "0") && !at.Equal(e.PublishedAt.Truncate(time.Second)) {
				t.Errorf("%s: date %q, published %s", feed.URL, item.date, e.PublishedAt)
			}
			if len(item.body) < 50 {
				t.Errorf("%s: body %q", feed.URL, item.body)
			}
		}
	}
	for _, format := range formatNames {
		if formats[format] == 0 {
			t.Errorf("no feed in %s: %v", format, formats)
		}
	}
	var opml struct {
		Outlines []struct {
			URL string `xml:"xmlUrl,attr"`
		} `xml:"body>outline"`
	}
	if err := xml.Unmarshal([]byte(bodyOf(t, get(t, n, "/opml.xml"))), &opml); err != nil || len(opml.Outlines) != 60 {
		t.Errorf("opml: %d outlines, %v", len(opml.Outlines), err)
	}
}

// TestFeedsAsPollersReadThem reads the feeds with the parser of the pipeline.
func TestFeedsAsPollersReadThem(t *testing.T) {
	n, c := open(t, Config{Seed: 12, Outlets: 40, Window: 10_000})
	for range 20 {
		n.Publish(20)
		c.advance(time.Minute)
	}
	newest := map[string]Entry{}
	for _, e := range n.Ledger().Entries() {
		newest[e.FeedURL+e.GUID] = e
	}
	read := 0
	for _, subscription := range n.Feeds() {
		parsed, err := feed.Parse([]byte(bodyOf(t, get(t, n, subscription.URL))), feed.Options{BaseURL: subscription.URL})
		if err != nil || parsed.Salvaged || parsed.Format != subscription.Format || parsed.Title != subscription.Title {
			t.Fatalf("%+v: %v, %+v", subscription, err, parsed)
		}
		for _, item := range parsed.Items {
			read++
			e := newest[subscription.URL+item.GUID]
			if item.URL != e.Link || item.Title != e.Title || item.Author == "" || item.Published.IsZero() || len(item.Categories) != 1 {
				t.Errorf("%s: read %+v, published %+v", subscription.URL, item, e)
			}
			if e.Revision == 0 && !item.Published.Equal(e.PublishedAt) {
				t.Errorf("%s: dated %s, published %s", item.URL, item.Published, e.PublishedAt)
			}
		}
	}
	if read != len(newest) {
		t.Errorf("%d items read, %d articles published", read, len(newest))
	}
}
